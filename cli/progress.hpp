// Progress as one line that is written over, on a terminal; warnings as lines of their own.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <mutex>
#include <set>
#include <string>
#include <string_view>

#include "store/base/progress.hpp"

namespace cas {

struct PrinterStyle {
  bool live = false;    // show the line at all
  bool colour = false;  // of "error:" and "warning:"
  unsigned columns = 80;
};

enum class LiveLine { wanted, unwanted };

// What standard error can show. The environment decides with it: TERM=dumb or none has no line and no colours,
// NO_COLOR no colours, CLICOLOR_FORCE (not "0") colours also in a pipe.
[[nodiscard]] PrinterStyle detect_style(LiveLine line);

// The line shows what is done, how far it is, and for how long; at most ten times a second, and not before a tenth of a
// second has passed, so that quick commands flash nothing. Thread-safe.
class LinePrinter final : public Progress {
 public:
  using Sink = std::function<void(std::string_view bytes)>;

  LinePrinter(PrinterStyle style, Sink sink);
  ~LinePrinter() override;
  LinePrinter(const LinePrinter&) = delete;
  LinePrinter& operator=(const LinePrinter&) = delete;

  void phase(std::string_view what, std::uint64_t total) override;
  void advance(std::uint64_t count) override;
  // "cas: warning: <message>". One message is said once.
  void warning(std::string_view message) override;

  // "cas: error: <message>" and, where there is one, "hint: <hint>".
  void error(std::string_view message, std::string_view hint);
  // Erases the line. Nothing is drawn until the next phase.
  void finish();

 private:
  using Clock = std::chrono::steady_clock;
  static constexpr std::chrono::milliseconds kInterval{100};

  [[nodiscard]] std::string line_text() const;
  [[nodiscard]] std::string coloured(std::string_view text, std::string_view code) const;
  void draw();
  void erase();
  void message(std::string_view label, std::string_view colour_code, std::string_view text);

  const PrinterStyle style_;
  const Sink sink_;
  std::mutex mutex_;  // guards everything below but the atomics
  std::string what_;
  std::uint64_t total_ = 0;
  Clock::time_point phase_start_;
  bool drawn_ = false;
  bool active_ = false;
  std::set<std::string, std::less<>> warned_;
  std::atomic<std::uint64_t> done_{0};
  std::atomic<Clock::rep> next_draw_;
};

}  // namespace cas
