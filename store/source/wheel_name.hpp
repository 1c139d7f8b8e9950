// The file name of a wheel: name-version(-build)?-python-abi-platform.whl (PyPA "Binary distribution format").
#pragma once

#include <string>
#include <string_view>

#include "store/source/version.hpp"

namespace cas {

struct WheelName {
  std::string file_name;
  std::string distribution;  // as spelled there
  std::string normalized;    // PEP 503
  std::string version_text;  // as spelled there
  Version version;
  std::string build;  // "" where there is none; else begins with a digit
  std::string python_tags;
  std::string abi_tags;
  std::string platform_tags;
};

// Takes a file's base name apart. Throws InvalidInput naming it.
[[nodiscard]] WheelName parse_wheel_name(const std::string& file_name);

// PEP 503: lower case, every run of "-", "_" and "." becomes one "-".
[[nodiscard]] std::string normalize_name(std::string_view name);

// A project name of the core metadata: ASCII letters, digits, "-", "_", ".", a letter or digit at both ends.
[[nodiscard]] bool is_project_name(std::string_view name);

// The version in a name where "-" is written as "_" ("1.0_1" for 1.0-1). nullopt: not a version.
[[nodiscard]] std::optional<Version> parse_escaped_version(std::string_view text);

}  // namespace cas
