#include "adapters/sms/vonage_signature.h"
#include "adapters/sms/request.h"

static const struct vonage_method methods[] = {{"md5hash", DIGEST_MD5, true},
                                               {"md5", DIGEST_MD5, false},
                                               {"sha1", DIGEST_SHA1, false},
                                               {"sha256", DIGEST_SHA256, false},
                                               {"sha512", DIGEST_SHA512, false}};

const struct vonage_method *vonage_method_of(const struct channel *ch)
{
    const struct str name = request_setting(ch, "signature_method", "md5hash");
    for (size_t i = 0; i < ARRAY_LEN(methods); i++)
        if (str_eq_case(name, str_of(methods[i].name))) return &methods[i];
    return NULL;
}

bool vonage_put_signed(struct text *t, const struct form *sorted)
{
    for (size_t i = 0; i < sorted->n; i++) {
        const struct form_field *f = &sorted->fields[i];
        if (str_eq(f->name, STR("sig"))) continue;
        if (str_find(f->name, STR("&")) != SIZE_MAX || str_find(f->name, STR("=")) != SIZE_MAX) return false;
        text_addc(t, '&');
        text_add(t, f->name);
        text_addc(t, '=');
        for (size_t k = 0; k < f->value.n; k++)
            text_addc(t, f->value.p[k] == '&' || f->value.p[k] == '=' ? '_' : f->value.p[k]);
    }
    return !t->overflow;
}

void vonage_put_signature(struct text *t, const struct vonage_method *method, struct str said,
                          struct str secret)
{
    struct text both;
    if (!method->appended) {
        digest_hmac_hex(method->digest, secret, said, t);
        return;
    }
    text_init(&both, said.n + secret.n);
    text_add(&both, said);
    text_add(&both, secret);
    digest_hex(method->digest, text_str(&both), t);
    text_free(&both);
}
