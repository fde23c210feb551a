/* `mashangdu-media`: one stranger's file in, a clean copy and a thumbnail out, and the end. Started by the gateway with a socket as
 * standard input; no argument but limits, no environment, no file of its own. One file for one process: whatever a file does to
 * it, the next one meets a fresh one. */
#include "worker/picture.h"
#include "worker/sandbox.h"
#include "core/mediajob.h"
#include "core/video.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define FILE_MAX ((u64)256 * 1024 * 1024)

static bool read_all(void *p, size_t n)
{
    for (size_t at = 0; at < n;) {
        ssize_t got = read(0, (char *)p + at, n - at);
        if (got < 0 && errno == EINTR) continue;
        if (got <= 0) return false;
        at += (size_t)got;
    }
    return true;
}

static bool write_all(const void *p, size_t n)
{
    for (size_t at = 0; at < n;) {
        ssize_t put = write(0, (const char *)p + at, n - at);
        if (put < 0 && errno == EINTR) continue;
        if (put <= 0) return false;
        at += (size_t)put;
    }
    return true;
}

static bool answer(const struct media_answer *a, const u8 *clean, const u8 *thumb)
{
    return write_all(a, sizeof *a) && write_all(clean, a->n_clean) && write_all(thumb, a->n_thumb);
}

static bool make(const struct media_ask *ask, u8 *bytes)
{
    const struct str file = {(const char *)bytes, ask->n};
    struct media_answer a = {.magic = MEDIA_JOB_MAGIC, .end = MEDIA_END_TYPE};
    struct picture p = {0};
    struct video_facts v = {0};
    enum media_type type;
    if (!filetype_of(file, &type)) return answer(&a, NULL, NULL);
    a.type = a.clean_type = type;
    if (filetype_video(type)) {
        a.end = video_clean(bytes, ask->n, type, &v) ? MEDIA_DONE : MEDIA_END_BROKEN;
        a.width = v.width, a.height = v.height;
        a.n_clean = a.end == MEDIA_DONE ? ask->n : 0;
        return answer(&a, bytes, NULL);
    }
    a.end = picture_make(file, type, ask, &p);
    if (a.end == MEDIA_DONE) {
        a.clean_type = p.clean_type;
        a.width = p.width, a.height = p.height;
        a.n_clean = p.n_clean, a.n_thumb = p.n_thumb;
    }
    return answer(&a, p.clean, p.thumb);
}

static int fail(const char *what)
{
    fprintf(stderr, "mashangdu-media: %s\n", what);
    return 2;
}

/* What this machine's libraries can read, one word a line. */
static int formats(void)
{
    if (!picture_start("mashangdu-media")) return fail("the picture library does not start");
    for (int t = 0; t < MEDIA_TYPES_N; t++)
        if (filetype_video((enum media_type)t) || picture_reads((enum media_type)t))
            puts(filetype_word((enum media_type)t));
    return 0;
}

int main(int argc, char **argv)
{
    struct media_ask ask;
    u64 seconds, memory;
    if (argc == 2 && strcmp(argv[1], "formats") == 0) return formats();
    if (argc != 3 || !str_u64(str_of(argv[1]), 3600, &seconds) || seconds == 0 ||
        !str_u64(str_of(argv[2]), (u64)1 << 40, &memory))
        return fail("started by mashangdu alone; `mashangdu-media formats` tells what it reads");
    if (!sandbox_begin((unsigned)seconds)) return fail("the first walls do not stand");
    if (!picture_start("mashangdu-media")) return fail("the picture library does not start");
#ifndef MSD_SANITIZED
    int nowhere =
        open("/dev/null", O_WRONLY | O_CLOEXEC); /* nothing a file makes it say gets into the gateway's log */
    if (nowhere < 0 || dup2(nowhere, 2) < 0 || close(nowhere) != 0) return fail("no /dev/null");
#endif
    if (!sandbox_close(memory)) return fail("the sandbox does not stand");
    if (!read_all(&ask, sizeof ask) || ask.magic != MEDIA_JOB_MAGIC || ask.n == 0 || ask.n > FILE_MAX)
        return 1;
    u8 *bytes = malloc(ask.n);
    if (!bytes || !read_all(bytes, ask.n)) return 1;
    _exit(make(&ask, bytes) ? 0 : 1); /* the libraries' own goodbyes are of no use here */
}
