#include "store/sys/mapped_fault.hpp"

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include <cstddef>
#include <cstdint>
#include <cstring>

namespace cas {
namespace {

MappedFault expected{};
struct sigaction before_bus {};
struct sigaction before_segv {};

// /proc/self/maps, line by line, with nothing that a signal handler may not call. Longer lines are cut: the names in question are short, but
// their directories may not be, so what counts is the line's end.
class MapsReader {
 public:
  MapsReader() : fd_(::open("/proc/self/maps", O_RDONLY | O_CLOEXEC)) {}
  ~MapsReader() {
    if (fd_ >= 0) ::close(fd_);
  }
  MapsReader(const MapsReader&) = delete;
  MapsReader& operator=(const MapsReader&) = delete;

  // Beginning and end of a mapping, and whether the line ends in "/<name>". false: there are no more.
  bool next(std::uintptr_t& begin, std::uintptr_t& end, bool& named, const char* name) {
    begin = end = 0;
    std::uintptr_t* number = &begin;
    char tail[256];
    std::size_t length = 0;
    for (char c = 0; get(c);) {
      if (c == '\n') {
        const std::size_t wanted = std::strlen(name);
        named = length > wanted && tail[length - wanted - 1] == '/' &&
                std::memcmp(tail + length - wanted, name, wanted) == 0;
        return true;
      }
      if (number != nullptr) read_digit(c, number, end);
      if (length == sizeof tail) {
        std::memmove(tail, tail + 1, sizeof tail - 1);
        --length;
      }
      tail[length++] = c;
    }
    return false;
  }

 private:
  static void read_digit(char c, std::uintptr_t*& number, std::uintptr_t& end) {
    if (c >= '0' && c <= '9') {
      *number = *number * 16 + static_cast<std::uintptr_t>(c - '0');
    } else if (c >= 'a' && c <= 'f') {
      *number = *number * 16 + static_cast<std::uintptr_t>(c - 'a' + 10);
    } else {
      number = c == '-' ? &end : nullptr;
    }
  }

  bool get(char& c) {
    if (at_ == filled_) {
      const ssize_t got = fd_ < 0 ? 0 : ::read(fd_, buffer_, sizeof buffer_);
      if (got <= 0) return false;
      filled_ = static_cast<std::size_t>(got);
      at_ = 0;
    }
    c = buffer_[at_++];
    return true;
  }

  int fd_;
  char buffer_[1024];
  std::size_t at_ = 0, filled_ = 0;
};

bool lies_in_mapped_file(std::uintptr_t address) {
  // A length from a damaged page reads on behind the mapping.
  constexpr std::uintptr_t kBehind = std::uintptr_t{1} << 16;
  MapsReader maps;
  std::uintptr_t begin = 0, end = 0;
  for (bool named = false; maps.next(begin, end, named, expected.file_name);) {
    if (named && address >= begin && address < end + kBehind) return true;
  }
  return false;
}

extern "C" void on_fault(int signal_number, siginfo_t* info, void*) {
  const bool by_kernel = info->si_code > 0;
  if (by_kernel && lies_in_mapped_file(reinterpret_cast<std::uintptr_t>(info->si_addr))) {
    static_cast<void>(!::write(STDERR_FILENO, expected.message, std::strlen(expected.message)));
    ::_exit(expected.exit_status);  // lint: allow: what faulted cannot go on, and no exception leaves a signal handler
  }
  // The instruction is run again, and meets whoever was there before. What another process sent is sent again.
  ::sigaction(signal_number, signal_number == SIGBUS ? &before_bus : &before_segv, nullptr);
  if (!by_kernel) ::raise(signal_number);
}

}  // namespace

void end_on_mapped_fault(const MappedFault& fault) {
  expected = fault;
  struct sigaction action {};
  action.sa_sigaction = on_fault;
  action.sa_flags = SA_SIGINFO;
  ::sigemptyset(&action.sa_mask);
  ::sigaction(SIGBUS, &action, &before_bus);
  ::sigaction(SIGSEGV, &action, &before_segv);
}

}  // namespace cas
