/* What a process that decodes strangers' files gives up before it sees the first byte: other files, sockets, programs, children,
 * memory without end, time without end. Called once by the worker, after its libraries are warm. */
#pragma once
#include "base/base.h"

/* Before the libraries start: no core, no new rights, no descriptors but 0 to 2, dies with its parent, processor time. */
bool sandbox_begin(unsigned cpu_seconds) MUST_CHECK;
/* The rest: memory, Landlock where the kernel has it, seccomp over all threads. There is no way back. */
bool sandbox_close(size_t memory_bytes) MUST_CHECK;
