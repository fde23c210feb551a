/* `mashangdu gammu`: gammu-smsd's RunOnReceive program. It writes the message to a spool, durably, before anything else; then it
 * posts what is in the spool, oldest first, to the gateway's hook, and deletes what the gateway has stored. gammu-smsd receives
 * nothing while it runs, so it gives up after a few seconds: what is left goes with the next call, or with a timer's call without
 * ids. A note that was stored but not deleted (killed in between) is stored once: the gateway knows it again. */
#include "cmd.h"
#include "adapters/sms/gammu.h"
#include "base/http.h"
#include "io/httpc.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define NAME      "gammu"
#define PATIENCE  SPAN_S(5)
#define ONE_CALL  SPAN_S(3)
#define LOCK_WAIT 50000 /* us */
#define NOTE_END  ".note"

static const char help[] =
    "usage: mashangdu gammu --to-file FILE --spool DIR [ID...]\n"
    "The RunOnReceive program of gammu-smsd: takes the message from the environment, keeps it in the spool, hands the spool to\n"
    "the gateway. Without ids it only hands over what is in the spool (for a timer).\n"
    "  --to-file FILE  its first line is the hook's address, as `mashangdu channel add` of type gammu prints it\n"
    "  --spool DIR     folder for messages that are not handed over yet; made when it is missing\n"
    "It ends after five seconds at the latest. What the gateway cannot read is kept in DIR as *.refused.\n";

/* -- the spool -------------------------------------------------------------------------------------------- */

static bool write_whole(int fd, struct str bytes)
{
    while (bytes.n) {
        ssize_t n = write(fd, bytes.p, bytes.n);
        if (n < 0 && errno == EINTR) continue;
        if (n <= 0) return false;
        bytes.p += n, bytes.n -= (size_t)n;
    }
    return fsync(fd) == 0;
}

/* On the disk, under its name, before true is returned. Names say when and nothing else. */
static bool spool_put(int dir, struct str note)
{
    char temporary[64], name[64];
    const long long at = (long long)clock_now().us;
    (void)snprintf(temporary, sizeof temporary, ".%020lld-%ld", at, (long)getpid());
    (void)snprintf(name, sizeof name, "%020lld-%ld" NOTE_END, at, (long)getpid());
    int fd = openat(dir, temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0) return false;
    bool good = write_whole(fd, note);
    good = close(fd) == 0 && good;
    good = good && renameat(dir, temporary, dir, name) == 0 && fsync(dir) == 0;
    if (!good) (void)unlinkat(dir, temporary, 0);
    return good;
}

static bool spool_read(int dir, const char *name, struct text *note)
{
    char buf[8192];
    ssize_t n;
    int fd = openat(dir, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0) return false;
    while ((n = read(fd, buf, sizeof buf)) > 0) text_add(note, (struct str){buf, (size_t)n});
    (void)close(fd);
    return n == 0 && !note->overflow;
}

static int note_only(const struct dirent *e)
{
    return e->d_name[0] != '.' && str_ends(str_of(e->d_name), STR(NOTE_END));
}

/* -- handing over ------------------------------------------------------------------------------------------- */

struct hand {
    struct loop *loop;
    struct httpc *httpc;
    struct str url;
    instant until; /* of the monotonic clock */
    int status;    /* of the last call; 0: nobody answered */
};

static void answered(void *arg, const struct http_reply *reply)
{
    struct hand *h = arg;
    h->status = reply->status;
    loop_stop(h->loop);
}

static bool hand_over(struct hand *h, struct str note)
{
    const span left = instant_sub(h->until, clock_monotonic());
    struct http_out out = {.method = STR("POST"), .url = h->url, .body = note, .n_headers = 1};
    out.headers[0] = (struct http_header){STR("content-type"), STR("application/x-www-form-urlencoded")};
    h->status = 0;
    if (left.us <= 0) return false;
    if (!httpc_start(h->httpc, &out, left.us < ONE_CALL.us ? left : ONE_CALL, answered, h)) return false;
    loop_run(h->loop);
    return h->status >= 200 && h->status < 300;
}

/* The gateway has read it and cannot take it, ever: kept for a person to look at, out of the way of the others. */
static bool unreadable(int status) { return status == 400 || status == 413; }

static void set_aside(int dir, const char *name)
{
    char refused[300];
    (void)snprintf(refused, sizeof refused, "%.*s.refused", (int)(strlen(name) - strlen(NOTE_END)), name);
    if (renameat(dir, name, dir, refused) == 0)
        (void)cmd_fail(NAME, "the gateway cannot read a note; kept as %s", refused);
}

/* Oldest first, and whatever is put there meanwhile. True when nothing is left. */
static bool spool_empty(struct hand *h, int dir, const char *path)
{
    struct text note;
    text_init(&note, GAMMU_NOTE_MAX);
    for (bool going = true; going;) {
        struct dirent **entries = NULL;
        int n = scandir(path, &entries, note_only, alphasort);
        if (n <= 0) {
            free(entries);
            text_free(&note);
            return n == 0;
        }
        for (int i = 0; i < n; i++) {
            const char *name = entries[i]->d_name;
            text_clear(&note);
            if (going && !spool_read(dir, name, &note)) {
                going = false;
            } else if (going && hand_over(h, text_str(&note))) {
                going = unlinkat(dir, name, 0) == 0;
            } else if (going && unreadable(h->status)) {
                set_aside(dir, name);
            } else {
                going = false;
            }
            free(entries[i]);
        }
        free(entries);
    }
    text_free(&note);
    return false;
}

/* One hands over at a time, or answers would overtake each other. The lock goes with the process. */
static bool lock_take(int lock, instant until)
{
    while (flock(lock, LOCK_EX | LOCK_NB) != 0) {
        if (errno != EWOULDBLOCK && errno != EINTR) return false;
        if (!instant_before(clock_monotonic(), until)) return false;
        (void)usleep(LOCK_WAIT);
    }
    return true;
}

/* -- the call ------------------------------------------------------------------------------------------------- */

static struct str env_of(const void *arg, const char *name)
{
    (void)arg;
    return str_of(getenv(name));
}

static void note_make(int argc, char **argv, struct text *note)
{
    struct str ids[GAMMU_IDS_MAX];
    size_t n = 0;
    for (; n < ARRAY_LEN(ids) && n < (size_t)argc; n++) ids[n] = str_of(argv[n]);
    gammu_note(env_of, NULL, ids, n, clock_now(), note);
}

static bool hand_open(struct hand *h, const char *to_file, struct text *address)
{
    struct str first, rest;
    if (!cmd_read_file(NAME, to_file, address)) return false;
    str_cut(text_str(address), '\n', &first, &rest);
    h->url = str_trim(first);
    h->loop = loop_new();
    h->httpc = httpc_new(h->loop, 1);
    return true;
}

static void hand_close(struct hand *h)
{
    if (h->httpc) httpc_free(&h->httpc);
    if (h->loop) loop_free(&h->loop);
}

/* The note is safe when it is in the spool, or stored at the gateway. */
static int run(struct hand *h, int dir, const char *path, struct str note, bool able)
{
    const bool kept = note.n > 0 && dir >= 0 && spool_put(dir, note);
    if (note.n && !kept) (void)cmd_fail(NAME, "%s: %s", path, strerror(errno));
    if (note.n && !kept) return able && hand_over(h, note) ? CMD_OK : CMD_FAILED;
    int lock = able && dir >= 0 ? openat(dir, ".lock", O_RDWR | O_CREAT | O_CLOEXEC, 0600) : -1;
    bool empty = lock >= 0 && lock_take(lock, h->until) && spool_empty(h, dir, path);
    if (lock >= 0) (void)close(lock);
    if (!empty)
        (void)cmd_fail(NAME, h->status ? "the gateway answers %d; the spool waits" : "the spool waits",
                       h->status);
    return kept || empty ? CMD_OK : CMD_FAILED;
}

int cmd_gammu(struct config *cfg, int argc, char **argv)
{
    const char *to_file = NULL, *path = NULL;
    const struct cmd_option options[] = {{.name = "--to-file", .value = &to_file},
                                         {.name = "--spool", .value = &path}};
    struct hand h = {.until = instant_add(clock_monotonic(), PATIENCE)};
    struct text note, address;
    int code;
    (void)cfg;
    if (!cmd_options(NAME, help, options, ARRAY_LEN(options), &argc, argv, &code)) return code;
    if (!to_file || !path) return cmd_misuse(NAME, "--to-file and --spool are needed");
    text_init(&note, GAMMU_NOTE_MAX);
    text_init(&address, 4096);
    if (argc > 0) note_make(argc, argv, &note);
    if (mkdir(path, 0700) != 0 && errno != EEXIST) (void)cmd_fail(NAME, "%s: %s", path, strerror(errno));
    int dir = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    const bool able = hand_open(&h, to_file, &address);
    code = run(&h, dir, path, text_str(&note), able);
    if (dir >= 0) (void)close(dir);
    hand_close(&h);
    text_free(&note);
    text_free(&address);
    return code;
}
