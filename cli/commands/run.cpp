// cas run: a program in an environment.
#include "cli/commands/commands.hpp"
#include "cli/environment_names.hpp"
#include "linker/environment_session.hpp"
#include "store/base/error.hpp"

namespace cas {
namespace {

// What programs that start others (env, nice, timeout) say of themselves.
constexpr int kOwnFailure = 125;

int run(const Context& context) {
  if (context.global.json)
    throw UsageError("`cas run` prints nothing of its own, so there is no --json",
                     "options of the program stand behind its name");
  std::vector<std::string> words = context.arguments.operands();
  if (words.empty()) throw UsageError("no environment is named", "cas run ENV [--] COMMAND [ARGUMENT...]");
  const std::string path = words.front();
  words.erase(words.begin());
  if (!words.empty() && words.front() == "--") words.erase(words.begin());
  if (words.empty()) throw UsageError("no command is named", "cas run ENV [--] COMMAND [ARGUMENT...]");
  try {
    const EnvironmentSession session = open_session(existing_environment(context.global, path));
    note_use(session);
    const StartFailure failure = start_in_session(session, words);
    context.printer.error(failure.message, failure.hint);
    return failure.status;
  } catch (const Error& error) {
    context.printer.error(error.message(), error.hint());
    return kOwnFailure;
  }
}

}  // namespace

const Command kRunCommand = {"run", "run a program in an environment", {}, run, Ending::becomes_program, 1};

}  // namespace cas
