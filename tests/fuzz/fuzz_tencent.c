/* Arbitrary requests through the Tencent adapter; input and checks as push.h has them. */
#include "push.h"

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
    static const struct channel_setting set[] = {{STR("sdk_app_id"), STR("1400000001")}};
    return push_fuzz("tencent", set, ARRAY_LEN(set), data, size);
}
