/* Arbitrary requests through the Kannel adapter; input and checks as push.h has them. */
#include "push.h"

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
    static const struct channel_setting set[] = {{STR("url_token"), STR("FICTITIOUS-kannel-token-01")},
                                                 {STR("allow_ip"), STR("127.0.0.1")}};
    return push_fuzz("kannel", set, ARRAY_LEN(set), data, size);
}
