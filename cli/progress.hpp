// Progress as lines that are written over, on a terminal; warnings as lines of their own.
#pragma once

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <string_view>
#include <thread>

#include "cli/live_lines.hpp"
#include "cli/progress_board.hpp"
#include "store/base/progress.hpp"
#include "store/sys/terminal.hpp"

namespace cas {

struct PrinterStyle {
  bool live = false;             // show lines that change at all
  bool colour = false;           // of "error:" and "warning:"
  bool report_packages = false;  // a line for each package that was fetched or built, when it is done
  // Asked for each drawing, since the user may change it; zeros count as 80 and 24.
  std::function<TerminalSize()> size = [] { return TerminalSize{}; };
};

enum class LiveLine { wanted, unwanted };

// What standard error can show. The environment decides with it: TERM=dumb or none has no lines and no colours,
// NO_COLOR no colours, CLICOLOR_FORCE (not "0") colours also in a pipe.
[[nodiscard]] PrinterStyle detect_style(LiveLine line);

// The lines (ProgressBoard) are drawn ten times a second by a thread of their own, which runs while something is under way, and not before a
// tenth of a second has passed, so that quick commands flash nothing. Thread-safe but for finish().
class LinePrinter final : public Progress {
 public:
  using Sink = LiveLines::Sink;

  LinePrinter(PrinterStyle style, Sink sink);
  ~LinePrinter() override;
  LinePrinter(const LinePrinter&) = delete;
  LinePrinter& operator=(const LinePrinter&) = delete;

  void phase(std::string_view what, std::uint64_t total) override;
  void downloads(std::size_t packages, std::uint64_t bytes) override;
  void advance(std::uint64_t count) override;
  [[nodiscard]] std::unique_ptr<PackageProgress> begin(PackageWork work, std::string_view name,
                                                       std::uint64_t bytes) override;
  // "cas: warning: <message>". One message is said once.
  void warning(std::string_view message) override;

  // "cas: error: <message>" and, where there is one, "hint: <hint>".
  void error(std::string_view message, std::string_view hint);
  // Erases the lines. Nothing is drawn until the next phase or package.
  void finish();

 private:
  class Package;

  void finish_package(const PackageAtWork& package);
  void drop_package(const PackageAtWork& package);
  void start_drawing();
  void keep_drawing();
  [[nodiscard]] TerminalSize size() const;
  void erase();
  [[nodiscard]] std::string coloured(std::string_view text, std::string_view code) const;
  void message(std::string_view label, std::string_view colour_code, std::string_view text);

  const PrinterStyle style_;
  const Sink sink_;
  std::mutex mutex_;  // guards everything below but the board's counters
  LiveLines live_;
  ProgressBoard board_;
  std::set<std::string, std::less<>> warned_;
  std::condition_variable wake_;
  bool stopped_ = true;
  std::thread drawer_;
};

}  // namespace cas
