#include "linker/build/description_wheel.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>

#include "store/source/version.hpp"
#include "store/source_archive/zip_file.hpp"
#include "store/sys/file.hpp"

namespace cas {
namespace {

// "zope_interface-6.0"
std::string stem_of(const InstalledDistribution& one, const Version& version) {
  std::string name = one.normalized;
  std::ranges::replace(name, '-', '_');
  return name + "-" + version.text();
}

// A header that was folded over several lines is one line here.
void add_header(std::string& text, std::string_view name, std::string value) {
  if (value.empty()) return;
  std::ranges::replace_if(
      value, [](char c) { return c == '\n' || c == '\r'; }, ' ');
  text += fmt::format("{}: {}\n", name, value);
}

std::string metadata_of(const InstalledDistribution& one, const Version& version) {
  std::string text = "Metadata-Version: 2.1\n";
  add_header(text, "Name", one.name);
  add_header(text, "Version", version.text());
  add_header(text, "Requires-Python", one.requires_python);
  for (const std::string& extra : one.extras) add_header(text, "Provides-Extra", extra);
  for (const std::string& line : one.requires_dist) add_header(text, "Requires-Dist", line);
  return text;
}

constexpr const char* kBuild = "999999999";

}  // namespace

std::string description_wheel_name(const InstalledDistribution& distribution, const std::string& tag) {
  // Whoever wrote METADATA may have put anything there.
  constexpr std::size_t kMostName = 100;
  constexpr std::string_view kLetters = "abcdefghijklmnopqrstuvwxyz0123456789-";
  const std::string& name = distribution.normalized;
  const auto version = Version::parse(distribution.version);
  if (!version || name.empty() || name.size() > kMostName || version->text().size() > kMostName ||
      name.find_first_not_of(kLetters) != std::string::npos) {
    return {};
  }
  return fmt::format("{}-{}-{}.whl", stem_of(distribution, *version), kBuild, tag);
}

void write_description_wheels(int directory, const std::vector<InstalledDistribution>& distributions,
                              const std::string& tag) {
  const std::string wheel =
      fmt::format("Wheel-Version: 1.0\nGenerator: cas\nRoot-Is-Purelib: true\nTag: {}\nBuild: {}\n", tag, kBuild);
  for (const InstalledDistribution& one : distributions) {
    const std::string name = description_wheel_name(one, tag);
    if (name.empty()) continue;
    const auto version = Version::parse(one.version);
    const std::string folder = stem_of(one, *version) + ".dist-info/";
    const Fd file = create_file_at(directory, name, 0600);
    write_zip(file.get(),
              {{folder + "METADATA", metadata_of(one, *version)}, {folder + "WHEEL", wheel}, {folder + "RECORD", ""}},
              name);
  }
}

}  // namespace cas
