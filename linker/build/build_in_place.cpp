#include "linker/build/build_in_place.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "linker/installed/comparison.hpp"
#include "linker/locked/marker_facts.hpp"
#include "linker/pyvenv_cfg.hpp"
#include "store/base/error.hpp"
#include "store/base/relpath.hpp"
#include "store/requirement/requirement.hpp"
#include "store/source/version.hpp"
#include "store/sys/file.hpp"

namespace cas {
namespace {

Anchor anchor_at(const std::string& path) {
  auto anchor = read_environment_anchor(path);
  if (anchor) return *anchor;
  throw NotFound(printable(path) + " is no environment of cas, and --no-build-isolation builds in one that is there",
                 "make it first, with what builds: `cas create ENV setuptools ...`");
}

}  // namespace

PlaceToBuild::PlaceToBuild(const std::string& path, const InterpreterFacts& facts)
    : facts_(facts), anchor_(anchor_at(path)) {
  installed_ = read_installed(path);
  if (anchor_.python_version != facts.version || anchor_.site_packages != facts.layout.site_packages) {
    throw UsageError(fmt::format("{} has Python {}, and is to have {}: --no-build-isolation would build for the former",
                                 printable(path), anchor_.python_version, facts.version),
                     "change its Python first (`cas upgrade`), then build");
  }
  const std::string text = read_pyvenv_cfg(open_directory(path).get()).value_or("");
  sees_system_ = pyvenv_cfg_value(text, "include-system-site-packages") == "true";
}

void PlaceToBuild::require(const std::vector<std::string>& requirements, const std::string& label,
                           Progress& progress) const {
  const MarkerEnvironment markers = system_markers(facts_);
  std::vector<std::string> missing;
  for (const std::string& text : requirements) {
    const Requirement requirement = with_context(label + ": what builds it", [&] { return parse_requirement(text); });
    if (!requirement.applies(markers)) continue;
    const InstalledDistribution* const there = find_installed(installed_, requirement.normalized);
    if (there == nullptr) {
      missing.push_back(requirement.text());
      continue;
    }
    const auto version = Version::parse(there->version);
    if (version && requirement.specifiers.contains(*version, Prereleases::allowed)) continue;
    progress.warning(fmt::format("{}: it is built with {} {}, and asks for {}", label, there->name,
                                 printable(there->version), printable(requirement.text())));
  }
  if (missing.empty() || sees_system_) return;
  throw NotFound(fmt::format("{} has no {}, which {} asks for to be built", printable(path()),
                             printable(fmt::format("{}", fmt::join(missing, ", "))), label),
                 fmt::format("`cas install {} {}`, or leave --no-build-isolation out", printable(path()),
                             printable(fmt::format("'{}'", fmt::join(missing, "' '")))));
}

std::optional<std::string> PlaceToBuild::state(std::string_view without) const {
  if (sees_system_ || !installed_.unreadable.empty() || !installed_.passed_over.empty()) return std::nullopt;
  std::string text = "in place\n" + installed_.path + "\n";
  for (const InstalledDistribution& one : installed_.distributions) {
    if (one.normalized == without) continue;
    if (one.direct_url && one.direct_url->editable) return std::nullopt;
    const AnchoredPackage* const ours = anchored_as(one, anchor_);
    text += fmt::format("{} {} {}\n", one.normalized, one.version,
                        ours == nullptr ? "of " + one.installer : ours->artifact.hex());
  }
  return text;
}

std::optional<std::string> PlaceToBuild::identity() const {
  return anchor_.history.empty() ? std::nullopt : std::optional("in place of " + anchor_.history);
}

bool PlaceToBuild::has(const Sha256Digest& artifact) const {
  return std::ranges::any_of(installed_.distributions, [&](const InstalledDistribution& one) {
    const AnchoredPackage* const ours = anchored_as(one, anchor_);
    return ours != nullptr && ours->artifact == artifact;
  });
}

}  // namespace cas
