// One request on its way: what is asked of libcurl, what comes back, and what follows from it. For http_client.cpp only.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "store/net/curl_api.hpp"
#include "store/net/http_client.hpp"

namespace cas {

struct CurlEasyDeleter {
  void operator()(CURL* handle) const { curl_api().easy_cleanup(handle); }
};
struct CurlListDeleter {
  void operator()(curl_slist* list) const { curl_api().slist_free_all(list); }
};

class HttpTransfer {
 public:
  enum class Next { done, again };

  // `options` and `credentials` outlive it. `url` is that of `request`.
  HttpTransfer(std::uint64_t id, HttpRequest request, Url url, const HttpOptions& options,
               const CredentialBook& credentials);

  [[nodiscard]] std::uint64_t id() const { return id_; }
  [[nodiscard]] const Url& url() const { return url_; }
  // Not to be started before.
  [[nodiscard]] std::chrono::steady_clock::time_point ready_at() const { return ready_at_; }
  // The handle, once prepare() was called.
  [[nodiscard]] CURL* handle() const { return handle_.get(); }

  // Sets the handle up for the next exchange. false: it must not be made; the response says why.
  bool prepare(const std::function<void(const HttpProgress&)>& progress);
  // The exchange has ended with `code`. again: there is to be another one, from ready_at() on.
  [[nodiscard]] Next finish(CURLcode code);
  [[nodiscard]] const HttpResponse& response() const { return response_; }
  [[nodiscard]] const HttpRequest& request() const { return request_; }

 private:
  // What becomes of the body that is arriving.
  enum class Body { undecided, delivered, dropped };

  template <class Value>
  void set(CURLoption option, Value value);
  void set_credentials();
  void set_trust();
  void set_headers();
  void begin_exchange();

  void take_header(std::string_view line);
  // false: the exchange is to be broken off.
  bool take_body(std::string_view bytes);
  bool decide_body();
  bool accept_range();
  bool accept_part();
  bool refuse_part(const std::string& problem);
  [[nodiscard]] std::string range_header() const;
  void restart_body();
  [[nodiscard]] std::optional<std::uint64_t> expected_total() const;

  Next redirect();
  Next answered();
  Next broken(CURLcode code);
  Next retry(const std::string& problem, const std::string& hint);
  Next fail(std::exception_ptr failure);
  Next fail(const std::string& problem, const std::string& hint = {});
  [[nodiscard]] bool can_resume() const;
  [[nodiscard]] std::string shown() const { return redacted_url(url_.text()); }

  static std::size_t header_callback(char* data, std::size_t size, std::size_t count, void* self) noexcept;
  static std::size_t body_callback(char* data, std::size_t size, std::size_t count, void* self) noexcept;

  const std::uint64_t id_;
  HttpRequest request_;
  const Url first_url_;
  const HttpOptions& options_;
  const CredentialBook& credentials_;
  std::function<void(const HttpProgress&)> progress_;

  Url url_;
  int redirects_ = 0;
  int tries_ = 0;
  std::chrono::steady_clock::time_point ready_at_{};
  HttpResponse response_;

  std::unique_ptr<CURL, CurlEasyDeleter> handle_;
  std::unique_ptr<curl_slist, CurlListDeleter> headers_;
  char error_[CURL_ERROR_SIZE] = {};

  // The exchange under way.
  Body body_ = Body::undecided;
  std::size_t header_bytes_ = 0;
  std::uint64_t dropped_bytes_ = 0;
  bool asked_for_range_ = false;
  std::string fault_;  // why it was broken off: what the server sends is not acceptable
  std::exception_ptr sink_failure_;

  // The body so far, over all exchanges.
  bool started_ = false;
  std::uint64_t received_ = 0;
  std::uint64_t received_at_last_try_ = 0;
  std::string validator_;               // for If-Range; "": cannot be resumed
  std::optional<std::uint64_t> total_;  // as the answer that began the body says
  std::optional<ContentRange> part_;    // the same, of a part
};

}  // namespace cas
