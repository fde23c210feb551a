/* What leaves the house with text from outside in it: mail headers and bodies of any title, name and words, webhook events of any data,
 * and a receiver's check of any headers. Input: one octet of choices, then four texts cut at U+0001. Checked beside the sanitizers:
 * the head of a mail has the lines it should have and no others, and what a receiver would verify is what was composed. */
#include "adapters/adapter.h"
#include "adapters/notice/mail.h"
#include "adapters/notice/webhook.h"
#include "core/notice.h"

int LLVMFuzzerTestOneInput(const u8 *data, size_t size);

#define KEY "whsec_RklDVElUSU9VUy1zdGQtd2ViaG9vay1rZXktMDAwMSE="
#define NOW ((instant){1773799200LL * 1000000})

static void mail_check(const struct http_out *out)
{
    struct str body = out->body;
    size_t end = str_find(body, STR("\r\n\r\n")), heads = 0;
    ASSERT(end != SIZE_MAX);
    for (size_t i = 0; i < body.n; i++) {
        ASSERT((u8)body.p[i] < 0x7f && ((u8)body.p[i] >= 0x20 || body.p[i] == '\r' || body.p[i] == '\n'));
        if (body.p[i] == '\n') ASSERT(i > 0 && body.p[i - 1] == '\r');
        if (body.p[i] == '\r') ASSERT(i + 1 < body.n && body.p[i + 1] == '\n');
        if (i <= end && (i == 0 || body.p[i - 1] == '\n')) heads += body.p[i] != ' ';
    }
    ASSERT(heads == 9);
}

static struct str header(const struct http_out *out, const char *name)
{
    for (size_t i = 0; i < out->n_headers; i++)
        if (str_eq(out->headers[i].name, str_of(name))) return out->headers[i].value;
    return STR_NONE;
}

static void webhook_check(const struct http_out *out)
{
    const char *why;
    for (size_t i = 0; i < out->n_headers; i++)
        for (size_t k = 0; k < out->headers[i].value.n; k++)
            ASSERT((u8)out->headers[i].value.p[k] >= 0x20 && (u8)out->headers[i].value.p[k] < 0x7f);
    ASSERT(webhook_verify(STR(KEY), header(out, "webhook-id"), header(out, "webhook-timestamp"),
                          header(out, "webhook-signature"), out->body, NOW, &why));
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
    if (size == 0) return 0;
    struct str rest = {(const char *)data + 1, size - 1}, t[4];
    for (size_t i = 0; i < 3; i++) str_cut(rest, 1, &t[i], &rest);
    t[3] = rest;
    const u8 choice = data[0];
    const char *why = NULL;
    struct http_out out = {0};
    struct arena arena;
    arena_init(&arena, choice & 8 ? 256 : 1 << 20);
    if ((choice & 3) == 0) {
        const struct channel_setting set[] = {{STR("server"), STR("smtp://127.0.0.1")},
                                              {STR("from"), choice & 4 ? t[3] : STR("a@b")},
                                              {STR("to"), STR("c@d")},
                                              {STR("from_name"), t[0]}};
        const struct channel ch = {STR("mail"), set, ARRAY_LEN(set)};
        const struct message m = {.title = t[1], .text = t[2], .client_ref = STR("7"), .now = NOW};
        if (adapter_mail.compose(&ch, &m, &arena, &out, &why))
            mail_check(&out);
        else
            ASSERT(why != NULL);
    } else if ((choice & 3) == 1) {
        const struct channel_setting set[] = {{STR("url"), STR("https://x.example/")},
                                              {STR("secret"), STR(KEY)},
                                              {STR("mode"), choice & 4 ? STR("binary") : STR("structured")},
                                              {STR("type_prefix"), t[0]}};
        const struct channel ch = {STR("hook"), set, ARRAY_LEN(set)};
        const struct message m = {.event = t[1], .data = t[3], .client_ref = t[2], .now = NOW};
        if (adapter_webhook.compose(&ch, &m, &arena, &out, &why))
            webhook_check(&out);
        else
            ASSERT(why != NULL);
    } else if ((choice & 3) == 2) {
        if (!webhook_verify(choice & 4 ? t[3] : STR(KEY), t[0], t[1], t[2], t[3], NOW, &why))
            ASSERT(why != NULL);
    } else {
        for (enum notice_kind k = 0; k < NOTICE_KINDS_N; k++)
            (void)(notice_wanted(t[0], choice & 4, k) && notice_unit_wanted(t[1], t[2]));
        const struct http_reply reply = {
            .status = (int)(size * 7 % 700), .sent = choice & 4, .retry_after = t[0]};
        struct sent_outcome got;
        adapter_webhook.judge(NULL, &reply, &arena, &got);
        ASSERT(got.for_operator != NULL && got.retry_after.us >= 0);
        adapter_mail.judge(NULL, &reply, &arena, &got);
        ASSERT(got.for_operator != NULL);
    }
    arena_free(&arena);
    return 0;
}
