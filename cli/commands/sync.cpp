// cas sync: an environment with exactly what a lock says.
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>

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
#include "linker/packages/exact_environment.hpp"
#include "store/base/error.hpp"
#include "store/base/relpath.hpp"
#include "store/sys/file.hpp"

namespace cas {
namespace {

constexpr const char* kUsage = "cas sync [ENV] [LOCK|PROJECT...] [-r FILE]...";

constexpr std::array kOwnOptions{
    OptionSpec{"python", 'p', "PYTHON"},      OptionSpec{"inexact", '\0', {}},
    OptionSpec{"name", 'n', "NAME"},          OptionSpec{"frozen", '\0', {}},
    OptionSpec{"dry-run", '\0', {}},          OptionSpec{"base", '\0', "KIND"},
    OptionSpec{"standalone", '\0', {}},       OptionSpec{"link-mode", '\0', "MODE"},
    OptionSpec{"strict-conflicts", '\0', {}}, OptionSpec{"strict-record", '\0', {}},
    OptionSpec{"compile-bytecode", '\0', {}}, OptionSpec{"no-compile-bytecode", '\0', {}},
    OptionSpec{"locked", '\0', {}},
};
constexpr auto kOptions = joined_options(kOwnOptions, kPackageSourceOptions, kLockChoiceOptions, kInstallPlaceOptions);

// What is followed where nothing is named, the first that is there: locks before what they were made of.
constexpr std::array kUsualInputs{"pylock.toml", "uv.lock", "poetry.lock", "pyproject.toml"};

// Whether the first operand is the environment: a lock or a project is none.
bool names_environment(const Arguments& arguments) {
  return !arguments.has("name") && !arguments.operands().empty() && !is_file_argument(arguments.operands().front());
}

std::string environment_path(const Context& context) {
  const Arguments& arguments = context.arguments;
  if (const auto name = arguments.value("name")) return named_environment(context.global, *name);
  if (names_environment(arguments)) return environment_operand(context.global, arguments.operands().front());
  const char* const active = std::getenv("VIRTUAL_ENV");
  return active == nullptr || *active == '\0' ? kUsualEnvironment : active;
}

std::vector<std::string> inputs_named(const Context& context) {
  const Arguments& arguments = context.arguments;
  const auto& operands = arguments.operands();
  std::vector<std::string> named(operands.begin() + (names_environment(arguments) ? 1 : 0), operands.end());
  for (const std::string& operand : named) {
    if (!is_file_argument(operand)) {
      throw UsageError(
          printable(operand) + " is not called pylock.toml, pylock.NAME.toml, uv.lock, poetry.lock or pyproject.toml",
          "requirements come from files: -r FILE; `cas create ENV NAME...` takes them from the command line");
    }
  }
  if (!named.empty() || arguments.has("requirement") || arguments.has("editable")) return named;
  const auto here = std::ranges::find_if(kUsualInputs, [](const char* name) { return stat_path(name).has_value(); });
  if (here == kUsualInputs.end()) {
    throw UsageError("there is no pylock.toml, uv.lock, poetry.lock or pyproject.toml here, and nothing else is named",
                     kUsage);
  }
  context.say(fmt::format("following {}", printable(absolute_path(*here))));
  named.emplace_back(*here);
  return named;
}

int run_once(const Context& context) {
  const auto start = std::chrono::steady_clock::now();
  const Arguments& arguments = context.arguments;
  refuse_both(arguments, "compile-bytecode", "no-compile-bytecode");
  const std::string path = environment_path(context);
  PackageInputs inputs = read_package_inputs(context, inputs_named(context), path);
  choose_build_place(context, path, InstalledBuilds::stay, inputs);

  CreateOptions options;
  options.command = "sync";
  options.python = arguments.value("python");
  options.python_versions = inputs.python_versions();
  options.preferred_pythons = inputs.preferred_pythons();
  options.base = read_base(arguments);
  options.link_mode = read_link_mode(arguments);
  options.dry_run = arguments.has("dry-run");
  options.existing = arguments.has("inexact") ? Existing::keep : Existing::change;
  const ExactEnvironment exact;
  if (options.existing == Existing::change) options.exactness = &exact;
  options.keep_python = true;
  options.strict_conflicts = arguments.has("strict-conflicts");
  options.compile_bytecode = !arguments.has("no-compile-bytecode");
  options.ingest = read_ingest_options(context);
  options.threads = context.global.threads;

  const StoreForMaking store(context, options.dry_run);
  const auto checkouts = check_out_editables(context, store.store(), path, options.dry_run, inputs);
  PackageNetwork network(store.store(), inputs.network);
  LockedSupply supply(find_locks(inputs, network), network);
  if (options.existing == Existing::keep) supply.set_present(names_installed(path));
  options.supply = &supply;
  const CreateResult result = create_environment(store.store(), path, options, context.printer);
  if (!options.dry_run) checkouts->keep();
  report_created(context, result, std::chrono::steady_clock::now() - start);
  const Json collected = options.dry_run ? Json(nullptr) : collect_if_low(context, store.store());
  if (context.global.json) {
    Json document = json_document("sync");
    document.update(json_created(result));
    document["collected"] = collected;
    context.print(json_text(document));
  }
  return static_cast<int>(ExitStatus::success);
}

int run(const Context& context) { return run_with_room(context, run_once); }

}  // namespace

const Command kSyncCommand = {"sync", "make an environment exactly what a lock says", kOptions, run};

}  // namespace cas
