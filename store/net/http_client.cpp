#include "store/net/http_client.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <list>
#include <map>

#include "store/base/error.hpp"
#include "store/base/progress.hpp"
#include "store/net/http_transfer.hpp"

namespace cas {
namespace {

using Clock = std::chrono::steady_clock;

// How long an interrupt may go unnoticed.
constexpr std::chrono::milliseconds kLongestWait{200};

struct CurlMultiDeleter {
  void operator()(CURLM* handle) const { curl_api().multi_cleanup(handle); }
};

void check(CURLMcode code) {
  if (code != CURLM_OK) throw Error(std::string("working with libcurl: ") + curl_api().multi_strerror(code));
}

std::string status_hint(int status) {
  switch (status) {
    case 401:
    case 403:
      return "give user name and password in the URL (https://USER:PASSWORD@HOST/...) or in ~/.netrc, and check that "
             "they may read it";
    case 404:
    case 410:
      return "check the URL";
    case 407:
      return "give user name and password of the proxy in https_proxy";
    default:
      return {};
  }
}

}  // namespace

void HttpResponse::require_ok() const {
  if (failure) std::rethrow_exception(failure);
  if (ok()) return;
  throw Error(fmt::format("fetching {}: the server answers {} {}", redacted_url(url), status, reason),
              status_hint(status));
}

class HttpClient::Engine {
 public:
  explicit Engine(HttpOptions given) : options(std::move(given)), credentials(options.netrc) {}

  ~Engine() {
    // The multi handle lets go of each before both are freed.
    for (const auto& transfer : running_) curl_api().multi_remove_handle(multi_.get(), transfer->handle());
  }

  std::uint64_t start(HttpRequest request) {
    Url url = parse_url(request.url);
    credentials.remember(url);
    request.url = url.text();  // the rest of the program sees no credentials
    queue_.push_back(
        std::make_unique<HttpTransfer>(++last_id_, std::move(request), std::move(url), options, credentials));
    return last_id_;
  }

  void cancel(std::uint64_t id) {
    const auto is_it = [id](const Transfer& transfer) { return transfer->id() == id; };
    const auto running = std::find_if(running_.begin(), running_.end(), is_it);
    if (running != running_.end()) {
      check(curl_api().multi_remove_handle(multi_.get(), (*running)->handle()));
      --with_host_[(*running)->url().host];
      running_.erase(running);
    }
    queue_.remove_if(is_it);
    unreported_.remove_if(is_it);
  }

  std::size_t run(std::chrono::milliseconds at_most) {
    const auto deadline = Clock::now() + at_most;
    while (pending() > 0) {
      check_interrupt();
      std::list<Transfer> done = start_ready();
      if (!running_.empty()) {
        int still_running = 0;
        check(curl_api().multi_perform(multi_.get(), &still_running));
        collect(done);
      }
      if (!done.empty() || !unreported_.empty()) return report(done);
      const auto now = Clock::now();
      if (now >= deadline) return 0;
      wait(now, deadline);
    }
    return 0;
  }

  [[nodiscard]] std::size_t pending() const { return queue_.size() + running_.size() + unreported_.size(); }

  HttpOptions options;
  CredentialBook credentials;
  std::function<void(const HttpProgress&)> progress;

 private:
  using Transfer = std::unique_ptr<HttpTransfer>;

  void make_multi() {
    if (multi_) return;
    multi_.reset(curl_api().multi_init());
    if (!multi_) throw Error("starting libcurl: no memory");
    check(curl_api().multi_setopt(multi_.get(), CURLMOPT_PIPELINING, static_cast<long>(CURLPIPE_MULTIPLEX)));
    check(curl_api().multi_setopt(multi_.get(), CURLMOPT_MAX_TOTAL_CONNECTIONS,
                                  static_cast<long>(options.max_transfers)));
    check(
        curl_api().multi_setopt(multi_.get(), CURLMOPT_MAX_HOST_CONNECTIONS, static_cast<long>(options.max_per_host)));
  }

  // Begins what is due and within the limits. Returns what must not be begun at all.
  std::list<Transfer> start_ready() {
    std::list<Transfer> refused;
    const auto now = Clock::now();
    for (auto next = queue_.begin(); next != queue_.end();) {
      const auto transfer = next++;
      if ((*transfer)->ready_at() > now || !has_place(**transfer)) continue;
      make_multi();
      if (!(*transfer)->prepare(progress)) {
        refused.splice(refused.end(), queue_, transfer);
        continue;
      }
      check(curl_api().multi_add_handle(multi_.get(), (*transfer)->handle()));
      ++with_host_[(*transfer)->url().host];
      running_.splice(running_.end(), queue_, transfer);
    }
    return refused;
  }

  void collect(std::list<Transfer>& done) {
    int left = 0;
    while (const CURLMsg* const message = curl_api().multi_info_read(multi_.get(), &left)) {
      if (message->msg != CURLMSG_DONE) continue;
      // The message is void once its handle is removed.
      CURL* const handle = message->easy_handle;
      const CURLcode code = message->data.result;
      check(curl_api().multi_remove_handle(multi_.get(), handle));
      const auto found =
          std::find_if(running_.begin(), running_.end(), [&](const Transfer& one) { return one->handle() == handle; });
      --with_host_[(*found)->url().host];
      const bool again = (*found)->finish(code) == HttpTransfer::Next::again;
      (again ? queue_ : done).splice(again ? queue_.begin() : done.end(), running_, found);
    }
  }

  // One after the other, so that those behind one whose function throws are reported by the next call.
  std::size_t report(std::list<Transfer>& done) {
    unreported_.splice(unreported_.end(), done);
    std::size_t count = 0;
    while (!unreported_.empty()) {
      const Transfer transfer = std::move(unreported_.front());
      unreported_.pop_front();
      ++count;
      if (transfer->request().on_done) transfer->request().on_done(transfer->response());
    }
    return count;
  }

  // Until something arrives, a waiting request is due, or `deadline`.
  void wait(Clock::time_point now, Clock::time_point deadline) {
    for (const Transfer& transfer : queue_) {
      if (has_place(*transfer)) deadline = std::min(deadline, transfer->ready_at());
    }
    if (deadline <= now) return;
    const auto most = std::min(std::chrono::ceil<std::chrono::milliseconds>(deadline - now), kLongestWait);
    make_multi();
    check(curl_api().multi_poll(multi_.get(), nullptr, 0, static_cast<int>(most.count()), nullptr));
  }

  [[nodiscard]] bool has_place(const HttpTransfer& transfer) {
    return running_.size() < options.max_transfers && with_host_[transfer.url().host] < options.max_per_host;
  }

  std::unique_ptr<CURLM, CurlMultiDeleter> multi_;
  std::uint64_t last_id_ = 0;
  std::list<Transfer> queue_;
  std::list<Transfer> running_;
  std::list<Transfer> unreported_;
  std::map<std::string, std::size_t> with_host_;
};

HttpClient::HttpClient(HttpOptions options) : engine_(std::make_unique<Engine>(std::move(options))) {}
HttpClient::~HttpClient() = default;

const HttpOptions& HttpClient::options() const { return engine_->options; }
CredentialBook& HttpClient::credentials() { return engine_->credentials; }
std::uint64_t HttpClient::start(HttpRequest request) { return engine_->start(std::move(request)); }
void HttpClient::cancel(std::uint64_t id) { engine_->cancel(id); }
std::size_t HttpClient::run(std::chrono::milliseconds at_most) { return engine_->run(at_most); }

void HttpClient::run_all() {
  while (pending() > 0) run(std::chrono::hours{1});
}

std::size_t HttpClient::pending() const { return engine_->pending(); }

void HttpClient::on_progress(std::function<void(const HttpProgress&)> hook) { engine_->progress = std::move(hook); }

}  // namespace cas
