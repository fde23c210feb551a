/* Arbitrary requests through the WeChat adapter, plain and encrypted; input and checks as push.h has them. */
#include "push.h"

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
    static const struct channel_setting set[] = {
        {STR("token"), STR("FICTITIOUSwxtoken01")},
        {STR("appid"), STR("wxfict000000000001")},
        {STR("encoding_aes_key"), STR("FICTITIOUSabcdefghijklmnopqrstuvwxyz0123456")},
        {STR("plain"), STR("yes")}};
    return push_fuzz("wechat", set, ARRAY_LEN(set), data, size);
}
