/* A form that brings a proof of work, judged as gateway/guard.c does: once for each challenge. */
#include "cmd_channel_check_part.h"
#include "adapters/altcha.h"
#include "base/http.h"

void check_work(struct check *c)
{
    const struct json *config = json_get(c->doc, "config"), *used = json_get(config, "used"),
                      *expect = json_get(c->doc, "expect");
    const struct altcha_keys keys = {json_str(json_get(config, "hmac_secret")),
                                     json_str(json_get(config, "hmac_key_signature_secret"))};
    struct str body, wanted = json_str(json_get(expect, "replay_key"));
    struct altcha_solved solved = {0};
    struct text field;
    const char *fault = "no field altcha";
    if (!check_file(c, json_str(json_path(c->doc, STR("request.body_file"))), &body)) return;
    text_init(&field, ALTCHA_PAYLOAD_MAX);
    if (http_field(body, STR("altcha"), &field))
        fault = altcha_reason(altcha_check(text_str(&field), &keys, check_int_or(json_get(config, "now"), 0),
                                           &c->arena, &solved));
    text_free(&field);
    for (size_t i = 0; !fault && i < json_count(used); i++)
        if (str_eq(json_str(json_at(used, i)), solved.key)) fault = "replayed";
    const bool authentic = json_bool(json_get(expect, "authentic"));
    if (authentic && fault) check_differs(c, "refused: %s", fault);
    if (!authentic && !fault) check_differs(c, "taken, although it must be refused");
    if (!fault && wanted.n) check_str(c, "replay key", wanted, solved.key);
}
