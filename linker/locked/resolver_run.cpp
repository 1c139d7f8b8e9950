#include "linker/locked/resolver_run.hpp"

#include <fmt/format.h>

#include <boost/filesystem/path.hpp>
#include <chrono>

#include "linker/locked/pip_run.hpp"
#include "store/base/error.hpp"
#include "store/base/relpath.hpp"
#include "store/base/text.hpp"
#include "store/sys/file.hpp"
#include "store/sys/process.hpp"
#include "store/sys/publish.hpp"

namespace cas {
namespace {

constexpr std::chrono::minutes kLimit{30};
constexpr std::size_t kMostLockBytes = std::size_t{256} << 20;

std::string lines_of(const std::vector<std::string>& lines) {
  std::string text;
  for (const std::string& line : lines) text += line + "\n";
  return text;
}

// "NAME" removes a variable: the user's own settings for uv are for uv.
std::vector<std::string> environment_of(const Store& store, const PackageNetwork& network) {
  const IndexPlaces& places = network.options().places;
  std::vector<std::string> environment;
  for (const char* name : {"UV_INDEX_URL",
                           "UV_EXTRA_INDEX_URL",
                           "UV_FIND_LINKS",
                           "UV_NO_INDEX",
                           "UV_PYTHON",
                           "UV_CONSTRAINT",
                           "UV_OVERRIDE",
                           "UV_BUILD_CONSTRAINT",
                           "UV_PRERELEASE",
                           "UV_RESOLUTION",
                           "UV_INDEX_STRATEGY",
                           "UV_OFFLINE",
                           "UV_CUSTOM_COMPILE_COMMAND",
                           "UV_SYSTEM_PYTHON",
                           "UV_EXCLUDE_NEWER",
                           "UV_NO_BINARY",
                           "UV_CONFIG_FILE",
                           "UV_REQUIRE_HASHES",
                           "UV_NO_BUILD",
                           "UV_NO_BUILD_PACKAGE",
                           "UV_NO_BINARY_PACKAGE",
                           "UV_NO_BUILD_ISOLATION",
                           "UV_TORCH_BACKEND"}) {
    environment.emplace_back(name);
  }
  environment.push_back("UV_CACHE_DIR=" + store.layout().resolver_cache());
  environment.emplace_back("UV_PYTHON_DOWNLOADS=never");
  environment.emplace_back("NO_COLOR=1");
  if (!places.indexes.empty()) environment.push_back("UV_DEFAULT_INDEX=" + places.indexes.back());
  // The default index is asked last, as uv means it.
  std::string others;
  for (std::size_t i = 0; i + 1 < places.indexes.size(); ++i) others += (others.empty() ? "" : " ") + places.indexes[i];
  environment.push_back(others.empty() ? "UV_INDEX" : "UV_INDEX=" + others);
  return environment;
}

std::string lock_of(const std::vector<std::pair<std::string, std::string>>& versions) {
  Pylock lock;
  lock.created_by = "cas";
  for (const auto& [name, version] : versions) {
    LockedPackage& package = lock.packages.emplace_back();
    package.name = name;
    package.version = version;
  }
  return pylock_text(lock);
}

void make_absolute(std::string& path, const std::string& directory) {
  if (path.empty() || path.front() == '/') return;
  path = boost::filesystem::path(directory + "/" + path).lexically_normal().string();
}

}  // namespace

std::string resolver_words(std::string_view text) {
  text = trimmed(text, " \t\r\n");
  std::string result;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    result += (result.empty() ? "" : "\n  ") + printable(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return result;
}

Pylock run_resolver(const Store& store, const ResolverProgram& program, const ResolverQuestion& question,
                    const InterpreterFacts& facts, const PackageNetwork& network) {
  if (program.kind == ResolverKind::pip) return run_pip(store, program, question, facts, network);
  const IndexPlaces& places = network.options().places;
  const StagingDirectory staging(store.layout().staging());
  const std::string input = staging.path() + "/requirements.in";
  const std::string constraints = staging.path() + "/constraints.txt";
  const std::string output = staging.path() + "/pylock.toml";
  write_new_file_at(staging.fd(), "requirements.in", lines_of(question.requirements), 0600);
  write_new_file_at(staging.fd(), "constraints.txt", lines_of(question.constraints), 0600);

  // What stands in its output file already is what it prefers.
  if (!question.preferences.empty())
    write_new_file_at(staging.fd(), "pylock.toml", lock_of(question.preferences), 0600);

  const std::string& python = question.python.empty() ? facts.executable : question.python;
  std::vector<std::string> command{program.path,  "pip",           "compile",   "--no-config",   "--quiet",
                                   "--no-header", "--no-annotate", "--format",  "pylock.toml",   "--python",
                                   python,        "--constraints", constraints, "--output-file", output};
  if (!question.build_constraints.empty()) {
    write_new_file_at(staging.fd(), "build-constraints.txt", lines_of(question.build_constraints), 0600);
    command.insert(command.end(), {"--build-constraints", staging.path() + "/build-constraints.txt"});
  }
  if (places.no_index) command.emplace_back("--no-index");
  for (const std::string& place : places.find_links) command.insert(command.end(), {"--find-links", place});
  if (places.strategy == IndexStrategy::unsafe_best_match) {
    command.insert(command.end(), {"--index-strategy", "unsafe-best-match"});
  }
  for (const std::string& host : network.options().allow_insecure) {
    command.insert(command.end(), {"--allow-insecure-host", host});
  }
  if (network.offline()) command.emplace_back("--offline");
  command.insert(command.end(), question.options.begin(), question.options.end());
  command.push_back(input);

  std::vector<std::string> environment = environment_of(store, network);
  // It may build something to know what that requires, and leaves lock files behind.
  make_directory_at(staging.fd(), "tmp", 0700);
  environment.push_back("TMPDIR=" + staging.path() + "/tmp");
  const ProcessResult run = run_process(command, environment, kLimit);
  if (run.timed_out) throw Error("the resolver (" + program.path + ") found no answer within 30 minutes");
  if (run.exit_status != 0) {
    throw Error(fmt::format("finding versions for {}: the resolver says:\n  {}", python_label(facts),
                            resolver_words(run.errors)));
  }
  Pylock lock =
      parse_pylock(try_read_file_at(staging.fd(), "pylock.toml", kMostLockBytes).value_or(""), "the resolver's answer");
  for (LockedPackage& package : lock.packages) {
    for (LockedFile& wheel : package.wheels) make_absolute(wheel.path, staging.path());
    if (package.sdist) make_absolute(package.sdist->path, staging.path());
    if (package.archive) make_absolute(package.archive->path, staging.path());
    if (package.directory) make_absolute(package.directory->path, staging.path());
  }
  return lock;
}

}  // namespace cas
