// Where packages come from: the indexes, find-links places and the HTTP client of one command.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "store/net/documents.hpp"
#include "store/net/http_client.hpp"
#include "store/net/keyring.hpp"
#include "store/package_index/index_client.hpp"
#include "store/store.hpp"

namespace cas {

// Of wheels whose RECORD a lock vouches for (LockedListings), whether only what the store lacks is fetched.
enum class PartialDownloads {
  automatic,  // where it pays
  never,
  always  // wherever the server can do it
};

struct NetworkOptions {
  IndexPlaces places;
  CacheMode mode = CacheMode::online;
  PartialDownloads partial_downloads = PartialDownloads::automatic;
  std::vector<std::string> allow_insecure;  // "HOST" or "HOST:PORT" that may be asked without TLS

  // What is said nowhere is as take_environment() finds it.
  std::string certificates;        // a file (PEM) or directory: trusted instead of the system's
  std::string client_certificate;  // PEM, with its key
  std::string proxy;
  std::optional<std::chrono::seconds> timeout;  // of connecting, and of an answer that does not go on
  std::optional<int> retries;
  KeyringProvider keyring = KeyringProvider::disabled;  // of addresses with a user and without a password
};

// How the outside is talked to, by the options and the environment. Throws what take_environment() throws.
[[nodiscard]] HttpOptions http_options(const NetworkOptions& options);

// Nothing is loaded or opened before something is asked for: a command that finds everything in the store pays nothing for it.
class PackageNetwork {
 public:
  // `store` outlives it; pages are cached in it.
  PackageNetwork(const Store& store, NetworkOptions options);
  ~PackageNetwork();

  [[nodiscard]] const NetworkOptions& options() const { return options_; }
  [[nodiscard]] bool offline() const { return options_.mode == CacheMode::offline; }
  // How the outside is talked to. Of one thread at a time, as all that follows. Throws what take_environment() throws.
  [[nodiscard]] const HttpOptions& http();
  // Those of the options, with the passwords that the keyring has and the netrc file has not. The first call asks it. Throws what http() and
  // keyring_password() throw.
  [[nodiscard]] const IndexPlaces& places();
  // Keeps the URL's user and password, if there are any, for whoever asks its origin.
  void remember(const Url& url);
  // What was remembered for the URL's origin, or the indexes and find-links say.
  [[nodiscard]] std::optional<Credentials> credentials_for(const Url& url) {
    return client().credentials().given_for(url);
  }
  // Throws what both throw.
  [[nodiscard]] HttpClient& client();
  [[nodiscard]] IndexClient& indexes();

 private:
  NetworkOptions options_;
  std::vector<Url> remembered_;
  std::optional<HttpOptions> http_;
  std::optional<IndexPlaces> places_;
  HttpCache cache_;
  std::unique_ptr<HttpClient> client_;
  std::unique_ptr<IndexClient> indexes_;
};

}  // namespace cas
