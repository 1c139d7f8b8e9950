#include "cli/progress.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>

#include "cli/table.hpp"
#include "cli/words.hpp"
#include "store/base/relpath.hpp"
#include "store/base/secrets.hpp"
#include "store/base/text.hpp"
#include "store/sys/terminal.hpp"

namespace cas {
namespace {

constexpr std::string_view kRed = "1;31";
constexpr std::string_view kYellow = "1;33";
constexpr std::string_view kEraseLine = "\r\x1b[K";

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
  if (const unsigned columns = terminal_columns(StandardStream::errors); columns > 0) style.columns = columns;
  return style;
}

LinePrinter::LinePrinter(PrinterStyle style, Sink sink)
    : style_(style),
      sink_(std::move(sink)),
      phase_start_(Clock::now()),
      next_draw_((phase_start_ + kInterval).time_since_epoch().count()) {}

LinePrinter::~LinePrinter() {
  try {
    finish();
  } catch (...) {  // the sink failed: there is nobody left to tell
  }
}

void LinePrinter::phase(std::string_view what, std::uint64_t total) {
  if (!style_.live) return;
  const std::lock_guard lock(mutex_);
  what_ = harmless(what);
  std::replace(what_.begin(), what_.end(), '\n', ' ');
  total_ = total;
  done_.store(0, std::memory_order_relaxed);
  phase_start_ = Clock::now();
  active_ = true;
  if (phase_start_.time_since_epoch().count() >= next_draw_.load(std::memory_order_relaxed)) draw();
}

void LinePrinter::advance(std::uint64_t count) {
  if (!style_.live) return;
  done_.fetch_add(count, std::memory_order_relaxed);
  if (Clock::now().time_since_epoch().count() < next_draw_.load(std::memory_order_relaxed)) return;
  // Whoever comes second need not wait for the terminal: the first one draws.
  const std::unique_lock lock(mutex_, std::try_to_lock);
  if (lock && active_ && Clock::now().time_since_epoch().count() >= next_draw_.load(std::memory_order_relaxed)) draw();
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
  const std::lock_guard lock(mutex_);
  active_ = false;
  erase();
}

std::string LinePrinter::line_text() const {
  const std::uint64_t done = done_.load(std::memory_order_relaxed);
  std::string count;
  if (total_ > 0) {
    count = fmt::format("  {}/{}", grouped(std::min(done, total_)), grouped(total_));
  } else if (done > 0) {
    count = "  " + grouped(done);
  }
  count += "  " + format_duration(Clock::now() - phase_start_);
  // One column stays free: writing into the last one makes some terminals wrap.
  const std::size_t room = style_.columns > 1 ? style_.columns - 1 : 1;
  const std::size_t left = room > count.size() ? room - count.size() : 0;
  return elide_middle(elide_middle(what_, left) + count, room);
}

std::string LinePrinter::coloured(std::string_view text, std::string_view code) const {
  if (!style_.colour) return std::string(text);
  return fmt::format("\x1b[{}m{}\x1b[0m", code, text);
}

void LinePrinter::draw() {
  sink_(std::string(kEraseLine) + line_text());
  drawn_ = true;
  next_draw_.store((Clock::now() + kInterval).time_since_epoch().count(), std::memory_order_relaxed);
}

void LinePrinter::erase() {
  if (!drawn_) return;
  sink_(kEraseLine);
  drawn_ = false;
}

void LinePrinter::message(std::string_view label, std::string_view colour_code, std::string_view text) {
  erase();
  sink_(fmt::format("cas: {} {}\n", coloured(label, colour_code), harmless(text)));
}

}  // namespace cas
