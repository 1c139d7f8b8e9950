// cas create: an environment from wheels.
#include <fmt/format.h>

#include <chrono>

#include "cli/automatic_collection.hpp"
#include "cli/commands/commands.hpp"
#include "cli/create_report.hpp"
#include "cli/environment_names.hpp"
#include "cli/environment_options.hpp"
#include "cli/install_places.hpp"
#include "cli/installed_packages.hpp"
#include "cli/json_output.hpp"
#include "cli/package_arguments.hpp"
#include "cli/store_for_making.hpp"
#include "cli/wheel_arguments.hpp"
#include "linker/environment.hpp"
#include "linker/find_links.hpp"
#include "store/base/error.hpp"
#include "store/base/relpath.hpp"
#include "store/source/wheel_name.hpp"
#include "store/sys/file.hpp"

namespace cas {
namespace {

constexpr std::array kOwnOptions{
    OptionSpec{"python", 'p', "PYTHON"},
    OptionSpec{"link-mode", '\0', "MODE"},
    OptionSpec{"strict-conflicts", '\0', {}},
    OptionSpec{"strict-record", '\0', {}},
    OptionSpec{"relocatable", '\0', {}},
    OptionSpec{"prompt", '\0', "TEXT"},
    OptionSpec{"check", '\0', {}},
    OptionSpec{"sha256sums", '\0', "FILE", Repeat::yes},
    OptionSpec{"compile-bytecode", '\0', {}},
    OptionSpec{"no-compile-bytecode", '\0', {}},
    OptionSpec{"base", '\0', "KIND"},
    OptionSpec{"standalone", '\0', {}},
    OptionSpec{"system-site-packages", '\0', {}},
    OptionSpec{"clear", '\0', {}},
    OptionSpec{"dry-run", '\0', {}},
    OptionSpec{"allow-existing", '\0', {}},
    OptionSpec{"upgrade", '\0', {}},
    OptionSpec{"upgrade-deps", '\0', {}},
    OptionSpec{"seed", '\0', {}},
    OptionSpec{"without-pip", '\0', {}},
    OptionSpec{"symlinks", '\0', {}},
    OptionSpec{"copies", '\0', {}},
    OptionSpec{"without-scm-ignore-files", '\0', {}},
    OptionSpec{"name", 'n', "NAME"},
};
constexpr auto kOptions = joined_options(kOwnOptions, kPackageSourceOptions, kLockChoiceOptions, kInstallPlaceOptions);

// The words behind the environment's own; with --name all of them.
std::vector<std::string> package_operands(const Arguments& arguments) {
  const auto& operands = arguments.operands();
  const std::size_t own = arguments.has("name") || operands.empty() ? 0 : 1;
  return {operands.begin() + static_cast<std::ptrdiff_t>(own), operands.end()};
}

// Folders, and nothing else that says where packages come from.
bool prefers_folders(const Arguments& arguments) {
  if (!arguments.has("find-links")) return false;
  for (const char* option : {"requirement", "index-url", "extra-index-url", "no-index", "resolver", "no-binary"}) {
    if (arguments.has(option)) return false;
  }
  return true;
}

// Names that stand for files in folders, whose digests are then held against those given.
bool takes_names_from_folders(const Arguments& arguments) {
  return arguments.has("sha256sums") && prefers_folders(arguments);
}

// A package, a lock or a project, rather than a wheel that lies here.
bool is_input(const Arguments& arguments, const std::string& operand) {
  if (is_file_argument(operand)) return true;
  if (names_sources(operand)) return true;
  if (is_url_argument(operand)) return !takes_names_from_folders(arguments);
  if (is_wheel_argument(operand)) return false;
  return !takes_names_from_folders(arguments);
}

PackageInputs requested_inputs(const Context& context) {
  std::vector<std::string> operands = package_operands(context.arguments);
  std::erase_if(operands, [&](const std::string& operand) { return !is_input(context.arguments, operand); });
  PackageInputs inputs = read_package_inputs(context, operands);
  inputs.resolve.folders_first = prefers_folders(context.arguments);
  return inputs;
}

std::vector<PackageRequest> requested_packages(const Arguments& arguments) {
  const WheelPins pins = read_pins(arguments);
  std::vector<PackageRequest> packages;
  for (const std::string& operand : package_operands(arguments)) {
    refuse_requirements_file(operand);
    if (arguments.has("name") && stat_path(operand + "/pyvenv.cfg")) {
      throw UsageError(printable(operand) + " is an environment, and with --name all operands are packages",
                       "leave out either the path or --name");
    }
    if (is_input(arguments, operand)) continue;
    if (is_wheel_argument(operand)) {
      for (WheelRequest& wheel : expand_wheel_argument(operand, pins)) packages.emplace_back().wheel = std::move(wheel);
      continue;
    }
    packages.emplace_back().name = parse_name_requirement(operand).text;
  }
  return packages;
}

Existing read_existing(const Arguments& arguments) {
  refuse_both(arguments, "clear", "allow-existing");
  refuse_both(arguments, "clear", "upgrade");
  if (arguments.has("clear")) return Existing::clear;
  return arguments.has("allow-existing") || arguments.has("upgrade") ? Existing::keep : Existing::change;
}

std::optional<SeedOptions> read_seed(const Arguments& arguments) {
  refuse_both(arguments, "seed", "without-pip");
  refuse_both(arguments, "upgrade-deps", "without-pip");
  if (!arguments.has("seed") && !arguments.has("upgrade-deps")) return std::nullopt;
  SeedOptions seed;
  seed.folders = arguments.values("find-links");
  seed.upgrade = arguments.has("upgrade-deps");
  return seed;
}

CreateOptions read_options(const Context& context) {
  const Arguments& arguments = context.arguments;
  CreateOptions options;
  options.python = arguments.value("python");
  options.base = read_base(arguments);
  options.system_site_packages = arguments.has("system-site-packages");
  options.packages = requested_packages(arguments);
  options.find_links = arguments.values("find-links");
  options.pins = read_pins(arguments);
  options.link_mode = read_link_mode(arguments);
  options.strict_conflicts = arguments.has("strict-conflicts");
  options.relocatable = arguments.has("relocatable");
  options.check = arguments.has("check");
  options.compile_bytecode = !arguments.has("no-compile-bytecode");
  if (!options.compile_bytecode && arguments.has("compile-bytecode")) {
    throw UsageError("--compile-bytecode and --no-compile-bytecode exclude each other");
  }
  if (const auto prompt = arguments.value("prompt")) options.prompt = read_prompt(*prompt);
  options.existing = read_existing(arguments);
  options.dry_run = arguments.has("dry-run");
  options.upgrade = arguments.has("upgrade");
  options.keep_python = !arguments.has("upgrade");
  options.seed = read_seed(arguments);
  refuse_both(arguments, "symlinks", "copies");
  if (arguments.has("copies") || arguments.has("symlinks")) options.copies = arguments.has("copies");
  options.ignore_file = !arguments.has("without-scm-ignore-files");
  options.ingest = read_ingest_options(context);
  options.threads = context.global.threads;
  return options;
}

int run_once(const Context& context) {
  const auto start = std::chrono::steady_clock::now();
  const auto& operands = context.arguments.operands();
  const auto name = context.arguments.value("name");
  const std::string path = new_environment(
      context.global, name ? std::nullopt : std::optional(operands.empty() ? kUsualEnvironment : operands.front()),
      name, "cas create [ENV]|-n NAME [WHEEL|REQUIREMENT|LOCK...]");
  if (!name) refuse_requirements_file(path);
  CreateOptions options = read_options(context);
  PackageInputs inputs = requested_inputs(context);
  choose_build_place(context, path, InstalledBuilds::stay, inputs);
  options.python_versions = inputs.python_versions();
  options.preferred_pythons = inputs.preferred_pythons();
  const StoreForMaking store(context, options.dry_run);
  // What is not there need not be cleared; checkouts may be the first that is.
  if (!stat_path(path)) options.existing = Existing::change;
  const auto checkouts = check_out_editables(context, store.store(), path, options.dry_run, inputs);
  PackageNetwork network(store.store(), inputs.network);
  LockedSupply supply(find_locks(inputs, network), network);
  if (!inputs.empty()) options.supply = &supply;
  if (options.existing == Existing::keep) supply.set_present(names_installed(path));
  const CreateResult result = create_environment(store.store(), path, options, context.printer);
  if (!options.dry_run) checkouts->keep();
  report_created(context, result, std::chrono::steady_clock::now() - start);
  const Json collected = options.dry_run ? Json(nullptr) : collect_if_low(context, store.store());
  if (context.global.json) {
    Json document = json_document("create");
    document.update(json_created(result));
    document["collected"] = collected;
    context.print(json_text(document));
  }
  return static_cast<int>(ExitStatus::success);
}

// With --name the first operand is a package, as with conda, and not the path that it is without.
int run_explained(const Context& context) {
  try {
    return run_once(context);
  } catch (Error& error) {
    const auto& operands = context.arguments.operands();
    if (!context.arguments.has("name") || operands.empty()) throw;
    const std::string& first = operands.front();
    const bool is_path = first.find('/') != std::string::npos;
    const std::string meant = is_path ? printable(absolute_path(first)) : first;
    const bool could_be_environment = is_path ? !stat_path(first) : is_project_name(first);
    const bool is_about_it = error.message().find(meant) != std::string::npos ||
                             (!is_path && error.message().find(normalize_name(first)) != std::string::npos);
    if (could_be_environment && is_about_it)
      error.add_context(printable(first) + " is taken for a package, because --name says where the environment is");
    throw;
  }
}

int run(const Context& context) { return run_with_room(context, run_explained); }

}  // namespace

const Command kCreateCommand = {"create", "make an environment, or change one", kOptions, run};

}  // namespace cas
