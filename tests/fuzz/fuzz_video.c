/* Films: cleaning never leaves the bytes, keeps their number and kind, and what was cleaned once is clean. */
#include "core/video.h"
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct video_facts facts, again;
    enum media_type type, after;
    if (!filetype_of((struct str){(const char *)data, size}, &type) || !filetype_video(type)) return 0;
    u8 *once = malloc(size), *twice = malloc(size); /* of just that size: a byte too far is seen */
    ASSERT(once && twice);
    memcpy(once, data, size);
    if (video_clean(once, size, type, &facts)) {
        ASSERT(filetype_of((struct str){(const char *)once, size}, &after) && after == type);
        memcpy(twice, once, size);
        ASSERT(video_clean(twice, size, type, &again) && memcmp(once, twice, size) == 0);
        ASSERT(again.width == facts.width && again.height == facts.height);
    }
    free(once);
    free(twice);
    return 0;
}
