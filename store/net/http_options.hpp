// How the outside is talked to: limits, patience, trust.
#pragma once

#include <chrono>
#include <cstddef>
#include <string>
#include <vector>

#include "store/net/url.hpp"

namespace cas {

struct HttpOptions {
  std::size_t max_transfers = 32;  // at once
  std::size_t max_per_host = 8;    // of them with one host, whatever the number of connections they share

  std::chrono::milliseconds connect_timeout{15'000};
  // A transfer that brings less than `slow_bytes_per_second` for so long has failed.
  std::chrono::seconds stall_timeout{30};
  long slow_bytes_per_second = 100;

  int tries = 5;                                  // of one request, the first included
  std::chrono::milliseconds first_back_off{500};  // doubled each time, less a random part of up to a half
  std::chrono::milliseconds max_back_off{20'000};
  std::chrono::seconds max_retry_after{60};  // a server that asks for more patience is an error

  int max_redirects = 10;
  std::size_t max_header_bytes = 64 * 1024;  // of one answer

  // "HOST" or "HOST:PORT" that may be reached by http: without encryption, and without proof who answers. This machine itself
  // (localhost, 127.*, ::1) always may. Certificates of https are verified in any case.
  std::vector<std::string> allow_insecure;

  std::string ca_file;             // certificates (PEM) that are trusted instead of the system's
  std::string ca_directory;        // the same, as c_rehash makes it
  std::string client_certificate;  // PEM; may hold its key as well
  std::string client_key;          // PEM

  std::string proxy;  // for everything; "": what https_proxy and its like say

  std::string netrc;  // the text of a netrc file
  std::string user_agent = "cas/" CAS_VERSION;
};

// Fills in what other tools for Python packages take from the environment: PIP_CERT, REQUESTS_CA_BUNDLE, CURL_CA_BUNDLE, SSL_CERT_FILE
// (the first that is set) and SSL_CERT_DIR, PIP_CLIENT_CERT; the netrc file is the one that NETRC names, else ~/.netrc. What is set in
// `options` stays. Proxies (https_proxy, http_proxy, all_proxy, no_proxy) are libcurl's to find. Throws Error where a netrc file
// that was named cannot be read.
void take_environment(HttpOptions& options);

// `path` as what is trusted instead of the system's certificates: a file, or a directory of them.
void trust_certificates(HttpOptions& options, const std::string& path);

// Whether http may be used with this host.
[[nodiscard]] bool may_be_insecure(const Url& url, const HttpOptions& options);

// Before try number `tries_done` + 1. `random` in [0, 1).
[[nodiscard]] std::chrono::milliseconds back_off(const HttpOptions& options, int tries_done, double random);

// What may go away by itself: 429, 500, 502, 503, 504.
[[nodiscard]] bool is_retried_status(int status);

}  // namespace cas
