/* Arbitrary pushes and answers through the Infobip adapter; input and checks as push.h and answer.h have them. */
#include "answer.h"
#include "push.h"

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
    static const struct channel_setting set[] = {{STR("basic_user"), STR("infobip-push")},
                                                 {STR("basic_password"), STR("FICTITIOUS-basic-pass-01")}};
    answer_fuzz("infobip", data, size);
    return push_fuzz("infobip", set, ARRAY_LEN(set), data, size);
}
