// What the header fields of an HTTP answer say (RFC 9110, 9111). All of it comes from the server: nothing is believed beyond its form.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace cas {

class HttpHeaders {
 public:
  // "Name: value", with or without its line end. A line of another form is left out.
  void add_line(std::string_view line);
  void add(std::string_view name, std::string_view value);
  void clear() { fields_.clear(); }

  // The value of the first field of this name (in lower case), without blanks around it.
  [[nodiscard]] std::optional<std::string_view> first(std::string_view lower_case_name) const;
  // The values of all fields of this name, joined by ", ", as RFC 9110 lets one read a list.
  [[nodiscard]] std::string joined(std::string_view lower_case_name) const;

 private:
  std::vector<std::pair<std::string, std::string>> fields_;  // names in lower case
};

// "bytes 100-199/1000". nullopt: of another form, or not even consistent in itself.
struct ContentRange {
  std::uint64_t first = 0;
  std::uint64_t last = 0;
  std::optional<std::uint64_t> total;
};
[[nodiscard]] std::optional<ContentRange> parse_content_range(std::string_view text);

// What If-Range can name: a strong ETag, else, where there is no ETag at all, Last-Modified; "": nothing proves that two answers are of the
// same file.
[[nodiscard]] std::string validator_of(const HttpHeaders& headers);

// What of Cache-Control concerns a cache that serves one user.
struct CacheControl {
  bool no_store = false;
  bool no_cache = false;
  std::optional<std::chrono::seconds> max_age;
};
[[nodiscard]] CacheControl parse_cache_control(std::string_view text);

// "text/html" of "Text/HTML; charset=utf-8".
[[nodiscard]] std::string media_type(std::string_view content_type);

// "etag" is strong: equal means equal in every byte.
[[nodiscard]] bool is_strong_etag(std::string_view etag);

}  // namespace cas
