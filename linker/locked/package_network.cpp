#include "linker/locked/package_network.hpp"

#include <utility>

namespace cas {

HttpOptions http_options(const NetworkOptions& options) {
  HttpOptions http;
  http.allow_insecure = options.allow_insecure;
  if (!options.certificates.empty()) trust_certificates(http, options.certificates);
  http.client_certificate = options.client_certificate;
  http.proxy = options.proxy;
  if (options.timeout) {
    http.connect_timeout = *options.timeout;
    http.stall_timeout = *options.timeout;
  }
  if (options.retries) http.tries = *options.retries + 1;
  take_environment(http);
  return http;
}

namespace {

std::vector<std::string> page_caches_below(const Store& store) {
  std::vector<std::string> folders;
  for (const Store& base : store.bases()) folders.push_back(base.layout().page_cache());
  return folders;
}

}  // namespace

PackageNetwork::PackageNetwork(const Store& store, NetworkOptions options)
    : options_(std::move(options)), cache_(store.layout().page_cache(), page_caches_below(store)) {}

PackageNetwork::~PackageNetwork() = default;

void PackageNetwork::remember(const Url& url) {
  if (!url.has_credentials) return;
  remembered_.push_back(url);
  if (client_) client_->credentials().remember(url);
}

const HttpOptions& PackageNetwork::http() {
  if (!http_) http_ = http_options(options_);
  return *http_;
}

const IndexPlaces& PackageNetwork::places() {
  if (places_) return *places_;
  IndexPlaces places = options_.places;
  if (options_.keyring == KeyringProvider::subprocess && !offline()) {
    for (auto* list : {&places.indexes, &places.find_links}) {
      for (std::string& place : *list) {
        const auto url = try_parse_url(place);
        if (!url || url->is_file() || url->user.empty() || !url->password.empty()) continue;
        if (netrc_credentials(http().netrc, url->host, url->user)) continue;  // as pip does, before a program is run
        if (const auto password = keyring_password(*url)) place = url_with_credentials(place, {url->user, *password});
      }
    }
  }
  places_ = std::move(places);
  return *places_;
}

HttpClient& PackageNetwork::client() {
  if (!client_) {
    client_ = std::make_unique<HttpClient>(http());
    // A lock names files without passwords, and may be all that is asked for.
    for (const auto* list : {&places().indexes, &places().find_links}) {
      for (const std::string& place : *list) {
        if (const auto url = try_parse_url(place)) client_->credentials().remember(*url);
      }
    }
    for (const Url& url : remembered_) client_->credentials().remember(url);
  }
  return *client_;
}

IndexClient& PackageNetwork::indexes() {
  if (!indexes_) indexes_ = std::make_unique<IndexClient>(client(), &cache_, options_.mode, places());
  return *indexes_;
}

}  // namespace cas
