// cas help: the pages.
#include "cli/command_line.hpp"
#include "cli/commands/commands.hpp"
#include "cli/words.hpp"
#include "store/base/error.hpp"

namespace cas {
namespace {

int run(const Context& context) {
  const std::string name = joined(context.arguments.operands(), " ");
  if (name.empty()) {
    context.print(overview());
  } else if (const std::string_view page = help_page(name); !page.empty()) {
    context.print(page);
  } else {
    throw_unknown_command(name, command_names());
  }
  return static_cast<int>(ExitStatus::success);
}

}  // namespace

const Command kHelpCommand = {"help", "this list, or the page of a command", {}, run};

}  // namespace cas
