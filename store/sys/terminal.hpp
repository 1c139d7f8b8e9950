// The terminal that a command talks to, and the signals that come from it.
#pragma once

namespace cas {

enum class StandardStream { output = 1, errors = 2 };

[[nodiscard]] bool is_terminal(StandardStream stream) noexcept;

// Where one of the three standard streams is closed it becomes /dev/null. Before anything else is opened: a file that got its number
// would receive what is meant for the stream.
void open_standard_streams() noexcept;

// In characters; 0: there is no terminal, or it does not say.
struct TerminalSize {
  unsigned columns = 0, rows = 0;
};
// Of the terminal behind `stream`, as it is now.
[[nodiscard]] TerminalSize terminal_size(StandardStream stream) noexcept;

// From now on SIGINT, SIGTERM and SIGHUP call request_interrupt() (store/base/progress.hpp); the second one ends the
// process at once. Signals that the parent chose to ignore (nohup) stay ignored.
void install_interrupt_handlers();

}  // namespace cas
