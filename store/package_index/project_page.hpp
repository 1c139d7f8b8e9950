// The page of a project in a package index: the files there are (PyPA "Simple repository API"; PEP 503, 592, 629, 658, 691, 700, 714).
//
// All of it is what a server says. A file whose entry cannot be used (no safe name, no address that can be fetched, a broken hash) is
// left out and counted; a page that is none is an error.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "store/base/digest.hpp"
#include "store/net/url.hpp"

namespace cas {

inline constexpr std::size_t kMaxPageBytes = std::size_t{100} << 20;
inline constexpr std::size_t kMaxHtmlPageBytes = std::size_t{32} << 20;
inline constexpr std::size_t kMaxFilesOfPage = 250'000;

struct IndexFile {
  std::string name;  // one safe path component
  std::string url;   // absolute, without credentials and fragment; file: only where the page itself is a file
  std::optional<Sha256Digest> sha256;
  std::vector<std::string> other_hashes;  // names of algorithms whose hashes are told but not used ("md5")
  std::string requires_python;            // a specifier set, not parsed; "" where there is none
  std::optional<std::string> yanked;      // why, "" where no reason is given; nullopt: it is not
  bool has_metadata = false;              // the file's METADATA can be had alone: metadata_url()
  std::optional<Sha256Digest> metadata_sha256;
  std::optional<std::uint64_t> size;
  std::string upload_time;  // ISO 8601 as the page says it, or ""
  std::string place;        // which index or folder had it, for messages; set by IndexClient

  [[nodiscard]] std::string metadata_url() const;
};

struct ProjectPage {
  std::vector<IndexFile> files;  // in the page's order
  std::size_t left_out = 0;      // entries that could not be used
};

// `content_type` as the server says it; "" counts as HTML. `base`: where the page came from. Throws InvalidInput naming `base`.
[[nodiscard]] ProjectPage parse_project_page(std::string_view body, std::string_view content_type, const Url& base);

// What to ask for, in the order of preference.
inline constexpr const char* kProjectPageAccept =
    "application/vnd.pypi.simple.v1+json, application/vnd.pypi.simple.v1+html;q=0.2, text/html;q=0.01";

}  // namespace cas
