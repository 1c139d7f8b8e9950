#include "cli/progress.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <exception>

#include "store/base/relpath.hpp"
#include "store/base/secrets.hpp"

namespace cas {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::string_view kRed = "1;31";
constexpr std::string_view kYellow = "1;33";
constexpr std::chrono::milliseconds kInterval{100};
constexpr TerminalSize kUsualSize{80, 24};
constexpr unsigned kFreeColumns = 3;

bool is_set(const char* name) {
  const char* value = std::getenv(name);
  return value != nullptr && *value != '\0';
}

bool is_dumb() {
  const char* term = std::getenv("TERM");
  return term == nullptr || *term == '\0' || std::string_view(term) == "dumb";
}

bool colour_forced() { return is_set("CLICOLOR_FORCE") && std::string_view(std::getenv("CLICOLOR_FORCE")) != "0"; }

// Messages hold names from foreign archives; what would steer the terminal is shown as \xNN. Line breaks stay.
std::string harmless(std::string_view text) { return escaped(without_secrets(text), "\n\t"); }

}  // namespace

PrinterStyle detect_style(LiveLine line) {
  PrinterStyle style;
  const bool smart = is_terminal(StandardStream::errors) && !is_dumb();
  style.live = smart && line == LiveLine::wanted;
  style.colour = colour_forced() || (smart && !is_set("NO_COLOR"));
  style.size = [] { return terminal_size(StandardStream::errors); };
  return style;
}

// What a worker holds of a package on the board.
class LinePrinter::Package final : public PackageProgress {
 public:
  Package(LinePrinter& printer, std::shared_ptr<PackageAtWork> package)
      : printer_(printer), package_(std::move(package)) {}
  ~Package() override {
    if (!done_) printer_.drop_package(*package_);
  }
  Package(const Package&) = delete;
  Package& operator=(const Package&) = delete;

  void received(std::uint64_t count) override { package_->received.fetch_add(count, std::memory_order_relaxed); }
  void restart() override { package_->received.store(0, std::memory_order_relaxed); }
  void spared(std::uint64_t bytes) override { package_->spared.store(bytes, std::memory_order_relaxed); }
  void done() override {
    done_ = true;
    printer_.finish_package(*package_);
  }

 private:
  LinePrinter& printer_;
  const std::shared_ptr<PackageAtWork> package_;
  bool done_ = false;
};

LinePrinter::LinePrinter(PrinterStyle style, Sink sink)
    : style_(std::move(style)), sink_(std::move(sink)), live_(sink_) {}

LinePrinter::~LinePrinter() {
  try {
    finish();
  } catch (...) {  // the sink failed: there is nobody left to tell
  }
}

void LinePrinter::phase(std::string_view what, std::uint64_t total) {
  if (!style_.live) return;
  const std::lock_guard lock(mutex_);
  board_.phase(harmless(what), total, Clock::now());
  start_drawing();
}

void LinePrinter::downloads(std::size_t packages, std::uint64_t bytes) {
  if (!style_.live) return;
  const std::lock_guard lock(mutex_);
  board_.downloads(packages, bytes, Clock::now());
  start_drawing();
}

void LinePrinter::advance(std::uint64_t count) { board_.advance(count); }

std::unique_ptr<PackageProgress> LinePrinter::begin(PackageWork work, std::string_view name, std::uint64_t bytes) {
  const std::lock_guard lock(mutex_);
  auto package = std::make_unique<Package>(*this, board_.begin(work, name, bytes, Clock::now()));
  if (style_.live) start_drawing();
  return package;
}

void LinePrinter::finish_package(const PackageAtWork& package) {
  const std::lock_guard lock(mutex_);
  const std::string line = board_.finish(package, Clock::now());
  if (!style_.report_packages) return;
  erase();
  sink_(line + "\n");
}

void LinePrinter::drop_package(const PackageAtWork& package) {
  const std::lock_guard lock(mutex_);
  board_.drop(package);
}

void LinePrinter::warning(std::string_view message_text) {
  const std::lock_guard lock(mutex_);
  if (!warned_.emplace(message_text).second) return;
  message("warning:", kYellow, message_text);
}

void LinePrinter::error(std::string_view message_text, std::string_view hint) {
  const std::lock_guard lock(mutex_);
  message("error:", kRed, message_text);
  if (!hint.empty()) sink_("hint: " + harmless(hint) + "\n");
}

void LinePrinter::finish() {
  {
    const std::lock_guard lock(mutex_);
    stopped_ = true;
    board_.clear();
    erase();
  }
  wake_.notify_all();
  if (drawer_.joinable()) drawer_.join();
}

void LinePrinter::start_drawing() {
  if (!stopped_) return;
  try {
    drawer_ = std::thread([this] { keep_drawing(); });
    stopped_ = false;
  } catch (const std::exception&) {  // there may be no more threads: what is done is done without being shown
  }
}

void LinePrinter::keep_drawing() {
  std::unique_lock lock(mutex_);
  while (!wake_.wait_for(lock, kInterval, [this] { return stopped_; })) {
    const auto [columns, rows] = size();
    // Writing into the last column makes some terminals wrap, and Ctrl-C is shown behind the last line. One row is for what was typed.
    live_.draw(board_.lines(columns - std::min(columns, kFreeColumns), std::max(1U, rows - 1), Clock::now()), columns);
  }
}

TerminalSize LinePrinter::size() const {
  const TerminalSize now = style_.size();
  return {now.columns > 0 ? now.columns : kUsualSize.columns, now.rows > 0 ? now.rows : kUsualSize.rows};
}

void LinePrinter::erase() { live_.erase(size().columns); }

std::string LinePrinter::coloured(std::string_view text, std::string_view code) const {
  if (!style_.colour) return std::string(text);
  return fmt::format("\x1b[{}m{}\x1b[0m", code, text);
}

void LinePrinter::message(std::string_view label, std::string_view colour_code, std::string_view text) {
  erase();
  sink_(fmt::format("cas: {} {}\n", coloured(label, colour_code), harmless(text)));
}

}  // namespace cas
