#include "store/net/http_options.hpp"

#include <algorithm>
#include <cstdlib>

#include "store/base/error.hpp"
#include "store/base/text.hpp"
#include "store/sys/file.hpp"

namespace cas {
namespace {

constexpr std::size_t kMaxNetrcBytes = 1 << 20;

std::string environment(const char* name) {
  const char* const value = std::getenv(name);
  return value == nullptr ? "" : value;
}

void take_certificates(HttpOptions& options) {
  for (const char* name : {"PIP_CERT", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE"}) {
    const std::string path = environment(name);
    if (path.empty()) continue;
    trust_certificates(options, path);  // all but the last may name a directory as well
    break;
  }
  if (options.ca_directory.empty()) options.ca_directory = environment("SSL_CERT_DIR");
}

void take_netrc(HttpOptions& options) {
  const std::string named = environment("NETRC");
  const std::string home = environment("HOME");
  const std::string path = !named.empty() ? named : home + "/.netrc";
  if (named.empty() && (home.empty() || !leads_to_file(path))) return;
  options.netrc = with_context("reading user names and passwords",
                               [&] { return read_fd(open_user_file(path).get(), kMaxNetrcBytes, path); });
}

}  // namespace

void trust_certificates(HttpOptions& options, const std::string& path) {
  (leads_to_file(path + "/.") ? options.ca_directory : options.ca_file) = path;
}

void take_environment(HttpOptions& options) {
  if (options.ca_file.empty() && options.ca_directory.empty()) take_certificates(options);
  if (options.client_certificate.empty()) options.client_certificate = environment("PIP_CLIENT_CERT");
  if (options.netrc.empty()) take_netrc(options);
}

bool may_be_insecure(const Url& url, const HttpOptions& options) {
  // "127." as a prefix of an address, not of a name like 127.example.org.
  const bool loopback = url.host.starts_with("127.") && url.host.find_first_not_of("0123456789.") == std::string::npos;
  if (url.host == "localhost" || url.host == "[::1]" || loopback) return true;
  const std::string with_port = url.host + ":" + (url.port.empty() ? "80" : url.port);
  return std::any_of(options.allow_insecure.begin(), options.allow_insecure.end(), [&](const std::string& allowed) {
    const std::string host = lower_case(allowed);
    return host == url.host || host == with_port;
  });
}

std::chrono::milliseconds back_off(const HttpOptions& options, int tries_done, double random) {
  auto delay = options.first_back_off;
  for (int i = 1; i < tries_done && delay < options.max_back_off; ++i) delay *= 2;
  delay = std::min(delay, options.max_back_off);
  // Many processes that failed together must not come again together.
  return delay - std::chrono::milliseconds(static_cast<std::int64_t>(static_cast<double>(delay.count()) * random / 2));
}

bool is_retried_status(int status) {
  return status == 429 || status == 500 || status == 502 || status == 503 || status == 504;
}

}  // namespace cas
