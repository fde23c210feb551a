/* Our own webhooks as a receiver would check them, by Standard Webhooks 1.0: HMAC-SHA256 over "id.timestamp.body", any of the
 * signatures in the header may fit, unknown versions are skipped, old and future ones are refused. Written without the code
 * that signs them, so that one cannot repeat the other's mistake. */
#include "cmd_channel_check_part.h"
#include "base/code.h"
#include "base/digest.h"

#define TOLERANCE_S 300

static struct str header_of(const struct check *c, const char *name)
{
    const struct json *list = json_path(c->doc, STR("request.headers"));
    for (size_t i = 0; i < json_count(list); i++)
        if (str_eq_case(json_str(json_at(json_at(list, i), 0)), str_of(name)))
            return json_str(json_at(json_at(list, i), 1));
    return STR_NONE;
}

static bool key_read(struct str secret, struct text *key)
{
    struct str prefix = STR("whsec_");
    if (str_starts(secret, prefix)) secret.p += prefix.n, secret.n -= prefix.n;
    return b64_get(key, secret) && key->n > 0;
}

/* Why a receiver refuses it, or NULL. */
static const char *webhook_fault(struct check *c, struct str body)
{
    const struct json *config = json_get(c->doc, "config");
    struct str id = header_of(c, "webhook-id"), stamp = header_of(c, "webhook-timestamp"),
               rest = header_of(c, "webhook-signature"), one, version, signature;
    const i64 now = check_int_or(json_get(config, "now"), 0);
    const i64 tolerance = check_int_or(json_get(config, "tolerance_s"), TOLERANCE_S);
    struct text key, content, want;
    u8 mac[DIGEST_MAX];
    u64 at;
    bool known = false, fits = false;
    if (id.n == 0 || rest.n == 0) return "a header is missing";
    if (!str_u64(stamp, INT64_MAX / 2, &at)) return "the timestamp is no number";
    if ((i64)at < now - tolerance) return "the timestamp is too old";
    if ((i64)at > now + tolerance) return "the timestamp is in the future";
    text_init(&key, 256);
    text_init(&content, CHECK_FILE_MAX * 2);
    text_init(&want, 128);
    text_addf(&content, "%.*s.%.*s.", STR_ARG(id), STR_ARG(stamp));
    struct str begins = json_str(json_path(c->doc, STR("expect.signed_content_starts")));
    if (begins.n) check_str(c, "signed content", begins, text_str(&content));
    text_add(&content, body);
    const char *fault = "the secret is no base64";
    if (key_read(json_str(json_get(config, "verify_secret")), &key)) {
        digest_hmac(DIGEST_SHA256, text_str(&key), text_str(&content), mac);
        b64_put(&want, mac, digest_size(DIGEST_SHA256));
        while (rest.n) {
            str_cut(rest, ' ', &one, &rest);
            if (!str_cut(one, ',', &version, &signature) || !str_eq(version, STR("v1"))) continue;
            known = true;
            fits |= secret_same(signature, text_str(&want));
        }
        fault = fits ? NULL : known ? "no signature fits" : "no signature of version 1";
    }
    text_free(&key);
    text_free(&content);
    text_free(&want);
    return fault;
}

void check_webhook(struct check *c)
{
    struct str body;
    if (!check_file(c, json_str(json_path(c->doc, STR("request.body_file"))), &body)) return;
    const char *fault = webhook_fault(c, body);
    const bool authentic = json_bool(json_path(c->doc, STR("expect.authentic")));
    if (authentic && fault) check_differs(c, "refused: %s", fault);
    if (!authentic && !fault) check_differs(c, "taken, although it must be refused");
}
