/* Preloaded into a program under test: moves its wall clock and nothing else. Timers, waits, the monotonic clock and times of
 * files stay as they are.
 *   WALL_CLOCK_SHIFT=MILLISECONDS  so far from the true time for as long as the process lives
 *   WALL_CLOCK_FILE=PATH           what the file says now, of whose processes all see a change at the same moment (struct moving)
 * Every answer is one system call and an addition, so it is the same inside of a signal handler. libfaketime's is not: it
 * answers a handler that interrupts a wait with the true time. PostgreSQL asks in the handler of its timers which of them are
 * over, so in a clock set to the past each wait for a lock was given up after deadlock_timeout. */
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

/* The writer fills the shift that is not current and then names it: nobody reads half a number. */
struct moving {
    uint64_t current;    /* 0 or 1 */
    int64_t shift_us[2]; /* from the true time */
};

static const struct moving *moving;
static int64_t fixed_us;

/* Runs before anything of the program. A clock that silently stood at the true time would test nothing. */
__attribute__((constructor)) static void begin(void)
{
    const char *file = getenv("WALL_CLOCK_FILE"), *shift = getenv("WALL_CLOCK_SHIFT");
    if (shift) fixed_us = strtoll(shift, NULL, 10) * 1000;
    if (!file) return;
    int fd = open(file, O_RDONLY | O_CLOEXEC);
    void *map = fd < 0 ? MAP_FAILED : mmap(NULL, sizeof *moving, PROT_READ, MAP_SHARED, fd, 0);
    if (map == MAP_FAILED) {
        perror(file);
        _exit(127);
    }
    (void)close(fd);
    moving = map;
}

static int64_t shift_us(void)
{
    if (!moving) return fixed_us;
    return __atomic_load_n(&moving->shift_us[__atomic_load_n(&moving->current, __ATOMIC_ACQUIRE) & 1],
                           __ATOMIC_RELAXED);
}

int clock_gettime(clockid_t id, struct timespec *t)
{
    int r = (int)syscall(SYS_clock_gettime, id, t);
    if (r != 0 || (id != CLOCK_REALTIME && id != CLOCK_REALTIME_COARSE)) return r;
    int64_t us = shift_us(), ns = t->tv_nsec + us % 1000000 * 1000;
    t->tv_sec += us / 1000000;
    if (ns < 0) t->tv_sec--, ns += 1000000000;
    if (ns >= 1000000000) t->tv_sec++, ns -= 1000000000;
    t->tv_nsec = ns;
    return 0;
}

int gettimeofday(struct timeval *restrict t, void *restrict zone)
{
    struct timespec now;
    (void)zone;
    (void)clock_gettime(CLOCK_REALTIME, &now);
    *t = (struct timeval){.tv_sec = now.tv_sec, .tv_usec = now.tv_nsec / 1000};
    return 0;
}

time_t time(time_t *t)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_REALTIME, &now);
    if (t) *t = now.tv_sec;
    return now.tv_sec;
}
