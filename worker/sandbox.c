#include "worker/sandbox.h"
#include <errno.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <sched.h>
#include <seccomp.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

static bool limit(int what, rlim_t n)
{
    return setrlimit((__rlimit_resource_t)what, &(struct rlimit){n, n}) == 0;
}

bool sandbox_begin(unsigned cpu_seconds)
{
    return close_range(3, ~0u, 0) == 0 && chdir("/") == 0 && prctl(PR_SET_PDEATHSIG, SIGKILL) == 0 &&
           getppid() != 1 && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 && limit(RLIMIT_CORE, 0) &&
           limit(RLIMIT_FSIZE, 0) && limit(RLIMIT_CPU, cpu_seconds);
}

/* No rule: every path is forbidden. A second wall behind seccomp; kernels without it (before 5.13) have one. */
static bool landlock(void)
{
    const struct landlock_ruleset_attr all = {.handled_access_fs = (LANDLOCK_ACCESS_FS_MAKE_SYM << 1) - 1};
    int fd = (int)syscall(SYS_landlock_create_ruleset, &all, sizeof all, 0);
    if (fd < 0) return errno == ENOSYS || errno == EOPNOTSUPP || errno == EPERM;
    bool good = syscall(SYS_landlock_restrict_self, fd, 0) == 0;
    close(fd);
    return good;
}

/* What a decoder needs once it is warm: memory, threads of its own, and the one socket it was born with. */
static const int allowed[] = {
    SCMP_SYS(read),         SCMP_SYS(write),
    SCMP_SYS(readv),        SCMP_SYS(writev),
    SCMP_SYS(recvfrom),     SCMP_SYS(sendto),
    SCMP_SYS(close),        SCMP_SYS(munmap),
    SCMP_SYS(mremap),       SCMP_SYS(brk),
    SCMP_SYS(madvise),      SCMP_SYS(futex),
    SCMP_SYS(exit),         SCMP_SYS(exit_group),
    SCMP_SYS(rt_sigaction), SCMP_SYS(rt_sigprocmask),
    SCMP_SYS(rt_sigreturn), SCMP_SYS(sigaltstack),
    SCMP_SYS(sched_yield),  SCMP_SYS(sched_getaffinity),
    SCMP_SYS(getpid),       SCMP_SYS(gettid),
    SCMP_SYS(tgkill),       SCMP_SYS(clock_gettime),
    SCMP_SYS(nanosleep),    SCMP_SYS(clock_nanosleep),
    SCMP_SYS(getrandom),    SCMP_SYS(set_robust_list),
    SCMP_SYS(rseq),         SCMP_SYS(restart_syscall),
    SCMP_SYS(gettimeofday), SCMP_SYS(time),
    SCMP_SYS(getcpu),       SCMP_SYS(poll),
    SCMP_SYS(ppoll),        SCMP_SYS(fstat),
    SCMP_SYS(newfstatat),   SCMP_SYS(lseek),
    SCMP_SYS(sysinfo),      SCMP_SYS(membarrier),
    SCMP_SYS(getrusage),
};
/* What only an intruder asks for: the process ends at once. Anything else is refused, and the library may go on without. */
static const int deadly[] = {
    SCMP_SYS(execve),
    SCMP_SYS(execveat),
    SCMP_SYS(fork),
    SCMP_SYS(vfork),
    SCMP_SYS(socket),
    SCMP_SYS(connect),
    SCMP_SYS(bind),
    SCMP_SYS(ptrace),
    SCMP_SYS(kill),
    SCMP_SYS(process_vm_readv),
    SCMP_SYS(process_vm_writev),
    SCMP_SYS(mount),
    SCMP_SYS(unshare),
    SCMP_SYS(setns),
    SCMP_SYS(bpf),
    SCMP_SYS(io_uring_setup),
};

static bool filter(void)
{
    scmp_filter_ctx f = seccomp_init(SCMP_ACT_ERRNO(EPERM));
    bool good = f && seccomp_attr_set(f, SCMP_FLTATR_CTL_TSYNC, 1) == 0;
    for (size_t i = 0; good && i < ARRAY_LEN(allowed); i++)
        good = seccomp_rule_add(f, SCMP_ACT_ALLOW, allowed[i], 0) == 0;
    for (size_t i = 0; good && i < ARRAY_LEN(deadly); i++)
        good = seccomp_rule_add(f, SCMP_ACT_KILL_PROCESS, deadly[i], 0) == 0;
    /* Memory that is never executable; threads, but no processes (clone3 hides its flags behind a pointer: glibc then takes clone);
     * limits may be asked for, not set. */
    good = good &&
           seccomp_rule_add(f, SCMP_ACT_ALLOW, SCMP_SYS(mmap), 1,
                            SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0)) == 0 &&
           seccomp_rule_add(f, SCMP_ACT_ALLOW, SCMP_SYS(mprotect), 1,
                            SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0)) == 0 &&
           seccomp_rule_add(f, SCMP_ACT_ALLOW, SCMP_SYS(clone), 1,
                            SCMP_A0(SCMP_CMP_MASKED_EQ, CLONE_THREAD, CLONE_THREAD)) == 0 &&
           seccomp_rule_add(f, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3), 0) == 0 &&
           seccomp_rule_add(f, SCMP_ACT_ALLOW, SCMP_SYS(prlimit64), 1, SCMP_A2(SCMP_CMP_EQ, 0, 0)) == 0 &&
           seccomp_load(f) == 0;
    if (f) seccomp_release(f);
    return good;
}

bool sandbox_close(size_t memory_bytes)
{
#ifndef MSD_SANITIZED
    /* RLIMIT_DATA counts what is written; RLIMIT_AS would count the libraries and the address room that malloc only reserves. The
     * shadow memory of AddressSanitizer is terabytes of both, so that build goes without. */
    if (!limit(RLIMIT_DATA, memory_bytes)) return false;
#else
    (void)memory_bytes;
#endif
    /* RLIMIT_NPROC counts all processes of the user, threads too: seccomp forbids new processes here instead. */
    return landlock() && limit(RLIMIT_NOFILE, 3) && filter();
}
