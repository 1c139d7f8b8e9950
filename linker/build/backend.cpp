#include "linker/build/backend.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <nlohmann/json.hpp>

#include "linker/build/hook_program.hpp"
#include "store/base/error.hpp"
#include "store/base/lines.hpp"
#include "store/base/relpath.hpp"
#include "store/base/text.hpp"
#include "store/sys/file.hpp"
#include "store/sys/process.hpp"

namespace cas {
namespace {

using Json = nlohmann::json;

constexpr std::size_t kMostAnswerBytes = std::size_t{4} << 20;
constexpr std::size_t kLookedAtBytes = std::size_t{1} << 20;  // of the log's end
constexpr std::size_t kShownLines = 40;
constexpr std::size_t kShownErrors = 12;

// A key that comes twice has a list of values, as with pip.
Json json_settings(const ConfigSettings& settings) {
  Json object = Json::object();
  for (const auto& [key, value] : settings) {
    if (!object.contains(key)) {
      object[key] = value;
      continue;
    }
    if (!object[key].is_array()) object[key] = Json::array({object[key]});
    object[key].push_back(value);
  }
  return object;
}

// Whether a compiler, or a tool like one, says there what is wrong.
bool names_error(std::string_view line) {
  return line.find("error:") != std::string_view::npos || line.find("Error:") != std::string_view::npos;
}

// The end, which is the back-end's own complaint, and of what was before it the first errors: those of a compiler, say.
std::string telling_lines(std::string_view text) {
  const std::vector<std::string_view> lines = lines_of(trimmed(text, " \t\r\n"));
  const std::size_t first = lines.size() > kShownLines ? lines.size() - kShownLines : 0;
  std::string result;
  std::size_t errors = 0;
  for (std::size_t i = 0; i < first && errors < kShownErrors; ++i) {
    if (!names_error(lines[i])) continue;
    result += "\n  " + printable(lines[i]);
    ++errors;
  }
  if (first > 0) result += "\n  [...]";
  for (std::size_t i = first; i < lines.size(); ++i) result += "\n  " + printable(lines[i]);
  return result;
}

}  // namespace

struct Backend::Answer {
  bool missing = false;  // the back-end has no such hook
  Json value;
};

Backend::Backend(BackendPlaces places, BuildSystem system, ConfigSettings settings, std::chrono::seconds limit)
    : places_(std::move(places)), system_(std::move(system)), settings_(std::move(settings)), limit_(limit) {
  for (const std::string* path : {&places_.source, &places_.scratch}) {
    if (!is_valid_utf8(*path)) {
      throw UsageError(printable(*path) + " is not UTF-8: no back-end could be told to build there",
                       "give the directory another name");
    }
  }
  write_new_file_at(kCurrentDirectory, places_.scratch + "/hooks.py", kHookProgram, 0600);
  make_directory_at(kCurrentDirectory, places_.scratch + "/tmp", 0700);
}

// What the user set for his own Python and environments is not for this one.
std::vector<std::string> Backend::environment() const {
  const char* const path = std::getenv("PATH");
  const std::string own = places_.environment + "/bin";
  return {"PATH=" + (path == nullptr || *path == '\0' ? own : own + ":" + path),
          "VIRTUAL_ENV=" + places_.environment,
          "TMPDIR=" + places_.scratch + "/tmp",
          "PYTHONNOUSERSITE=1",
          "PYTHONIOENCODING=utf-8:backslashreplace",
          "PYTHONPATH",
          "PYTHONHOME",
          "PYTHONSTARTUP",
          "PYTHONINSPECT",
          "PYTHONSAFEPATH",
          "PYTHONUSERBASE",
          "PYTHONPLATLIBDIR",
          "PYTHONEXECUTABLE",
          "PYTHONWARNINGS",
          "PYTHONPYCACHEPREFIX",
          "VIRTUAL_ENV_PROMPT",
          "CONDA_PREFIX",
          "__PYVENV_LAUNCHER__"};
}

std::string Backend::said() const {
  const Fd log = try_open_read_at(kCurrentDirectory, places_.scratch + "/log");
  if (!log) return {};
  const auto size = static_cast<std::uint64_t>(stat_fd(log.get(), "log").st_size);
  std::string text(static_cast<std::size_t>(std::min<std::uint64_t>(size, kLookedAtBytes)), '\0');
  const std::uint64_t begin = size - text.size();
  text.resize(pread_full(log.get(), text.data(), text.size(), begin, "log"));
  // The first line of a part is a part of one.
  if (begin > 0) text.erase(0, std::min(text.find('\n') + 1, text.size()));
  return text;
}

void Backend::fail(const std::string& hook, const std::string& how) const {
  const std::string text = telling_lines(said());
  throw Error(fmt::format("the back-end {} {} ({}){}", printable(system_.backend), how, hook,
                          text.empty() ? ", and said nothing" : ":" + text),
              "what it says is about the sources, or about what is missing on this machine to build them");
}

Backend::Answer Backend::call(const std::string& hook, const std::vector<std::string>& before_settings) const {
  Json arguments = Json::array();
  for (const std::string& argument : before_settings) arguments.push_back(argument);
  arguments.push_back(settings_.empty() ? Json(nullptr) : json_settings(settings_));
  const Json input{{"source", places_.source},
                   {"backend", system_.backend},
                   {"backend_path", system_.backend_path},
                   {"hook", hook},
                   {"arguments", std::move(arguments)}};
  for (const char* name : {"/input.json", "/output.json", "/log"}) {
    remove_file_at(kCurrentDirectory, places_.scratch + name);
  }
  write_new_file_at(kCurrentDirectory, places_.scratch + "/input.json",
                    input.dump(-1, ' ', true, Json::error_handler_t::replace), 0600);
  const ProcessResult run = run_process({places_.python, places_.scratch + "/hooks.py", places_.scratch}, environment(),
                                        limit_, {}, Descendants::all);
  if (run.timed_out) fail(hook, fmt::format("was not done within {} s (--build-timeout)", limit_.count()));
  const auto text = try_read_file_at(kCurrentDirectory, places_.scratch + "/output.json", kMostAnswerBytes);
  if (run.exit_status != 0 || !text) {
    // Before it came to the log, Python itself has spoken.
    const std::string early = telling_lines(run.errors);
    fail(hook, fmt::format("ended with status {}{}", run.exit_status, early));
  }
  const Json output = Json::parse(*text, nullptr, false);
  if (!output.is_object() || !output.contains("outcome")) fail(hook, "gave an answer that cannot be read");
  if (output["outcome"] == "missing") return {true, nullptr};
  if (output["outcome"] == "unimportable") fail(hook, "cannot be loaded");
  if (output["outcome"] != "returned") fail(hook, "failed");
  return {false, output.value("value", Json(nullptr))};
}

std::vector<std::string> Backend::more_requirements(BuildKind kind) const {
  const std::string hook =
      kind == BuildKind::editable ? "get_requires_for_build_editable" : "get_requires_for_build_wheel";
  const Answer answer = call(hook, {});
  std::vector<std::string> requirements;
  if (answer.missing) return requirements;
  if (!answer.value.is_array()) fail(hook, "gave no list of requirements");
  for (const Json& element : answer.value) {
    if (!element.is_string()) fail(hook, "gave no list of requirements");
    requirements.push_back(element.get<std::string>());
  }
  return requirements;
}

std::string Backend::build(BuildKind kind, const std::string& directory) const {
  const std::string hook = kind == BuildKind::editable ? "build_editable" : "build_wheel";
  const Answer answer = call(hook, {directory});
  if (answer.missing) {
    throw Error(
        kind == BuildKind::editable
            ? fmt::format("the back-end {} cannot make editable installations (PEP 660)", printable(system_.backend))
            : fmt::format("the back-end {} has no {}", printable(system_.backend), hook),
        kind == BuildKind::editable ? "install it without -e" : "whoever wrote the sources must correct that");
  }
  const std::string name = answer.value.is_string() ? answer.value.get<std::string>() : std::string();
  const bool wheel = name.ends_with(".whl") && !component_problem(name);
  const auto info = wheel ? stat_path(directory + "/" + name) : std::nullopt;
  if (!info || !S_ISREG(info->st_mode)) fail(hook, "named no wheel that it built");
  return directory + "/" + name;
}

}  // namespace cas
