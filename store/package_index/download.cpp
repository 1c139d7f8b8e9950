#include "store/package_index/download.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <memory>

#include "store/base/error.hpp"
#include "store/base/progress.hpp"
#include "store/base/relpath.hpp"
#include "store/sys/file.hpp"
#include "store/sys/new_file.hpp"

namespace cas {
namespace {

constexpr std::size_t kBlockBytes = 1 << 20;

// A file on its way.
class Incoming {
 public:
  Incoming(const DownloadRequest& request, const DownloadTarget& target, Progress& progress)
      : request_(request), target_(target), file_(target.directory), others_(request.hashes) {
    if (const auto problem = component_problem(request.name)) {
      throw InvalidInput(fmt::format("{}: its name {}", redacted_url(request.url), *problem));
    }
    progress_ = progress.begin(PackageWork::download, request.label.empty() ? request.name : request.label,
                               request.size.value_or(0));
  }

  void restart() {
    progress_->restart();
    file_.restart();
    hasher_ = Sha256();
    others_ = ContentHashing(request_.hashes);
    size_ = 0;
  }

  void write(std::string_view bytes) {
    file_.write(bytes);
    hasher_.update(bytes);
    others_.update(bytes);
    size_ += bytes.size();
    progress_->received(bytes.size());
  }

  DownloadedFile publish() {
    DownloadedFile done{target_.directory + "/" + request_.name, hasher_.finish(), size_};
    if (request_.size && *request_.size != size_)
      refuse(fmt::format("has {} bytes, not the {} it must have", size_, *request_.size));
    if (request_.sha256 && *request_.sha256 != done.sha256) {
      refuse(fmt::format("has SHA-256 {}, not the {} it must have", done.sha256.hex(), request_.sha256->hex()));
    }
    if (const auto problem = others_.mismatch()) refuse(*problem);
    file_.publish(request_.name, target_.durability);
    progress_->done();
    return done;
  }

 private:
  [[noreturn]] void refuse(const std::string& problem) const {
    throw InvalidInput(redacted_url(request_.url) + ": " + problem,
                       "the file, or what the index says about it, was changed; nothing of it was kept");
  }

  DownloadRequest request_;
  DownloadTarget target_;
  NewFile file_;
  Sha256 hasher_;
  ContentHashing others_;
  std::uint64_t size_ = 0;
  std::unique_ptr<PackageProgress> progress_;
};

// Never more than this is taken; where the size is known, one byte more shows that it is wrong.
std::uint64_t limit_of(const DownloadRequest& request) {
  return request.size ? std::min(*request.size, request.max_bytes) : request.max_bytes;
}

void copy_local(const std::string& path, const DownloadRequest& request, Incoming& incoming) {
  const Fd from = open_user_file(path);
  std::string block(kBlockBytes, '\0');
  for (std::uint64_t at = 0;;) {
    check_interrupt();
    const std::size_t count = pread_full(from.get(), block.data(), block.size(), at, path);
    if (count == 0) return;
    at += count;
    if (at > limit_of(request))
      throw InvalidInput(fmt::format("{}: has more than the {} bytes it may have", path, limit_of(request)));
    incoming.write(std::string_view(block).substr(0, count));
  }
}

// Takes requests back when it goes: their functions refer to what goes with it.
class StartedRequests {
 public:
  explicit StartedRequests(HttpClient& client) : client_(client) {}
  ~StartedRequests() {
    for (const std::uint64_t id : ids_) client_.cancel(id);
  }
  StartedRequests(const StartedRequests&) = delete;
  StartedRequests& operator=(const StartedRequests&) = delete;
  void start(HttpRequest request) { ids_.push_back(client_.start(std::move(request))); }

 private:
  HttpClient& client_;
  std::vector<std::uint64_t> ids_;
};

}  // namespace

std::vector<DownloadedFile> download_files(HttpClient& client, const DownloadTarget& target,
                                           const std::vector<DownloadRequest>& requests, Progress& progress,
                                           const std::function<void(std::size_t, const DownloadedFile&)>& on_file) {
  std::vector<DownloadedFile> files(requests.size());
  std::size_t left = requests.size();
  const auto finish = [&](std::size_t i, Incoming& incoming) {
    files[i] = incoming.publish();
    --left;
    if (on_file) on_file(i, files[i]);
  };
  StartedRequests started(client);
  for (std::size_t i = 0; i < requests.size(); ++i) {
    const DownloadRequest& request = requests[i];
    const Url url = parse_url(request.url);
    if (url.is_file()) {
      Incoming incoming(request, target, progress);
      copy_local(file_path(url), request, incoming);
      finish(i, incoming);
      continue;
    }
    // Made when the body begins: thousands of requests that wait need no open file.
    const auto incoming = std::make_shared<std::unique_ptr<Incoming>>();
    HttpRequest fetch;
    fetch.url = request.url;
    fetch.max_body_bytes = limit_of(request);
    fetch.expected_bytes = request.size;
    fetch.on_start = [incoming, &request, &target, &progress] {
      if (*incoming) {
        (*incoming)->restart();
      } else {
        *incoming = std::make_unique<Incoming>(request, target, progress);
      }
    };
    fetch.on_bytes = [incoming](std::string_view bytes) { (*incoming)->write(bytes); };
    fetch.on_done = [incoming, i, &finish](const HttpResponse& response) {
      response.require_ok();
      finish(i, **incoming);
      incoming->reset();
    };
    started.start(std::move(fetch));
  }
  while (left > 0) client.run(std::chrono::hours{1});
  return files;
}

}  // namespace cas
