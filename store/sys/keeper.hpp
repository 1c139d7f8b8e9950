// The process that stands between this one and a program of which nothing may be left (Descendants::all). For spawn.cpp only: it runs behind a fork of
// a process with threads, so it takes no locks and no memory.
#pragma once

#include <sys/types.h>

namespace cas {

// Makes the calling process, just forked, a keeper of what it will start. It is told to end (SIGTERM) when `parent`'s thread ends. false: errno.
[[nodiscard]] bool become_keeper(pid_t parent);

// Waits for the program `pid`, then kills all other descendants until there are none, and ends with the program's status, as a shell
// gives it. SIGTERM kills the program, too. All signals are blocked, and all descriptors are closed here.
[[noreturn]] void keep(pid_t pid);

}  // namespace cas
