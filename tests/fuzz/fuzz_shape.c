/* Any bytes as the body of an exchange, under every type: what is kept for the log is UTF-8, holds no secret of the channel, no
 * value of a field that carries words, and no five digits in a row. */
#include "base/utf8.h"
#include "core/shape.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define BODY_MAX 9000 /* so that a length has four digits at the most */

static void check(struct text *t, const struct shape_secrets *secrets)
{
    const struct str s = text_str(t);
    size_t digits = 0;
    if (!t->overflow) ASSERT(utf8_valid(s));
    for (size_t i = 0; i < s.n; i++) {
        digits = s.p[i] >= '0' && s.p[i] <= '9' ? digits + 1 : 0;
        ASSERT(digits <= 4);
    }
    for (size_t i = 0; i < secrets->n; i++) ASSERT(str_find(s, secrets->values[i]) == SIZE_MAX);
    text_clear(t);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct str types[] = {{"application/json", 16},
                                       {"text/xml", 8},
                                       {"application/x-www-form-urlencoded", 33},
                                       {"text/plain", 10}};
    static const struct str values[] = {{"hunter22", 8}}, names[] = {{"nr", 2}};
    const struct shape_secrets secrets = {values, ARRAY_LEN(values), names, ARRAY_LEN(names)};
    const struct str body = {(const char *)data, size};
    struct text t;
    if (size > BODY_MAX) return 0;
    text_init(&t, BODY_MAX * 40);
    for (size_t i = 0; i < ARRAY_LEN(types); i++) {
        struct http_header type = {{"content-type", 12}, types[i]};
        const struct http_in in = {.method = STR("POST"),
                                   .path = STR("/hooks/a/b/mo"),
                                   .headers = &type,
                                   .n_headers = 1,
                                   .body = body};
        shape_request_in(&in, &secrets, &t);
        check(&t, &secrets);
    }
    shape_body(body, &secrets, &t);
    check(&t, &secrets);
    text_free(&t);
    return 0;
}
