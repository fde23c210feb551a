/* Arbitrary requests through the Aliyun adapter; input and checks as push.h has them. */
#include "push.h"

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
    static const struct channel_setting set[] = {{STR("allow_ip"), STR("127.0.0.1")}};
    return push_fuzz("aliyun", set, ARRAY_LEN(set), data, size);
}
