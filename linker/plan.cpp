#include "linker/plan.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "linker/plan_builder.hpp"
#include "store/base/codec.hpp"
#include "store/base/error.hpp"

namespace cas {
namespace {

// Grows with every change of what make_plan gives for the same packages: old plans are then not found.
constexpr std::uint32_t kPlanRules = 3;

}  // namespace

Sha256Digest plan_key(const std::vector<PlannedPackage>& packages, const EnvironmentLayout& layout,
                      const PlanOptions& options) {
  std::string text;
  text.reserve(128 + packages.size() * 64);
  ByteWriter writer(text);
  writer.raw("cas plan key");
  writer.u32(kPlanRules);
  writer.string(layout.site_packages);
  writer.string(layout.scripts);
  writer.string(layout.headers);
  writer.u8(static_cast<std::uint8_t>(options.scripts));
  writer.string(options.bytecode);
  writer.u32(static_cast<std::uint32_t>(packages.size()));
  for (const PlannedPackage& package : packages) {
    writer.digest(package.artifact);
    // The name too: one artifact may be known under several file names.
    writer.string(package.metadata.file_name);
    writer.u8(static_cast<std::uint8_t>(package.requested));
    writer.string(package.direct_url);
  }
  return sha256(text);
}

void sort_for_plan(std::vector<PlannedPackage>& packages) {
  const auto name = [](const PlannedPackage& package) -> const std::string& {
    return package.metadata.normalized_name;
  };
  std::ranges::stable_sort(packages, {}, name);
  const auto twice = std::ranges::adjacent_find(packages, {}, name);
  if (twice == packages.end()) return;
  const PackageMetadata& first = twice->metadata;
  const PackageMetadata& second = std::next(twice)->metadata;
  throw InvalidInput(fmt::format("{} is wanted twice: as {} and as {}", first.name, first.file_name, second.file_name),
                     "an environment holds one version of a package");
}

Plan make_plan(const std::vector<PlannedPackage>& packages, const EnvironmentLayout& layout, const PlanOptions& options,
               const PlanBytecode& bytecode) {
  PlanBuilder builder(packages, layout, options, bytecode);
  for (std::uint32_t i = 0; i < packages.size(); ++i) builder.add_package(i);
  return builder.finish();
}

}  // namespace cas
