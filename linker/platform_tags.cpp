#include "linker/platform_tags.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>

namespace cas {
namespace {

// Architectures for which manylinux is defined, as `packaging` knows them.
constexpr std::array<std::string_view, 9> kManylinux{"x86_64",  "i686",  "aarch64",     "armv7l", "ppc64",
                                                     "ppc64le", "s390x", "loongarch64", "riscv64"};

// Names from before PEP 600, for the glibc they stand for.
struct LegacyName {
  std::uint32_t glibc_minor;
  std::string_view name;
};
constexpr std::array<LegacyName, 3> kLegacyNames{{{17, "manylinux2014"}, {12, "manylinux2010"}, {5, "manylinux1"}}};

// A 32-bit interpreter on a 64-bit kernel reports the kernel's architecture; an armv8 one in 32-bit mode runs
// armv7 binaries too.
std::vector<std::string> architectures(std::string arch, std::uint32_t pointer_bits) {
  if (pointer_bits == 32) {
    if (arch == "x86_64") arch = "i686";
    if (arch == "aarch64") arch = "armv8l";
  }
  if (arch == "armv8l") return {"armv8l", "armv7l"};
  return {arch};
}

bool has_manylinux(const std::vector<std::string>& archs, const InterpreterFacts& facts) {
  return std::ranges::any_of(archs, [&](const std::string& arch) {
    // Binaries for armv7l use the hard-float calling convention only.
    if (arch == "armv7l") return facts.soabi.empty() || facts.soabi.find("eabihf") != std::string::npos;
    return std::ranges::find(kManylinux, arch) != kManylinux.end();
  });
}

void add_manylinux(std::vector<std::string>& tags, const std::vector<std::string>& archs,
                   const InterpreterFacts& facts) {
  if (!has_manylinux(archs, facts)) return;
  const bool old_family = archs.front() == "x86_64" || archs.front() == "i686";
  const std::uint32_t oldest_minor = old_family ? 5 : 17;  // of glibc 2
  for (const std::string& arch : archs) {
    for (std::uint32_t minor = facts.libc_minor + 1; minor-- > oldest_minor;) {
      tags.push_back(fmt::format("manylinux_2_{}_{}", minor, arch));
      for (const LegacyName& legacy : kLegacyNames) {
        if (legacy.glibc_minor == minor) tags.push_back(fmt::format("{}_{}", legacy.name, arch));
      }
    }
  }
}

}  // namespace

std::vector<std::string> platform_tags(const InterpreterFacts& facts) {
  std::string platform = facts.platform;
  std::ranges::replace(platform, '-', '_');
  std::ranges::replace(platform, '.', '_');
  std::ranges::replace(platform, ' ', '_');
  constexpr std::string_view kLinux = "linux_";
  if (!platform.starts_with(kLinux)) return {platform};

  const std::vector<std::string> archs = architectures(platform.substr(kLinux.size()), facts.pointer_bits);
  std::vector<std::string> tags;
  if (facts.libc == "glibc" && facts.libc_major == 2) add_manylinux(tags, archs, facts);
  if (facts.libc == "musl") {
    for (const std::string& arch : archs) {
      for (std::uint32_t minor = facts.libc_minor + 1; minor-- > 0;) {
        tags.push_back(fmt::format("musllinux_{}_{}_{}", facts.libc_major, minor, arch));
      }
    }
  }
  for (const std::string& arch : archs) tags.push_back(fmt::format("{}{}", kLinux, arch));
  return tags;
}

}  // namespace cas
