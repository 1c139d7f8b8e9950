#include "linker/find_links.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <compare>
#include <optional>

#include "store/base/error.hpp"
#include "store/base/relpath.hpp"
#include "store/base/text.hpp"
#include "store/source/wheel_name.hpp"

namespace cas {
namespace {

constexpr std::string_view kBlanks = " \t";

struct Candidate {
  const std::string* path = nullptr;
  WheelName wheel;
  std::size_t rank = 0;  // of its best tag; 0 is best
};

[[noreturn]] void refuse(const std::string& text) {
  throw UsageError(fmt::format("'{}' is not of the form NAME or NAME==VERSION", printable(text)));
}

// "2_local" is above "2", "10" above "9": a number, then a text. None is below all.
std::strong_ordering compare_builds(std::string_view a, std::string_view b) {
  if (a.empty() || b.empty()) return a.size() <=> b.size();
  const auto digits = [](std::string_view text) {
    return text.substr(0, std::min(text.find_first_not_of("0123456789"), text.size()));
  };
  const auto significant = [](std::string_view number) {
    return number.substr(std::min(number.find_first_not_of('0'), number.size()));
  };
  const std::string_view left = significant(digits(a));
  const std::string_view right = significant(digits(b));
  if (left.size() != right.size()) return left.size() <=> right.size();
  if (const auto order = left <=> right; order != 0) return order;
  return a.substr(digits(a).size()) <=> b.substr(digits(b).size());
}

bool is_better(const Candidate& a, const Candidate& b) {
  if (const auto order = a.wheel.version <=> b.wheel.version; order != 0) return order > 0;
  if (a.rank != b.rank) return a.rank < b.rank;
  return compare_builds(a.wheel.build, b.wheel.build) > 0;
}

// The file's name taken apart if it is a wheel of that name.
std::optional<WheelName> wheel_of(const std::string& path, const std::string& normalized_name) {
  const std::string name(name_of(path));
  if (!name.ends_with(".whl")) return std::nullopt;
  // Most files are others: seen by the beginning, before versions are parsed.
  if (normalize_name(name.substr(0, name.find('-'))) != normalized_name) return std::nullopt;
  try {
    return parse_wheel_name(name);
  } catch (const InvalidInput&) {
    return std::nullopt;  // a folder may hold anything
  }
}

bool has_wanted_version(const WheelName& wheel, const NameRequirement& requirement) {
  if (requirement.version.empty() || requirement.version == wheel.version_text) return true;
  const auto clause = Specifier::parse("==" + requirement.version);
  return clause && clause->contains(wheel.version);
}

std::string nearest_name_hint(const NameRequirement& requirement, const std::vector<std::string>& files) {
  std::vector<std::string> names;
  for (const std::string& path : files) {
    const std::string_view file = name_of(path);
    names.push_back(normalize_name(file.substr(0, file.find('-'))));
  }
  const auto nearest = nearest_spelling(requirement.normalized_name, {names.begin(), names.end()});
  return nearest ? fmt::format("did you mean '{}'?", printable(*nearest))
                 : "name the folder that has it with --find-links DIR, or the wheel file itself";
}

}  // namespace

bool is_meant(const NameRequirement& requirement, const std::string& normalized_name, const std::string& version) {
  if (requirement.normalized_name != normalized_name) return false;
  if (requirement.version.empty() || requirement.version == version) return true;
  const auto clause = Specifier::parse("==" + requirement.version);
  const auto parsed = Version::parse(version);
  return clause && parsed && clause->contains(*parsed);
}

NameRequirement parse_name_requirement(const std::string& text) {
  NameRequirement requirement;
  requirement.text = std::string(trimmed(text, kBlanks));
  std::string_view rest = requirement.text;
  const std::size_t equals = rest.find("==");
  std::string_view name = trimmed(rest.substr(0, equals), kBlanks);
  if (!name.empty() && name.back() == ']') {
    const std::size_t bracket = name.find('[');
    if (bracket == std::string_view::npos) refuse(text);
    name = trimmed(name.substr(0, bracket), kBlanks);
  }
  if (!is_project_name(name)) refuse(text);
  requirement.normalized_name = normalize_name(name);
  if (equals == std::string_view::npos) return requirement;
  rest.remove_prefix(equals + 2);
  if (rest.starts_with('=')) rest.remove_prefix(1);
  const auto version = Version::parse(rest);
  if (!version) refuse(text);
  requirement.version = std::string(trimmed(rest, kBlanks));
  return requirement;
}

std::optional<std::string> find_wheel(const NameRequirement& requirement, const std::vector<std::string>& files,
                                      const WheelFit& fit, std::vector<std::string>& reasons) {
  std::vector<Candidate> fitting;
  const auto refuse_file = [&](std::string reason) {
    if (std::ranges::find(reasons, reason) == reasons.end()) reasons.push_back(std::move(reason));
  };
  for (const std::string& path : files) {
    auto wheel = wheel_of(path, requirement.normalized_name);
    if (!wheel) continue;
    if (!has_wanted_version(*wheel, requirement)) {
      refuse_file(fmt::format("{} is another version", printable(wheel->file_name)));
    } else if (const auto rank = fit.tags.rank(wheel->python_tags, wheel->abi_tags, wheel->platform_tags)) {
      fitting.push_back({&path, std::move(*wheel), *rank});
    } else {
      PackageMetadata named;
      named.file_name = wheel->file_name;
      named.python_tags = wheel->python_tags;
      named.abi_tags = wheel->abi_tags;
      named.platform_tags = wheel->platform_tags;
      refuse_file(misfit(named, fit.facts, fit.tags).value_or(""));
    }
  }
  const auto is_final = [](const Candidate& candidate) { return !candidate.wheel.version.is_prerelease(); };
  if (requirement.version.empty() && std::ranges::any_of(fitting, is_final)) {
    std::erase_if(fitting, [&](const Candidate& candidate) { return !is_final(candidate); });
  }
  // The first of equals: folders are searched in the order in which they were given.
  const auto best = std::ranges::min_element(fitting, is_better);
  return best == fitting.end() ? std::nullopt : std::optional(*best->path);
}

std::string first_reasons(const std::vector<std::string>& reasons) {
  constexpr std::size_t kMostShown = 10;
  std::string text;
  for (std::size_t i = 0; i < std::min(reasons.size(), kMostShown); ++i) text += (i == 0 ? "" : "; ") + reasons[i];
  if (reasons.size() > kMostShown) text += fmt::format("; and {} more", reasons.size() - kMostShown);
  return text;
}

std::string choose_wheel(const NameRequirement& requirement, const std::vector<std::string>& files, const WheelFit& fit,
                         const std::vector<std::string>& folders) {
  std::vector<std::string> reasons;
  if (auto found = find_wheel(requirement, files, fit, reasons)) return std::move(*found);
  const std::string wanted = printable(requirement.text);
  if (!reasons.empty()) {
    throw NotFound(fmt::format("no wheel for {}: {}", wanted, first_reasons(reasons)),
                   "add a wheel that fits to the folder, or ask for another version or Python");
  }
  std::string places;
  for (const std::string& folder : folders) places += (places.empty() ? "" : ", ") + printable(folder);
  throw NotFound(fmt::format("no wheel of {} in {}", wanted, places), nearest_name_hint(requirement, files));
}

}  // namespace cas
