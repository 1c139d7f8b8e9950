#include "linker/locked/artifact_fetch.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <exception>
#include <map>
#include <mutex>
#include <thread>

#include "store/base/error.hpp"
#include "store/base/text.hpp"
#include "store/net/url.hpp"
#include "store/package_index/download.hpp"
#include "store/sys/file.hpp"
#include "store/sys/publish.hpp"

namespace cas {
namespace {

// Files that have arrived, from the thread that fetches to the one that ingests.
class Arrivals {
 public:
  void add(std::size_t wanted, std::string path) {
    const std::scoped_lock lock(mutex_);
    files_.emplace_back(wanted, std::move(path));
    changed_.notify_one();
  }

  void finish(std::exception_ptr failure) {
    const std::scoped_lock lock(mutex_);
    failure_ = std::move(failure);
    finished_ = true;
    changed_.notify_one();
  }

  // Waits for some. Empty: there will be no more. Throws what ended the fetching once everything before it was taken.
  std::vector<std::pair<std::size_t, std::string>> take() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return finished_ || !files_.empty(); });
    if (files_.empty() && failure_) std::rethrow_exception(failure_);
    return std::exchange(files_, {});
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::pair<std::size_t, std::string>> files_;
  std::exception_ptr failure_;
  bool finished_ = false;
};

// Fetches on a thread of its own, which is stopped and waited for at the end.
class Fetching {
 public:
  Fetching(HttpClient& client, std::string directory, std::vector<DownloadRequest> requests,
           std::vector<std::size_t> wanted, Progress& progress, Arrivals& arrivals)
      : client_(client) {
    client_.on_progress([this, &progress](const HttpProgress& now) {
      if (stopped_) throw Interrupted();
      std::uint64_t& before = received_[now.id];
      if (now.received > before) progress.advance(now.received - before);
      before = std::max(before, now.received);
    });
    thread_ = std::thread([this, directory = std::move(directory), requests = std::move(requests),
                           wanted = std::move(wanted), &arrivals] {
      try {
        download_files(client_, {directory}, requests, [&](std::size_t i, const DownloadedFile& file) {
          if (stopped_) throw Interrupted();
          arrivals.add(wanted[i], file.path);
        });
        arrivals.finish(nullptr);
      } catch (...) {
        arrivals.finish(std::current_exception());
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
  HttpClient& client_;
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

IngestResult ingested(const IngestResult& result) {
  if (!result.error.empty()) throw InvalidInput(result.error, result.error_hint);
  return result;
}

void refuse_offline(std::span<const WantedArtifact> wanted, const std::vector<std::size_t>& missing) {
  std::string text = fmt::format("{} not in the store, and the network may not be asked (--offline):",
                                 missing.size() == 1 ? "one wheel is" : fmt::format("{} wheels are", missing.size()));
  for (const std::size_t i : missing) text += "\n  " + wanted[i].name;
  throw NotFound(text, "run the command once without --offline, or add them with `cas add`");
}

}  // namespace

std::vector<IngestResult> fetch_artifacts(const Store& store, PackageNetwork& network,
                                          std::span<const WantedArtifact> wanted, const IngestOptions& options,
                                          Progress& progress) {
  std::vector<IngestResult> results(wanted.size());
  const auto ingest = [&](const std::vector<std::pair<std::size_t, std::string>>& files, Progress& shown) {
    std::vector<WheelRequest> wheels;
    for (const auto& [i, path] : files) wheels.push_back({path, wanted[i].sha256});
    const std::vector<IngestResult> done = ingest_wheels(store, wheels, options, shown);
    for (std::size_t k = 0; k < done.size(); ++k) results[files[k].first] = ingested(done[k]);
  };

  std::vector<std::pair<std::size_t, std::string>> local;
  std::vector<std::size_t> remote;
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    if (wanted[i].path.empty()) {
      remote.push_back(i);
    } else {
      local.emplace_back(i, wanted[i].path);
    }
  }
  if (!local.empty()) ingest(local, progress);
  if (remote.empty()) return results;
  if (network.offline()) refuse_offline(wanted, remote);

  const StagingDirectory staging(store.layout().staging());
  std::vector<DownloadRequest> requests;
  std::uint64_t total = 0;
  for (const std::size_t i : remote) {
    requests.push_back({wanted[i].url, wanted[i].name, wanted[i].sha256, wanted[i].size});
    total += wanted[i].size.value_or(0);
  }
  progress.phase(fmt::format("downloading {}{}",
                             requests.size() == 1 ? wanted[remote[0]].name : fmt::format("{} wheels", requests.size()),
                             total > 0 ? ", " + format_size(total) : ""),
                 total);
  OnlyWarnings warnings(progress);
  Arrivals arrivals;
  const Fetching fetching(network.client(), staging.path(), std::move(requests), remote, progress, arrivals);
  while (true) {
    const auto files = arrivals.take();
    if (files.empty()) return results;
    ingest(files, warnings);
    for (const auto& file : files) remove_file_at(kCurrentDirectory, file.second);
  }
}

}  // namespace cas
