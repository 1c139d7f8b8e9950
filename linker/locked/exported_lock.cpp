#include "linker/locked/exported_lock.hpp"

#include <fmt/format.h>

#include <chrono>

#include "linker/locked/resolver_program.hpp"
#include "linker/locked/resolver_run.hpp"
#include "store/base/error.hpp"
#include "store/base/lines.hpp"
#include "store/base/relpath.hpp"
#include "store/sys/file.hpp"
#include "store/sys/process.hpp"
#include "store/sys/publish.hpp"

namespace cas {
namespace {

constexpr std::chrono::minutes kLimit{5};
constexpr std::size_t kMostLockBytes = std::size_t{256} << 20;
constexpr std::size_t kMostRequirementBytes = std::size_t{16} << 20;

constexpr const char* kPoetryRemedy =
    "where poetry is: `poetry export -f requirements.txt -o requirements.txt` (`poetry self add poetry-plugin-export` "
    "adds "
    "the command), and here -r requirements.txt";

void run_exporter(const std::vector<std::string>& command, const std::vector<std::string>& environment,
                  const std::string& place, const char* remedy) {
  const ProcessResult run = run_process(command, environment, kLimit);
  if (run.timed_out) throw Error(fmt::format("{}: {} did not export it within 5 minutes", place, command.front()));
  if (run.exit_status == 0) return;
  throw Error(fmt::format("{}: {} cannot export it, and says:\n  {}", place, printable(command.front()),
                          printable_lines(run.errors + "\n" + run.output)),
              remedy);
}

// What was written, or an error: an exporter that claims success and has written nothing must not empty an environment.
std::string exported_text(const StagingDirectory& staging, const char* name, std::size_t most, const std::string& place,
                          const std::string& program) {
  auto text = try_read_file_at(staging.fd(), name, most);
  if (!text)
    throw Error(fmt::format("{}: {} says that it exported it, and has written nothing", place, printable(program)));
  return std::move(*text);
}

// The user's own settings for uv are for uv: only what the project says counts.
std::vector<std::string> uv_environment(const Store& store) {
  return {"UV_CONFIG_FILE",
          "UV_PROJECT",
          "UV_PYTHON",
          "UV_LOCKED",
          "UV_FROZEN",
          "UV_DEV",
          "UV_NO_DEV",
          "UV_NO_DEFAULT_GROUPS",
          "UV_NO_GROUP",
          "UV_NO_EDITABLE",
          "UV_NO_SOURCES",
          "UV_WORKING_DIR",
          "UV_WORKING_DIRECTORY",
          "UV_CACHE_DIR=" + store.layout().resolver_cache(),
          "UV_PYTHON_DOWNLOADS=never",
          "NO_COLOR=1"};
}

Pylock export_uv_lock(const Store& store, PackageNetwork& network, const LockSource& source,
                      const PackageInputs& inputs, const InterpreterFacts& facts, Progress& progress) {
  ResolverProgram program = known_resolver(store, inputs.resolve.resolver);
  if (program.kind == ResolverKind::pip) program = known_resolver(store, "");  // pip cannot read it
  obtain_resolver(store, network, progress, program);
  const StagingDirectory staging(store.layout().staging());
  std::vector<std::string> command{program.path,
                                   "export",
                                   "--frozen",
                                   "--offline",
                                   "--no-config",
                                   "--quiet",
                                   "--format",
                                   "pylock.toml",
                                   "--no-header",
                                   "--no-annotate",
                                   "--project",
                                   source.directory,
                                   "--python",
                                   facts.executable,
                                   "--no-emit-project",
                                   "--output-file",
                                   staging.path() + "/pylock.toml"};
  for (const std::string& extra : inputs.wishes.extras) command.insert(command.end(), {"--extra", extra});
  if (inputs.all_extras) command.emplace_back("--all-extras");
  const GroupRules& rules = inputs.group_rules;
  if (rules.all) command.emplace_back("--all-groups");
  if (rules.no_dev) command.emplace_back("--no-dev");
  if (inputs.wishes.groups || rules.no_defaults) command.emplace_back("--no-default-groups");
  if (inputs.wishes.groups) {
    const char* const option = rules.only ? "--only-group" : "--group";
    for (const std::string& group : *inputs.wishes.groups) command.insert(command.end(), {option, group});
  }
  run_exporter(
      command, uv_environment(store), source.place,
      "`uv lock --check` says whether it fits its pyproject.toml; `uv export --format pylock.toml -o pylock.toml` "
      "makes a lock of it that cas reads");
  Pylock lock = parse_pylock(exported_text(staging, "pylock.toml", kMostLockBytes, source.place, command.front()),
                             source.place + ", exported");
  make_paths_absolute(lock, staging.path());
  return lock;
}

RequirementFiles export_poetry_lock(const Store& store, const LockSource& source, const PackageInputs& inputs) {
  const std::string poetry = find_program("poetry");
  if (poetry.empty()) throw NotFound(source.place + " can only be read by poetry, which is not in PATH", kPoetryRemedy);
  const StagingDirectory staging(store.layout().staging());
  const std::string output = staging.path() + "/requirements.txt";
  // Where the files come from is said by the user here, and hashes say which they are.
  std::vector<std::string> command{poetry,           "export", "--no-interaction", "--no-ansi", "--directory",
                                   source.directory, "-f",     "requirements.txt", "--output",  output,
                                   "--without-urls"};
  for (const std::string& extra : inputs.wishes.extras) command.insert(command.end(), {"--extras", extra});
  if (inputs.all_extras) command.emplace_back("--all-extras");
  if (inputs.group_rules.all) command.emplace_back("--all-groups");
  if (inputs.wishes.groups) {
    const char* const option = inputs.group_rules.only ? "--only" : "--with";
    for (const std::string& group : *inputs.wishes.groups) {
      if (group != "dev" || !inputs.group_rules.no_dev) command.insert(command.end(), {option, group});
    }
  }
  if (inputs.group_rules.all && inputs.group_rules.no_dev) command.insert(command.end(), {"--without", "dev"});
  run_exporter(command, {"NO_COLOR=1"}, source.place, kPoetryRemedy);
  RequirementReader reader;
  reader.read = [&](const std::string& path) {
    // What it exports names no other file.
    if (path != source.place) throw InvalidInput(source.place + ": what poetry exported names " + printable(path));
    return exported_text(staging, "requirements.txt", kMostRequirementBytes, source.place, command.front());
  };
  return read_requirement_files({{source.place}}, reader);
}

}  // namespace

bool is_foreign_lock_name(std::string_view file_name) { return file_name == "uv.lock" || file_name == "poetry.lock"; }

LockSource export_lock(const Store& store, PackageNetwork& network, const std::string& path,
                       const PackageInputs& inputs, const InterpreterFacts& facts, Progress& progress) {
  LockSource source;
  source.place = absolute_path(path);
  source.directory = std::string(parent_of(source.place));
  for (const std::string& needed : {source.place, source.directory + "/pyproject.toml"}) {
    if (stat_path(needed)) continue;
    throw NotFound(fmt::format("{} is not there{}", printable(needed),
                               needed == source.place ? "" : ", and " + source.place + " means nothing without it"),
                   "name a lock beside its pyproject.toml, or one called pylock.toml");
  }
  progress.phase("exporting " + std::string(name_of(path)), 0);
  if (name_of(path) == "uv.lock") {
    source.lock = export_uv_lock(store, network, source, inputs, facts, progress);
    source.wishes.build = inputs.wishes.build;
    return source;
  }
  LockSource resolved =
      resolve(store, network, export_poetry_lock(store, source, inputs), facts, inputs.resolve, progress);
  resolved.pins.clear();  // poetry has seen to it
  return resolved;
}

}  // namespace cas
