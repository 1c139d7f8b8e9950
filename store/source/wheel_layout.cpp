#include "store/source/wheel_layout.hpp"

#include <algorithm>
#include <array>

#include "store/source/fault.hpp"
#include "store/source/reserved.hpp"

namespace cas {
namespace {

constexpr std::string_view kDistInfo = ".dist-info";
constexpr std::string_view kData = ".data";

std::string_view without_slash(std::string_view name) {
  if (name.ends_with('/')) name.remove_suffix(1);
  return name;
}

// Whether "<name>-<version>" means the same distribution as the file name, however it is spelled.
bool is_same_distribution(std::string_view stem, const WheelName& name) {
  const std::size_t dash = stem.rfind('-');
  if (dash == std::string_view::npos) return false;
  const std::optional<Version> version = parse_escaped_version(stem.substr(dash + 1));
  return version && *version == name.version && normalize_name(stem.substr(0, dash)) == name.normalized;
}

// Takes `directory` as the one that ends in `suffix`. Throws where there is another one.
void take_special(std::string_view directory, std::string_view suffix, const WheelName& name, std::string& found) {
  if (directory == found) return;
  if (!found.empty())
    throw_fault(directory, fmt::format("is a second {} directory besides {}", suffix, printable(found)));
  if (!is_same_distribution(directory.substr(0, directory.size() - suffix.size()), name)) {
    throw_fault(directory, "does not match the name and version in the wheel's file name");
  }
  found = directory;
}

// Directories that environments have; paths in different ones cannot meet.
enum class Place { site_packages, scripts, headers, data };

struct Target {
  Place place;
  std::string_view path;
};

Target target_of(const Placement& placement) {
  const std::string_view path = placement.path;
  switch (placement.scheme) {
    case Scheme::purelib:
    case Scheme::platlib:
      return {Place::site_packages, path};
    case Scheme::scripts:
      return {Place::scripts, path};
    case Scheme::headers:
      return {Place::headers, path};
    case Scheme::data:
    case Scheme::interpreter:
      break;
  }
  if (path.starts_with("bin/")) return {Place::scripts, path.substr(4)};
  if (const auto below = below_site_packages(path)) return {Place::site_packages, *below};
  return {Place::data, path};
}

// Order in which everything below a directory follows it at once: '/' before all other characters.
bool path_less(std::string_view a, std::string_view b) {
  return std::lexicographical_compare(a.begin(), a.end(), b.begin(), b.end(), [](char x, char y) {
    const auto rank = [](char c) { return c == '/' ? 0 : 1 + static_cast<int>(static_cast<unsigned char>(c)); };
    return rank(x) < rank(y);
  });
}

}  // namespace

WheelLayout::WheelLayout(const WheelName& name, std::span<const ZipMember> members) {
  for (const ZipMember& member : members) {
    if (const auto problem = relative_path_problem(without_slash(member.name))) throw_fault(member.name, *problem);
    const std::size_t slash = member.name.find('/');
    const std::string_view top = member.name.substr(0, slash);
    if (top.ends_with(kDistInfo)) {
      if (slash == std::string_view::npos) throw_fault(member.name, "is a file but must be a directory");
      take_special(top, kDistInfo, name, dist_info_);
    } else if (top.ends_with(kData) && slash != std::string_view::npos) {
      take_special(top, kData, name, data_);
    }
  }
  if (dist_info_.empty()) throw InvalidInput("has no .dist-info directory");
}

std::optional<Placement> WheelLayout::place(const ZipMember& member, Scheme root) const {
  struct SchemeName {
    std::string_view name;
    Scheme scheme;
  };
  static constexpr std::array<SchemeName, 5> kSchemes{{{"purelib", Scheme::purelib},
                                                       {"platlib", Scheme::platlib},
                                                       {"scripts", Scheme::scripts},
                                                       {"headers", Scheme::headers},
                                                       {"data", Scheme::data}}};
  const std::string_view name = without_slash(member.name);
  const std::size_t slash = member.name.find('/');
  if (data_.empty() || slash == std::string_view::npos || member.name.substr(0, slash) != data_) {
    return Placement{root, name};
  }
  std::string_view rest = name.substr(std::min(slash + 1, name.size()));
  if (rest.empty()) return std::nullopt;
  const std::size_t end = rest.find('/');
  const std::string_view key = rest.substr(0, end);
  const auto known =
      std::find_if(kSchemes.begin(), kSchemes.end(), [key](const SchemeName& s) { return s.name == key; });
  if (known == kSchemes.end()) throw_fault(member.name, fmt::format("'{}' is not a scheme of .data", printable(key)));
  if (end == std::string_view::npos) {
    if (member.type == ZipType::file) throw_fault(member.name, "is a file but must be a directory");
    return Placement{known->scheme, {}};
  }
  const Placement placement{known->scheme, rest.substr(end + 1)};
  const Target target = target_of(placement);
  if (target.place != Place::site_packages) return placement;
  const std::string_view top = target.path.substr(0, target.path.find('/'));
  if (!top.ends_with(kDistInfo)) return placement;
  if (top != dist_info_) throw_fault(member.name, "lies in the .dist-info directory of another distribution");
  if (is_installers_own(target.path)) throw_fault(member.name, "is a file that only an installer writes");
  return placement;
}

bool WheelLayout::is_installers_own(std::string_view member_name) const {
  if (!member_name.starts_with(dist_info_) || member_name.size() <= dist_info_.size()) return false;
  const std::string_view name = member_name.substr(dist_info_.size());
  return name == "/RECORD" || name == "/INSTALLER" || name == "/REQUESTED" || name == "/direct_url.json";
}

void check_collisions(std::span<const PlacedMember> placed) {
  struct Item {
    Target target;
    const ZipMember* member;
  };
  std::vector<Item> items;
  items.reserve(placed.size());
  for (const PlacedMember& one : placed) items.push_back({target_of(one.placement), one.member});
  std::sort(items.begin(), items.end(), [](const Item& a, const Item& b) {
    if (a.target.place != b.target.place) return a.target.place < b.target.place;
    if (a.target.path != b.target.path) return path_less(a.target.path, b.target.path);
    return a.member->name < b.member->name;
  });
  for (std::size_t i = 0; i + 1 < items.size(); ++i) {
    const Item& one = items[i];
    const Item& next = items[i + 1];
    if (one.target.place != next.target.place) continue;
    const bool same = one.target.path == next.target.path;
    const bool below =
        next.target.path.starts_with(one.target.path) && !same && next.target.path[one.target.path.size()] == '/';
    const bool both_directories = one.member->type == ZipType::directory && next.member->type == ZipType::directory;
    if (same && !both_directories) {
      throw_fault(next.member->name, fmt::format("is installed to the same path as {}", printable(one.member->name)));
    }
    if (below && one.member->type == ZipType::file) {
      throw_fault(next.member->name, fmt::format("needs a directory where {} is a file", printable(one.member->name)));
    }
  }
}

}  // namespace cas
