#include "cli/progress_board.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <span>

#include "cli/table.hpp"
#include "cli/words.hpp"
#include "store/base/text.hpp"

namespace cas {
namespace {

// How far back a rate looks.
constexpr std::chrono::duration<double> kRateSpan{2};
constexpr std::size_t kMostNameBytes = 200;
constexpr std::size_t kLeastLabel = 8;  // columns
constexpr std::string_view kGap = "  ";
// Before that a phase's rate says little.
constexpr std::chrono::seconds kSteady{1};

// What phases count is said by nobody but their names.
bool counts_bytes(std::string_view phase) { return phase.starts_with("reading objects"); }

// Of an archive's or index's making: nothing that steers a terminal, or has another width than it seems.
std::string harmless_name(std::string_view name) {
  std::string out;
  for (const char c : name.substr(0, kMostNameBytes)) {
    if (c >= ' ' && c <= '~') {
      out += c;
    } else {
      out += fmt::format("\\x{:02x}", static_cast<unsigned char>(c));
    }
  }
  return out;
}

std::string label_of(const PackageAtWork& package) {
  return package.work == PackageWork::build ? "building " + package.name : package.name;
}

// What a narrow terminal leaves out.
enum class Detail { full, brief };

std::string detail_of(const PackageAtWork& package, ProgressTime now, Detail detail) {
  if (package.work == PackageWork::build) return format_duration(now - package.start);
  const std::uint64_t received = package.received.load(std::memory_order_relaxed);
  const std::uint64_t spared = package.spared.load(std::memory_order_relaxed);
  std::string text = fmt::format("{:>7}", format_size(received));
  if (package.bytes > 0 && detail == Detail::full) {
    text += fmt::format(" of {:>7}", format_size(package.bytes - std::min(package.bytes, spared)));
  }
  text += fmt::format("  {:>7}/s", format_size(package.rate.per_second()));
  if (spared > 0 && detail == Detail::full) text += fmt::format("  {} spared", format_size(spared));
  return text;
}

struct PackageText {
  std::string label, detail;
};

struct PackageTexts {
  std::vector<PackageText> all;
  std::size_t label_width = 0, detail_width = 0;
};

PackageTexts texts_of(std::span<const std::shared_ptr<PackageAtWork>> packages, ProgressTime now, Detail detail) {
  PackageTexts texts;
  for (const auto& package : packages) {
    PackageText text{label_of(*package), detail_of(*package, now, detail)};
    texts.label_width = std::max(texts.label_width, display_width(text.label));
    texts.detail_width = std::max(texts.detail_width, display_width(text.detail));
    texts.all.push_back(std::move(text));
  }
  return texts;
}

std::string padded(std::string text, std::size_t width) {
  const std::size_t own = display_width(text);
  if (own < width) text.append(width - own, ' ');
  return text;
}

}  // namespace

void ByteRate::sample(std::uint64_t bytes, ProgressTime now) {
  const std::chrono::duration<double> span = now - last_;
  if (span.count() <= 0) return;
  const double news = bytes > bytes_ ? static_cast<double>(bytes - bytes_) / span.count() : 0;
  rate_ += (news - rate_) * (sampled_ ? 1 - std::exp(-span / kRateSpan) : 1);
  sampled_ = true;
  bytes_ = bytes;
  last_ = now;
}

PackageAtWork::PackageAtWork(PackageWork what, std::string_view name_given, std::uint64_t of_bytes, ProgressTime now)
    : work(what), name(harmless_name(name_given)), bytes(of_bytes), start(now), rate(now) {}

void ProgressBoard::phase(std::string_view what, std::uint64_t total, ProgressTime now) {
  what_ = what;
  std::replace(what_.begin(), what_.end(), '\n', ' ');
  total_ = total;
  start_ = now;
  done_.store(0, std::memory_order_relaxed);
  downloads_ = false;
}

void ProgressBoard::downloads(std::size_t packages, std::uint64_t bytes, ProgressTime now) {
  phase("", bytes, now);
  downloads_ = true;
  packages_wanted_ = packages;
  packages_done_ = 0;
  received_ = spared_ = 0;
  rate_ = ByteRate(now);
}

std::shared_ptr<PackageAtWork> ProgressBoard::begin(PackageWork work, std::string_view name, std::uint64_t bytes,
                                                    ProgressTime now) {
  return packages_.emplace_back(std::make_shared<PackageAtWork>(work, name, bytes, now));
}

std::string ProgressBoard::finish(const PackageAtWork& package, ProgressTime now) {
  const std::string time = format_duration(now - package.start);
  const std::uint64_t received = package.received.load(std::memory_order_relaxed);
  const std::uint64_t spared = package.spared.load(std::memory_order_relaxed);
  drop(package);
  if (package.work == PackageWork::build) return fmt::format("built {} in {}", package.name, time);
  ++packages_done_;
  received_ += received;
  spared_ += spared;
  return fmt::format("downloaded {}, {} in {}{}", package.name, format_size(received), time,
                     spared > 0 ? ", " + format_size(spared) + " spared" : "");
}

void ProgressBoard::drop(const PackageAtWork& package) {
  std::erase_if(packages_, [&](const auto& other) { return other.get() == &package; });
}

void ProgressBoard::clear() {
  packages_.clear();
  what_.clear();
  downloads_ = false;
}

std::vector<std::string> ProgressBoard::lines(std::size_t columns, std::size_t rows, ProgressTime now) {
  for (const auto& package : packages_) package->rate.sample(package->received.load(std::memory_order_relaxed), now);
  std::size_t room = rows;
  std::string last = phase_line(now, columns);
  if (!last.empty() && room > 0) --room;
  const bool all_fit = packages_.size() <= room;
  const std::size_t shown = all_fit ? packages_.size() : room - std::min<std::size_t>(room, 1);

  const auto some = std::span(packages_).first(shown);
  PackageTexts texts = texts_of(some, now, Detail::full);
  if (kLeastLabel + kGap.size() + texts.detail_width > columns) texts = texts_of(some, now, Detail::brief);
  const std::size_t left = columns - std::min(columns, kGap.size() + texts.detail_width);
  const std::size_t label_width = std::min(texts.label_width, std::max(kLeastLabel, left));
  std::vector<std::string> lines;
  for (const auto& [label, detail] : texts.all) {
    const std::string first = padded(elide_middle(label, label_width), label_width);
    lines.push_back(elide_middle(first + std::string(kGap) + detail, columns));
  }
  if (!all_fit && room > 0)
    lines.push_back(elide_middle(fmt::format("and {} more", packages_.size() - shown), columns));
  if (!last.empty() && rows > 0) lines.push_back(std::move(last));
  return lines;
}

std::string ProgressBoard::downloads_line(ProgressTime now, std::size_t columns) {
  std::uint64_t received = received_, spared = spared_;
  for (const auto& package : packages_) {
    if (package->work != PackageWork::download) continue;
    received += package->received.load(std::memory_order_relaxed);
    spared += package->spared.load(std::memory_order_relaxed);
  }
  rate_.sample(received, now);
  const std::string end =
      fmt::format("  {}/s{}  {}", format_size(rate_.per_second()),
                  spared > 0 ? "  " + format_size(spared) + " spared" : "", format_duration(now - start_));
  std::string full = fmt::format("downloaded {} of {}  {}{}{}", grouped(packages_done_),
                                 counted(packages_wanted_, "package"), format_size(received),
                                 total_ > 0 ? " of " + format_size(total_ - std::min(total_, spared)) : "", end);
  if (display_width(full) <= columns) return full;
  return elide_middle(
      fmt::format("{} of {}  {}  {}/s  {}", grouped(packages_done_), grouped(packages_wanted_), format_size(received),
                  format_size(rate_.per_second()), format_duration(now - start_)),
      columns);
}

std::string ProgressBoard::phase_line(ProgressTime now, std::size_t columns) {
  if (downloads_) return downloads_line(now, columns);
  if (what_.empty()) return {};
  const bool in_bytes = counts_bytes(what_);
  const auto number = [&](double amount) {
    const auto whole = static_cast<std::uint64_t>(amount);
    return in_bytes ? format_size(whole) : grouped(whole);
  };
  std::string count;
  const auto done = static_cast<double>(done_.load(std::memory_order_relaxed));
  const auto total = static_cast<double>(total_);
  if (total_ > 0) {
    count = fmt::format("  {}/{}", number(std::min(done, total)), number(total));
  } else if (done > 0) {
    count = "  " + number(done);
  }
  const std::chrono::duration<double> elapsed = now - start_;
  count += std::string(kGap) + format_duration(now - start_);
  if (elapsed >= kSteady && done > 0) {
    const double rate = done / elapsed.count();
    std::string speed = fmt::format("  {}/s", number(rate));
    if (done < total) {
      const std::chrono::seconds rest{static_cast<std::int64_t>(std::ceil((total - done) / rate))};
      speed += fmt::format("  {} left", format_duration(rest));
    }
    if (display_width(what_) + display_width(count) + display_width(speed) <= columns) count += speed;
  }
  const std::size_t left = columns - std::min(columns, display_width(count));
  return elide_middle(elide_middle(what_, left) + count, columns);
}

}  // namespace cas
