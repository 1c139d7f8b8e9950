#include "store/package_index/project_page.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "store/base/error.hpp"
#include "store/base/relpath.hpp"
#include "store/base/text.hpp"
#include "store/net/http_headers.hpp"
#include "store/package_index/page_entry.hpp"

namespace cas {
namespace {

constexpr std::size_t kMaxTextBytes = 4096;  // of a field that people read or that is a specifier

bool is_text(std::string_view text) {
  return text.size() <= kMaxTextBytes && is_valid_utf8(text) && std::none_of(text.begin(), text.end(), [](char c) {
           return static_cast<unsigned char>(c) < 0x20 || c == 0x7F;
         });
}

// false: the page tells a hash that is none.
bool take_digest(const std::string& text, std::optional<Sha256Digest>& digest) {
  if (text.empty()) return true;
  digest = Sha256Digest::from_hex(text);
  return digest.has_value();
}

bool complete(PageEntry& entry, const Url& base) {
  const auto url = resolve_url(base, entry.address);
  // A page from the network must not make us read files of this machine.
  if (!url || (url->is_file() && !base.is_file())) return false;
  IndexFile& file = entry.file;
  file.url = url->text();
  file.name = entry.name.value_or(url_file_name(*url));
  if (component_problem(file.name) || !is_text(file.requires_python) || !is_text(file.upload_time)) return false;
  if (file.yanked && !is_text(*file.yanked)) file.yanked.emplace();  // yanked it is, for whatever reason
  return take_digest(entry.sha256, file.sha256) && take_digest(entry.metadata_sha256, file.metadata_sha256);
}

}  // namespace

void PageEntry::add_hash(std::string_view algorithm, std::string_view value) {
  if (algorithm == "sha256") {
    sha256 = value;
  } else if (!algorithm.empty() && algorithm.size() <= 16 && file.other_hashes.size() < 16) {
    file.other_hashes.push_back(printable(algorithm));
  }
}

void add_entry(PageEntry entry, const Url& base, ProjectPage& page) {
  if (page.files.size() + page.left_out >= kMaxFilesOfPage) {
    throw InvalidInput(fmt::format("{}: lists more than {} files", redacted_url(base.text()), kMaxFilesOfPage));
  }
  if (complete(entry, base)) {
    page.files.push_back(std::move(entry.file));
  } else {
    ++page.left_out;
  }
}

void check_api_version(std::string_view version, const Url& base) {
  if (version == "1" || version.starts_with("1.")) return;
  throw InvalidInput(fmt::format("{}: speaks version {} of the simple repository API, this program version 1",
                                 redacted_url(base.text()), printable(version)),
                     "use a newer version of cas");
}

std::string IndexFile::metadata_url() const {
  Url address = parse_url(url);
  address.path += ".metadata";
  return address.text();
}

ProjectPage parse_project_page(std::string_view body, std::string_view content_type, const Url& base) {
  const std::string type = media_type(content_type);
  if (body.size() > kMaxPageBytes) {
    throw InvalidInput(fmt::format("{}: is larger than {}", redacted_url(base.text()), format_size(kMaxPageBytes)));
  }
  constexpr std::string_view kVendor = "application/vnd.pypi.simple.v";
  if (type.starts_with(kVendor)) {
    check_api_version(type.substr(kVendor.size(), type.find('+') - kVendor.size()), base);
    if (type.ends_with("+json")) return parse_json_page(body, base);
    if (type.ends_with("+html")) return parse_html_page(body, base);
  }
  if (type == "text/html" || type.empty()) return parse_html_page(body, base);
  throw InvalidInput(
      fmt::format("{}: is of type {}, not the page of a package index", redacted_url(base.text()), printable(type)),
      "check the index's URL: it often ends in /simple/");
}

}  // namespace cas
