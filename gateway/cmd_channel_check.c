#include "cmd_channel_check.h"
#include "cmd_channel_check_part.h"
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define CASES_MAX 4096
#define ARENA_MAX (8u << 20)

/* -- sentences and values -------------------------------------------------------------------------------- */

void check_differs(struct check *c, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    text_addz(&c->differs, "  ");
    text_addfv(&c->differs, fmt, ap);
    text_addc(&c->differs, '\n');
    va_end(ap);
}

void check_str(struct check *c, const char *what, struct str want, struct str got)
{
    if (str_eq(want, got)) return;
    check_differs(c, "%s: expected \"%.*s\", got \"%.*s\"", what, STR_ARG(want), STR_ARG(got));
}

void check_int(struct check *c, const char *what, i64 want, i64 got)
{
    if (want == got) return;
    check_differs(c, "%s: expected %lld, got %lld", what, (long long)want, (long long)got);
}

struct str check_kept(struct check *c, struct text *t)
{
    struct str kept = arena_str(&c->arena, text_str(t));
    if (t->overflow || !kept.p) check_differs(c, "the case is too large to be checked");
    text_free(t);
    return kept;
}

i64 check_int_or(const struct json *v, i64 otherwise)
{
    i64 n;
    return json_int(v, &n) ? n : otherwise;
}

struct str check_text(struct check *c, const struct json *v)
{
    struct text t;
    text_init(&t, CHECK_FILE_MAX);
    switch (json_kind(v)) {
    case JSON_STRING:
        text_add(&t, json_str(v));
        break;
    case JSON_ARRAY:
        for (size_t i = 0; i < json_count(v); i++) {
            if (i) text_addc(&t, ',');
            text_add(&t, json_str(json_at(v, i)));
        }
        break;
    case JSON_NULL:
        break;
    case JSON_BOOL:
    case JSON_NUMBER:
    case JSON_OBJECT:
        json_write(v, &t);
        break;
    }
    return check_kept(c, &t);
}

static bool file_read(const char *path, struct text *into)
{
    char buf[8192];
    FILE *f = fopen(path, "rb");
    if (!f) return false;
    for (size_t n; (n = fread(buf, 1, sizeof buf, f)) > 0 && !into->overflow;)
        text_add(into, (struct str){buf, n});
    bool good = !ferror(f) && !into->overflow;
    fclose(f);
    return good;
}

bool check_file(struct check *c, struct str name, struct str *bytes_r)
{
    struct text path, bytes;
    text_init(&path, 4096);
    text_init(&bytes, CHECK_FILE_MAX);
    text_addf(&path, "%s/%.*s", c->folder, STR_ARG(name));
    bool good = name.n && memchr(name.p, '/', name.n) == NULL && file_read(text_z(&path), &bytes);
    if (!good) check_differs(c, "the file %.*s cannot be read", STR_ARG(name));
    text_free(&path);
    *bytes_r = check_kept(c, &bytes);
    return good;
}

/* -- the channel ------------------------------------------------------------------------------------------- */

void check_set(struct check_channel *to, struct str name, struct str value)
{
    if (to->ch.n_settings < CHECK_SETTINGS)
        to->settings[to->ch.n_settings++] = (struct channel_setting){name, value};
}

struct str check_setting(const struct check_channel *of, const char *name)
{
    return channel_setting(&of->ch, str_of(name));
}

void check_config(struct check *c, struct check_channel *into)
{
    const struct json *config = json_get(c->doc, "config");
    into->ch = (struct channel){.name = STR("check"), .settings = into->settings};
    for (const char *k = json_next_key(config, NULL); k; k = json_next_key(config, k))
        check_set(into, str_of(k), check_text(c, json_get(config, k)));
    if (json_count(config) > CHECK_SETTINGS / 2) check_differs(c, "more settings than a case may have");
}

/* -- files --------------------------------------------------------------------------------------------------- */

/* Names of providers that are not their adapters' names. */
static const struct adapter *adapter_of(struct str provider)
{
    static const struct {
        const char *provider, *adapter;
    } others[] = {{"gammu-smsd", "gammu"}, {"wechat-mp", "wechat"}, {"vonage-messages", "vonage"}};
    for (size_t i = 0; i < ARRAY_LEN(others); i++)
        if (str_eq(provider, str_of(others[i].provider))) provider = str_of(others[i].adapter);
    return adapter_find(provider);
}

static bool one_of(struct str word, const char *const *words)
{
    for (; *words; words++)
        if (str_eq(word, str_of(*words))) return true;
    return false;
}

static void case_dispatch(struct check *c)
{
    static const char *const inbound[] = {"mo", "event", "handshake", "json", NULL};
    static const char *const outbound[] = {"send", "staff-notice", NULL};
    static const char *const work[] = {"pow-v1", "pow-v2", NULL};
    struct str provider = json_str(json_get(c->doc, "provider")), kind = json_str(json_get(c->doc, "kind"));
    const struct adapter *adapter = adapter_of(provider);
    if (one_of(kind, work))
        check_work(c);
    else if (str_eq(kind, STR("webhook")))
        check_webhook(c);
    else if (!adapter)
        check_differs(c, "there is no adapter for \"%.*s\"", STR_ARG(provider));
    else if (one_of(kind, inbound))
        check_inbound(c, adapter, HOOK_MO);
    else if (str_eq(kind, STR("dlr")))
        check_inbound(c, adapter, HOOK_DLR);
    else if (one_of(kind, outbound))
        check_send(c, adapter);
    else if (str_eq(kind, STR("passive-reply")))
        check_answer(c, adapter);
    else
        check_differs(c, "the kind \"%.*s\" cannot be checked", STR_ARG(kind));
}

struct tally {
    unsigned passed, failed;
};

static void case_file(const char *folder, const char *name, struct check_memory *memory, struct tally *tally)
{
    struct check c = {.folder = folder, .memory = memory};
    struct text path, source;
    const char *error = "the file cannot be read";
    struct json *doc = NULL;
    arena_init(&c.arena, ARENA_MAX);
    text_init(&c.differs, CHECK_FILE_MAX);
    text_init(&path, 4096);
    text_init(&source, CHECK_FILE_MAX);
    text_addf(&path, "%s/%s", folder, name);
    if (file_read(text_z(&path), &source)) doc = json_parse(text_str(&source), CHECK_FILE_MAX, &error);
    c.doc = doc;
    if (!doc) {
        check_differs(&c, "%s", error);
    } else if (json_kind(json_get(doc, "request")) != JSON_OBJECT) {
        goto out;
    } else {
        case_dispatch(&c);
    }
    if (c.differs.n) {
        tally->failed++;
        printf("failed: %s\n%s", text_z(&path), text_z(&c.differs));
    } else {
        tally->passed++;
    }
out:
    json_free(&doc);
    text_free(&source);
    text_free(&path);
    text_free(&c.differs);
    arena_free(&c.arena);
}

/* Runs the cases of one folder in the order of their names, and of the folders in it when `deeper`. */
static bool folder_run(const char *folder, bool deeper, struct tally *tally)
{
    struct dirent **entries = NULL;
    int n = scandir(folder, &entries, NULL, alphasort);
    if (n < 0) {
        printf("failed: %s: %s\n", folder, strerror(errno));
        return false;
    }
    struct check_memory *memory = MEM_NEW(struct check_memory);
    arena_init(&memory->arena, ARENA_MAX);
    for (int i = 0; i < n; i++) {
        const char *name = entries[i]->d_name;
        struct stat about;
        struct text path;
        text_init(&path, 4096);
        text_addf(&path, "%s/%s", folder, name);
        if (name[0] == '.' || path.overflow || stat(text_z(&path), &about) != 0 ||
            tally->passed + tally->failed >= CASES_MAX)
            ; /* hidden, or gone meanwhile */
        else if (S_ISDIR(about.st_mode) && deeper)
            (void)!folder_run(text_z(&path), false, tally);
        else if (S_ISREG(about.st_mode) && str_ends(str_of(name), STR(".json")))
            case_file(folder, name, memory, tally);
        text_free(&path);
        free(entries[i]);
    }
    free(entries);
    arena_free(&memory->arena);
    free(memory);
    return true;
}

int channel_check(const char *dir)
{
    struct tally tally = {0};
    bool read = folder_run(dir, true, &tally);
    if (read && tally.passed + tally.failed == 0) printf("no case in %s\n", dir);
    printf("%u passed, %u failed\n", tally.passed, tally.failed);
    return read && tally.failed == 0 && tally.passed > 0 ? 0 : 1;
}
