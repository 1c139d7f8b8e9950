#include "store/extract.hpp"

#include <fmt/format.h>

#include <atomic>
#include <cerrno>
#include <chrono>
#include <condition_variable>
#include <memory>

#include "store/base/pool.hpp"
#include "store/base/relpath.hpp"
#include "store/damage.hpp"
#include "store/source/wheel.hpp"
#include "store/sys/file.hpp"
#include "store/take_over.hpp"

namespace cas {
namespace {

constexpr std::size_t kChunkEntries = 64;
constexpr std::uint64_t kChunkBytes = std::uint64_t{4} << 20;
// A group's files are held in memory until they are committed, some 700 bytes each: no further wheel is opened when this
// many are there. One wheel alone may have more.
constexpr std::size_t kGroupFiles = 16'000;
// The wheels of a group take at most so much: one synchronisation serves many, and what a crash costs is bounded.
constexpr std::uint64_t kGroupBytes = std::uint64_t{2} << 30;
// What was read is not kept waiting longer for what is still on its way.
constexpr std::chrono::seconds kMostIdle{1};

// A wheel whose members are being read.
struct OpenWheel {
  ExtractedWheel* result = nullptr;
  Fd fd;
  std::unique_ptr<Source> source;
  std::size_t next = 0;     // first member not handed out
  std::size_t running = 0;  // chunks being read
  std::uint64_t shown = 0;  // bytes of the artifact that progress has heard of
};

class Extraction {
 public:
  Extraction(const Store& store, ObjectBatch& batch, WheelFeed& feed, const IngestOptions& options, Progress& progress,
             const std::unordered_set<Sha256Digest>& given_up, std::deque<ExtractedWheel>& wheels)
      : store_(store),
        given_up_(given_up),
        batch_(batch),
        feed_(feed),
        options_(options),
        progress_(progress),
        wheels_(wheels),
        listener_(feed, [this] {
          const std::lock_guard lock(mutex_);
          changed_.notify_all();
        }) {}

  void work(const std::atomic<bool>& stop) {
    std::unique_lock lock(mutex_);
    try {
      while (!stop.load(std::memory_order_relaxed)) {
        if (failed_) return;
        check_interrupt();
        if (OpenWheel* wheel = with_members_left()) {
          read_chunk(*wheel, lock);
        } else if (const auto next = full_ ? std::nullopt : feed_.take()) {
          open_next(*next, lock);
        } else if (opening_ > 0) {
          changed_.wait(lock);
        } else if (full_ || feed_.exhausted()) {
          return;
        } else {
          wait_for_more(lock);
        }
      }
    } catch (...) {
      if (!lock.owns_lock()) lock.lock();
      // The open wheels stay until all workers have ended: others are still reading from them.
      failed_ = true;
      changed_.notify_all();
      throw;
    }
  }

 private:
  OpenWheel* with_members_left() {
    for (const auto& wheel : open_) {
      if (wheel->next < wheel->source->entries().size() && wheel->result->error.empty()) return wheel.get();
    }
    return nullptr;
  }

  // For what others bring, but not while something is there that could be made durable.
  void wait_for_more(std::unique_lock<std::mutex>& lock) {
    const bool came = changed_.wait_for(lock, kMostIdle) == std::cv_status::no_timeout;
    if (!came && open_.empty() && opening_ == 0 && files_ > 0) {
      full_ = true;
      changed_.notify_all();
    }
  }

  // Opens and hashes a wheel. One that is refused is no error of the extraction.
  void open_next(std::size_t number, std::unique_lock<std::mutex>& lock) {
    ExtractedWheel& result = wheels_.emplace_back();
    result.request = number;
    ++opening_;
    lock.unlock();
    std::unique_ptr<OpenWheel> wheel;
    bool left = false;
    try {
      wheel = open(result, left);
    } catch (const Error& error) {
      refuse(result, error);
    }
    lock.lock();
    --opening_;
    if (left) {
      // Stays State::waiting: it is the next group's.
    } else if (wheel && !failed_) {
      open_.push_back(std::move(wheel));
      close_if_done(*open_.back());
    } else {
      progress_.advance(result.identity.bytes);
      done_with(result);
    }
    changed_.notify_all();
  }

  static Fd open_wheel_file(const std::string& path) {
    try {
      return open_user_file(path);
    } catch (const SystemError& error) {
      if (!error.is(ENOENT) && !error.is(ENOTDIR)) throw;
      throw NotFound(absolute_path(path) + ": there is no such wheel file",
                     "name a wheel file that is there, a directory of wheels, or a pattern");
    }
  }

  void identify(OpenWheel& wheel, const WheelRequest& request) {
    ArtifactIdentity& identity = wheel.result->identity;
    if (request.parts != nullptr) {
      identity.digest = assembled_identity(request.pinned.value(), request.listing.value());
      identity.bytes = static_cast<std::uint64_t>(stat_fd(wheel.fd.get(), request.path).st_size);
      wheel.result->assembled = request.pinned;
      return;
    }
    if (request.own_scratch) {
      identity.digest = request.pinned.value();
      identity.bytes = static_cast<std::uint64_t>(stat_fd(wheel.fd.get(), request.path).st_size);
      return;
    }
    identity = identify_artifact(wheel.fd.get(), request.path, store_.index());
    if (request.pinned && *request.pinned != identity.digest) {
      throw InvalidInput(fmt::format("{}: its SHA-256 is {}, but {} was asked for", request.path, identity.digest.hex(),
                                     request.pinned->hex()),
                         "fetch the file again, or correct the hash");
    }
  }

  void check_listing(OpenWheel& wheel, const WheelRequest& request) {
    wheel.result->listing = wheel.source->listing();
    if (!request.listing || request.listing == wheel.result->listing) return;
    if (request.parts != nullptr) {
      throw InvalidInput("its RECORD and central directory are not those that the lock names in tool.cas");
    }
    wheel.result->other_listing = true;
  }

  // What was fetched was fetched because no base store could give it.
  [[nodiscard]] bool is_below(const ExtractedWheel& result, const WheelRequest& request) const {
    if (request.own_scratch || request.parts != nullptr || given_up_.contains(result.identity.digest)) return false;
    return find_package_anywhere(store_, result.identity.digest).has_value();
  }

  // nullptr: there is nothing to read; `left`: because the group is full.
  std::unique_ptr<OpenWheel> open(ExtractedWheel& result, bool& left) {
    const WheelRequest& request = feed_.request(result.request);
    auto wheel = std::make_unique<OpenWheel>();
    wheel->result = &result;
    wheel->fd = open_wheel_file(request.path);
    identify(*wheel, request);
    const auto known = store_.index().read(
        [&](const ReadTxn& txn, const Schema& schema) { return schema.packages.get(txn, result.identity.digest); });
    result.lenient =
        request.pinned && request.parts == nullptr && options_.record == RecordStrictness::pinned_may_differ;
    const std::string name(name_of(request.path));
    // Known, but its manifest is lost: read again, which writes it again.
    bool whole = known && stat_path(store_.layout().manifest(known->manifest)).has_value();
    if (whole && options_.known == KnownWheels::looked_after) {
      whole = !forget_damaged_package(store_, result.identity.digest);
    }
    if (!known && is_below(result, request)) {
      result.state = ExtractedWheel::State::below;
      return nullptr;
    }
    if (whole && stands_for(*known, result, request.path)) {
      result.known = *known;
      result.state = ExtractedWheel::State::known;
      return nullptr;
    }
    // Identifying a wheel reads all of it and runs in parallel; its listing takes little time and the more memory.
    const std::lock_guard one_listing(listing_);
    left = full_;
    if (left) return nullptr;
    wheel->source =
        request.parts != nullptr
            ? open_wheel_parts(wheel->fd.get(), name, *request.parts)
            : open_wheel(wheel->fd.get(), name, result.lenient ? RecordPolicy::artifact_pinned : RecordPolicy::strict);
    check_listing(*wheel, request);
    // What was put together from parts of this wheel is this wheel, too, and shares its objects.
    if (options_.known == KnownWheels::looked_after) {
      (void)forget_damaged_package(store_, assembled_identity(result.identity.digest, wheel->result->listing.value()));
    }
    left = files_ > 0 && files_ + wheel->source->entries().size() > kGroupFiles;
    if (left) {
      full_ = true;
      return nullptr;
    }
    files_ += wheel->source->entries().size();
    bytes_ += result.identity.bytes;
    full_ = files_ >= kGroupFiles || bytes_ >= kGroupBytes;
    result.metadata = wheel->source->metadata();
    result.files.resize(wheel->source->entries().size());
    return wheel;
  }

  void read_chunk(OpenWheel& wheel, std::unique_lock<std::mutex>& lock) {
    const auto entries = wheel.source->entries();
    const std::size_t first = wheel.next;
    std::uint64_t bytes = 0;
    while (wheel.next < entries.size() && wheel.next - first < kChunkEntries && bytes < kChunkBytes) {
      bytes += entries[wheel.next++].size;
    }
    const std::size_t last = wheel.next;
    ++wheel.running;
    lock.unlock();
    std::exception_ptr refusal;
    try {
      read_entries(wheel, first, last);
    } catch (const InvalidInput&) {
      refusal = std::current_exception();
    }
    lock.lock();
    --wheel.running;
    if (failed_) return;
    if (refusal && wheel.result->error.empty()) {
      try {
        std::rethrow_exception(refusal);
      } catch (InvalidInput& error) {
        error.add_context(wheel.result->metadata.file_name);
        refuse(*wheel.result, error);
      }
    }
    const std::uint64_t shown = wheel.result->identity.bytes * last / entries.size();
    if (shown > wheel.shown) {
      progress_.advance(shown - wheel.shown);
      wheel.shown = shown;
    }
    close_if_done(wheel);
  }

  void read_entries(OpenWheel& wheel, std::size_t first, std::size_t last) {
    const auto entries = wheel.source->entries();
    // One look-up for the whole chunk: which of its members the store has, by what the listing promises. The content is
    // not read again if size and CRC-32 are those of the object, so that a warm store judges a wheel as a cold one.
    std::vector<bool> known(last - first);
    store_.index().read([&](const ReadTxn& txn, const Schema& schema) {
      for (std::size_t i = first; i < last; ++i) {
        if (!entries[i].expected || entries[i].size == 0) continue;
        const auto row = schema.objects.get(txn, {*entries[i].expected, entries[i].executable});
        known[i - first] = row && row->size == entries[i].size && row->crc32 == entries[i].crc32;
      }
    });
    for (std::size_t i = first; i < last; ++i) {
      check_interrupt();
      wheel.result->files[i] = read_entry(*wheel.source, i, known[i - first]);
    }
  }

  PackageFile read_entry(const Source& source, std::size_t index, bool known) {
    const SourceEntry& entry = source.entries()[index];
    PackageFile file;
    file.scheme = entry.scheme;
    file.kind = entry.kind;
    file.path = entry.path;
    file.size = entry.size;
    file.object.executable = entry.executable;
    if (!known && entry.expected && entry.size > 0) {
      const auto pending = batch_.find({*entry.expected, entry.executable});
      known = pending && pending->size == entry.size && pending->crc32 == entry.crc32;
    }
    // Content that is known without a look into the store: nothing.
    if (entry.absent && entry.size == 0) known = entry.crc32 == 0 && entry.expected == empty_digest();
    if (known) {
      file.object.digest = *entry.expected;
    } else {
      const auto produce = [&](const ObjectBatch::Sink& sink) { return source.read(index, sink); };
      file.object = batch_.put(produce, entry.executable, entry.crc32, entry.expected);
    }
    return file;
  }

  // Releases buffers and descriptor as soon as the last member was read.
  void close_if_done(OpenWheel& wheel) {
    const bool more = wheel.next < wheel.source->entries().size() && wheel.result->error.empty();
    if (more || wheel.running > 0) return;
    if (wheel.result->error.empty()) wheel.result->state = ExtractedWheel::State::extracted;
    wheel.result->warnings = wheel.source->warnings();
    progress_.advance(wheel.result->identity.bytes - wheel.shown);
    done_with(*wheel.result);
    std::erase_if(open_, [&](const auto& other) { return other.get() == &wheel; });
  }

  // Before anything is synchronised: what was never written out need not be.
  void done_with(const ExtractedWheel& wheel) {
    const WheelRequest& request = feed_.request(wheel.request);
    if (request.own_scratch) remove_file_quietly_at(kCurrentDirectory, request.path);
  }

  static void refuse(ExtractedWheel& wheel, const Error& error) {
    wheel.state = ExtractedWheel::State::refused;
    wheel.error = error.message();
    wheel.error_hint = error.hint();
  }

  const Store& store_;
  const std::unordered_set<Sha256Digest>& given_up_;
  ObjectBatch& batch_;
  WheelFeed& feed_;
  const IngestOptions& options_;
  Progress& progress_;
  std::deque<ExtractedWheel>& wheels_;

  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::unique_ptr<OpenWheel>> open_;
  std::size_t opening_ = 0;
  bool failed_ = false;

  std::mutex listing_;                 // taken without mutex_ held
  std::atomic<std::size_t> files_{0};  // of the wheels opened
  std::uint64_t bytes_ = 0;            // the same; under listing_
  std::atomic<bool> full_{false};
  WheelFeed::Listener listener_;  // the last: it uses what is above
};

}  // namespace

ExtractedWheel as_extracted(Manifest manifest) {
  ExtractedWheel wheel;
  wheel.state = ExtractedWheel::State::extracted;
  wheel.identity.digest = manifest.artifact;
  wheel.identity.bytes = manifest.artifact_bytes;
  wheel.record_differs = manifest.record_differs;
  wheel.listing = manifest.listing;
  wheel.assembled = manifest.assembled;
  wheel.metadata = std::move(manifest.metadata);
  wheel.files = std::move(manifest.files);
  return wheel;
}

bool stands_for(const PackageRow& known, const ExtractedWheel& wheel, std::string_view path) {
  return known.file_name == name_of(path) && (wheel.lenient || !known.record_differs);
}

std::deque<ExtractedWheel> extract_wheels(const Store& store, ObjectBatch& batch, WheelFeed& feed,
                                          const IngestOptions& options, unsigned threads,
                                          const std::unordered_set<Sha256Digest>& given_up, Progress& progress) {
  std::deque<ExtractedWheel> wheels;
  Extraction extraction(store, batch, feed, options, progress, given_up, wheels);
  run_workers(threads, [&](unsigned, const std::atomic<bool>& stop) { extraction.work(stop); });
  return wheels;
}

}  // namespace cas
