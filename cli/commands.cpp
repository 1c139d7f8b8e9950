#include <fmt/format.h>

#include <algorithm>

#include "cli/command.hpp"
#include "cli/commands/commands.hpp"

namespace cas {
namespace {

constexpr const Command* kCommands[] = {
    // Environments.
    &kCreateCommand,
    &kSyncCommand,
    &kLockCommand,
    &kVenvCommand,
    &kCloneCommand,
    &kMoveCommand,
    &kRenameCommand,
    &kInstallCommand,
    &kUninstallCommand,
    &kHistoryCommand,
    &kRollbackCommand,
    &kUpgradeCommand,
    &kDoctorCommand,
    &kUnshareCommand,
    &kRunCommand,
    &kShellCommand,
    &kListCommand,
    &kShowCommand,
    &kFreezeCommand,
    &kExportCommand,
    &kTreeCommand,
    &kWhyCommand,
    &kCheckCommand,
    &kDiffCommand,
    &kRemoveCommand,
    // The store.
    &kAddCommand,
    &kDuCommand,
    &kGcCommand,
    &kPinCommand,
    &kUnpinCommand,
    &kPinsCommand,
    &kVerifyCommand,
    &kRepairCommand,
    &kStoreInfoCommand,
    &kStoreShareCommand,
    &kIndexRebuildCommand,
    // Interpreters.
    &kPythonListCommand,
    &kPythonFindCommand,
    &kPythonAddCommand,
    &kPythonInfoCommand,
    &kPythonRemoveCommand,
    // Itself.
    &kHelpCommand,
    &kVersionCommand,
};

constexpr std::string_view kGlobalHelp = R"(
Options of every command, before or after its name:
  --store DIR         the store (CAS_STORE; cas.toml; else $XDG_DATA_HOME/cas or ~/.local/share/cas)
  --base-store DIR    a store that is only read: what the other lacks is taken over
                      from it; any number (CAS_BASE_STORE, separated by colons)
  --index-dir DIR     the index, where it shall not lie in the store (CAS_INDEX)
  --durability HOW    none, batch (the default) or strict (CAS_DURABILITY)
  --threads N         at most so many threads; the default is one per CPU
  --json              one JSON document on standard output
  -q, --quiet         no progress, no word about success
  -v, --verbose       more details; a line for each package that was downloaded or built
  --no-config         no cas.toml counts (see `cas help create`)
  --timings           where the time went, on standard error
  -h, --help          the command's page
  --version           the program's version

CAS_TRUST_STORE=DIR[:DIR...] opens stores that other users could have written to (`cas help store share`).

Exit status: 0 done; 1 failed; 2 wrong command line; 130 interrupted; `cas verify` has its own.
)";

}  // namespace

std::span<const Command* const> all_commands() { return kCommands; }

std::vector<std::string_view> command_names() {
  std::vector<std::string_view> names;
  for (const Command* command : kCommands) names.push_back(command->name);
  return names;
}

const Command* find_command(std::string_view name) {
  const auto found = std::find_if(std::begin(kCommands), std::end(kCommands),
                                  [&](const Command* command) { return command->name == name; });
  return found == std::end(kCommands) ? nullptr : *found;
}

std::string overview() {
  std::string text =
      "cas: Python environments that share every byte.\n\nUsage: cas COMMAND [ARGUMENT...] [OPTION...]\n\n";
  for (const Command* command : kCommands) text += fmt::format("  {:<15}{}\n", command->name, command->summary);
  text += "\n`cas help COMMAND` prints the page of a command.\n";
  return text.append(kGlobalHelp);
}

}  // namespace cas
