#include "store/sys/mapped_fault.hpp"

#include <fcntl.h>
#include <signal.h>
#include <ucontext.h>
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

  // The next mapping. false: there are no more.
  bool next() {
    begin_ = end_ = 0;
    length_ = 0;
    std::uintptr_t* number = &begin_;
    for (char c = 0; get(c);) {
      if (c == '\n') return true;
      if (number != nullptr) read_digit(c, number);
      if (length_ == sizeof tail_) {
        std::memmove(tail_, tail_ + 1, sizeof tail_ - 1);
        --length_;
      }
      tail_[length_++] = c;
    }
    return false;
  }

  // Up to so many bytes behind the mapping count as in it.
  [[nodiscard]] bool holds(std::uintptr_t address, std::uintptr_t behind) const {
    return address >= begin_ && address < end_ + behind;
  }
  // The last component of what is mapped is `name`.
  [[nodiscard]] bool is_of(const char* name) const {
    const std::size_t wanted = std::strlen(name);
    return length_ > wanted && tail_[length_ - wanted - 1] == '/' &&
           std::memcmp(tail_ + length_ - wanted, name, wanted) == 0;
  }

 private:
  void read_digit(char c, std::uintptr_t*& number) {
    if (c >= '0' && c <= '9') {
      *number = *number * 16 + static_cast<std::uintptr_t>(c - '0');
    } else if (c >= 'a' && c <= 'f') {
      *number = *number * 16 + static_cast<std::uintptr_t>(c - 'a' + 10);
    } else {
      number = c == '-' ? &end_ : nullptr;
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
  std::uintptr_t begin_ = 0, end_ = 0;
  char tail_[256];  // of the line
  std::size_t length_ = 0;
};

// Of the instruction that faulted; 0: not known on this machine.
std::uintptr_t instruction_of([[maybe_unused]] const void* context) {
#if defined(__x86_64__)
  return static_cast<std::uintptr_t>(static_cast<const ucontext_t*>(context)->uc_mcontext.gregs[REG_RIP]);
#elif defined(__aarch64__)
  return static_cast<std::uintptr_t>(static_cast<const ucontext_t*>(context)->uc_mcontext.pc);
#else
  return 0;
#endif
}

bool comes_from_mapped_file(std::uintptr_t address, std::uintptr_t instruction) {
  // A length from a damaged page reads on behind the mapping.
  constexpr std::uintptr_t kBehind = std::uintptr_t{1} << 16;
  if (instruction >= expected.reader_begin && instruction < expected.reader_end) return true;
  MapsReader maps;
  while (maps.next()) {
    if (maps.is_of(expected.file_name) && maps.holds(address, kBehind)) return true;
  }
  return false;
}

extern "C" void on_fault(int signal_number, siginfo_t* info, void* context) {
  const bool by_kernel = info->si_code > 0;
  if (by_kernel && comes_from_mapped_file(reinterpret_cast<std::uintptr_t>(info->si_addr), instruction_of(context))) {
    static_cast<void>(!::write(STDERR_FILENO, expected.message, std::strlen(expected.message)));
    static_cast<void>(!::write(STDOUT_FILENO, expected.output, std::strlen(expected.output)));
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
