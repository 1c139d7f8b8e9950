#include "linker/locked/package_network.hpp"

#include <utility>

namespace cas {

PackageNetwork::PackageNetwork(const Store& store, NetworkOptions options)
    : options_(std::move(options)), cache_(store.layout().page_cache()) {}

PackageNetwork::~PackageNetwork() = default;

void PackageNetwork::remember(const Url& url) {
  if (!url.has_credentials) return;
  remembered_.push_back(url);
  if (client_) client_->credentials().remember(url);
}

HttpClient& PackageNetwork::client() {
  if (!client_) {
    HttpOptions options;
    options.allow_insecure = options_.allow_insecure;
    take_environment(options);
    client_ = std::make_unique<HttpClient>(std::move(options));
    // A lock names files without passwords, and may be all that is asked for.
    for (const auto* places : {&options_.places.indexes, &options_.places.find_links}) {
      for (const std::string& place : *places) {
        if (const auto url = try_parse_url(place)) client_->credentials().remember(*url);
      }
    }
    for (const Url& url : remembered_) client_->credentials().remember(url);
  }
  return *client_;
}

IndexClient& PackageNetwork::indexes() {
  if (!indexes_) indexes_ = std::make_unique<IndexClient>(client(), &cache_, options_.mode, options_.places);
  return *indexes_;
}

}  // namespace cas
