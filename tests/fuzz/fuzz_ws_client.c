/* Any bytes from a server: a frame is a view into them, and what we write ourselves is read back as it was. */
#include "ws_client.h"
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct str in = {(const char *)data, size};
    struct ws_frame f, again;
    const u8 no_mask[4] = {0};
    for (;;) {
        enum ws_parse got = ws_frame_parse(in, &f);
        if (got != WS_PARSE_OK) break;
        ASSERT(f.used >= 2 && f.used <= in.n && f.payload.n <= WS_CLIENT_MESSAGE_MAX);
        ASSERT(f.payload.p >= in.p && f.payload.p + f.payload.n == in.p + f.used);
        ASSERT(f.opcode < WS_CLOSE || (f.final && f.payload.n <= 125));
        /* As a client the same frame is longer by the mask, and otherwise the same when the mask is zero. */
        struct text t;
        text_init(&t, f.used + 16);
        ws_frame_put(f.opcode, no_mask, f.payload, &t);
        ASSERT(!t.overflow && t.n == f.used + 4 && (u8)t.p[0] == (0x80 | (u8)f.opcode));
        ASSERT(f.payload.n == 0 || memcmp(t.p + t.n - f.payload.n, f.payload.p, f.payload.n) == 0);
        ASSERT(ws_frame_parse(text_str(&t), &again) == WS_PARSE_BAD); /* masked: not from a server */
        text_free(&t);
        in.p += f.used, in.n -= f.used;
    }
    return 0;
}
