// cas run: a program in an environment, or a script in its own.
#include "cli/commands/commands.hpp"
#include "cli/environment_names.hpp"
#include "cli/package_arguments.hpp"
#include "cli/script_environments.hpp"
#include "linker/environment_session.hpp"
#include "linker/locked/script_input.hpp"
#include "store/base/error.hpp"
#include "store/base/relpath.hpp"
#include "store/sys/file.hpp"

namespace cas {
namespace {

constexpr const char* kUsage = "cas run ENV [--] COMMAND [ARGUMENT...] or cas run SCRIPT [ARGUMENT...]";

constexpr std::array kOwnOptions{OptionSpec{"python", 'p', "PYTHON"}};
constexpr auto kOptions = joined_options(kOwnOptions, kPackageSourceOptions);

// An environment is what it is; only one that is made for a script can be told what to have.
void refuse_script_options(const Arguments& arguments) {
  for (const OptionSpec& option : kOptions) {
    if (!arguments.has(option.name)) continue;
    throw UsageError("--" + std::string(option.name) + " is about the environment of a script, and none is named",
                     kUsage);
  }
}

constexpr int kNotFound = 127;  // as shells have it

// By its name; an environment may have one like it.
bool is_missing_script(const GlobalOptions& global, const std::string& operand) {
  return operand.ends_with(".py") && !stat_path(operand) && environment_operand(global, operand) == operand;
}

struct Start {
  std::string environment;
  Fd held;  // that of a script
  std::vector<std::string> command;
};

Start start_of(const Context& context, std::vector<std::string> words) {
  const std::string first = words.front();
  if (is_script_file(first)) {
    // Python would take a dash in front for an option.
    words.front() = first.starts_with('-') ? "./" + first : first;
    words.insert(words.begin(), "python");
    ScriptEnvironment own = script_environment(context, first);
    return {std::move(own.path), std::move(own.held), std::move(words)};
  }
  words.erase(words.begin());
  return {existing_environment(context.global, first), {}, std::move(words)};
}

int run(const Context& context) {
  if (context.global.json)
    throw UsageError("`cas run` prints nothing of its own, so there is no --json",
                     "options of the program stand behind its name");
  std::vector<std::string> words = context.arguments.operands();
  if (words.empty()) throw UsageError("neither an environment nor a script is named", kUsage);
  if (!is_script_file(words.front())) {
    if (is_missing_script(context.global, words.front())) {
      context.printer.error("there is no script " + printable(absolute_path(words.front())), kUsage);
      return kNotFound;
    }
    refuse_script_options(context.arguments);
    if (words.size() > 1 && words[1] == "--") words.erase(words.begin() + 1);
    if (words.size() < 2) throw UsageError("no command is named", kUsage);
  }
  try {
    const Start start = start_of(context, std::move(words));
    const EnvironmentSession session = open_session(start.environment);
    note_use(session.path);
    const StartFailure failure = start_in_session(session, start.command);
    context.printer.error(failure.message, failure.hint);
    return failure.status;
  } catch (const UsageError&) {
    throw;
  } catch (const Error& error) {
    context.printer.error(error.message(), error.hint());
    return kOwnFailure;
  }
}

}  // namespace

const Command kRunCommand = {"run",
                             "run a program in an environment, or a script",
                             kOptions,
                             run,
                             Ending::becomes_program,
                             1,
                             is_script_file,
                             EnvironmentOperand::first};

}  // namespace cas
