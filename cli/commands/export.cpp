// cas export: what is installed, as a file that other tools install from.
#include <fmt/format.h>

#include <algorithm>

#include "cli/commands/commands.hpp"
#include "cli/installed_packages.hpp"
#include "cli/json_output.hpp"
#include "cli/package_arguments.hpp"
#include "cli/python_output.hpp"
#include "cli/words.hpp"
#include "linker/locked/environment_export.hpp"
#include "linker/python/python_selection.hpp"
#include "store/base/error.hpp"
#include "store/base/relpath.hpp"
#include "store/source/wheel_name.hpp"
#include "store/sys/file.hpp"
#include "store/sys/output_file.hpp"

namespace cas {
namespace {

constexpr const char* kUsage = "cas export ENV|LOCK [-o FILE] [--format requirements.txt|pylock.toml]";

constexpr std::array kOwnOptions{
    OptionSpec{"output", 'o', "FILE"},
    OptionSpec{"format", '\0', "FORMAT"},
    OptionSpec{"no-hashes", '\0', {}},
    OptionSpec{"all", '\0', {}},
    OptionSpec{"exclude", '\0', "NAME", Repeat::yes},
    OptionSpec{"python", 'p', "PYTHON"},
};
constexpr auto kOptions = joined_options(kOwnOptions, kIndexOptions, kLockChoiceOptions);

enum class Format { requirements, pylock };

// What the file's name says counts where nothing else is said.
Format read_format(const Arguments& arguments) {
  const auto format = arguments.value("format");
  if (!format) {
    const auto output = arguments.value("output");
    return output && is_lock_argument(*output) ? Format::pylock : Format::requirements;
  }
  if (*format == "requirements.txt") return Format::requirements;
  if (*format == "pylock.toml") return Format::pylock;
  throw UsageError(fmt::format("--format is requirements.txt or pylock.toml, not '{}'", printable(*format)), kUsage);
}

struct Exported {
  std::string text;
  std::size_t packages = 0;
};

std::vector<FrozenRequirement> chosen(const Arguments& arguments, const InstalledEnvironment& environment) {
  std::vector<FrozenRequirement> frozen = frozen_requirements(environment);
  std::vector<std::string> excluded;
  for (const std::string& name : arguments.values("exclude")) excluded.push_back(normalize_name(name));
  std::erase_if(frozen, [&](const FrozenRequirement& one) {
    const bool tool = !arguments.has("all") && is_packaging_tool(*one.distribution, environment.python_version);
    return tool || std::ranges::find(excluded, one.distribution->normalized) != excluded.end();
  });
  return frozen;
}

Exported export_environment(const Context& context, const std::string& operand, Format format, ExportedHashes hashes) {
  const InstalledEnvironment environment = installed_in(context, operand);
  const std::vector<FrozenRequirement> frozen = chosen(context.arguments, environment);
  const auto anchor = anchor_of(context, environment);
  if (format == Format::requirements) return {requirements_text(frozen, anchor, hashes), frozen.size()};
  const Store store = context.open_or_make_store();
  const InterpreterFacts facts = facts_of(&store, environment);
  const DependencyGraph graph = graph_of(environment, facts);
  warn_of_unreadable(context, graph);
  PackageNetwork network(store, read_package_inputs(context, {}).network);
  const Pylock lock = exported_lock(store, frozen, anchor, graph, facts, network.indexes());
  return {pylock_text(lock), lock.packages.size()};
}

Exported export_own_lock(const std::string& path, Format format, ExportedHashes hashes) {
  if (format == Format::pylock) throw UsageError(path + " is a pylock.toml already", "copy it, or name an environment");
  const LockSource source = read_lock(path, {});
  return {requirements_text(source, hashes), source.lock.packages.size()};
}

// Another tool's: told by that tool, for one Python.
Exported export_foreign_lock(const Context& context, const std::string& path, Format format, ExportedHashes hashes) {
  const PackageInputs inputs = read_package_inputs(context, {path});
  const Store store = context.open_or_make_store();
  auto wanted = context.arguments.value("python");
  if (!wanted && !inputs.python.empty()) wanted = inputs.python;
  const SelectedPython python = select_python(&store, parse_python_request(wanted), surroundings_with(&store));
  const InterpreterFacts& facts = python.found.facts;
  PackageNetwork network(store, inputs.network);
  LockSource source = find_locks(inputs, network)(store, facts, context.printer).front();
  if (format == Format::requirements) return {requirements_text(source, hashes), source.lock.packages.size()};
  // What poetry exported was chosen from for this Python.
  if (source.lock.requires_python.empty()) source.lock.requires_python = minor_version_of(facts);
  return {pylock_text(source.lock), source.lock.packages.size()};
}

Exported export_operand(const Context& context, const std::string& operand, Format format, ExportedHashes hashes) {
  const Arguments& arguments = context.arguments;
  if (is_lock_argument(operand) && (arguments.has("exclude") || arguments.has("all")))
    throw UsageError("--all and --exclude choose from an environment, and a lock is named", kUsage);
  if (is_foreign_lock_argument(operand)) return export_foreign_lock(context, operand, format, hashes);
  std::vector<const char*> choices(kLockChoices.begin(), kLockChoices.end());
  choices.push_back("python");
  for (const char* option : choices) {
    if (!arguments.has(option)) continue;
    throw UsageError(fmt::format("--{} chooses from a uv.lock or poetry.lock, and none is named", option),
                     "`cas sync ENV LOCK` chooses from a pylock.toml; then export the environment");
  }
  if (is_lock_argument(operand)) return export_own_lock(operand, format, hashes);
  return export_environment(context, operand, format, hashes);
}

int run(const Context& context) {
  const Arguments& arguments = context.arguments;
  if (arguments.operands().size() != 1) throw UsageError("name one environment or lock", kUsage);
  const std::string& operand = arguments.operands().front();
  const Format format = read_format(arguments);
  const ExportedHashes hashes = arguments.has("no-hashes") ? ExportedHashes::none : ExportedHashes::all;
  if (format == Format::pylock && hashes == ExportedHashes::none)
    throw UsageError("a pylock.toml has hashes always", "--no-hashes is for --format requirements.txt");
  const Exported exported = export_operand(context, operand, format, hashes);
  context.printer.finish();
  auto output = arguments.value("output");
  if (output == "-") output.reset();
  if (output) {
    const std::string path = absolute_path(*output);
    write_output_file(path, exported.text);
    context.say(fmt::format("exported {} to {}", counted(exported.packages, "package"), printable(path)));
  } else if (!context.global.json) {
    context.print(exported.text);
  }
  if (context.global.json) {
    Json document = json_document("export");
    document["path"] = output ? Json(absolute_path(*output)) : Json(nullptr);
    document["file_format"] = format == Format::pylock ? "pylock.toml" : "requirements.txt";
    document["packages"] = exported.packages;
    document["text"] = exported.text;
    context.print(json_text(document));
  }
  return static_cast<int>(ExitStatus::success);
}

}  // namespace

const Command kExportCommand = {"export",        "what is installed, as requirements or a lock",
                                kOptions,        run,
                                Ending::returns, 0,
                                nullptr,         EnvironmentOperand::first};

}  // namespace cas
