/* A peer in a program of its own: started with the group, it says its port on the first line, and ends with the tests whatever happens. */
#pragma once
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

static pid_t peer;

/* Its port; 0: it did not start. */
static inline int peer_start(const char *program, const char *script)
{
    int out[2];
    char word[16] = "";
    signal(SIGPIPE, SIG_IGN);
    if (pipe(out) != 0) return 0;
    peer = fork();
    if (peer == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL); /* a failed test leaves nobody behind */
        dup2(out[1], STDOUT_FILENO);
        close(out[0]);
        execlp(program, program, script, (char *)NULL);
        _exit(127);
    }
    close(out[1]);
    const bool told = read(out[0], word, sizeof word - 1) >= 2;
    close(out[0]);
    return told ? atoi(word) : 0;
}

static inline int peer_stop(void **state)
{
    (void)state;
    kill(peer, SIGKILL);
    waitpid(peer, NULL, 0);
    return 0;
}
