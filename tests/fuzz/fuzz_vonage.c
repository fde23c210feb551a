/* Arbitrary pushes and answers through the Vonage adapter; input and checks as push.h and answer.h have them. */
#include "answer.h"
#include "push.h"

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
    static const struct channel_setting set[] = {
        {STR("signature_secret"), STR("FICTITIOUSvonageSignatureSecret01")},
        {STR("signature_method"), STR("sha256")},
        {STR("jwt_hs256_secret"), STR("FICTITIOUS-vonage-messages-signature-secret-000000000000000001")},
        {STR("require_signature"), STR("no")}};
    answer_fuzz("vonage", data, size);
    return push_fuzz("vonage", set, ARRAY_LEN(set), data, size);
}
