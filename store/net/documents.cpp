#include "store/net/documents.hpp"

#include <map>
#include <memory>
#include <utility>

#include "store/base/error.hpp"

namespace cas {
namespace {

void take_from_cache(Document& document, CacheEntry entry) {
  document.response.status = entry.status;
  document.response.reason = entry.status == 404 ? "Not Found" : "";
  document.response.url = std::move(entry.url);
  document.response.failure = nullptr;
  document.content_type = std::move(entry.content_type);
  document.body = std::move(entry.body);
  document.from_cache = true;
}

std::string field(const HttpHeaders& headers, std::string_view name) {
  return std::string(headers.first(name).value_or(""));
}

void keep(const HttpCache& cache, const DocumentKey& key, const Document& document) {
  const HttpResponse& response = document.response;
  const auto fresh_for = freshness(response.headers);
  if (!fresh_for) return;
  CacheEntry entry{response.status, *fresh_for, response.url, {}, {}, {}, {}};
  if (response.ok()) {
    entry.content_type = document.content_type;
    entry.etag = field(response.headers, "etag");
    entry.last_modified = field(response.headers, "last-modified");
    entry.body = document.body;
  }
  cache.keep(key, entry);
}

}  // namespace

void DocumentFetcher::begin(const DocumentRequest& request, const std::shared_ptr<Document>& document) {
  const Url url = parse_url(request.url);
  client_.credentials().remember(url);
  const DocumentKey key{url.text(), request.accept, client_.credentials().find(url)};
  std::optional<CachedDocument> cached;
  if (cache_ != nullptr) cached = cache_->find(key);
  if (cached && cached->entry.body.size() > request.max_bytes) cached.reset();
  if (cached && (mode_ == CacheMode::offline || (mode_ == CacheMode::online && cached->is_fresh()))) {
    take_from_cache(*document, std::move(cached->entry));
    return;
  }
  if (mode_ == CacheMode::offline) {
    throw NotFound(redacted_url(request.url) + ": was never fetched, and cas is told to stay offline",
                   "run the command once without --offline");
  }

  HttpRequest fetch;
  fetch.url = request.url;
  fetch.coding = ContentCoding::any;
  fetch.max_body_bytes = request.max_bytes;
  fetch.headers.push_back("Accept: " + request.accept);
  // 404 is kept to be known offline; asking whether that has changed is asking again.
  const bool conditional = cached && cached->entry.status == 200;
  if (conditional && !cached->entry.etag.empty()) fetch.headers.push_back("If-None-Match: " + cached->entry.etag);
  if (conditional && !cached->entry.last_modified.empty()) {
    fetch.headers.push_back("If-Modified-Since: " + cached->entry.last_modified);
  }
  fetch.on_start = [document] { document->body.clear(); };
  fetch.on_bytes = [document](std::string_view bytes) { document->body += bytes; };
  const auto old = std::make_shared<std::optional<CachedDocument>>(std::move(cached));
  fetch.on_done = [document, cache = cache_, key, old, conditional](const HttpResponse& response) {
    document->response = response;
    document->content_type = field(response.headers, "content-type");
    if (response.status == 304 && conditional) {
      take_from_cache(*document, std::move((*old)->entry));
      cache->confirm(key);
    } else if (cache != nullptr && (response.ok() || response.status == 404)) {
      keep(*cache, key, *document);
    }
  };
  client_.start(std::move(fetch));
}

std::vector<Document> DocumentFetcher::fetch(const std::vector<DocumentRequest>& requests) {
  // Shared with the requests, which may outlive this call where an interrupt ends it.
  std::vector<std::shared_ptr<Document>> fetched;
  std::map<std::pair<std::string, std::string>, std::shared_ptr<Document>> known;
  for (const DocumentRequest& request : requests) {
    auto& document = known[{request.url, request.accept}];
    if (!document) {
      document = std::make_shared<Document>();
      try {
        begin(request, document);
      } catch (const Error&) {
        document->response.failure = std::current_exception();
      }
    }
    fetched.push_back(document);
  }
  client_.run_all();
  std::vector<Document> documents;
  documents.reserve(fetched.size());
  known.clear();
  for (std::shared_ptr<Document>& document : fetched) {
    // Of the last one that asked for it, the text need not be copied: it may be large.
    if (document.use_count() == 1) {
      documents.push_back(std::move(*document));
    } else {
      documents.push_back(*document);
      document.reset();
    }
  }
  return documents;
}

}  // namespace cas
