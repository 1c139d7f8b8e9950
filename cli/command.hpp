// What a command is, and what it is given.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "cli/options.hpp"
#include "cli/progress.hpp"
#include "store/store.hpp"

namespace cas {

struct Command;

// What becomes of the process.
enum class Ending {
  returns,
  // Another program takes its place (exec): the way signals are handled is left as it was found, for that program.
  becomes_program,
};

// What such a command ends with where it fails itself: programs that start others (env, nice, timeout) say so, too, for their
// usual 1 would be taken for that program's.
constexpr int kOwnFailure = 125;

enum class EnvironmentOperand { none, first };

struct Context {
  const Command& command;
  const GlobalOptions& global;
  const Arguments& arguments;
  LinePrinter& printer;

  // Text that the user asked for, on standard output.
  void print(std::string_view text) const;
  // What was done, on standard output: not with --quiet or --json.
  void say(std::string_view line) const;
  // Throws NotFound where there is no store.
  [[nodiscard]] Store open_store() const;
  [[nodiscard]] Store open_or_make_store() const;
  // The same for commands that change the store or an environment of it: where this user may not, that is said before anything is begun,
  // unless --dry-run was given.
  [[nodiscard]] Store open_store_to_change() const;
  [[nodiscard]] Store open_or_make_store_to_change() const;
  // For commands that need none: nullopt where there is no store, or nobody says where it would be.
  [[nodiscard]] std::optional<Store> open_store_if_any() const;
};

// Static, one per file in cli/commands/.
struct Command {
  std::string_view name;     // "add", "index rebuild"
  std::string_view summary;  // for `cas help`: at most 60 characters
  std::span<const OptionSpec> options;
  // Returns the process's exit status; throws what went wrong.
  int (*run)(const Context& context);
  Ending ending = Ending::returns;
  // Where not 0: so many operands are the command's own, and all words behind them are another program's command line.
  std::size_t own_operands = 0;
  // Whether such an operand is itself the other program, so that all words behind it are its own; nullptr: none is.
  bool (*is_program)(const std::string& operand) = nullptr;
  // Whether the first operand is an environment that is there, which `-n NAME` may name instead: the command then finds its path in that place.
  EnvironmentOperand environment = EnvironmentOperand::none;
};

// In the order of `cas help`.
[[nodiscard]] std::span<const Command* const> all_commands();
[[nodiscard]] std::vector<std::string_view> command_names();
[[nodiscard]] const Command* find_command(std::string_view name);

// The text of docs/commands/<name>.md, blanks in the name being dashes; "" where there is none. Generated at build time.
[[nodiscard]] std::string_view help_page(std::string_view name);

// The text of `cas help` without a command.
[[nodiscard]] std::string overview();

}  // namespace cas
