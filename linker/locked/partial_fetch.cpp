#include "linker/locked/partial_fetch.hpp"

#include <algorithm>

#include "store/base/error.hpp"
#include "store/base/relpath.hpp"
#include "store/net/url.hpp"
#include "store/packages/packages.hpp"
#include "store/source/input_file.hpp"
#include "store/source/wheel.hpp"
#include "store/source/wheel_name.hpp"
#include "store/sys/file.hpp"

namespace cas {
namespace {

// As many bytes as take the time of one more request (docs/performance.md): so long a gap is rather fetched than left out.
constexpr std::uint64_t kGapBytes = 64 << 10;
// Two more round trips must be worth it.
constexpr std::uint64_t kLeastSpared = 256 << 10;
// Of the file's end: the central directory and .dist-info, mostly.
constexpr std::uint64_t kLeastEnd = 96 << 10, kMostEnd = 2 << 20;
constexpr std::uint64_t kEndShare = 200;
constexpr std::uint64_t kMostListing = 32 << 20;
constexpr int kMostRounds = 6;
// At once: each holds a file open, and an outline in memory while it is looked at.
constexpr std::size_t kMostRunning = 8;

// Parts that were fetched twice, because the line broke, may make it more than the whole.
std::uint64_t difference(std::uint64_t whole, std::uint64_t part) { return whole - std::min(whole, part); }

bool is_empty_file(const SourceEntry& entry) {
  return entry.size == 0 && entry.crc32 == 0 && entry.expected == empty_digest();
}

}  // namespace

struct PartialFetch::Wheel {
  enum class Stage { listing, opening, members };

  std::size_t number = 0;
  const WantedArtifact* wanted = nullptr;
  Stage stage = Stage::listing;
  int rounds = 0;
  std::unique_ptr<PackageProgress> progress;
  std::unique_ptr<PartsDownload> download;
};

std::vector<ByteRange> needed_parts(const Store& store, const Source& source) {
  std::vector<ByteRange> needed;
  store.index().read([&](const ReadTxn& txn, const Schema& schema) {
    for (const SourceEntry& entry : source.entries()) {
      if (!entry.absent || is_empty_file(entry)) continue;
      // As ingest asks.
      if (entry.expected) {
        const auto row = schema.objects.get(txn, {*entry.expected, entry.executable});
        if (row && row->size == entry.size && row->crc32 == entry.crc32) continue;
      }
      needed.push_back(*entry.absent);
    }
  });
  return coalesced(std::move(needed), kGapBytes);
}

bool pays(const std::vector<ByteRange>& needed, std::uint64_t size) {
  return total_bytes(needed) + needed.size() * kGapBytes + kLeastSpared <= size;
}

PartialFetch::PartialFetch(const Store& store, HttpClient& client, std::string directory, PartialDownloads how,
                           Progress& progress, Ready ready, Declined declined)
    : store_(store),
      client_(client),
      directory_(std::move(directory)),
      how_(how),
      progress_(progress),
      ready_(std::move(ready)),
      declined_(std::move(declined)) {
  if (how_ != PartialDownloads::automatic) return;
  for (const Package& package : list_packages(store_.index())) projects_.insert(package.row.normalized_name);
}

PartialFetch::~PartialFetch() = default;

bool PartialFetch::suits(const WantedArtifact& wanted) const {
  const auto url = try_parse_url(wanted.url);
  if (how_ == PartialDownloads::never || !wanted.listing || !url || url->is_file()) return false;
  if (component_problem(wanted.name)) return false;
  if (how_ == PartialDownloads::always) return true;
  const std::string project = normalize_name(wanted.name.substr(0, wanted.name.find('-')));
  return wanted.size.value_or(kMostEnd) > kLeastEnd + kLeastSpared && projects_.contains(project);
}

void PartialFetch::add(std::size_t number, const WantedArtifact& wanted) {
  auto wheel = std::make_unique<Wheel>();
  wheel->number = number;
  wheel->wanted = &wanted;
  waiting_.push_back(std::move(wheel));
  start_waiting();
}

void PartialFetch::start_waiting() {
  while (!waiting_.empty() && running_.size() < kMostRunning) {
    Wheel& wheel = *running_.emplace_back(std::move(waiting_.front()));
    waiting_.pop_front();
    const WantedArtifact& wanted = *wheel.wanted;
    wheel.progress = progress_.begin(PackageWork::download, package_label(wanted), wanted.size.value_or(0));
    wheel.download = std::make_unique<PartsDownload>(client_, wanted.url, directory_ + "/" + wanted.name, wanted.size,
                                                     *wheel.progress);
    const std::uint64_t share = wanted.size.value_or(0) / kEndShare;
    wheel.download->fetch_end(std::clamp(share, kLeastEnd, kMostEnd),
                              [this, &wheel](const std::exception_ptr& problem) { advance(wheel, problem); });
  }
}

void PartialFetch::advance(Wheel& wheel, const std::exception_ptr& problem) {
  // What is wrong with the wheel, or with the server, shows when all of it is fetched, and is said then.
  switch (problem ? Next::decline : try_to_work_on(wheel)) {
    case Next::wait:
      return;
    case Next::ready:
      return finish(wheel);
    case Next::decline:
      return decline(wheel);
  }
}

PartialFetch::Next PartialFetch::try_to_work_on(Wheel& wheel) {
  try {
    return work_on(wheel);
  } catch (const MissingBytes& missing) {
    const ByteRange range = missing.range();
    if (++wheel.rounds > kMostRounds || range.size() > kMostListing) return Next::decline;
    // The members of .dist-info stand before the central directory, mostly, and take less than it does.
    return fetch(wheel, {{range.begin - std::min(range.begin, range.size() / 2), range.end}});
  } catch (const InvalidInput&) {
    return Next::decline;
  }
}

PartialFetch::Next PartialFetch::work_on(Wheel& wheel) {
  const PartsDownload& download = *wheel.download;
  const std::string& name = wheel.wanted->name;
  if (wheel.stage == Wheel::Stage::listing) {
    const WheelOutline outline = outline_wheel(download.fd(), name, download.parts());
    if (outline.directory != wheel.wanted->listing->directory) return Next::decline;
    wheel.stage = Wheel::Stage::opening;
    const std::vector<ByteRange> opening = coalesced(outline.opening, kGapBytes);
    if (total_bytes(opening) > kMostListing) return Next::decline;
    if (!std::ranges::all_of(opening, [&](const ByteRange& part) { return download.parts().contains(part); })) {
      return fetch(wheel, opening);
    }
  }
  if (wheel.stage == Wheel::Stage::opening) {
    const auto source = open_wheel_parts(download.fd(), name, download.parts());
    if (source->listing() != wheel.wanted->listing) return Next::decline;
    const std::vector<ByteRange> needed = needed_parts(store_, *source);
    if (how_ == PartialDownloads::automatic && !pays(needed, download.size())) return Next::decline;
    wheel.stage = Wheel::Stage::members;
    std::uint64_t to_come = 0;
    for (const ByteRange& range : needed) to_come += total_bytes(download.parts().missing(range));
    wheel.progress->spared(difference(download.size(), download.received() + to_come));
    if (!needed.empty()) return fetch(wheel, needed);
  }
  return Next::ready;
}

PartialFetch::Next PartialFetch::fetch(Wheel& wheel, const std::vector<ByteRange>& ranges) {
  wheel.download->fetch(ranges, [this, &wheel](const std::exception_ptr& problem) { advance(wheel, problem); });
  return Next::wait;
}

void PartialFetch::decline(Wheel& wheel) {
  remove_file_quietly_at(kCurrentDirectory, wheel.download->path());
  declined_(forget(wheel));
  start_waiting();
}

void PartialFetch::finish(Wheel& wheel) {
  const PartsDownload& download = *wheel.download;
  const PartialWheel done{download.path(), download.parts(), download.size(), download.received()};
  wheel.progress->spared(difference(done.size, done.fetched));
  wheel.progress->done();
  ready_(forget(wheel), done);
  start_waiting();
}

std::size_t PartialFetch::forget(const Wheel& wheel) {
  const std::size_t number = wheel.number;
  std::erase_if(running_, [&](const auto& other) { return other.get() == &wheel; });
  return number;
}

}  // namespace cas
