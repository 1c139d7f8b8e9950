#include "linker/environment_sizes.hpp"

#include "linker/environment_contents.hpp"
#include "linker/environment_plan.hpp"
#include "linker/environment_request.hpp"

namespace cas {
namespace {

constexpr std::uint64_t kBlock = 4096;  // of nearly every filesystem

std::uint64_t allocated(std::uint64_t size) { return (size + kBlock - 1) / kBlock * kBlock; }

}  // namespace

std::optional<PlannedSizes> planned_sizes(const Store& store, const Anchor& anchor) {
  const auto plan = find_plan(store, anchor.plan);
  if (!plan) return std::nullopt;
  // An anchor that could not be linked is on another filesystem, where files are not linked either.
  const bool linked = anchor.linked && (anchor.link_mode == "auto" || anchor.link_mode == "hardlink");
  const std::vector<std::string> own_files = own_files_before(anchor);
  const EnvironmentLayout layout{anchor.site_packages, anchor.scripts, anchor.headers};
  PlannedSizes sizes;
  for (const PlanFile& file : plan->files) {
    (linked ? sizes.shared_bytes : sizes.own_bytes) += linked ? file.size : allocated(file.size);
  }
  const std::uint64_t written = plan->scripts.size() + plan->records.size() + own_files.size();
  sizes.own_bytes += kBlock * (written + count_contents(*plan, own_files, layout).directories);
  return sizes;
}

}  // namespace cas
