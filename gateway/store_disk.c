/* Files under media_dir/ab/cd/HASH, written on the thread pool: a name is there only with its whole content. */
#include "store_part.h"
#include "base/log.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define PATH_MAX_BYTES 4096

struct place {
    char folder[PATH_MAX_BYTES], upper[PATH_MAX_BYTES], path[PATH_MAX_BYTES], temporary[PATH_MAX_BYTES];
};

static bool place_of(const struct store_job *job, struct place *p)
{
    char hex[STORE_HEX];
    const char *dir = job->g->cfg.media_dir;
    u64 random;
    store_hex(job->hash, hex);
    if (strlen(dir) > PATH_MAX_BYTES - 128) return false;
    crypto_random(&random, sizeof random);
    snprintf(p->upper, sizeof p->upper, "%s/%.2s", dir, hex);
    snprintf(p->folder, sizeof p->folder, "%.*s/%.2s", PATH_MAX_BYTES - 8, p->upper, hex + 2);
    snprintf(p->path, sizeof p->path, "%.*s/%s", PATH_MAX_BYTES - 80, p->folder, hex);
    snprintf(p->temporary, sizeof p->temporary, "%s/.new-%016llx", dir, (unsigned long long)random);
    return true;
}

static bool folder_make(const char *path) { return mkdir(path, 0700) == 0 || errno == EEXIST; }

static bool folder_sync(const char *path)
{
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    bool good = fd >= 0 && fsync(fd) == 0;
    if (fd >= 0) close(fd);
    return good;
}

static bool write_all(int fd, const char *p, size_t n)
{
    while (n) {
        ssize_t put = write(fd, p, n);
        if (put < 0 && errno == EINTR) continue;
        if (put <= 0) return false;
        p += put, n -= (size_t)put;
    }
    return true;
}

static enum store_end put(struct store_job *job, const struct place *p)
{
    struct stat s;
    if (stat(p->path, &s) == 0 && s.st_size == (off_t)job->n)
        return STORE_OK; /* the same bytes, synced when they came */
    if (!folder_make(job->g->cfg.media_dir) || !folder_make(p->upper) || !folder_make(p->folder))
        return STORE_AWAY;
    int fd = open(p->temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0) return STORE_AWAY;
    bool good = write_all(fd, job->bytes, job->n) && fsync(fd) == 0;
    good = close(fd) == 0 && good && rename(p->temporary, p->path) == 0;
    if (!good) {
        unlink(p->temporary);
        return STORE_AWAY;
    }
    return folder_sync(p->folder) && folder_sync(p->upper) && folder_sync(job->g->cfg.media_dir) ? STORE_OK
                                                                                                 : STORE_AWAY;
}

static enum store_end get(struct store_job *job, const struct place *p)
{
    struct stat s;
    int fd = open(p->path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0) return errno == ENOENT ? STORE_MISSING : STORE_AWAY;
    enum store_end end = STORE_DAMAGED;
    if (fstat(fd, &s) == 0 && S_ISREG(s.st_mode) && s.st_size > 0 && s.st_size <= (off_t)STORE_FILE_MAX) {
        job->bytes = mem_alloc((size_t)s.st_size);
        ssize_t got = 1;
        while (got > 0 && job->n < (size_t)s.st_size) {
            got = read(fd, job->bytes + job->n, (size_t)s.st_size - job->n);
            if (got < 0 && errno == EINTR)
                got = 1;
            else if (got > 0)
                job->n += (size_t)got;
        }
        end = got < 0 ? STORE_AWAY : store_hash_right(job) ? STORE_OK : STORE_DAMAGED;
    }
    close(fd);
    return end;
}

static enum store_end drop(const struct place *p)
{
    if (unlink(p->path) == 0) return STORE_OK;
    return errno == ENOENT ? STORE_MISSING : STORE_AWAY;
}

static void work(void *arg)
{
    struct store_job *job = arg;
    struct place p;
    if (!place_of(job, &p)) return; /* stays AWAY */
    job->end = job->what == STORE_PUT ? put(job, &p) : job->what == STORE_GET ? get(job, &p) : drop(&p);
}

static void done(void *arg) { store_job_end(arg); }

void store_disk_start(struct store_job *job)
{
    if (!loop_offload(job->g->loop, work, done, job)) store_job_end_soon(job, STORE_AWAY);
}
