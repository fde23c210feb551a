/* Arbitrary pushes and answers through the Twilio adapter; input and checks as push.h and answer.h have them. */
#include "answer.h"
#include "push.h"

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
    static const struct channel_setting set[] = {{STR("auth_token"), STR("FICTITIOUS0twilio0auth0token0001")},
                                                 {STR("auth_token_old"), STR("old")},
                                                 {STR("old_until"), STR("1773799300")},
                                                 {STR("public_url"), STR("https://mashangdu.example.com")}};
    answer_fuzz("twilio", data, size);
    return push_fuzz("twilio", set, ARRAY_LEN(set), data, size);
}
