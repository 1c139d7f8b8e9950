// Many HTTP GETs at once, on the caller's thread.
//
// Bodies are handed over as they arrive. A body that is cut goes on where it ended (Range, If-Range) when the server proves that it is
// still the same, and begins anew otherwise; failures that may go away are tried again. Redirects are followed here and not
// in libcurl, so that one place decides what is sent to whom: credentials go to the origin they were given for, and from https one
// never gets to http unless the host may be reached so. No size that a server tells is believed.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "store/net/credentials.hpp"
#include "store/net/http_headers.hpp"
#include "store/net/http_options.hpp"

namespace cas {

struct HttpResponse {
  int status = 0;      // 0: there is no answer, and `failure` says why
  std::string reason;  // what the server says beside the status, printable
  std::string url;     // where the answer came from, without credentials
  HttpHeaders headers;
  std::uint64_t body_bytes = 0;
  std::optional<ContentRange> part;  // of status 206; with a total
  std::exception_ptr failure;        // an Error, or what a function of the request threw

  [[nodiscard]] bool ok() const { return status == 200; }
  // Throws `failure`, or for every status but 200 an Error saying what was asked for and what to do.
  void require_ok() const;
};

enum class ContentCoding {
  identity,  // the bytes as they are; only such bodies can be resumed
  any        // compressed on the way where the server can; limits count the bytes that come out
};

// One part of what lies at a URL.
struct HttpRange {
  std::uint64_t first = 0;
  std::uint64_t count = 0;  // at least 1
  bool from_end = false;    // the last `count` bytes, or all where there are fewer; `first` has no meaning
  std::string validator;    // of the answers before (validator_of()): it must still be the same file; "" none
};

struct HttpRequest {
  std::string url;  // may hold "user:password@", which is kept for all requests of this client to the same origin
  std::vector<std::string> headers;  // "Name: value"; sent to whatever a redirect leads to, so no secrets
  ContentCoding coding = ContentCoding::identity;
  std::uint64_t max_body_bytes = 0;  // of a body with status 200; more is an error
  // Only this, with ContentCoding::identity: exactly these bytes are handed over, and the status is 206; or none, with status 200 where
  // the server gives no parts or the file is another by now, or 416. A part that was not asked for is an error (InvalidInput).
  std::optional<HttpRange> range;
  std::optional<std::uint64_t> expected_bytes;  // a body that ends earlier was cut

  // A body begins. Called again when it has to begin anew: everything before is void.
  std::function<void()> on_start;
  std::function<void(std::string_view bytes)> on_bytes;
  // Called once, last. May start further requests. Bodies of other answers than 200 are not handed over.
  std::function<void(const HttpResponse&)> on_done;
};

struct HttpProgress {
  std::uint64_t id = 0;
  std::uint64_t received = 0;
  std::optional<std::uint64_t> expected;  // as the server or the request says
};

// Used by one thread. libcurl is loaded by the first run().
class HttpClient {
 public:
  explicit HttpClient(HttpOptions options = {});
  ~HttpClient();
  HttpClient(const HttpClient&) = delete;
  HttpClient& operator=(const HttpClient&) = delete;

  [[nodiscard]] const HttpOptions& options() const;
  [[nodiscard]] CredentialBook& credentials();

  // Queues a request; returns its number. Throws InvalidInput where the URL is none.
  std::uint64_t start(HttpRequest request);
  // Forgets a request; its functions are not called any more. Not to be called from on_start and on_bytes.
  void cancel(std::uint64_t id);
  // Works until at least one request is done, none is left, or `at_most` is over. Returns how many are done. What a request's on_done
  // throws comes out here; what on_start and on_bytes throw ends their request. Throws Interrupted.
  std::size_t run(std::chrono::milliseconds at_most);
  void run_all();
  // Queued and running ones.
  [[nodiscard]] std::size_t pending() const;
  // Called as bytes arrive, often: it should do little.
  void on_progress(std::function<void(const HttpProgress&)> hook);

 private:
  class Engine;
  std::unique_ptr<Engine> engine_;
};

}  // namespace cas
