#include "linker/locked/requirement_fetch.hpp"

#include "store/base/error.hpp"
#include "store/net/documents.hpp"
#include "store/net/url.hpp"

namespace cas {

std::string fetch_requirement_file(const std::string& url, const NetworkOptions& network) {
  if (network.mode == CacheMode::offline) {
    throw NotFound(redacted_url(url) + ": the network may not be asked for it (--offline)",
                   "download it, and name the file");
  }
  HttpClient client(http_options(network));
  for (const std::string& place : network.places.indexes) {
    if (const auto index = try_parse_url(place)) client.credentials().remember(*index);
  }
  // It has no cache: what is asked for may be another one each time, and its author does not expect more.
  DocumentFetcher fetcher(client, nullptr, CacheMode::online);
  Document document = fetcher.fetch({{url, "text/plain, */*;q=0.5", kMaxRequirementFileBytes}}).at(0);
  document.response.require_ok();
  return std::move(document.body);
}

}  // namespace cas
