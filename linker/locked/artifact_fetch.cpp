#include "linker/locked/artifact_fetch.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <exception>
#include <map>
#include <mutex>
#include <thread>
#include <utility>

#include "linker/locked/partial_fetch.hpp"
#include "store/artifact_identity.hpp"
#include "store/base/error.hpp"
#include "store/base/relpath.hpp"
#include "store/base/text.hpp"
#include "store/net/url.hpp"
#include "store/package_index/download.hpp"
#include "store/sys/file.hpp"
#include "store/sys/publish.hpp"

namespace cas {
namespace {

// A file that has arrived.
struct Arrived {
  std::size_t wanted = 0;
  std::string path;
  std::optional<PartialWheel> partial{};
};

// From the thread that fetches to the one that ingests.
class Arrivals {
 public:
  void add(Arrived file) {
    const std::scoped_lock lock(mutex_);
    files_.push_back(std::move(file));
    changed_.notify_one();
  }

  void finish(std::exception_ptr failure) {
    const std::scoped_lock lock(mutex_);
    failure_ = std::move(failure);
    finished_ = true;
    changed_.notify_one();
  }

  // Waits for some. Empty: there will be no more. Throws what ended the fetching once everything before it was taken.
  std::vector<Arrived> take() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return finished_ || !files_.empty(); });
    if (files_.empty() && failure_) std::rethrow_exception(failure_);
    return std::exchange(files_, {});
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<Arrived> files_;
  std::exception_ptr failure_;
  bool finished_ = false;
};

// Fetches on a thread of its own, which is stopped and waited for at the end.
class Fetching {
 public:
  // Of `all`, those that `numbers` names.
  Fetching(const Store& store, PackageNetwork& network, std::string directory, std::span<const WantedArtifact> all,
           std::vector<std::size_t> numbers, PartialDownloads how, Progress& progress, Arrivals& arrivals)
      : client_(network.client()),
        directory_(std::move(directory)),
        all_(all),
        progress_(progress),
        arrivals_(arrivals) {
    client_.on_progress([this, &progress](const HttpProgress& now) {
      if (stopped_) throw Interrupted();
      std::uint64_t& before = received_[now.id];
      if (now.received > before) progress.advance(now.received - before);
      before = std::max(before, now.received);
    });
    thread_ = std::thread([this, &store, numbers = std::move(numbers), how] {
      try {
        fetch(store, numbers, how);
        arrivals_.finish(nullptr);
      } catch (...) {
        arrivals_.finish(std::current_exception());
      }
    });
  }

  ~Fetching() {
    stopped_ = true;
    thread_.join();
    client_.on_progress({});
  }

  Fetching(const Fetching&) = delete;
  Fetching& operator=(const Fetching&) = delete;

 private:
  // Parts and whole files at the same time; then as a whole what could not be had in parts.
  void fetch(const Store& store, const std::vector<std::size_t>& numbers, PartialDownloads how) {
    std::vector<std::size_t> whole, declined;
    PartialFetch partial(
        store, client_, directory_, how,
        [&](std::size_t number, const PartialWheel& wheel) {
          progress_.advance(wheel.size - std::min(wheel.size, wheel.fetched));
          arrivals_.add({number, wheel.path, wheel});
        },
        [&](std::size_t number) { declined.push_back(number); });
    for (const std::size_t number : numbers) {
      if (partial.suits(all_[number])) {
        partial.add(number, all_[number]);
      } else {
        whole.push_back(number);
      }
    }
    fetch_whole(whole);
    while (partial.pending() > 0) client_.run(std::chrono::hours{1});
    fetch_whole(declined);
  }

  void fetch_whole(const std::vector<std::size_t>& numbers) {
    std::vector<DownloadRequest> requests;
    for (const std::size_t number : numbers) {
      const WantedArtifact& wanted = all_[number];
      requests.push_back({wanted.url, wanted.name, wanted.sha256, wanted.size});
    }
    download_files(client_, {directory_}, requests, [&](std::size_t i, const DownloadedFile& file) {
      if (stopped_) throw Interrupted();
      arrivals_.add({numbers[i], file.path});
    });
  }

  HttpClient& client_;
  std::string directory_;
  std::span<const WantedArtifact> all_;
  Progress& progress_;
  Arrivals& arrivals_;
  std::map<std::uint64_t, std::uint64_t> received_;
  std::atomic<bool> stopped_ = false;
  std::thread thread_;
};

// The line tells how far the downloads are: what is ingested beside them does not take it over.
class OnlyWarnings final : public Progress {
 public:
  explicit OnlyWarnings(Progress& progress) : progress_(progress) {}
  void phase(std::string_view, std::uint64_t) override {}
  void advance(std::uint64_t) override {}
  void warning(std::string_view message) override { progress_.warning(message); }

 private:
  Progress& progress_;
};

void require_ingested(const IngestResult& result) {
  if (!result.error.empty()) throw InvalidInput(result.error, result.error_hint);
}

// Ingests what has arrived. Returns what was put together from parts and refused.
std::vector<std::size_t> ingest(const Store& store, std::span<const WantedArtifact> wanted,
                                const std::vector<Arrived>& files, const IngestOptions& options, Progress& progress,
                                std::vector<IngestResult>& results) {
  std::vector<WheelRequest> wheels;
  for (const Arrived& file : files) {
    const WantedArtifact& artifact = wanted[file.wanted];
    wheels.push_back({file.path, artifact.vouched ? std::optional(artifact.sha256) : std::nullopt, artifact.listing,
                      file.partial ? &file.partial->parts : nullptr});
  }
  std::vector<std::size_t> refused;
  std::vector<IngestResult> done = ingest_wheels(store, wheels, options, progress);
  for (std::size_t k = 0; k < done.size(); ++k) {
    if (files[k].partial && !done[k].error.empty()) {
      refused.push_back(files[k].wanted);
      continue;
    }
    require_ingested(done[k]);
    if (!wanted[files[k].wanted].vouched && done[k].artifact != wanted[files[k].wanted].sha256)
      throw InvalidInput(printable(files[k].path) + ": was changed while it was read", "run the command again");
    if (files[k].partial) done[k].fetched_bytes = files[k].partial->fetched;
    results[files[k].wanted] = std::move(done[k]);
  }
  return refused;
}

void refuse_offline(std::span<const WantedArtifact> wanted, const std::vector<std::size_t>& missing) {
  std::string text = fmt::format("{} not in the store, and the network may not be asked (--offline):",
                                 missing.size() == 1 ? "one wheel is" : fmt::format("{} wheels are", missing.size()));
  for (const std::size_t i : missing) text += "\n  " + wanted[i].name;
  throw NotFound(text, "run the command once without --offline, or add them with `cas add`");
}

}  // namespace

Sha256Digest assembled_identity(const WantedArtifact& wanted) {
  return assembled_identity(wanted.sha256, wanted.listing.value());
}

std::vector<IngestResult> fetch_artifacts(const Store& store, PackageNetwork& network,
                                          std::span<const WantedArtifact> wanted, const IngestOptions& options,
                                          Progress& progress) {
  std::vector<IngestResult> results(wanted.size());
  std::vector<Arrived> local;
  std::vector<std::size_t> remote;
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    if (wanted[i].path.empty()) {
      remote.push_back(i);
    } else {
      local.push_back({i, wanted[i].path});
    }
  }
  if (!local.empty()) (void)ingest(store, wanted, local, options, progress, results);
  if (remote.empty()) return results;
  if (network.offline()) refuse_offline(wanted, remote);

  const StagingDirectory staging(store.layout().staging());
  std::uint64_t total = 0;
  for (const std::size_t i : remote) total += wanted[i].size.value_or(0);
  progress.phase(fmt::format("downloading {}{}",
                             remote.size() == 1 ? wanted[remote[0]].name : fmt::format("{} wheels", remote.size()),
                             total > 0 ? ", " + format_size(total) : ""),
                 total);
  OnlyWarnings warnings(progress);
  // What is refused although its parts fitted (the collector took what was to be shared) is fetched as a whole the second time.
  for (auto how = network.options().partial_downloads; !remote.empty(); how = PartialDownloads::never) {
    Arrivals arrivals;
    const Fetching fetching(store, network, staging.path(), wanted, std::exchange(remote, {}), how, progress, arrivals);
    for (auto files = arrivals.take(); !files.empty(); files = arrivals.take()) {
      const std::vector<std::size_t> refused = ingest(store, wanted, files, options, warnings, results);
      remote.insert(remote.end(), refused.begin(), refused.end());
      for (const Arrived& file : files) remove_file_at(kCurrentDirectory, file.path);
    }
  }
  return results;
}

}  // namespace cas
