#include "store/sys/terminal.hpp"

#include <fcntl.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "store/base/error.hpp"
#include "store/base/progress.hpp"

namespace cas {
namespace {

extern "C" void on_interrupt(int) { request_interrupt(); }

void install_handler(int signal_number) {
  struct sigaction old = {};
  if (::sigaction(signal_number, nullptr, &old) != 0) throw_errno("reading the action of", "a signal");
  if ((old.sa_flags & SA_SIGINFO) == 0 && old.sa_handler == SIG_IGN) return;
  struct sigaction action = {};
  action.sa_handler = on_interrupt;
  // Without SA_RESTART, so that a blocking call returns and the caller looks at check_interrupt(). Reset by the kernel:
  // whoever presses Ctrl-C twice wants out now.
  action.sa_flags = static_cast<int>(SA_RESETHAND);
  ::sigemptyset(&action.sa_mask);
  if (::sigaction(signal_number, &action, nullptr) != 0) throw_errno("setting the action of", "a signal");
}

}  // namespace

bool is_terminal(StandardStream stream) noexcept { return ::isatty(static_cast<int>(stream)) == 1; }

void open_standard_streams() noexcept {
  // The lowest number that is free is given first.
  int fd = ::open("/dev/null", O_RDWR);
  while (fd >= 0 && fd <= STDERR_FILENO) fd = ::open("/dev/null", O_RDWR);
  if (fd > STDERR_FILENO) ::close(fd);
}

TerminalSize terminal_size(StandardStream stream) noexcept {
  struct winsize size = {};
  if (::ioctl(static_cast<int>(stream), TIOCGWINSZ, &size) != 0) return {};
  return {size.ws_col, size.ws_row};
}

void install_interrupt_handlers() {
  for (const int signal_number : {SIGINT, SIGTERM, SIGHUP}) install_handler(signal_number);
  // A file beyond `ulimit -f` is an error with a path (EFBIG), not a death.
  ::signal(SIGXFSZ, SIG_IGN);
}

}  // namespace cas
