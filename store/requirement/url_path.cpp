#include "store/requirement/url_path.hpp"

#include <algorithm>
#include <array>
#include <vector>

#include "store/base/text.hpp"

namespace cas {
namespace {

constexpr std::array<std::string_view, 4> kVersionControl{"git+", "hg+", "svn+", "bzr+"};

bool is_scheme_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '+' || c == '-' || c == '.';
}

std::optional<int> hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return std::nullopt;
}

}  // namespace

std::string normal_path(std::string_view path) {
  const bool absolute = path.starts_with('/');
  std::vector<std::string_view> kept;
  bool ends_in_folder = false;
  while (!path.empty()) {
    const std::size_t slash = std::min(path.find('/'), path.size());
    const std::string_view part = path.substr(0, slash);
    ends_in_folder = part == "." || part == ".." || slash + 1 == path.size();
    if (part == ".." && !kept.empty() && kept.back() != "..") {
      kept.pop_back();
    } else if (!part.empty() && part != "." && (part != ".." || !absolute)) {
      kept.push_back(part);
    }
    path.remove_prefix(std::min(slash + 1, path.size()));
  }
  std::string out = absolute ? "/" : "";
  for (std::size_t i = 0; i < kept.size(); ++i) {
    if (i > 0) out += '/';
    out += kept[i];
  }
  if (ends_in_folder && !kept.empty()) out += '/';
  return out;
}

std::string url_scheme(std::string_view text) {
  const std::size_t colon = text.find(':');
  if (colon == 0 || colon == std::string_view::npos) return {};
  const std::string scheme = lower_case(text.substr(0, colon));
  if (scheme.front() < 'a' || scheme.front() > 'z') return {};
  return std::all_of(scheme.begin(), scheme.end(), is_scheme_character) ? scheme : std::string();
}

bool is_url(std::string_view text) {
  const std::string scheme = url_scheme(text);
  return scheme == "http" || scheme == "https" || scheme == "ftp" || scheme == "file" || is_version_control_url(text);
}

bool is_version_control_url(std::string_view text) {
  const std::string scheme = url_scheme(text);
  return std::any_of(kVersionControl.begin(), kVersionControl.end(),
                     [&scheme](std::string_view prefix) { return scheme.starts_with(prefix); });
}

std::string joined_url(std::string_view base, std::string_view reference) {
  if (!url_scheme(reference).empty()) return std::string(reference);
  const std::size_t after_scheme = base.find(':') + 1;
  if (reference.starts_with("//")) return std::string(base.substr(0, after_scheme)) + std::string(reference);
  base = base.substr(0, base.find_first_of("?#"));
  std::size_t path = after_scheme;
  if (base.substr(after_scheme).starts_with("//")) path = std::min(base.find('/', after_scheme + 2), base.size());
  std::string folder(base.substr(path));
  folder.erase(folder.rfind('/') + 1);  // nothing is left where there is no slash
  if (folder.empty()) folder = "/";
  // What is asked for after the path is not a path.
  const std::size_t tail = std::min(reference.find_first_of("?#"), reference.size());
  const std::string_view target = reference.substr(0, tail);
  const std::string whole = target.starts_with('/') ? std::string(target) : folder + std::string(target);
  return std::string(base.substr(0, path)) + normal_path(whole) + std::string(reference.substr(tail));
}

std::optional<std::string> file_url_path(std::string_view url) {
  if (url_scheme(url) != "file") return std::nullopt;
  url.remove_prefix(url.find(':') + 1);
  url = url.substr(0, url.find_first_of("?#"));
  if (url.starts_with("//")) {
    url.remove_prefix(2);
    const std::size_t slash = std::min(url.find('/'), url.size());
    const std::string host = lower_case(url.substr(0, slash));
    if (!host.empty() && host != "localhost") return std::nullopt;
    url.remove_prefix(slash);
  }
  std::string path;
  for (std::size_t i = 0; i < url.size(); ++i) {
    const auto high = url[i] == '%' && i + 2 < url.size() ? hex_digit(url[i + 1]) : std::nullopt;
    const auto low = high ? hex_digit(url[i + 2]) : std::nullopt;
    path += low ? static_cast<char>(*high * 16 + *low) : url[i];
    if (low) i += 2;
  }
  if (!path.starts_with('/') || path.find('\0') != std::string::npos) return std::nullopt;
  return path;
}

}  // namespace cas
