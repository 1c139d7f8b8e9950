#include "linker/environment_keep.hpp"

#include <algorithm>
#include <map>

#include "linker/package_selection.hpp"
#include "linker/pyvenv_cfg.hpp"
#include "store/packages/packages.hpp"
#include "store/source/version.hpp"
#include "store/source/wheel_name.hpp"
#include "store/sys/file.hpp"

namespace cas {
namespace {

constexpr std::size_t kMostConfiguration = std::size_t{64} << 10;

// Normalized name -> versions, as the names of the folders say: "typing_extensions-4.12.2.dist-info".
std::map<std::string, std::vector<std::string>> installed_in(const std::string& site_packages) {
  std::map<std::string, std::vector<std::string>> installed;
  const Fd directory = try_open_directory_at(kCurrentDirectory, site_packages);
  if (!directory) return installed;
  list_directory(directory.get(), site_packages, [&](const std::string& name, unsigned char) {
    if (!name.ends_with(".dist-info") && !name.ends_with(".egg-info")) return;
    const std::string label = name.substr(0, name.rfind('.'));
    const std::size_t dash = label.find('-');
    if (dash == std::string::npos) return;
    installed[normalize_name(label.substr(0, dash))].push_back(label.substr(dash + 1));
  });
  return installed;
}

bool is_version(const std::string& in_folder_name, const std::string& version) {
  if (in_folder_name == version) return true;
  const auto a = parse_escaped_version(in_folder_name);
  const auto b = Version::parse(version);
  return a && b && *a == *b;
}

}  // namespace

std::optional<KeptEnvironment> look_at_environment(const Store& store, const std::string& target) {
  if (!read_environment_anchor(target)) return std::nullopt;
  KeptEnvironment kept;
  kept.anchor = find_root(store, target).anchor;
  auto installed = installed_in(target + "/" + kept.anchor.site_packages);
  for (const AnchoredPackage& anchored : kept.anchor.packages) {
    const auto package = find_package(store.index(), anchored.artifact);
    if (!package) {
      throw Corruption(anchored.name + " of " + target + " is no longer in the store",
                       "add its wheel again, or remove the environment and create it anew");
    }
    PlannedPackage planned = planned_package(*package, anchored);
    if (is_interpreter(planned.metadata)) continue;
    std::vector<std::string>& versions = installed[planned.metadata.normalized_name];
    const auto ours = std::ranges::find_if(
        versions, [&](const std::string& version) { return is_version(version, planned.metadata.version); });
    if (ours == versions.end()) continue;
    versions.erase(ours);
    kept.packages.push_back(std::move(planned));
  }
  for (const auto& [name, versions] : installed) {
    if (!versions.empty()) kept.installed_by_others.insert(name);
  }
  try {
    const auto text = try_read_file_at(kCurrentDirectory, target + "/pyvenv.cfg", kMostConfiguration).value_or("");
    if (auto prompt = pyvenv_cfg_value(text, "prompt"); prompt && !prompt->empty()) kept.prompt = std::move(prompt);
    kept.system_site_packages = pyvenv_cfg_value(text, "include-system-site-packages") == "true";
  } catch (const Error&) {  // what cannot be read is made anew
  }
  return kept;
}

}  // namespace cas
