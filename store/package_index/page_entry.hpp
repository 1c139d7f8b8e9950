// What JSON and HTML pages have in common. For store/package_index/*.cpp and their tests only.
#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "store/net/url.hpp"
#include "store/package_index/project_page.hpp"

namespace cas {

// The entry of a file as the page has it.
struct PageEntry {
  std::optional<std::string> name;  // nullopt: the last component of the address
  std::string address;
  std::string sha256;           // "" : none told
  std::string metadata_sha256;  // the same
  IndexFile file;               // what needs no check

  // Puts "<algorithm>=<hexadecimal digits>" where it belongs.
  void add_hash(std::string_view algorithm, std::string_view value);
};

// Adds the entry to the page, or counts it as left out. Throws InvalidInput where there are too many.
void add_entry(PageEntry entry, const Url& base, ProjectPage& page);

// "1.0". Throws InvalidInput for another major version than 1.
void check_api_version(std::string_view version, const Url& base);

// What reading one HTML page may take: a page of 20 MB takes a tenth of either.
struct HtmlLimits {
  std::size_t memory_bytes = std::size_t{768} << 20;
  std::chrono::milliseconds time{10'000};
};

// The two forms. `base` is the page's address; throw InvalidInput.
[[nodiscard]] ProjectPage parse_json_page(std::string_view body, const Url& base);
[[nodiscard]] ProjectPage parse_html_page(std::string_view body, const Url& base, const HtmlLimits& limits = {});

}  // namespace cas
