// How long work tells somebody how far it is, and hears that it should stop.
//
// The library calls; the command line implements (a line on a terminal, or nothing in a pipe). All
// functions may be called from several threads at once.
#pragma once

#include <cstdint>
#include <string_view>

namespace cas {

class Progress {
 public:
  virtual ~Progress() = default;

  // A new phase begins ("adding numpy-2.1.0-…whl"); `total` units of work are expected, 0 if unknown.
  virtual void phase(std::string_view what, std::uint64_t total) = 0;
  // `count` more units are done.
  virtual void advance(std::uint64_t count) = 0;
  // Something the user should know although the work goes on.
  virtual void warning(std::string_view message) = 0;
};

// Says nothing, for callers without an audience.
class SilentProgress final : public Progress {
 public:
  void phase(std::string_view, std::uint64_t) override {}
  void advance(std::uint64_t) override {}
  void warning(std::string_view) override {}
};

// Asks every running operation of this process to stop; safe to call in a signal handler.
void request_interrupt() noexcept;
// Throws Interrupted once request_interrupt() was called. Called at every step that may take long.
void check_interrupt();

}  // namespace cas
