#include "replay.h"
#include "base/utf8.h"
#include "base/json.h"
#include <stdlib.h>
#include <string.h>

#define FILE_MAX   ((size_t)256 << 20)
#define LINE_BYTES ((size_t)1 << 20)
#define PII_MAX    200

const char *replay_door_word(enum replay_door d)
{
    static const char *const words[] = {
#define X(id, word) word,
        REPLAY_DOORS(X)
#undef X
    };
    ASSERT((size_t)d < ARRAY_LEN(words));
    return words[d];
}

/* The words of the file for the ways a citizen can come, and the door each of them goes through. */
static const struct {
    const char *word;
    enum replay_door by;
    enum door channel;
} channels[] = {
    {"qr", REPLAY_FORM, DOOR_PLAQUE},      {"plaque", REPLAY_FORM, DOOR_PLAQUE},
    {"chat", REPLAY_LIVE, DOOR_LIVE},      {"live", REPLAY_LIVE, DOOR_LIVE},
    {"sms", REPLAY_SMS, DOOR_SMS},         {"web", REPLAY_API, DOOR_WEB},
    {"hotline", REPLAY_API, DOOR_PHONE},   {"phone", REPLAY_API, DOOR_PHONE},
    {"window", REPLAY_API, DOOR_WINDOW},   {"monitor", REPLAY_API, DOOR_MONITOR},
    {"meeting", REPLAY_API, DOOR_MEETING},
};

static struct str keep(struct arena *a, const struct json *doc, const char *key)
{
    struct str s = json_str(json_get(doc, key));
    return s.n ? arena_str(a, s) : STR("");
}

static size_t byte_of(struct str s, i64 point) { return point < 0 ? 0 : utf8_prefix(s, (size_t)point); }

/* Spans count code points in the file. */
static bool take_pii(struct arena *a, const struct json *list, struct replay_text *t)
{
    size_t n = json_count(list);
    if (json_kind(list) != JSON_ARRAY || n == 0) return true;
    struct replay_span *spans = n <= PII_MAX ? arena_alloc(a, n * sizeof *spans) : NULL;
    if (!spans) return false;
    for (size_t i = 0; i < n; i++) {
        i64 start, end;
        if (!json_int(json_get(json_at(list, i), "start"), &start) ||
            !json_int(json_get(json_at(list, i), "end"), &end))
            return false;
        spans[i] = (struct replay_span){byte_of(t->text, start), byte_of(t->text, end)};
        if (spans[i].end <= spans[i].start) return false;
    }
    t->pii = spans;
    t->n_pii = n;
    return true;
}

/* NULL, or why the line is unusable. */
static const char *take_line(struct replay *r, struct str line)
{
    const char *why = "not JSON";
    struct json *doc = json_parse(line, LINE_BYTES, &why);
    if (!doc) return why;
    struct replay_text *t = &r->texts[r->n];
    struct str polarity = json_str(json_get(doc, "polarity"));
    size_t c = 0;
    *t = (struct replay_text){.id = keep(&r->arena, doc, "id"),
                              .channel = keep(&r->arena, doc, "channel"),
                              .plaque = keep(&r->arena, doc, "plaque"),
                              .text = keep(&r->arena, doc, "text"),
                              .category = keep(&r->arena, doc, "category"),
                              .unit = keep(&r->arena, doc, "unit"),
                              .about = keep(&r->arena, doc, "about_unit"),
                              .sender = r->n + 1};
    if (!json_str(json_get(doc, "nature")).n || !nature_parse(json_str(json_get(doc, "nature")), &t->nature))
        t->nature = NATURE_UNKNOWN;
    t->rating = str_eq(polarity, STR("pos")) ? 5 : str_eq(polarity, STR("neg")) ? 1 : 3;
    while (c < ARRAY_LEN(channels) && !str_eq(t->channel, str_of(channels[c].word))) c++;
    why = NULL;
    if (t->id.n == 0 || t->id.n > 40)
        why = "id is missing or longer than 40 bytes";
    else if (t->text.n == 0 || t->text.p == NULL)
        why = "text is missing, or the texts are too large together";
    else if (c == ARRAY_LEN(channels))
        why = "channel is none of qr, chat, sms, web, hotline, window, monitor, meeting";
    else if (!take_pii(&r->arena, json_get(doc, "pii"), t))
        why = "pii is no list of spans with start and end";
    for (size_t i = 0; !why && i < t->id.n; i++)
        if (t->id.p[i] < '!' || t->id.p[i] > '~' || strchr("/?&%=+", t->id.p[i]))
            why = "id holds something that no key may hold";
    if (!why) {
        t->door = channels[c].by;
        t->channel_door = channels[c].channel;
        r->n++;
    }
    json_free(&doc);
    return why;
}

bool replay_read(const char *command, const char *path, struct replay *r)
{
    struct text file;
    struct str rest, line;
    text_init(&file, FILE_MAX);
    arena_init(&r->arena, FILE_MAX);
    r->n = 0;
    r->texts = mem_alloc(REPLAY_TEXTS_MAX * sizeof *r->texts);
    bool good = cmd_read_file(command, path, &file);
    rest = text_str(&file);
    for (size_t n = 1; good && rest.n; n++) {
        (void)str_cut(rest, '\n', &line, &rest);
        if (str_trim(line).n == 0) continue;
        const char *why = r->n == REPLAY_TEXTS_MAX ? "there are too many texts" : take_line(r, line);
        if (why) (void)cmd_fail(command, "%s line %zu: %s", path, n, why);
        good = !why;
    }
    if (good && r->n == 0) {
        (void)cmd_fail(command, "%s holds no texts", path);
        good = false;
    }
    text_free(&file);
    return good;
}

void replay_free(struct replay *r)
{
    arena_free(&r->arena);
    free(r->texts);
    r->texts = NULL;
    r->n = 0;
}
