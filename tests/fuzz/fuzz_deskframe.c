/* Frames of dashboards on any bytes: a frame with its fields in their bounds, or none. */
#include "core/deskframe.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct deskframe f;
    if (!deskframe_read((struct str){(const char *)data, size}, &f)) return 0;
    ASSERT(size <= DESKFRAME_MAX && f.since >= -1);
    ASSERT((f.kind == DESKFRAME_PRESENCE) == (f.case_id > 0));
    ASSERT(f.kind == DESKFRAME_SUBSCRIBE || f.since == -1);
    ASSERT(f.kind == DESKFRAME_PRESENCE || !f.writes);
    return 0;
}
