#include "linker/interpreter.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "linker/interpreter_probe.hpp"
#include "linker/python/python_files.hpp"
#include "store/base/error.hpp"
#include "store/base/relpath.hpp"
#include "store/sys/process.hpp"

namespace cas {
namespace {

using Json = nlohmann::json;

// Variables that would make the interpreter another one than its own installation says, and those that
// sysconfig reads even in isolated mode.
const std::vector<std::string>& cleared_variables() {
  static const std::vector<std::string> names{"PYTHONHOME",
                                              "PYTHONPATH",
                                              "PYTHONSTARTUP",
                                              "PYTHONEXECUTABLE",
                                              "PYTHONPLATLIBDIR",
                                              "__PYVENV_LAUNCHER__",
                                              "_PYTHON_HOST_PLATFORM",
                                              "_PYTHON_PROJECT_BASE",
                                              "_PYTHON_SYSCONFIGDATA_NAME"};
  return names;
}

// Latin-1 text, one character per byte, back to the bytes.
std::string bytes_of(const Json& value) {
  const auto& text = value.get_ref<const std::string&>();
  std::string bytes;
  for (std::size_t i = 0; i < text.size(); ++i) {
    auto byte = static_cast<unsigned char>(text[i]);
    if (byte >= 0x80 && i + 1 < text.size()) {
      byte = static_cast<unsigned char>((byte << 6) | (static_cast<unsigned char>(text[++i]) & 0x3F));
    }
    bytes += static_cast<char>(byte);
  }
  return bytes;
}

std::string_view first_line(std::string_view text) {
  const std::size_t start = text.find_first_not_of("\r\n\t ");
  if (start == std::string_view::npos) return {};
  text.remove_prefix(start);
  return text.substr(0, text.find_first_of("\r\n"));
}

std::string_view last_line(std::string_view text) {
  const std::size_t end = text.find_last_not_of("\r\n\t ");
  if (end == std::string_view::npos) return {};
  text = text.substr(0, end + 1);
  return text.substr(text.find_last_of("\r\n") + 1);  // npos + 1 is 0
}

[[noreturn]] void fail_on(const std::string& path, const ProcessResult& run) {
  // An exception's text stands last.
  const std::string_view said = run.errors.find("Traceback") != std::string::npos ? last_line(run.errors)
                                : run.errors.empty()                              ? first_line(run.output)
                                                                                  : first_line(run.errors);
  throw Error(fmt::format("{} does not work as a Python interpreter: it ended with status {}{}{}", printable(path),
                          run.exit_status, said.empty() ? "" : " and said: ", printable(said)));
}

Json facts_printed(const std::string& path, const ProcessResult& run) {
  const std::size_t mark = run.output.rfind(kProbeMark);
  if (run.exit_status != 0 || mark == std::string::npos) fail_on(path, run);
  std::string_view line = std::string_view(run.output).substr(mark + kProbeMark.size());
  line = line.substr(0, line.find('\n'));
  Json facts = Json::parse(line, nullptr, /*allow_exceptions=*/false);
  if (!facts.is_object()) fail_on(path, run);
  return facts;
}

// Tags are made for every minor version down to the first: what a program claims must not become memory.
constexpr std::uint32_t kMostVersionNumber = 999;

std::uint32_t number_of(const Json& told, const char* key, std::uint32_t most) {
  const Json& value = told.at(key);
  if (!value.is_number_unsigned() || value.get<std::uint64_t>() > most) {
    throw Error(fmt::format("it says that its {} is {}", key, printable(value.dump())));
  }
  return value.get<std::uint32_t>();
}

void set_libc_version(InterpreterFacts& facts, const std::string& version) {
  const std::size_t dot = version.find('.');
  const auto number = [](std::string_view text) {
    std::uint32_t value = 0;
    for (const char c : text) {
      if (c < '0' || c > '9' || value > kMostVersionNumber) break;
      value = value * 10 + static_cast<std::uint32_t>(c - '0');
    }
    return std::min(value, kMostVersionNumber);
  };
  facts.libc_major = number(version);
  facts.libc_minor = dot == std::string::npos ? 0 : number(std::string_view(version).substr(dot + 1));
}

// What a distribution patched beyond recognition is replaced by what `python -m venv` hard-wires.
void set_layout(InterpreterFacts& facts, const std::string& site_packages, const std::string& scripts) {
  const std::string kind = facts.implementation == "cpython" ? "python" : facts.implementation;
  facts.binary_name = fmt::format("{}{}.{}{}", kind, facts.major, facts.minor, facts.free_threaded ? "t" : "");
  const bool usual = name_of(site_packages) == "site-packages" && parent_of(parent_of(site_packages)) == "lib";
  facts.library_name = usual ? std::string(name_of(parent_of(site_packages))) : facts.binary_name;
  facts.layout.site_packages = fmt::format("lib/{}/site-packages", facts.library_name);
  const bool one_folder = !component_problem(scripts);
  facts.layout.scripts = one_folder ? scripts : "bin";
  facts.layout.headers = fmt::format("include/site/{}", facts.library_name);
}

// An environment of an environment of …: nobody has more.
constexpr int kMostHops = 8;

Json ask(const std::string& path, std::chrono::seconds limit, ProcessResult& run) {
  run = run_process({path, "-E", "-s", "-S", "-c", std::string(kProbeProgram)}, cleared_variables(), limit);
  if (run.timed_out) {
    throw Error(fmt::format("{} did not tell within {} s which Python it is", printable(path), limit.count()));
  }
  return facts_printed(path, run);
}

void set_installation(InterpreterFacts& facts, const Json& told) {
  facts.base_exec_prefix = bytes_of(told.at("base_exec_prefix"));
  facts.stdlib = bytes_of(told.at("stdlib"));
  facts.platstdlib = bytes_of(told.at("platstdlib"));
  facts.shared_library = bytes_of(told.at("shared_library"));
  facts.installed_library = bytes_of(told.at("installed_library"));
  facts.bytecode_magic = bytes_of(told.at("bytecode_magic"));
  facts.cache_tag = bytes_of(told.at("cache_tag"));
  facts.externally_managed = told.at("externally_managed").get<bool>();
  facts.patched_schemes = told.at("patched_schemes").get<bool>();
}

constexpr std::string_view kUsual = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._+-";

// Names of files and folders are made of these.
void check_names(const InterpreterFacts& facts, const std::string& path) {
  const auto check = [&](std::string_view what, const std::string& value, bool needed) {
    const bool usual =
        value.find_first_not_of(kUsual) == std::string::npos && value.size() <= 100 && !value.starts_with('.');
    if (usual && !(needed && value.empty())) return;
    throw Error(fmt::format("{} does not work as a Python interpreter: it says that its {} is '{}'", printable(path),
                            what, printable(value)));
  };
  check("implementation", facts.implementation, true);
  check("version", facts.version, true);
  check("cache_tag", facts.cache_tag, false);
  check("SOABI", facts.soabi, false);
  check("bytecode_magic", facts.bytecode_magic, false);
  check("platform", facts.platform, false);
  check("libc", facts.libc, false);
  check("folder of scripts", facts.layout.scripts, true);
  // The other names at an environment's root have a meaning of their own.
  constexpr std::array<std::string_view, 5> kTaken{"lib", "lib64", "include", "pyvenv.cfg", "CACHEDIR.TAG"};
  if (std::ranges::find(kTaken, facts.layout.scripts) != kTaken.end()) {
    throw Error(fmt::format("{} does not work as a Python interpreter: it says that its folder of scripts is '{}'",
                            printable(path), facts.layout.scripts));
  }
}

// Environments link to it.
void check_executable(const InterpreterFacts& facts, const std::string& path) {
  if (facts.executable.empty() || facts.executable.front() != '/') {
    throw Error(fmt::format("{} does not say where its base installation is", printable(path)));
  }
  if (const auto problem = file_problem(facts.executable)) {
    throw Error(fmt::format("{} does not work as a Python interpreter: it says that its executable is {}: {}",
                            printable(path), printable(facts.executable), *problem));
  }
}

}  // namespace

InterpreterFacts inspect_interpreter(const std::string& path, std::chrono::seconds limit) {
  InterpreterFacts facts;
  ProcessResult run;
  std::string asked = path;
  try {
    Json told = ask(asked, limit, run);
    for (int hops = 0; told.contains("ask_instead"); ++hops) {
      if (hops == kMostHops) throw Error(fmt::format("{} leads from environment to environment", printable(path)));
      asked = bytes_of(told.at("ask_instead"));
      told = ask(asked, limit, run);
    }
    facts.version = bytes_of(told.at("version"));
    with_context(fmt::format("{} does not work as a Python interpreter", printable(asked)), [&] {
      facts.major = number_of(told, "major", kMostVersionNumber);
      facts.minor = number_of(told, "minor", kMostVersionNumber);
      facts.micro = number_of(told, "micro", kMostVersionNumber);
      facts.pointer_bits = number_of(told, "pointer_bits", 64);
    });
    facts.executable = bytes_of(told.at("executable"));
    facts.base_prefix = bytes_of(told.at("base_prefix"));
    facts.implementation = bytes_of(told.at("implementation"));
    facts.soabi = bytes_of(told.at("soabi"));
    // PyPy's SOABI leaves out the platform, old versions leave it empty: the suffix of extension modules has it.
    const std::string suffix = bytes_of(told.at("ext_suffix"));
    if (facts.soabi.empty() && suffix.find('.', 1) != std::string::npos) {
      facts.soabi = suffix.substr(1, suffix.find('.', 1) - 1);
    }
    facts.platform = bytes_of(told.at("platform"));
    facts.libc = bytes_of(told.at("libc"));
    set_libc_version(facts, bytes_of(told.at("libc_version")));
    facts.free_threaded = told.at("free_threaded").get<bool>();
    facts.debug = told.at("debug").get<bool>();
    set_layout(facts, bytes_of(told.at("site_packages")), bytes_of(told.at("scripts")));
    set_installation(facts, told);
  } catch (const Json::exception&) {
    fail_on(asked, run);
  }
  check_names(facts, asked);
  check_executable(facts, path);
  return facts;
}

std::string python_label(const InterpreterFacts& facts) {
  const std::string_view name = facts.implementation == "cpython" ? "CPython"
                                : facts.implementation == "pypy"  ? "PyPy"
                                                                  : std::string_view(facts.implementation);
  std::string label = fmt::format("{} {}", name, facts.version);
  if (facts.free_threaded) label += " (free-threaded)";
  if (facts.debug) label += " (debug)";
  return label;
}

std::optional<std::string> unsupported_reason(const InterpreterFacts& facts) {
  if (facts.major > 3 || (facts.major == 3 && facts.minor >= 3)) return std::nullopt;
  return "has no virtual environments: Python 3.3 and later find theirs by its pyvenv.cfg (PEP 405)";
}

void refuse_unsupported(const InterpreterFacts& facts) {
  if (const auto reason = unsupported_reason(facts)) {
    throw Error(fmt::format("{} is Python {}, which {}", printable(facts.executable), facts.version, *reason),
                "`cas python list '>=3.3'` shows what can be used");
  }
}

}  // namespace cas
