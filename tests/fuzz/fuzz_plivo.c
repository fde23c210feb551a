/* Arbitrary pushes and answers through the Plivo adapter; input and checks as push.h and answer.h have them. */
#include "answer.h"
#include "push.h"

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
    static const struct channel_setting set[] = {
        {STR("auth_token"), STR("FICTITIOUSplivoAuthToken000000000000001")},
        {STR("hook_base"), STR("https://mashangdu.example.com:8443/x")}};
    answer_fuzz("plivo", data, size);
    return push_fuzz("plivo", set, ARRAY_LEN(set), data, size);
}
