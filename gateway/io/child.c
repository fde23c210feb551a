#include "io/child.h"
#include "base/list.h"
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define CHUNK (256u * 1024)

struct children {
    struct loop *loop;
    struct list all;
};

struct child {
    struct list node;
    struct children *of;
    pid_t pid;
    int fd, pidfd;
    struct watch socket, end;
    struct timer timer;
    bool working, closed, ended, late;
    int status;
    struct text head, answer;
    struct str body;
    size_t at;
    child_done *done;
    void *arg;
};

static void socket_ready(struct watch *w, unsigned got);
static void ended(struct watch *w, unsigned got);
static void too_late(struct timer *t);

struct children *children_new(struct loop *l)
{
    struct children *c = MEM_NEW(struct children);
    c->loop = l;
    list_init(&c->all);
    return c;
}

static void close_socket(struct child *c)
{
    if (c->fd < 0) return;
    watch_set(c->of->loop, &c->socket, c->fd, 0);
    close(c->fd);
    c->fd = -1;
}

static void child_free(struct child *c)
{
    close_socket(c);
    timer_stop(&c->timer);
    watch_set(c->of->loop, &c->end, c->pidfd, 0);
    close(c->pidfd);
    list_remove(&c->node);
    text_free(&c->head);
    text_free(&c->answer);
    free(c);
}

void children_free(struct children **cp)
{
    struct children *c = *cp;
    if (!c) return;
    LIST_EACH(&c->all, it)
    {
        struct child *one = LIST_OF(it, struct child, node);
        if (!one->ended) {
            kill(one->pid, SIGKILL);
            while (waitpid(one->pid, NULL, 0) < 0 && errno == EINTR) {}
        }
        child_free(one);
    }
    free(c);
    *cp = NULL;
}

static bool spawn(const char *const *argv, int fd, pid_t *pid)
{
    posix_spawn_file_actions_t files;
    posix_spawnattr_t how;
    sigset_t none;
    char *words[8] = {NULL}, *nothing[] = {NULL};
    size_t n = 0;
    for (; argv[n]; n++) {
        ASSERT(n + 1 < ARRAY_LEN(words));
        words[n] = mem_copy(argv[n], strlen(argv[n]));
    }
    ASSERT(n > 0);
    sigemptyset(&none);
    ASSERT(posix_spawn_file_actions_init(&files) == 0 && posix_spawnattr_init(&how) == 0);
    bool good = posix_spawn_file_actions_adddup2(&files, fd, 0) == 0 &&
                posix_spawn_file_actions_addopen(&files, 1, "/dev/null", O_WRONLY, 0) == 0 &&
                posix_spawnattr_setsigmask(&how, &none) == 0 &&
                posix_spawnattr_setflags(&how, POSIX_SPAWN_SETSIGMASK) == 0;
    if (good) {
        errno = posix_spawn(pid, argv[0], &files, &how, words, nothing);
        good = errno == 0;
    }
    posix_spawn_file_actions_destroy(&files);
    posix_spawnattr_destroy(&how);
    for (size_t i = 0; i < n; i++) free(words[i]);
    return good;
}

struct child *child_start(struct children *of, const char *const *argv)
{
    int pair[2], pidfd = -1;
    pid_t pid;
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0) return NULL;
    bool good = spawn(argv, pair[1], &pid);
    if (good && (pidfd = (int)syscall(SYS_pidfd_open, pid, 0)) < 0) {
        kill(pid, SIGKILL);
        waitpid(pid, NULL, 0);
        good = false;
    }
    int why = errno;
    close(pair[1]);
    if (!good || fcntl(pair[0], F_SETFL, O_NONBLOCK) != 0) {
        close(pair[0]);
        errno = why;
        return NULL;
    }
    struct child *c = MEM_NEW(struct child);
    *c = (struct child){.of = of, .pid = pid, .fd = pair[0], .pidfd = pidfd};
    c->socket = (struct watch){.fd = c->fd, .ready = socket_ready, .arg = c};
    c->end = (struct watch){.fd = pidfd, .ready = ended, .arg = c};
    c->timer = (struct timer){.fire = too_late, .arg = c};
    list_push(&of->all, &c->node);
    watch_set(of->loop, &c->end, pidfd, WATCH_READ);
    return c;
}

bool child_alive(const struct child *c) { return !c->ended; }

/* Told once the process is gone and all that it said is read. */
static void tell(struct child *c)
{
    if (!c->ended || !c->closed) return;
    bool good = WIFEXITED(c->status) && WEXITSTATUS(c->status) == 0 && !c->answer.overflow;
    enum child_end end = c->late ? CHILD_LATE : good ? CHILD_ANSWERED : CHILD_DIED;
    child_done *done = c->done;
    void *arg = c->arg;
    if (done) done(arg, end, end == CHILD_ANSWERED ? text_str(&c->answer) : STR_NONE);
    child_free(c);
}

static void give_up(struct child *c)
{
    close_socket(c);
    c->closed = true;
    if (!c->ended) kill(c->pid, SIGKILL);
    tell(c);
}

static void ended(struct watch *w, unsigned got)
{
    struct child *c = w->arg;
    (void)got;
    if (waitpid(c->pid, &c->status, WNOHANG) != c->pid) return;
    c->ended = true;
    timer_stop(&c->timer);
    watch_set(c->of->loop, w, c->pidfd, 0);
    if (c->working) tell(c);
}

static void too_late(struct timer *t)
{
    struct child *c = t->arg;
    c->late = true;
    give_up(c);
}

/* What is still to be sent: first the head, then the body. */
static struct str left(const struct child *c)
{
    if (c->at < c->head.n) return (struct str){c->head.p + c->at, c->head.n - c->at};
    size_t at = c->at - c->head.n;
    return (struct str){c->body.p + at, c->body.n - at};
}

/* False when nothing more can be sent now. */
static bool send_some(struct child *c)
{
    struct str s = left(c);
    if (s.n == 0) return false;
    ssize_t n = send(c->fd, s.p, MIN(s.n, (size_t)CHUNK), MSG_NOSIGNAL);
    if (n < 0 && errno != EAGAIN && errno != EINTR)
        c->at = c->head.n + c->body.n; /* its answer, or its end, says why */
    if (n > 0) c->at += (size_t)n;
    return n > 0;
}

static void socket_ready(struct watch *w, unsigned got)
{
    struct child *c = w->arg;
    static char buffer[CHUNK]; /* the loop has one thread */
    if (got & WATCH_WRITE)
        while (send_some(c)) {}
    ssize_t n = got & WATCH_READ ? recv(c->fd, buffer, sizeof buffer, 0) : -2;
    if (n > 0) text_add(&c->answer, (struct str){buffer, (size_t)n});
    if (c->answer.overflow) {
        give_up(c);
    } else if (n == 0 || (n == -1 && errno != EAGAIN && errno != EINTR)) {
        close_socket(c);
        c->closed = true;
        tell(c);
    } else {
        watch_set(c->of->loop, w, c->fd, WATCH_READ | (left(c).n ? (unsigned)WATCH_WRITE : 0u));
    }
}

void child_work(struct child *c, struct str head, struct str body, size_t answer_max, span deadline,
                child_done *done, void *arg)
{
    ASSERT(!c->working);
    c->working = true;
    c->done = done;
    c->arg = arg;
    c->body = body;
    text_init(&c->head, head.n);
    text_add(&c->head, head);
    text_init(&c->answer, answer_max);
    timer_set(c->of->loop, &c->timer, deadline);
    watch_set(c->of->loop, &c->socket, c->fd, WATCH_READ | WATCH_WRITE);
}

void child_drop(struct child **cp)
{
    struct child *c = *cp;
    if (!c) return;
    *cp = NULL;
    c->working = true;
    c->done = NULL;
    if (c->ended)
        child_free(c);
    else
        give_up(c);
}
