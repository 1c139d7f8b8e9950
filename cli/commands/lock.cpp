// cas lock: requirements as exact versions with hashes.
#include <fmt/format.h>

#include <algorithm>

#include "cli/commands/commands.hpp"
#include "cli/json_output.hpp"
#include "cli/package_arguments.hpp"
#include "cli/python_output.hpp"
#include "cli/words.hpp"
#include "linker/locked/listing_notes.hpp"
#include "linker/locked/lock_paths.hpp"
#include "linker/python/python_selection.hpp"
#include "store/base/error.hpp"
#include "store/base/relpath.hpp"
#include "store/source/wheel_name.hpp"
#include "store/sys/file.hpp"
#include "store/sys/output_file.hpp"

namespace cas {
namespace {

constexpr std::array kOwnOptions{
    OptionSpec{"python", 'p', "PYTHON"},
    OptionSpec{"output", 'o', "FILE"},
    OptionSpec{"upgrade", 'U', {}},
    OptionSpec{"upgrade-package", '\0', "NAME", Repeat::yes},
};
constexpr auto kOptions = joined_options(kOwnOptions, kPackageSourceOptions, kLockChoiceOptions);

// What nobody names is the project of the current directory.
std::vector<std::string> inputs_named(const Arguments& arguments) {
  std::vector<std::string> named = arguments.operands();
  const bool is_named = !named.empty() || arguments.has("requirement") || arguments.has("editable");
  if (!is_named && stat_path("pyproject.toml")) named.emplace_back("pyproject.toml");
  return named;
}

std::optional<std::string> output_named(const Arguments& arguments) {
  auto output = arguments.value("output");
  if (output == "-") return std::nullopt;
  if (output && !output->starts_with("/dev/") && !is_pylock_name(name_of(*output))) {
    throw UsageError(printable(*output) +
                         " is not called pylock.toml or pylock.NAME.toml, as every tool knows such a lock by its name",
                     "`cas export LOCK` writes requirements of a lock");
  }
  return output;
}

// What the lock that is to be replaced has stays, as long as it satisfies what is asked for.
void prefer_locked(const Context& context, const std::string& output, ResolveOptions& options) {
  const Arguments& arguments = context.arguments;
  if (arguments.has("upgrade") || !stat_path(output)) return;
  Pylock before;
  try {
    before = read_lock(output, {}).lock;
  } catch (const InvalidInput& error) {
    context.printer.warning(error.message() + ": its versions do not count");
  }
  std::set<std::string> upgraded;
  for (const std::string& name : arguments.values("upgrade-package")) upgraded.insert(normalize_name(name));
  for (const LockedPackage& package : before.packages) {
    if (!package.version.empty() && !upgraded.contains(package.name))
      options.preferences.emplace_back(package.name, package.version);
  }
  std::ranges::sort(options.preferences);
}

int run(const Context& context) {
  const Arguments& arguments = context.arguments;
  const auto output = output_named(arguments);
  PackageInputs inputs = read_package_inputs(context, inputs_named(arguments));
  if (!inputs.locks.empty())
    throw UsageError(inputs.locks.front() + " is a lock already", "`cas sync ENV LOCK` installs it");
  if (inputs.empty()) {
    throw UsageError("nothing is named to be locked, and there is no pyproject.toml here",
                     "cas lock REQUIREMENT... or cas lock -r FILE");
  }
  if (output) prefer_locked(context, *output, inputs.resolve);
  const Store store = context.open_or_make_store();
  auto wanted = arguments.value("python");
  if (!wanted && !inputs.python_versions().empty()) wanted = inputs.python_versions();
  const SelectedPython python = select_python(&store, parse_python_request(wanted), surroundings_with(&store));
  refuse_unsupported(python.found.facts);
  refuse_python(inputs, python.found.facts);
  PackageNetwork network(store, inputs.network);
  LockSource source = resolve(store, network, inputs.requirements, python.found.facts, inputs.resolve, context.printer);
  context.printer.finish();
  note_listings(store, source.lock);
  source.lock.requested = source.requested;
  source.lock.requires_python = joined_requires_python(source.lock.requires_python, inputs.project_pythons());
  source.lock.made_for = python_note(python.found.facts);
  if (output && !output->starts_with("/dev/")) {
    const std::string directory(parent_of(absolute_path(*output)));
    make_named_paths_relative(source.lock, inputs.requirements.requirements, directory);
  }
  const std::string text = pylock_text(source.lock);
  if (output) {
    const std::string path = absolute_path(*output);
    write_output_file(path, text);
    context.say(fmt::format("locked {} in {}", counted(source.lock.packages.size(), "package"), printable(path)));
  } else if (!context.global.json) {
    context.print(text);
  }
  if (context.global.json) {
    Json document = json_document("lock");
    document["path"] = output ? Json(absolute_path(*output)) : Json(nullptr);
    document["packages"] = Json::array();
    for (const LockedPackage& package : source.lock.packages) {
      document["packages"].push_back({{"name", package.name}, {"version", package.version}});
    }
    document["lock"] = text;
    context.print(json_text(document));
  }
  return static_cast<int>(ExitStatus::success);
}

}  // namespace

const Command kLockCommand = {"lock", "write requirements down as exact versions", kOptions, run};

}  // namespace cas
