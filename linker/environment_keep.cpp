#include "linker/environment_keep.hpp"

#include "linker/environment_others.hpp"
#include "linker/package_selection.hpp"
#include "linker/pyvenv_cfg.hpp"
#include "store/packages/packages.hpp"
#include "store/sys/file.hpp"

namespace cas {

std::optional<EnvironmentTraits> traits_of_environment(const std::string& target) {
  auto anchor = read_environment_anchor(target);
  if (!anchor) return std::nullopt;
  EnvironmentTraits traits;
  traits.anchor = std::move(*anchor);
  const std::string text = read_pyvenv_cfg(open_directory(target).get()).value_or("");
  if (auto prompt = pyvenv_cfg_value(text, "prompt"); prompt && !prompt->empty()) traits.prompt = std::move(prompt);
  traits.system_site_packages = shows_system_packages(text);
  return traits;
}

std::optional<KeptEnvironment> look_at_environment(const Store& store, const std::string& target) {
  auto traits = traits_of_environment(target);
  if (!traits) return std::nullopt;
  KeptEnvironment kept{std::move(*traits), {}, {}};
  kept.anchor = find_root(store, target).anchor;
  OthersWork others = look_at_others(store, kept.anchor, target);
  for (std::size_t i = 0; i < kept.anchor.packages.size(); ++i) {
    const AnchoredPackage& anchored = kept.anchor.packages[i];
    const auto package = find_package(store.index(), anchored.artifact);
    if (!package) {
      throw Corruption(anchored.name + " of " + target + " is no longer in the store",
                       "add its wheel again, or remove the environment and create it anew");
    }
    PlannedPackage planned = planned_package(*package, anchored);
    if (!is_interpreter(planned.metadata) && !is_taken_over(others, i)) kept.packages.push_back(std::move(planned));
  }
  kept.installed_by_others = std::move(others.installed);
  return kept;
}

}  // namespace cas
