#include "store/source/wheel_metadata.hpp"

#include <algorithm>
#include <charconv>

#include "store/base/text.hpp"
#include "store/source/fault.hpp"
#include "store/source/metadata_headers.hpp"

namespace cas {
namespace {

std::string only_value(const MetadataHeaders& headers, std::string_view name, std::string_view file) {
  std::vector<std::string> values = headers.all(name);
  if (values.empty()) throw_fault(file, fmt::format("has no header {}", name));
  if (values.size() > 1) throw_fault(file, fmt::format("has the header {} more than once", name));
  return std::move(values.front());
}

// The numbers of "1.0"; nullopt: not of that form.
std::optional<std::pair<unsigned, unsigned>> parse_wheel_version(std::string_view text) {
  const char* const end = text.data() + text.size();
  std::pair<unsigned, unsigned> version;
  const auto major = std::from_chars(text.data(), end, version.first);
  if (major.ec != std::errc{} || major.ptr == end || *major.ptr != '.') return std::nullopt;
  const auto minor = std::from_chars(major.ptr + 1, end, version.second);
  if (minor.ec != std::errc{} || minor.ptr != end) return std::nullopt;
  return version;
}

void warn_of_stray_line(const MetadataHeaders& headers, std::string_view file, const WarningSink& warn) {
  if (!headers.stray_line()) return;
  warn(fault_text(file, fmt::format("headers end at a line that is none: '{}'", printable(*headers.stray_line()))));
}

}  // namespace

Scheme parse_wheel_file(std::string_view text, std::string_view file, const WarningSink& warn) {
  const MetadataHeaders headers = MetadataHeaders::parse(text, file);
  warn_of_stray_line(headers, file, warn);
  const std::string spelled = only_value(headers, "Wheel-Version", file);
  const auto version = parse_wheel_version(spelled);
  if (!version) throw_fault(file, fmt::format("Wheel-Version '{}' is not a version", printable(spelled)));
  if (version->first != 1) {
    throw_fault(file, fmt::format("Wheel-Version {} is not supported (only 1.x is)", printable(spelled)));
  }
  if (version->second > 0) {
    warn(fault_text(file,
                    fmt::format("Wheel-Version {} is newer than 1.0; what it adds is ignored", printable(spelled))));
  }
  const std::string purelib = lower_case(only_value(headers, "Root-Is-Purelib", file));
  if (purelib == "true") return Scheme::purelib;
  if (purelib == "false") return Scheme::platlib;
  throw_fault(file, fmt::format("Root-Is-Purelib is '{}', neither true nor false", printable(purelib)));
}

PackageMetadata parse_metadata(std::string_view text, std::string_view file, const WheelName& name,
                               const WarningSink& warn) {
  const MetadataHeaders headers = MetadataHeaders::parse(text, file);
  warn_of_stray_line(headers, file, warn);
  PackageMetadata metadata;
  metadata.name = only_value(headers, "Name", file);
  if (!is_project_name(metadata.name)) {
    throw_fault(file, fmt::format("Name '{}' is not a valid project name", printable(metadata.name)));
  }
  metadata.normalized_name = normalize_name(metadata.name);
  if (metadata.normalized_name != name.normalized) {
    throw_fault(file, fmt::format("Name '{}' does not match the wheel's file name", printable(metadata.name)));
  }
  metadata.version = only_value(headers, "Version", file);
  const std::optional<Version> version = Version::parse(metadata.version);
  if (!version || *version != name.version) {
    throw_fault(file, fmt::format("Version '{}' does not match the wheel's file name", printable(metadata.version)));
  }
  metadata.requires_python = headers.first("Requires-Python").value_or("");
  if (!SpecifierSet::parse(metadata.requires_python)) {
    warn(fault_text(
        file, fmt::format("Requires-Python '{}' is not a version specifier", printable(metadata.requires_python))));
  }
  metadata.requires_dist = headers.all("Requires-Dist");
  metadata.file_name = name.file_name;
  metadata.python_tags = name.python_tags;
  metadata.abi_tags = name.abi_tags;
  metadata.platform_tags = name.platform_tags;
  metadata.build_tag = name.build;
  return metadata;
}

}  // namespace cas
