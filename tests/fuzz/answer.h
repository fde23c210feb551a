/* The other half of an adapter that reads what strangers write: what a provider answers. The input's first octet chooses the
 * status, the rest is the body. Checked beside the sanitizers: there is always a sentence, what is kept is visible, only a 2xx
 * is taken, and what may have left is never sent again because nobody answered. */
#pragma once
#include "adapters/adapter.h"
#include "base/utf8.h"

static inline bool answer_visible(struct str s)
{
    for (size_t i = 0; i < s.n; i++)
        if (s.p[i] <= ' ' || s.p[i] > '~') return false;
    return true;
}

static inline void answer_fuzz(const char *name, const u8 *data, size_t size)
{
    static const int statuses[] = {200, 201, 202, 0, 302, 400, 401, 429, 500, 503};
    static const struct channel ch = {.name = {"sms", 3}};
    const struct adapter *a = adapter_find(str_of(name));
    struct sent_outcome out;
    struct arena arena;
    double left = 0;
    if (size == 0) return;
    const struct http_reply reply = {.status = statuses[data[0] % ARRAY_LEN(statuses)],
                                     .sent = (data[0] & 0x80) != 0,
                                     .body = {(const char *)data + 1, size - 1},
                                     .retry_after = STR("7")};
    for (size_t room = 8; room <= 8192; room *= 1024) {
        arena_init(&arena, room);
        a->judge(&ch, &reply, &arena, &out);
        ASSERT(out.for_operator != NULL && (unsigned)out.sent <= SENT_UNKNOWN);
        ASSERT(answer_visible(out.provider_id) && answer_visible(out.error_code));
        ASSERT(out.sent != SENT_OK || (reply.status >= 200 && reply.status < 300));
        if (reply.status == 0) ASSERT(out.sent == (reply.sent ? SENT_UNKNOWN : SENT_RETRY));
        arena_free(&arena);
    }
    if (a->balance_read && !a->balance_read(&reply, &left)) ASSERT(left >= 0 && left <= 0);
}
