/* Arbitrary notes through the gammu adapter; input and checks as push.h has them. What the program itself would write of the same
 * bytes as environment must be read. */
#include "push.h"
#include "adapters/sms/gammu.h"
#include <string.h>

static struct str env_of(const void *arg, const char *name)
{
    const struct str *all = arg;
    if (strcmp(name, "SMS_MESSAGES") == 0 || strcmp(name, "DECODED_PARTS") == 0) return STR("2");
    if (strcmp(name, "SMS_1_NUMBER") == 0) return STR("+8615400000001");
    if (strcmp(name, "SMS_1_TEXT") == 0) return *all;
    return STR_NONE;
}

static void round_trip(struct str bytes)
{
    const struct str ids[] = {STR("17"), STR("18")};
    const struct adapter *gammu = adapter_find(STR("gammu"));
    const struct channel ch = {.name = STR("modem")};
    struct inbox inbox = {0};
    struct arena arena;
    struct text note;
    const char *reason = "";
    text_init(&note, GAMMU_NOTE_MAX);
    arena_init(&arena, 4u << 20);
    gammu_note(env_of, &bytes, ids, 2, (instant){(i64)PUSH_NOW * 1000000}, &note);
    struct http_in in = {.method = STR("POST"), .body = text_str(&note)};
    if (!note.overflow) {
        ASSERT(gammu->parse(&ch, HOOK_MO, &in, &arena, &inbox, &reason) == PARSE_OK && inbox.n_items == 1);
        push_item_check(&inbox.items[0]);
        if (utf8_valid(bytes)) ASSERT(str_eq(inbox.items[0].s.text, bytes));
    }
    text_free(&note);
    arena_free(&arena);
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
    round_trip((struct str){(const char *)data, size});
    return push_fuzz("gammu", NULL, 0, data, size);
}
