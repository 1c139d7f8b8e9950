#include "store/net/http_cache.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "store/base/error.hpp"
#include "store/sys/file.hpp"
#include "store/sys/publish.hpp"
#include "store/sys/trust.hpp"

namespace cas {
namespace {

constexpr std::size_t kMaxEntryBytes = std::size_t{128} << 20;
constexpr std::chrono::seconds kLongestFreshness{3600};

}  // namespace

Sha256Digest DocumentKey::digest() const {
  return sha256(fmt::format("{}\n{}\n{}", url, accept, credentials ? credentials->digest().hex() : ""));
}

std::string HttpCache::path_of(const DocumentKey& key) const { return directory_ + "/" + key.digest().hex(); }

std::optional<CachedDocument> HttpCache::find(const DocumentKey& key) const {
  auto found = find_at(path_of(key), Owner::any);
  for (const std::string& other : others_) {
    if (found) break;
    found = find_at(other + "/" + key.digest().hex(), Owner::ours);
  }
  return found;
}

std::optional<CachedDocument> HttpCache::find_at(const std::string& path, Owner owner) {
  try {
    const Fd file = try_open_read_at(kCurrentDirectory, path);
    if (!file) return std::nullopt;
    const struct stat info = stat_fd(file.get(), path);
    if (owner == Owner::ours && !is_only_ours(info)) return std::nullopt;
    const auto written = std::chrono::seconds(info.st_mtime);
    auto entry = decode_cache_entry(read_fd(file.get(), kMaxEntryBytes, path));
    if (!entry) return std::nullopt;
    const auto now = std::chrono::system_clock::now().time_since_epoch();
    return CachedDocument{*std::move(entry), std::chrono::floor<std::chrono::seconds>(now) - written};
  } catch (const Error&) {
    return std::nullopt;  // unreadable is as good as missing: it can be fetched
  }
}

bool HttpCache::keep(const DocumentKey& key, const CacheEntry& entry) const {
  try {
    // Pages may be confidential: for this user alone.
    make_directories(directory_, 0700);
    // Not synchronised: what a crash leaves is found broken by its digest.
    publish_file(directory_, key.digest().hex(), encode_cache_entry(entry), 0600, Durability::none);
    return true;
  } catch (const Error&) {
    return false;
  }
}

void HttpCache::confirm(const DocumentKey& key) const { touch_path_now(path_of(key)); }

std::optional<std::chrono::seconds> freshness(const HttpHeaders& headers) {
  const CacheControl control = parse_cache_control(headers.joined("cache-control"));
  if (control.no_store) return std::nullopt;
  auto fresh = control.no_cache ? std::chrono::seconds{0} : control.max_age.value_or(std::chrono::seconds{0});
  // It may have lain in another cache on the way.
  if (const auto age = headers.first("age")) {
    std::uint32_t seconds = 0;
    const auto [end, problem] = std::from_chars(age->data(), age->data() + age->size(), seconds);
    fresh -= problem == std::errc{} ? std::chrono::seconds(seconds) : fresh;
  }
  return std::clamp(fresh, std::chrono::seconds{0}, kLongestFreshness);
}

}  // namespace cas
