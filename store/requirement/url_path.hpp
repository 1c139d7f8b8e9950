// The few things that must be known about URLs and paths to read what names a package (RFC 3986).
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace cas {

// "https" of "HTTPS://host/": lower case. "": `text` does not begin with a scheme.
[[nodiscard]] std::string url_scheme(std::string_view text);

// A scheme that pip fetches from: http, https, ftp, file, and those of version control ("git+https").
[[nodiscard]] bool is_url(std::string_view text);
[[nodiscard]] bool is_version_control_url(std::string_view text);

// "a/./b/../c" is "a/c", "/../a" is "/a"; what leads above a relative path's begin stays. By the text alone.
[[nodiscard]] std::string normal_path(std::string_view path);

// What `reference`, found in the document at `base` (http or https), points to.
[[nodiscard]] std::string joined_url(std::string_view base, std::string_view reference);

// The path that a file: URL of this machine names, "%20" decoded. nullopt: another machine's, or not a path.
[[nodiscard]] std::optional<std::string> file_url_path(std::string_view url);

}  // namespace cas
