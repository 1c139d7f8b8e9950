#include "linker/direct_url.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

namespace cas {
namespace {

// With its quotes.
std::string json_string(std::string_view text) {
  return nlohmann::json(text).dump(-1, ' ', true, nlohmann::json::error_handler_t::replace);
}

// `info`: the member that tells what kind of place it is.
std::string document(const std::string& info, std::string_view subdirectory, const std::string& url) {
  const std::string inner =
      subdirectory.empty() ? "" : fmt::format(R"(, "subdirectory": {})", json_string(subdirectory));
  return fmt::format(R"({{{}{}, "url": {}}})", info, inner, json_string(url));
}

// "hash" is the old form of "hashes", still read by some.
std::string archive_info(const Sha256Digest& digest) {
  return fmt::format(R"("archive_info": {{"hash": "sha256={0}", "hashes": {{"sha256": "{0}"}}}})", digest.hex());
}

// Whatever scheme it has, without user and password, but for the user that ssh knows everybody by.
std::string without_credentials(std::string_view url) {
  const std::size_t begin = url.find("://");
  if (begin == std::string_view::npos) return std::string(url);
  const std::size_t host = begin + 3;
  const std::string_view authority = url.substr(host, url.find_first_of("/?#", host) - host);
  const std::size_t at = authority.rfind('@');
  if (at == std::string_view::npos || authority.substr(0, at) == "git") return std::string(url);
  return std::string(url.substr(0, host)) + std::string(url.substr(host + at + 1));
}

}  // namespace

std::string archive_direct_url(std::string_view path, const Sha256Digest& digest, std::string_view subdirectory) {
  return document(archive_info(digest), subdirectory, file_url(path));
}

std::string archive_direct_url(const Url& url, const Sha256Digest& digest, std::string_view subdirectory) {
  return document(archive_info(digest), subdirectory, url.text());
}

std::string directory_direct_url(std::string_view path, Editable editable, std::string_view subdirectory) {
  return document(fmt::format(R"("dir_info": {{{}}})", editable == Editable::yes ? R"("editable": true)" : ""),
                  subdirectory, file_url(path));
}

std::string git_direct_url(std::string_view url, std::string_view requested, std::string_view commit,
                           std::string_view subdirectory) {
  const std::string revision =
      requested.empty() ? "" : fmt::format(R"(, "requested_revision": {})", json_string(requested));
  return document(fmt::format(R"("vcs_info": {{"commit_id": {}{}, "vcs": "git"}})", json_string(commit), revision),
                  subdirectory, without_credentials(url));
}

}  // namespace cas
