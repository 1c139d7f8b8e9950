// cas shell: the user's shell, with an environment active.
#include <cstdlib>

#include "cli/commands/commands.hpp"
#include "cli/environment_names.hpp"
#include "linker/environment_session.hpp"
#include "store/base/error.hpp"

namespace cas {
namespace {

constexpr OptionSpec kOptions[] = {{"shell", '\0', "SHELL"}};

std::string wanted_shell(const Arguments& arguments) {
  if (const auto shell = arguments.value("shell")) return *shell;
  const char* shell = std::getenv("SHELL");
  return shell == nullptr || *shell == '\0' ? "/bin/sh" : shell;
}

int run(const Context& context) {
  if (context.global.json)
    throw UsageError("`cas shell` prints nothing of its own, so there is no --json", "leave it out");
  const auto& operands = context.arguments.operands();
  if (operands.empty()) throw UsageError("no environment is named", "cas shell ENV [--shell SHELL]");
  if (operands.size() > 1) {
    throw UsageError("only one environment can be active", "`cas run ENV COMMAND` runs a program");
  }
  try {
    const EnvironmentSession session = open_session(existing_environment(context.global, operands.front()));
    if (const char* active = std::getenv("VIRTUAL_ENV"); active != nullptr && session.path == active) {
      throw Error(session.prompt + " is active in this shell already", "`exit` or `deactivate` leaves it");
    }
    note_use(session.path);
    const StartFailure failure = start_shell(session, wanted_shell(context.arguments));
    context.printer.error(failure.message, failure.hint);
    return failure.status;
  } catch (const Error& error) {
    context.printer.error(error.message(), error.hint());
    return kOwnFailure;
  }
}

}  // namespace

const Command kShellCommand = {"shell",
                               "start your shell in an environment",
                               kOptions,
                               run,
                               Ending::becomes_program,
                               0,
                               nullptr,
                               EnvironmentOperand::first};

}  // namespace cas
