#include "store/package_index/parts_download.hpp"

#include <fmt/format.h>

#include <memory>
#include <utility>

#include "store/base/error.hpp"
#include "store/net/url.hpp"
#include "store/sys/file.hpp"

namespace cas {
namespace {

// As DownloadRequest::max_bytes.
constexpr std::uint64_t kMostBytes = std::uint64_t{8} << 30;

void require_part(const HttpResponse& response) {
  if (response.status == 206) return;
  if (response.failure) std::rethrow_exception(response.failure);
  throw Error(fmt::format("fetching parts of {}: the server answers {} {}", redacted_url(response.url), response.status,
                          response.reason));
}

}  // namespace

PartsDownload::PartsDownload(HttpClient& client, std::string url, std::string path, std::optional<std::uint64_t> size,
                             PackageProgress& progress)
    : client_(client),
      progress_(progress),
      url_(std::move(url)),
      path_(std::move(path)),
      file_(open_or_create(path_, 0600)),
      size_(size) {}

PartsDownload::~PartsDownload() {
  for (const std::uint64_t id : running_) client_.cancel(id);
}

void PartsDownload::fetch_end(std::uint64_t count, Done done) {
  done_ = std::move(done);
  const auto bytes = std::make_shared<std::string>();
  HttpRange range;
  range.count = count;
  range.from_end = true;
  request(
      range, [bytes] { bytes->clear(); }, [bytes](std::string_view piece) { *bytes += piece; },
      [this, bytes](const HttpResponse& response) { take_end(response, *bytes); });
}

void PartsDownload::take_end(const HttpResponse& response, std::string_view bytes) {
  const std::uint64_t total = response.part.value().total.value();
  if (size_.value_or(total) != total || total > kMostBytes) {
    throw InvalidInput(fmt::format("{}: has {} bytes, not the {} it {} have", redacted_url(url_), total,
                                   size_ ? *size_ : kMostBytes, size_ ? "must" : "may"));
  }
  size_ = total;
  validator_ = validator_of(response.headers);
  if (!truncate_fd(file_.get(), total)) throw_errno("extending", path_);
  write_all_at(file_.get(), bytes, response.part->first, path_);
  parts_.add({response.part->first, total});
}

void PartsDownload::fetch(const std::vector<ByteRange>& ranges, Done done) {
  done_ = std::move(done);
  for (const ByteRange& wanted : ranges) {
    for (const ByteRange& part : parts_.missing(wanted)) {
      const auto at = std::make_shared<std::uint64_t>(part.begin);
      request(
          {part.begin, part.size(), false, validator_}, [at, part] { *at = part.begin; },
          [this, at](std::string_view piece) {
            write_all_at(file_.get(), piece, *at, path_);
            *at += piece.size();
          },
          [this, part](const HttpResponse& response) {
            if (response.part.value().total != size_) {
              throw InvalidInput(redacted_url(url_) + ": has another size than before");
            }
            parts_.add(part);
          });
    }
  }
}

void PartsDownload::request(const HttpRange& range, std::function<void()> on_start,
                            std::function<void(std::string_view)> on_bytes,
                            std::function<void(const HttpResponse&)> on_part) {
  HttpRequest fetch;
  fetch.url = url_;
  fetch.range = range;
  fetch.max_body_bytes = range.count;
  fetch.on_start = std::move(on_start);
  fetch.on_bytes = [this, on_bytes = std::move(on_bytes)](std::string_view piece) {
    received_ += piece.size();
    progress_.received(piece.size());
    on_bytes(piece);
  };
  const auto id = std::make_shared<std::uint64_t>(0);
  fetch.on_done = [this, id, on_part = std::move(on_part)](const HttpResponse& response) {
    running_.erase(*id);
    try {
      require_part(response);
      on_part(response);
    } catch (const Error&) {
      return end(std::current_exception());
    }
    if (running_.empty()) end(nullptr);
  };
  *id = client_.start(std::move(fetch));
  running_.insert(*id);
}

void PartsDownload::end(std::exception_ptr problem) {
  for (const std::uint64_t id : std::exchange(running_, {})) client_.cancel(id);
  // Last: it may be the end of this object.
  std::exchange(done_, {})(std::move(problem));
}

}  // namespace cas
