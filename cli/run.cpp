#include "cli/run.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <optional>

#include "cli/command.hpp"
#include "cli/command_line.hpp"
#include "cli/commands/commands.hpp"
#include "cli/environment_names.hpp"
#include "cli/json_output.hpp"
#include "cli/options.hpp"
#include "cli/progress.hpp"
#include "store/base/error.hpp"
#include "store/base/timing.hpp"
#include "store/damaged_index.hpp"
#include "store/sys/file.hpp"
#include "store/sys/terminal.hpp"

namespace cas {
namespace {

void write_errors(std::string_view bytes) { std::fwrite(bytes.data(), 1, bytes.size(), stderr); }

void write_output(std::string_view bytes) { std::fwrite(bytes.data(), 1, bytes.size(), stdout); }

// Prints what Timer measured when the command has ended, also by an exception.
class TimingsReport {
 public:
  explicit TimingsReport(bool wanted) : wanted_(wanted) {}
  ~TimingsReport() {
    if (!wanted_) return;
    for (const TimingEntry& entry : timings()) {
      std::fprintf(stderr, "%10.3f ms  %*s%s\n", std::chrono::duration<double, std::milli>(entry.wall).count(),
                   entry.depth * 2, "", entry.name.c_str());
    }
  }
  TimingsReport(const TimingsReport&) = delete;
  TimingsReport& operator=(const TimingsReport&) = delete;

 private:
  bool wanted_;
};

int status_of(const Command* command, ExitStatus status) {
  const bool for_another = command != nullptr && command->ending == Ending::becomes_program;
  return for_another && status == ExitStatus::failure ? kOwnFailure : static_cast<int>(status);
}

void expect_damaged_index(const Command& command, bool json) {
  constexpr const char* kMessage = "the index is damaged: what it says leads nowhere";
  constexpr const char* kHint = "`cas index rebuild` restores it from what lies on disk";
  Json document = json_document(command.name);
  document["error"] = json_error(Corruption("").kind(), kMessage, kHint);
  end_on_damaged_index(fmt::format("cas: error: {}\nhint: {}\n", kMessage, kHint), json ? json_text(document) : "",
                       status_of(&command, ExitStatus::failure));
}

// What was printed must have arrived, or the exit status would lie.
void flush_output() {
  errno = 0;
  if (std::fflush(stdout) != 0 || std::ferror(stdout) != 0) {
    throw SystemError(errno != 0 ? errno : EIO, "writing", "standard output");
  }
}

std::vector<OptionSpec> specs_of(const Command* command) {
  const auto global = global_option_specs();
  std::vector<OptionSpec> specs(global.begin(), global.end());
  if (command == nullptr) return specs;
  specs.insert(specs.end(), command->options.begin(), command->options.end());
  if (command->environment == EnvironmentOperand::first) specs.push_back({"name", 'n', "NAME"});
  return specs;
}

Arguments arguments_of(const Command* command, const CommandLine& line, const std::vector<OptionSpec>& specs) {
  if (command == nullptr || command->own_operands == 0) return parse_arguments(line.words, specs, line.command);
  const auto parsed = [&](std::size_t own) {
    return parse_arguments(shield_operands(line.words, own, specs, command->is_program), specs, line.command);
  };
  if (command->environment == EnvironmentOperand::first) {
    // With a name the environment is no operand, and the first one is the other program already.
    Arguments named = parsed(command->own_operands - 1);
    if (named.has("name")) return named;
  }
  return parsed(command->own_operands);
}

// The environment that is named takes the operand's place.
void take_name(const Command& command, const GlobalOptions& global, Arguments& arguments) {
  if (command.environment != EnvironmentOperand::first) return;
  if (const auto name = arguments.value("name")) arguments.put_first(named_environment(global, *name));
}

int run_command(const Command& command, const GlobalOptions& global, const Arguments& arguments) {
  const bool live = !global.quiet && !global.json;
  PrinterStyle style = detect_style(live ? LiveLine::wanted : LiveLine::unwanted);
  style.report_packages = live && global.verbose;
  LinePrinter printer(std::move(style), write_errors);
  const TimingsReport report(global.timings);
  if (command.ending == Ending::returns) install_interrupt_handlers();
  expect_damaged_index(command, global.json);
  const Timer timer(command.name);
  const int status = command.run(Context{command, global, arguments, printer});
  printer.finish();
  return status;
}

// "": it was removed, and no project is there.
std::string current_directory() {
  try {
    return absolute_path(".");
  } catch (const Error&) {
    return {};
  }
}

std::optional<std::string> variable(const char* name) {
  const char* const value = std::getenv(name);
  return value == nullptr ? std::nullopt : std::optional<std::string>(value);
}

bool wants_json(const std::vector<std::string>& words) {
  const auto end = std::find(words.begin(), words.end(), "--");
  return std::find(words.begin(), end, "--json") != end;
}

// The command's name as far as it can be told from a line that may be wrong.
std::string attempted_command(const std::vector<std::string>& words) {
  try {
    return split_command_line(words, command_names()).command;
  } catch (const Error&) {
    return {};
  }
}

}  // namespace

int run_program(const std::vector<std::string>& words) {
  const CommandLine line = split_command_line(words, command_names());
  const Command* command = find_command(line.command);
  const std::vector<OptionSpec> specs = specs_of(command);
  Arguments arguments = arguments_of(command, line, specs);
  // A settings file that is broken must not keep the user from the pages that explain it.
  const bool asks = arguments.has("help") || arguments.has("version") || command == nullptr || command == &kHelpCommand;
  if (!asks && !arguments.has("no-config")) arguments.set_settings(read_settings(variable, current_directory()));
  const GlobalOptions global = read_global_options(arguments);
  int status = 0;
  if (global.help) {
    write_output(command == nullptr ? overview() : help_page(command->name));
  } else if (global.version) {
    status = run_command(kVersionCommand, global, arguments);
  } else if (command != nullptr) {
    take_name(*command, global, arguments);
    status = run_command(*command, global, arguments);
  } else if (!line.words.empty()) {
    throw UsageError("no command is named", "`cas help` lists the commands");
  } else {
    write_errors(overview());
    return static_cast<int>(ExitStatus::usage);
  }
  flush_output();
  return status;
}

void report_failure(const std::vector<std::string>& words, std::string_view kind, std::string_view message,
                    std::string_view hint) noexcept {
  try {
    LinePrinter(detect_style(LiveLine::unwanted), write_errors).error(message, hint);
    if (!wants_json(words)) return;
    Json document = json_document(attempted_command(words));
    document["error"] = json_error(kind, message, hint);
    write_output(json_text(document));
    std::fflush(stdout);
  } catch (...) {  // not even memory for the message: the exit status must do
  }
}

int failure_status(const std::vector<std::string>& words, ExitStatus status) noexcept {
  try {
    return status_of(find_command(attempted_command(words)), status);
  } catch (...) {  // as above
    return static_cast<int>(status);
  }
}

}  // namespace cas
