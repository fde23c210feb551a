/* Arbitrary requests through the Huawei adapter; input and checks as push.h has them. */
#include "push.h"

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
    static const struct channel_setting set[] = {
        {STR("push_keys"), STR("{\"FICTITIOUSPUSHAK0001\":\"FICTITIOUS+push/secret=key*0001\"}")}};
    return push_fuzz("huawei", set, ARRAY_LEN(set), data, size);
}
