// Small documents, fetched together, from the cache as far as that may answer.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "store/net/http_cache.hpp"
#include "store/net/http_client.hpp"

namespace cas {

enum class CacheMode {
  online,   // what is fresh is taken from the cache; everything else is asked for, or asked whether it has changed
  refresh,  // everything is asked whether it has changed
  offline   // only the cache; what it does not have is an error
};

struct DocumentRequest {
  std::string url;     // may hold credentials
  std::string accept;  // the value of the header
  std::uint64_t max_bytes = 0;
};

struct Document {
  HttpResponse response;  // of 404, too; from the cache: status and URL
  std::string content_type;
  std::string body;
  bool from_cache = false;  // the network was not asked, or had nothing new
};

class DocumentFetcher {
 public:
  // `client` and `cache` outlive it; without a cache everything is fetched, and offline everything is missing.
  DocumentFetcher(HttpClient& client, const HttpCache* cache, CacheMode mode)
      : client_(client), cache_(cache), mode_(mode) {}

  // In the order of `requests`; a failure is in its document's response. Equal requests are asked once.
  [[nodiscard]] std::vector<Document> fetch(const std::vector<DocumentRequest>& requests);

 private:
  void begin(const DocumentRequest& request, const std::shared_ptr<Document>& document);

  HttpClient& client_;
  const HttpCache* cache_;
  CacheMode mode_;
};

}  // namespace cas
