// cas show: one environment, or the packages of one name.
#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "cli/commands/commands.hpp"
#include "cli/environment_names.hpp"
#include "cli/environments.hpp"
#include "cli/json_output.hpp"
#include "cli/table.hpp"
#include "cli/words.hpp"
#include "linker/environment.hpp"
#include "linker/environment_condition.hpp"
#include "linker/environment_session.hpp"
#include "linker/find_links.hpp"
#include "store/base/error.hpp"
#include "store/base/relpath.hpp"
#include "store/base/text.hpp"
#include "store/packages/packages.hpp"
#include "store/roots.hpp"
#include "store/sys/file.hpp"
#include "store/usage.hpp"

namespace cas {
namespace {

struct PackageDetails {
  Package package;
  PackageMetadata metadata;
  std::vector<std::string> environments;  // those alive that use it
  std::optional<Sha256Digest> assembled;  // see Manifest
};

std::string tags_text(const PackageMetadata& metadata) {
  return fmt::format("{}-{}-{}", metadata.python_tags, metadata.abi_tags, metadata.platform_tags);
}

std::string entry_text(const EntryPoint& entry) {
  return fmt::format("{} = {}:{}{}", entry.name, entry.module, entry.attribute,
                     entry.group == EntryPointGroup::gui ? " (gui)" : "");
}

// What is known of one environment.
struct EnvironmentDetails {
  Root root;  // with the path where it is now
  std::optional<std::string> name;
  // Where it is there to be looked at:
  std::optional<std::string> prompt;
  std::optional<EnvironmentUsage> usage;
};

std::string python_text(const Anchor& anchor) {
  const std::string interpreter = printable(interpreter_of(anchor));
  if (anchor.base == "standalone") return fmt::format("{}, its own ({})", anchor.python_version, interpreter);
  return fmt::format("{}, of the {} ({})", anchor.python_version, anchor.base, interpreter);
}

std::string environment_text(const EnvironmentDetails& details) {
  const Root& root = details.root;
  const Anchor& anchor = root.anchor;
  std::string text = printable(anchor.target) + "\n";
  const auto line = [&](std::string_view label, std::string_view value) {
    text += fmt::format("  {:<13}{}\n", label, value);
  };
  if (details.name) line("name", *details.name);
  line("state", details.usage ? std::string(state_word(root))
                              : fmt::format("{}: it was made here, and is not here now", state_word(root)));
  line("Python", python_text(anchor));
  line("kind", anchor.base);
  if (details.prompt) line("prompt", printable(*details.prompt));
  if (const auto& usage = details.usage) {
    line("files",
         fmt::format("{} in {}", grouped(usage->files), counted(usage->directories, "directory", "directories")));
    line("own", format_size(usage->own_bytes + usage->directory_bytes));
    line("shared", format_size(usage->shared_bytes));
  }
  line("link mode", anchor.link_mode);
  line("anchor", anchor.id);
  line("created", time_text(static_cast<std::int64_t>(anchor.created_at)));
  line("last used", time_ago(root.used_at));
  const std::vector<AnchoredPackage> packages = user_packages(anchor);
  if (packages.empty()) return text + "no packages\n";
  TextTable table({{"Package"}, {"Version"}, {"Requested"}});
  for (const AnchoredPackage& package : packages) {
    table.add_row({package.name, package.version, package.requested ? "yes" : ""});
  }
  return text + "\n" + table.text();
}

std::string environment_json(const EnvironmentDetails& details) {
  const auto& usage = details.usage;
  Json environment = json_environment(details.root);
  environment["name"] = details.name ? Json(*details.name) : Json(nullptr);
  environment["interpreter"] = interpreter_of(details.root.anchor);
  environment["prompt"] = details.prompt ? Json(*details.prompt) : Json(nullptr);
  environment["files"] = usage ? Json(usage->files) : Json(nullptr);
  environment["directories"] = usage ? Json(usage->directories) : Json(nullptr);
  environment["own_bytes"] = usage ? Json(usage->own_bytes + usage->directory_bytes) : Json(nullptr);
  environment["shared_bytes"] = usage ? Json(usage->shared_bytes) : Json(nullptr);
  environment["packages"] = Json::array();
  for (const AnchoredPackage& package : user_packages(details.root.anchor)) {
    environment["packages"].push_back({{"name", package.name},
                                       {"version", package.version},
                                       {"sha256", package.artifact.hex()},
                                       {"requested", package.requested}});
  }
  Json document = json_document("show");
  document["environment"] = std::move(environment);
  return json_text(document);
}

// What lies at `path`.
EnvironmentDetails look_at(const Context& context, const Store& store, const std::string& path) {
  EnvironmentDetails details;
  recover_environment(store, path);
  details.root = find_root(store, path);
  details.root.anchor.target = absolute_path(path);  // it may have been moved since it was made
  details.name = name_of_environment(context.global, details.root.anchor.target);
  details.usage = measure_environment(store, path);
  try {
    details.prompt = open_session(path).prompt;
  } catch (const Error&) {  // not one that could be activated: `cas doctor` says why
  }
  return details;
}

// The environment that was made at one of these paths, and is elsewhere now, or cannot be seen; as `cas list` has it.
std::optional<EnvironmentDetails> made_at(const Context& context, const Store& store, const std::string& operand) {
  std::vector<std::string> paths{absolute_path(operand)};
  try {
    paths.push_back(environments_directory(context.global) + "/" + operand);
  } catch (const UsageError&) {  // no store is named anywhere: then nothing has a name
  }
  for (Root& root : list_roots(store)) {
    if (!is_alive(root) || std::ranges::find(paths, root.anchor.target) == paths.end()) continue;
    EnvironmentDetails details;
    details.name = name_of_environment(context.global, root.anchor.target);
    details.root = std::move(root);
    return details;
  }
  return std::nullopt;
}

std::string package_text(const PackageDetails& details) {
  const PackageRow& row = details.package.row;
  std::string text = fmt::format(
      "{} {}\n  files        {}, {}\n  wheel        {}, {}\n  SHA-256      {}\n  tags         {}\n",
      details.metadata.name, details.metadata.version, grouped(row.files), format_size(row.content_bytes),
      row.file_name, format_size(row.artifact_bytes), details.package.artifact.hex(), tags_text(details.metadata));
  if (details.assembled) text += "  parts of     a wheel with SHA-256 " + details.assembled->hex() + "\n";
  if (!details.metadata.requires_python.empty()) text += "  for Python   " + details.metadata.requires_python + "\n";
  text += fmt::format("  added        {}\n", time_text(static_cast<std::int64_t>(row.added_at)));
  for (const EntryPoint& entry : details.metadata.entry_points) text += "  script       " + entry_text(entry) + "\n";
  for (const std::string& path : details.environments) text += "  used by      " + printable(path) + "\n";
  if (details.environments.empty()) text += "  used by      no environment\n";
  return text;
}

Json json_package(const PackageDetails& details) {
  const PackageRow& row = details.package.row;
  Json package;
  package["name"] = details.metadata.name;
  package["version"] = details.metadata.version;
  package["sha256"] = details.package.artifact.hex();
  package["assembled_from"] = details.assembled ? Json(details.assembled->hex()) : Json(nullptr);
  package["file_name"] = row.file_name;
  package["artifact_bytes"] = row.artifact_bytes;
  package["files"] = row.files;
  package["bytes"] = row.content_bytes;
  package["tags"] = {{"python", details.metadata.python_tags},
                     {"abi", details.metadata.abi_tags},
                     {"platform", details.metadata.platform_tags},
                     {"build", details.metadata.build_tag}};
  package["requires_python"] = details.metadata.requires_python;
  package["requires_dist"] = details.metadata.requires_dist;
  package["entry_points"] = Json::array();
  for (const EntryPoint& entry : details.metadata.entry_points) {
    package["entry_points"].push_back({{"group", entry.group == EntryPointGroup::gui ? "gui" : "console"},
                                       {"name", entry.name},
                                       {"module", entry.module},
                                       {"attribute", entry.attribute}});
  }
  package["added"] = json_time(static_cast<std::int64_t>(row.added_at));
  package["used"] = json_time(static_cast<std::int64_t>(row.used_at));
  package["environments"] = details.environments;
  return package;
}

std::vector<std::string> users_of(const Sha256Digest& artifact, const std::vector<Root>& roots) {
  std::vector<std::string> paths;
  for (const Root& root : roots) {
    const auto& packages = root.anchor.packages;
    const bool uses = std::any_of(packages.begin(), packages.end(),
                                  [&](const AnchoredPackage& package) { return package.artifact == artifact; });
    if (uses && is_alive(root)) paths.push_back(root.anchor.target);
  }
  std::sort(paths.begin(), paths.end());
  return paths;
}

[[noreturn]] void throw_no_package(const NameRequirement& wanted, const std::vector<Package>& packages) {
  std::vector<std::string_view> names;
  std::vector<std::string> versions;
  for (const Package& package : packages) {
    names.push_back(package.row.normalized_name);
    if (package.row.normalized_name == wanted.normalized_name) versions.push_back(package.row.version);
  }
  std::string hint = "`cas show ./" + wanted.text + "` if an environment is meant";
  if (!versions.empty()) {
    hint = "the store has " + joined(versions);
  } else if (const auto nearest = nearest_spelling(wanted.normalized_name, names)) {
    hint = fmt::format("did you mean '{}'?", *nearest);
  }
  throw NotFound(fmt::format("no package '{}' in the store", printable(wanted.text)), hint);
}

std::vector<PackageDetails> find_packages(const Store& store, const NameRequirement& wanted) {
  const std::vector<Package> packages = list_packages(store.index());
  const std::vector<Root> roots = list_roots(store);
  std::vector<PackageDetails> found;
  for (const Package& package : packages) {
    if (package.row.normalized_name != wanted.normalized_name) continue;
    if (!wanted.version.empty() && package.row.version != wanted.version) continue;
    Manifest manifest = read_manifest(store.layout(), package);
    found.push_back({package, std::move(manifest.metadata), users_of(package.artifact, roots), manifest.assembled});
  }
  if (found.empty()) throw_no_package(wanted, packages);
  return found;
}

void print_packages(const Context& context, const std::vector<PackageDetails>& found) {
  if (context.global.json) {
    Json document = json_document("show");
    document["packages"] = Json::array();
    for (const PackageDetails& details : found) document["packages"].push_back(json_package(details));
    context.print(json_text(document));
    return;
  }
  for (std::size_t i = 0; i < found.size(); ++i) {
    if (i > 0) context.print("\n");
    context.print(package_text(found[i]));
  }
}

bool means_environment(const std::string& argument) {
  return argument.find('/') != std::string::npos || argument == "." || argument == ".." ||
         read_environment_anchor(argument).has_value();
}

int run(const Context& context) {
  const auto& operands = context.arguments.operands();
  if (operands.size() != 1) throw UsageError("name one environment or package", "cas show ENV|PACKAGE[==VERSION]");
  const Store store = context.open_store();
  const std::string path = environment_operand(context.global, operands.front());
  const auto print = [&](const EnvironmentDetails& details) {
    context.print(context.global.json ? environment_json(details) : environment_text(details));
  };
  try {
    if (means_environment(path)) {
      print(look_at(context, store, path));
    } else {
      print_packages(context, find_packages(store, parse_name_requirement(operands.front())));
    }
  } catch (const NotFound&) {
    const auto elsewhere = made_at(context, store, operands.front());
    if (!elsewhere) throw;
    print(*elsewhere);
  }
  return static_cast<int>(ExitStatus::success);
}

}  // namespace

const Command kShowCommand = {"show",
                              "one environment, or a package of the store",
                              {},
                              run,
                              Ending::returns,
                              0,
                              nullptr,
                              EnvironmentOperand::first};

}  // namespace cas
