#include "store/net/http_transfer.hpp"

#include <fmt/format.h>

#include <charconv>
#include <random>
#include <utility>

#include "store/base/error.hpp"
#include "store/base/relpath.hpp"
#include "store/base/text.hpp"

namespace cas {
namespace {

constexpr std::size_t kMaxReasonBytes = 100;
// Of the body of an answer that nobody wants: up to here it is read, so that the connection can be used again.
constexpr std::uint64_t kMaxDroppedBytes = 64 * 1024;
// A cut after so much news does not count as a failed try: large files come over bad lines, too.
constexpr std::uint64_t kProgressBytes = 1 << 20;

double random_fraction() {
  thread_local std::minstd_rand generator{std::random_device{}()};
  return std::uniform_real_distribution<double>(0, 1)(generator);
}

bool is_redirect(int status) {
  return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

// Failures that may go away by themselves.
bool is_retried_failure(CURLcode code) {
  switch (code) {
    case CURLE_COULDNT_RESOLVE_PROXY:
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_CONNECT:
    case CURLE_WEIRD_SERVER_REPLY:
    case CURLE_PARTIAL_FILE:
    case CURLE_OPERATION_TIMEDOUT:
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_GOT_NOTHING:
    case CURLE_SEND_ERROR:
    case CURLE_RECV_ERROR:
    case CURLE_HTTP2:
    case CURLE_HTTP2_STREAM:
      return true;
    default:
      return false;
  }
}

std::string hint_for(CURLcode code) {
  switch (code) {
    case CURLE_COULDNT_RESOLVE_PROXY:
      return "check https_proxy, http_proxy and all_proxy";
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_CONNECT:
    case CURLE_OPERATION_TIMEDOUT:
      return "check the address, the network and, if there is a proxy, https_proxy and no_proxy";
    case CURLE_PEER_FAILED_VERIFICATION:
      return "if the server has a certificate of your own authority, name its file with --cert, or in SSL_CERT_FILE";
    case CURLE_SSL_CACERT_BADFILE:
      return "check the file of trusted certificates (--cert, PIP_CERT, REQUESTS_CA_BUNDLE, CURL_CA_BUNDLE, "
             "SSL_CERT_FILE)";
    case CURLE_SSL_CERTPROBLEM:
      return "check the client's certificate and its key";
    default:
      return {};
  }
}

}  // namespace

HttpTransfer::HttpTransfer(std::uint64_t id, HttpRequest request, Url url, const HttpOptions& options,
                           const CredentialBook& credentials)
    : id_(id),
      request_(std::move(request)),
      first_url_(url),
      options_(options),
      credentials_(credentials),
      url_(std::move(url)) {}

// --- asking -----------------------------------------------------------------------------------------------------------

template <class Value>
void HttpTransfer::set(CURLoption option, Value value) {
  const CURLcode code = curl_api().easy_setopt(handle_.get(), option, value);
  if (code != CURLE_OK) {
    throw Error(
        fmt::format("setting up libcurl (option {}): {}", static_cast<int>(option), curl_api().easy_strerror(code)),
        "use the libcurl of Debian 12 (7.88), or a newer one");
  }
}

bool HttpTransfer::prepare(const std::function<void(const HttpProgress&)>& progress) {
  progress_ = progress;
  if (url_.is_file()) {
    fail("fetching " + shown() + ": not an address on the network");
    return false;
  }
  if (url_.scheme == "http" && !may_be_insecure(url_, options_)) {
    fail("fetching " + shown() + ": http is neither encrypted nor authenticated",
         "use https, or allow this host to be insecure");
    return false;
  }
  const CurlApi& api = curl_api();
  // A new one for each attempt: after a host's name was not found libcurl 7.88 refuses CURLOPT_BUFFERSIZE, also when all was reset. What is
  // worth keeping, connections and addresses, the multi handle has.
  handle_.reset(api.easy_init());
  if (!handle_) throw Error("starting libcurl: no memory");
  begin_exchange();
  set(CURLOPT_PRIVATE, this);
  set(CURLOPT_URL, url_.text().c_str());
  set(CURLOPT_PROTOCOLS_STR, url_.scheme.c_str());
  set(CURLOPT_FOLLOWLOCATION, 0L);
  set(CURLOPT_NOSIGNAL, 1L);
  set(CURLOPT_ERRORBUFFER, error_);
  set(CURLOPT_USERAGENT, options_.user_agent.c_str());
  set(CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_2TLS));
  // Rather wait for the handshake, which tells whether a connection can be shared, than open another. Without one, libcurl would wait
  // for the whole of the first answer.
  if (url_.scheme == "https") set(CURLOPT_PIPEWAIT, 1L);
  set(CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
  set(CURLOPT_BUFFERSIZE, 256L * 1024);
  set(CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(options_.connect_timeout.count()));
  set(CURLOPT_LOW_SPEED_LIMIT, options_.slow_bytes_per_second);
  set(CURLOPT_LOW_SPEED_TIME, static_cast<long>(options_.stall_timeout.count()));
  set(CURLOPT_HEADERFUNCTION, &HttpTransfer::header_callback);
  set(CURLOPT_HEADERDATA, this);
  set(CURLOPT_WRITEFUNCTION, &HttpTransfer::body_callback);
  set(CURLOPT_WRITEDATA, this);
  if (!options_.proxy.empty()) set(CURLOPT_PROXY, options_.proxy.c_str());
  if (request_.coding == ContentCoding::any) set(CURLOPT_ACCEPT_ENCODING, "");
  set_credentials();
  set_trust();
  set_headers();
  return true;
}

void HttpTransfer::set_credentials() {
  // A redirect must not make us tell another origin what a netrc file holds for its host: ports and schemes are no matter there.
  const bool own = url_.origin() == first_url_.origin();
  const auto credentials = own ? credentials_.find(url_) : credentials_.given_for(url_);
  if (!credentials) return;
  set(CURLOPT_HTTPAUTH, static_cast<long>(CURLAUTH_BASIC));
  set(CURLOPT_USERNAME, credentials->user.c_str());
  set(CURLOPT_PASSWORD, credentials->password.c_str());
}

void HttpTransfer::set_trust() {
  set(CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
  if (!options_.ca_file.empty()) set(CURLOPT_CAINFO, options_.ca_file.c_str());
  if (!options_.ca_directory.empty()) set(CURLOPT_CAPATH, options_.ca_directory.c_str());
  // Only for whom it was meant: the certificate says who we are.
  if (url_.origin() != first_url_.origin()) return;
  if (!options_.client_certificate.empty()) set(CURLOPT_SSLCERT, options_.client_certificate.c_str());
  if (!options_.client_key.empty()) set(CURLOPT_SSLKEY, options_.client_key.c_str());
}

void HttpTransfer::set_headers() {
  const CurlApi& api = curl_api();
  headers_.reset();
  const auto append = [&](const std::string& line) {
    curl_slist* const longer = api.slist_append(headers_.get(), line.c_str());
    if (longer == nullptr) throw Error("fetching " + shown() + ": no memory");
    static_cast<void>(headers_.release());
    headers_.reset(longer);
  };
  for (const std::string& line : request_.headers) append(line);
  if (asked_for_range_ || request_.range) append("Range: bytes=" + range_header());
  if (asked_for_range_) {
    append("If-Range: " + validator_);
  } else if (request_.range && !request_.range->validator.empty()) {
    append("If-Range: " + request_.range->validator);
  }
  set(CURLOPT_HTTPHEADER, headers_.get());
}

std::string HttpTransfer::range_header() const {
  if (!request_.range) return fmt::format("{}-", received_);
  if (asked_for_range_) return fmt::format("{}-{}", part_->first + received_, part_->last);
  const HttpRange& range = *request_.range;
  return range.from_end ? fmt::format("-{}", range.count)
                        : fmt::format("{}-{}", range.first, range.first + range.count - 1);
}

bool HttpTransfer::can_resume() const {
  return started_ && received_ > 0 && !validator_.empty() && request_.coding == ContentCoding::identity;
}

void HttpTransfer::begin_exchange() {
  body_ = Body::undecided;
  header_bytes_ = 0;
  dropped_bytes_ = 0;
  asked_for_range_ = can_resume();
  fault_.clear();
  error_[0] = '\0';
  response_ = HttpResponse{};
  response_.url = url_.text();
  if (redirects_ == 0) ++tries_;
}

// --- the answer -------------------------------------------------------------------------------------------------------

std::size_t HttpTransfer::header_callback(char* data, std::size_t size, std::size_t count, void* self) noexcept {
  auto& transfer = *static_cast<HttpTransfer*>(self);
  try {
    transfer.take_header({data, size * count});
  } catch (...) {
    transfer.sink_failure_ = std::current_exception();
  }
  return transfer.fault_.empty() && !transfer.sink_failure_ ? size * count : 0;
}

std::size_t HttpTransfer::body_callback(char* data, std::size_t size, std::size_t count, void* self) noexcept {
  auto& transfer = *static_cast<HttpTransfer*>(self);
  try {
    if (transfer.take_body({data, size * count})) return size * count;
  } catch (...) {
    transfer.sink_failure_ = std::current_exception();
  }
  // Any other number than was given breaks the exchange off; 0 would be right where 0 were given.
  return size * count == 0 ? 1 : 0;
}

void HttpTransfer::take_header(std::string_view line) {
  if (body_ != Body::undecided) return;  // trailers
  header_bytes_ += line.size();
  if (header_bytes_ > options_.max_header_bytes) {
    fault_ = fmt::format("its header is larger than {}", format_size(options_.max_header_bytes));
    return;
  }
  if (!line.starts_with("HTTP/")) {
    response_.headers.add_line(line);
    return;
  }
  // The answer proper, or another one after a 100 or 103.
  response_.headers.clear();
  response_.status = 0;
  line = trimmed(line, " \r\n");
  line.remove_prefix(std::min(line.find(' '), line.size() - 1) + 1);
  const auto [end, problem] = std::from_chars(line.data(), line.data() + line.size(), response_.status);
  if (problem != std::errc{} || response_.status < 100 || response_.status > 599) {
    fault_ = "its answer has no status";
    return;
  }
  line.remove_prefix(static_cast<std::size_t>(end - line.data()));
  response_.reason = printable(trimmed(line, " ").substr(0, kMaxReasonBytes));
}

void HttpTransfer::restart_body() {
  started_ = true;
  received_ = 0;
  received_at_last_try_ = 0;
  if (request_.on_start) request_.on_start();
}

bool HttpTransfer::accept_range() {
  const auto range = parse_content_range(response_.headers.first("content-range").value_or(""));
  if (asked_for_range_ && range && range->first == received_ && (!total_ || !range->total || *total_ == *range->total))
    return true;
  // Another part than was asked for: without the validator the next try asks for all of it.
  validator_.clear();
  return false;
}

// Like accept_range(), for a part that the request wanted.
bool HttpTransfer::accept_part() {
  const auto part = parse_content_range(response_.headers.first("content-range").value_or(""));
  if (!part || !part->total) return refuse_part("it does not say which part of what size it gives");
  if (response_.headers.first("content-encoding")) return refuse_part("it gives a part in another encoding");
  const HttpRange& range = *request_.range;
  ContentRange wanted{range.first, range.first + range.count - 1, part->total};
  if (asked_for_range_) {
    wanted = {part_->first + received_, part_->last, part_->total};
  } else if (range.from_end) {
    wanted = {*part->total - std::min(*part->total, range.count), *part->total - 1, part->total};
  }
  if (part->first != wanted.first || part->last != wanted.last || part->total != wanted.total) {
    return refuse_part(fmt::format("it gives bytes {} to {} of {}, not {} to {}", part->first, part->last, *part->total,
                                   wanted.first, wanted.last));
  }
  const std::string validator = validator_of(response_.headers);
  const std::string& before = asked_for_range_ ? validator_ : range.validator;
  if (!before.empty() && !validator.empty() && validator != before) return refuse_part("it is another file by now");
  if (!asked_for_range_) {
    restart_body();
    part_ = part;
    validator_ = validator;
  }
  return true;
}

bool HttpTransfer::refuse_part(const std::string& problem) {
  fault_ = problem;
  return false;
}

std::optional<std::uint64_t> HttpTransfer::expected_total() const {
  if (part_) return part_->last - part_->first + 1;
  if (request_.expected_bytes) return request_.expected_bytes;
  return total_;
}

// Called with the first bytes of a body, or at its end where there are none.
bool HttpTransfer::decide_body() {
  if (response_.status == 206) {
    if (request_.range ? !accept_part() : !accept_range()) return false;
    body_ = Body::delivered;
    return true;
  }
  if (response_.status != 200 || request_.range) {
    body_ = Body::dropped;
    return true;
  }
  body_ = Body::delivered;
  total_.reset();
  validator_.clear();
  const bool coded = response_.headers.first("content-encoding").has_value();
  curl_off_t length = -1;
  curl_api().easy_getinfo(handle_.get(), CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &length);
  if (length >= 0 && !coded) {
    total_ = static_cast<std::uint64_t>(length);
    if (*total_ > request_.max_body_bytes) {
      fault_ = fmt::format("it has {} bytes, more than the {} it may have", *total_, request_.max_body_bytes);
      return false;
    }
    if (request_.expected_bytes && *total_ != *request_.expected_bytes) {
      fault_ = fmt::format("it has {} bytes, not the {} that were expected", *total_, *request_.expected_bytes);
      return false;
    }
  }
  if (!coded && response_.headers.first("accept-ranges") != "none") {
    validator_ = validator_of(response_.headers);
  }
  restart_body();
  return true;
}

bool HttpTransfer::take_body(std::string_view bytes) {
  if (body_ == Body::undecided && !decide_body()) return false;
  if (body_ == Body::dropped) {
    dropped_bytes_ += bytes.size();
    return dropped_bytes_ <= kMaxDroppedBytes;
  }
  const std::uint64_t most = part_ ? part_->last - part_->first + 1 : request_.max_body_bytes;
  if (bytes.size() > most - received_) {
    fault_ = fmt::format("it has more than the {} bytes it may have", most);
    return false;
  }
  received_ += bytes.size();
  if (request_.on_bytes) request_.on_bytes(bytes);
  if (progress_) progress_({id_, received_, expected_total()});
  return true;
}

// --- what follows -----------------------------------------------------------------------------------------------------

HttpTransfer::Next HttpTransfer::finish(CURLcode code) {
  try {
    // A body of no bytes is one, too.
    if (code == CURLE_OK && body_ == Body::undecided && !decide_body() && fault_.empty()) code = CURLE_PARTIAL_FILE;
  } catch (...) {
    sink_failure_ = std::current_exception();
  }
  if (sink_failure_) return fail(sink_failure_);
  if (!fault_.empty()) {
    return fail(std::make_exception_ptr(InvalidInput("fetching " + shown() + ": " + fault_)));
  }
  // Breaking off a body that nobody wants is no failure.
  if (code == CURLE_WRITE_ERROR && body_ == Body::dropped) code = CURLE_OK;
  // Nor is it one of the line, where a part came that was not asked for.
  if (code == CURLE_WRITE_ERROR && body_ == Body::undecided) code = CURLE_PARTIAL_FILE;
  return code == CURLE_OK ? answered() : broken(code);
}

HttpTransfer::Next HttpTransfer::answered() {
  const int status = response_.status;
  response_.body_bytes = received_;
  if (is_redirect(status)) return redirect();
  if (status == 416 && asked_for_range_ && !request_.range) {
    validator_.clear();
    return retry("the rest of the file cannot be had", {});
  }
  if (is_retried_status(status)) {
    return retry(fmt::format("the server answers {} {}", status, response_.reason), "try again later");
  }
  if (status == 206 && !request_.range) response_.status = 200;  // now the body is complete
  if (response_.status == 206) response_.part = part_;
  const auto expected = expected_total();
  if (response_.status == (request_.range ? 206 : 200) && expected && received_ < *expected) {
    return retry(fmt::format("the body ended after {} of {} bytes", received_, *expected), {});
  }
  return Next::done;
}

HttpTransfer::Next HttpTransfer::redirect() {
  const auto location = response_.headers.first("location");
  const auto target = location ? resolve_url(url_, *location) : std::nullopt;
  if (!target || target->is_file()) {
    return fail(fmt::format("fetching {}: the server answers {} and leads nowhere", shown(), response_.status));
  }
  if (++redirects_ > options_.max_redirects) {
    return fail(
        fmt::format("fetching {}: more than {} redirects", redacted_url(first_url_.text()), options_.max_redirects));
  }
  if (target->scheme == "http" && !may_be_insecure(*target, options_)) {
    return fail(fmt::format("fetching {}: it leads to {}, which is neither encrypted nor authenticated", shown(),
                            redacted_url(target->text())),
                "allow this host to be insecure if that is meant");
  }
  url_ = *target;
  // What a server writes there are no credentials of the user's.
  url_.user.clear();
  url_.password.clear();
  url_.has_credentials = false;
  ready_at_ = {};
  return Next::again;
}

HttpTransfer::Next HttpTransfer::broken(CURLcode code) {
  const std::string problem = error_[0] != '\0' ? error_ : curl_api().easy_strerror(code);
  // With TLS 1.3 a server says so after the handshake, where libcurl takes it for a line that broke.
  if (code == CURLE_SSL_CLIENTCERT || problem.find("alert certificate required") != std::string::npos) {
    return fail(fmt::format("fetching {}: {}", shown(), printable(problem)),
                "the server wants a certificate of yours: name its file with --client-cert");
  }
  if (!is_retried_failure(code))
    return fail(fmt::format("fetching {}: {}", shown(), printable(problem)), hint_for(code));
  return retry(printable(problem), hint_for(code));
}

HttpTransfer::Next HttpTransfer::retry(const std::string& problem, const std::string& hint) {
  if (received_ >= received_at_last_try_ + kProgressBytes) tries_ = 1;
  received_at_last_try_ = received_;
  if (tries_ >= options_.tries) {
    return fail(fmt::format("fetching {}: {} (after {} tries)", shown(), problem, tries_), hint);
  }
  auto delay = back_off(options_, tries_, random_fraction());
  curl_off_t asked_seconds = 0;
  curl_api().easy_getinfo(handle_.get(), CURLINFO_RETRY_AFTER, &asked_seconds);
  if (asked_seconds > options_.max_retry_after.count()) {
    return fail(fmt::format("fetching {}: {}, and asks to wait {}", shown(), problem,
                            format_duration(std::chrono::seconds(std::min<curl_off_t>(asked_seconds, 1L << 31)))),
                "try again then");
  }
  if (asked_seconds > 0) delay = std::max<std::chrono::milliseconds>(delay, std::chrono::seconds(asked_seconds));
  ready_at_ = std::chrono::steady_clock::now() + delay;
  // From the beginning: where a redirect led to may have been meant for one time.
  url_ = first_url_;
  redirects_ = 0;
  return Next::again;
}

HttpTransfer::Next HttpTransfer::fail(std::exception_ptr failure) {
  response_.status = 0;
  response_.body_bytes = received_;
  response_.url = url_.text();
  response_.failure = std::move(failure);
  return Next::done;
}

HttpTransfer::Next HttpTransfer::fail(const std::string& problem, const std::string& hint) {
  return fail(std::make_exception_ptr(Error(problem, hint)));
}

}  // namespace cas
