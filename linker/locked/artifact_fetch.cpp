#include "linker/locked/artifact_fetch.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <deque>
#include <exception>
#include <thread>
#include <utility>

#include "linker/build/project_source.hpp"
#include "linker/locked/partial_fetch.hpp"
#include "store/artifact_identity.hpp"
#include "store/base/error.hpp"
#include "store/base/relpath.hpp"
#include "store/net/url.hpp"
#include "store/package_index/download.hpp"
#include "store/source/wheel_name.hpp"
#include "store/sys/file.hpp"
#include "store/sys/publish.hpp"
#include "store/wheel_feed.hpp"

namespace cas {
namespace {

// A file that has arrived.
struct Arrived {
  std::size_t wanted = 0;
  std::string path;
  std::optional<PartialWheel> partial{};
};

// What has arrived, in the order in which the feed numbers it. Filled by the thread that fetches, read when that has ended.
class Arrivals {
 public:
  explicit Arrivals(std::span<const WantedArtifact> wanted) : wanted_(wanted) {}

  void add(Arrived file) {
    const Arrived& kept = files_.emplace_back(std::move(file));
    const WantedArtifact& artifact = wanted_[kept.wanted];
    feed_.add({.path = kept.path,
               .pinned = artifact.vouched ? std::optional(artifact.sha256) : std::nullopt,
               .listing = artifact.listing,
               .parts = kept.partial ? &kept.partial->parts : nullptr,
               .own_scratch = artifact.vouched});
  }

  [[nodiscard]] WheelFeed& feed() { return feed_; }
  [[nodiscard]] const std::deque<Arrived>& files() const { return files_; }

 private:
  std::span<const WantedArtifact> wanted_;
  std::deque<Arrived> files_;  // the feed refers to them
  WheelFeed feed_;
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
    client_.on_progress([this](const HttpProgress&) {
      if (stopped_) throw Interrupted();
    });
    thread_ = std::thread([this, &store, numbers = std::move(numbers), how] {
      try {
        fetch(store, numbers, how);
        arrivals_.feed().finish(nullptr);
      } catch (...) {
        arrivals_.feed().finish(std::current_exception());
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
        store, client_, directory_, how, progress_,
        [&](std::size_t number, const PartialWheel& wheel) {
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
      DownloadRequest& request = requests.emplace_back();
      request.url = wanted.url;
      request.name = wanted.name;
      request.sha256 = wanted.sha256;
      request.hashes = wanted.hashes;
      request.size = wanted.size;
      request.label = package_label(wanted);
    }
    download_files(client_, {directory_}, requests, progress_, [&](std::size_t i, const DownloadedFile& file) {
      if (stopped_) throw Interrupted();
      arrivals_.add({numbers[i], file.path});
    });
  }

  HttpClient& client_;
  std::string directory_;
  std::span<const WantedArtifact> all_;
  Progress& progress_;
  Arrivals& arrivals_;
  std::atomic<bool> stopped_ = false;
  std::thread thread_;
};

// What is shown is how far the downloads are: what is ingested beside them does not take that over.
class OnlyWarnings final : public SilentProgress {
 public:
  explicit OnlyWarnings(Progress& progress) : progress_(progress) {}
  void warning(std::string_view message) override { progress_.warning(message); }

 private:
  Progress& progress_;
};

void require_ingested(const IngestResult& result) {
  if (!result.error.empty()) throw InvalidInput(result.error, result.error_hint);
}

// Nobody vouches for its digest, so that it was not asked for: but it is what was chosen.
void refuse_changed(const WantedArtifact& wanted, const IngestResult& result) {
  if (wanted.vouched || result.artifact == wanted.sha256) return;
  throw InvalidInput(printable(result.path) + ": was changed while it was read", "run the command again");
}

// Returns what was put together from parts and refused.
std::vector<std::size_t> sort_out(std::span<const WantedArtifact> wanted, const std::deque<Arrived>& files,
                                  std::vector<IngestResult> done, std::vector<IngestResult>& results) {
  std::vector<std::size_t> refused;
  for (std::size_t k = 0; k < done.size(); ++k) {
    if (files[k].partial && !done[k].error.empty()) {
      refused.push_back(files[k].wanted);
      continue;
    }
    require_ingested(done[k]);
    refuse_changed(wanted[files[k].wanted], done[k]);
    if (files[k].partial) done[k].fetched_bytes = files[k].partial->fetched;
    results[files[k].wanted] = std::move(done[k]);
  }
  return refused;
}

void ingest_local(const Store& store, std::span<const WantedArtifact> wanted, const std::vector<std::size_t>& local,
                  const IngestOptions& options, Progress& progress, std::vector<IngestResult>& results) {
  std::vector<WheelRequest> wheels;
  for (const std::size_t i : local) refuse_other_content(wanted[i].path, wanted[i].hashes);
  for (const std::size_t i : local)
    wheels.push_back(
        {wanted[i].path, wanted[i].vouched ? std::optional(wanted[i].sha256) : std::nullopt, wanted[i].listing});
  std::vector<IngestResult> done = ingest_wheels(store, wheels, options, progress);
  for (std::size_t k = 0; k < done.size(); ++k) {
    require_ingested(done[k]);
    refuse_changed(wanted[local[k]], done[k]);
    results[local[k]] = std::move(done[k]);
  }
}

void refuse_offline(std::span<const WantedArtifact> wanted, const std::vector<std::size_t>& missing) {
  std::string text = fmt::format("{} not in the store, and the network may not be asked (--offline):",
                                 missing.size() == 1 ? "one wheel is" : fmt::format("{} wheels are", missing.size()));
  for (const std::size_t i : missing) text += "\n  " + wanted[i].name;
  throw NotFound(text, "run the command once without --offline, or add them with `cas add`");
}

}  // namespace

std::string package_label(const WantedArtifact& wanted) {
  const std::size_t first = wanted.name.find('-');
  const std::size_t second = first == std::string::npos ? first : wanted.name.find('-', first + 1);
  if (second == std::string::npos) return wanted.name;
  return normalize_name(wanted.name.substr(0, first)) + " " + wanted.name.substr(first + 1, second - first - 1);
}

Sha256Digest assembled_identity(const WantedArtifact& wanted) {
  return assembled_identity(wanted.sha256, wanted.listing.value());
}

std::vector<IngestResult> fetch_artifacts(const Store& store, PackageNetwork& network,
                                          std::span<const WantedArtifact> wanted, const IngestOptions& options,
                                          Progress& progress) {
  std::vector<IngestResult> results(wanted.size());
  std::vector<std::size_t> local, remote;
  for (std::size_t i = 0; i < wanted.size(); ++i) (wanted[i].path.empty() ? remote : local).push_back(i);
  if (!local.empty()) ingest_local(store, wanted, local, options, progress, results);
  if (remote.empty()) return results;
  if (network.offline()) refuse_offline(wanted, remote);

  const StagingDirectory staging(store.layout().staging());
  OnlyWarnings warnings(progress);
  // What is refused although its parts fitted (the collector took what was to be shared) is fetched as a whole the second time.
  for (auto how = network.options().partial_downloads; !remote.empty(); how = PartialDownloads::never) {
    std::uint64_t total = 0;
    for (const std::size_t i : remote) total += wanted[i].size.value_or(0);
    progress.downloads(remote.size(), total);
    Arrivals arrivals(wanted);
    const Fetching fetching(store, network, staging.path(), wanted, std::exchange(remote, {}), how, progress, arrivals);
    remote = sort_out(wanted, arrivals.files(), ingest_wheels(store, arrivals.feed(), options, warnings), results);
  }
  std::erase_if(results, [](const IngestResult& result) { return result.collected; });
  return results;
}

}  // namespace cas
