// A file at a URL of which only parts are fetched.
#pragma once

#include <cstdint>
#include <exception>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "store/base/byte_ranges.hpp"
#include "store/base/progress.hpp"
#include "store/net/http_client.hpp"
#include "store/sys/fd.hpp"

namespace cas {

// A local file of the same size, with holes where nothing was fetched. The server must prove what it gives by Content-Range, and, where it
// tells an ETag or Last-Modified, that all parts are of one file; that the bytes are the right ones is for the caller to verify.
class PartsDownload {
 public:
  // nullptr: all that was asked for is there. Else what went wrong (an Error): the server gives no parts, the file was changed meanwhile,
  // or what the client reports. Nothing more may be asked for then.
  using Done = std::function<void(std::exception_ptr problem)>;

  // Writes to `path`, which must not exist. `size`: where it is known already. `progress`, which outlives this, hears of the bytes.
  PartsDownload(HttpClient& client, std::string url, std::string path, std::optional<std::uint64_t> size,
                PackageProgress& progress);
  // What is on its way is cancelled.
  ~PartsDownload();
  PartsDownload(const PartsDownload&) = delete;
  PartsDownload& operator=(const PartsDownload&) = delete;

  // The last `count` bytes, which are held in memory until they are there; to be called first, once. Calls `done` from the client's run().
  void fetch_end(std::uint64_t count, Done done);
  // Each range is one request, several at once; what is there already is not asked for. At least one must be missing.
  // REQUIRES: fetch_end() is done.
  void fetch(const std::vector<ByteRange>& ranges, Done done);

  [[nodiscard]] int fd() const { return file_.get(); }
  [[nodiscard]] const std::string& path() const { return path_; }
  [[nodiscard]] std::uint64_t size() const { return size_.value_or(0); }
  [[nodiscard]] const ByteRanges& parts() const { return parts_; }
  // Bytes of bodies that were handed over, whatever became of them.
  [[nodiscard]] std::uint64_t received() const { return received_; }

 private:
  void request(const HttpRange& range, std::function<void()> on_start, std::function<void(std::string_view)> on_bytes,
               std::function<void(const HttpResponse&)> on_part);
  void take_end(const HttpResponse& response, std::string_view bytes);
  void end(std::exception_ptr problem);

  HttpClient& client_;
  PackageProgress& progress_;
  std::string url_;
  std::string path_;
  Fd file_;
  std::optional<std::uint64_t> size_;
  std::string validator_;
  ByteRanges parts_;
  std::uint64_t received_ = 0;
  std::set<std::uint64_t> running_;
  Done done_;
};

}  // namespace cas
