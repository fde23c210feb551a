/* A program of ours that does one piece of work for the loop: bytes to its standard input, its answer back over the same socket, and
 * the end. Nothing of this process goes along: no environment, no descriptors, no arguments but those named. Knows nothing of the work. */
#pragma once
#include "base/str.h"
#include "io/loop.h"

struct children; /* those of one owner */
struct child;
struct children *children_new(struct loop *l);
void children_free(struct children **c); /* kills and reaps; done of a child in work is not called any more */

/* Starts one; argv[0] is the path of the program. NULL with errno set when there is no process to be had. */
struct child *child_start(struct children *c, const char *const *argv);
bool child_alive(const struct child *c); /* it has not ended by itself before it got work */

enum child_end { CHILD_ANSWERED, CHILD_DIED, CHILD_LATE };
/* answer: all that came until the child closed its side; CHILD_DIED: it ended with another code than 0, or said more than it may. */
typedef void child_done(void *arg, enum child_end end, struct str answer);
/* Gives it its work and takes it over. head is copied; body is the caller's and must stay until done, which is called once, never
 * before this returns. The child is ended in any case. */
void child_work(struct child *c, struct str head, struct str body, size_t answer_max, span deadline,
                child_done *done, void *arg);
/* One that got no work, or whose work nobody wants any more: done is not called. */
void child_drop(struct child **c);
