/* Arbitrary requests through the Kannel adapter. Input: one octet of choices, then query, content type, three headers
 * and body, cut at line feeds (the body is the rest). Checked beside the sanitizers: what is accepted can be stored. */
#include "adapters/adapter.h"
#include "base/utf8.h"

int LLVMFuzzerTestOneInput(const u8 *data, size_t size);

static void item_check(const struct submission *m, const struct part_info *part)
{
    ASSERT(utf8_valid(m->text) && utf8_valid(m->sender) && utf8_valid(m->external_id));
    ASSERT(m->dedupe_key.n > 0 && m->dedupe_key.n <= SUBMISSION_KEY_MAX && utf8_valid(m->dedupe_key));
    ASSERT(m->sent_at.us >= 0 && part->index <= part->total);
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
    static struct inbox inbox;
    if (size == 0) return 0;
    struct str rest = {(const char *)data + 1, size - 1}, pieces[6];
    for (size_t i = 0; i < 5; i++) str_cut(rest, '\n', &pieces[i], &rest);
    pieces[5] = rest;
    struct http_header headers[] = {{STR("content-type"), pieces[1]},
                                    {STR("x-kannel-from"), pieces[2]},
                                    {STR("x-kannel-coding"), data[0] & 4 ? STR("2") : STR("0")},
                                    {STR("x-kannel-udh"), pieces[3]},
                                    {STR("x-kannel-time"), pieces[4]}};
    struct http_in in = {.method = data[0] & 1 ? STR("POST") : STR("GET"),
                         .query = pieces[0],
                         .body = pieces[5],
                         .headers = headers,
                         .n_headers = ARRAY_LEN(headers),
                         .peer = STR("127.0.0.1")};
    struct channel_setting set[] = {{STR("url_token"), STR("secret")}, {STR("allow_ip"), STR("127.0.0.1")}};
    struct channel ch = {STR("sms"), set, data[0] & 8 ? 2 : 0};
    const struct adapter *kannel = adapter_find(STR("kannel"));
    enum hook hook = data[0] & 2 ? HOOK_DLR : HOOK_MO;
    const char *reason = NULL;
    struct arena arena;
    arena_init(&arena, data[0] & 16 ? 64 : 1 << 18);
    (void)kannel->verify(&ch, hook, &in, &reason);
    reason = NULL;
    enum parse_result result = kannel->parse(&ch, hook, &in, &arena, &inbox, &reason);
    ASSERT(result == PARSE_OK ? inbox.n_items + inbox.n_receipts == 1 : reason != NULL);
    if (result != PARSE_OK) ASSERT(inbox.n_items == 0 && inbox.n_receipts == 0);
    for (size_t i = 0; i < inbox.n_items; i++) item_check(&inbox.items[i].s, &inbox.items[i].part);
    for (size_t i = 0; i < inbox.n_receipts; i++) ASSERT(utf8_valid(inbox.receipts[i].error_code));
    arena_free(&arena);
    return 0;
}
