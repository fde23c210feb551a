/* Arbitrary requests through the Yunpian adapter; input and checks as push.h has them. */
#include "push.h"

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
    static const struct channel_setting set[] = {{STR("apikey"), STR("FICTITIOUS0yunpian0apikey0000001")}};
    return push_fuzz("yunpian", set, ARRAY_LEN(set), data, size);
}
