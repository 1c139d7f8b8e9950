#include "linker/locked/pip_run.hpp"

#include <fmt/format.h>

#include <chrono>

#include "store/base/error.hpp"
#include "store/base/lines.hpp"
#include "store/base/relpath.hpp"
#include "store/pylock/installation_report.hpp"
#include "store/sys/file.hpp"
#include "store/sys/process.hpp"
#include "store/sys/publish.hpp"

namespace cas {
namespace {

constexpr std::chrono::minutes kLimit{60};
constexpr std::chrono::seconds kVersionLimit{30};
constexpr std::size_t kMostReportBytes = std::size_t{256} << 20;

// A bare "NAME" removes a variable: the user's own settings for pip are for pip.
std::vector<std::string> environment_of(const Store& store, PackageNetwork& network) {
  const IndexPlaces& places = network.places();
  std::vector<std::string> environment;
  for (const char* name : {"PIP_ABI",
                           "PIP_CONSTRAINT",
                           "PIP_BUILD_CONSTRAINT",
                           "PIP_DRY_RUN",
                           "PIP_EXTRA_INDEX_URL",
                           "PIP_IMPLEMENTATION",
                           "PIP_INDEX_URL",
                           "PIP_LOG",
                           "PIP_NO_BINARY",
                           "PIP_NO_DEPS",
                           "PIP_NO_INDEX",
                           "PIP_ONLY_BINARY",
                           "PIP_PLATFORM",
                           "PIP_PRE",
                           "PIP_PREFER_BINARY",
                           "PIP_PREFIX",
                           "PIP_PYTHON",
                           "PIP_PYTHON_VERSION",
                           "PIP_QUIET",
                           "PIP_REPORT",
                           "PIP_REQUIREMENT",
                           "PIP_REQUIRE_HASHES",
                           "PIP_REQUIRE_VIRTUALENV",
                           "PIP_ROOT",
                           "PIP_TARGET",
                           "PIP_UPLOADED_PRIOR_TO",
                           "PIP_UPGRADE",
                           "PIP_USER",
                           "PIP_VERBOSE"}) {
    environment.emplace_back(name);
  }
  environment.emplace_back("PIP_CONFIG_FILE=/dev/null");
  environment.emplace_back("PIP_DISABLE_PIP_VERSION_CHECK=1");
  environment.push_back("PIP_CACHE_DIR=" + store.layout().resolver_cache() + "/pip");
  environment.emplace_back("NO_COLOR=1");
  // Trust, proxies and patience, as cas has them itself.
  const HttpOptions& http = network.http();
  const std::string& trusted = http.ca_file.empty() ? http.ca_directory : http.ca_file;
  if (!trusted.empty()) environment.push_back("PIP_CERT=" + trusted);
  if (!http.client_certificate.empty()) environment.push_back("PIP_CLIENT_CERT=" + http.client_certificate);
  if (!http.proxy.empty()) environment.push_back("PIP_PROXY=" + http.proxy);
  const NetworkOptions& said = network.options();
  if (said.timeout) environment.push_back(fmt::format("PIP_TIMEOUT={}", said.timeout->count()));
  if (said.retries) environment.push_back(fmt::format("PIP_RETRIES={}", *said.retries));
  environment.emplace_back("PIP_KEYRING_PROVIDER=disabled");  // what it has was asked for already
  // Addresses may hold passwords, and folders blanks.
  std::string links;
  for (const std::string& place : places.find_links) {
    if (place.find("://") != std::string::npos) links += (links.empty() ? "" : " ") + place;
  }
  environment.push_back(links.empty() ? "PIP_FIND_LINKS" : "PIP_FIND_LINKS=" + links);
  if (places.indexes.empty()) return environment;
  environment.push_back("PIP_INDEX_URL=" + places.indexes.back());
  std::string others;
  for (std::size_t i = 0; i + 1 < places.indexes.size(); ++i) others += (others.empty() ? "" : " ") + places.indexes[i];
  if (!others.empty()) environment.push_back("PIP_EXTRA_INDEX_URL=" + others);
  return environment;
}

// -I: nothing of the current directory is imported.
std::vector<std::string> pip_command(const ResolverProgram& program, const std::string& python) {
  if (!program.path.empty()) return {program.path, "--python", python};
  std::vector<std::string> own{python, "-I", "-m", "pip"};
  std::vector<std::string> question = own;
  question.emplace_back("--version");
  if (run_process(question, {"PIP_CONFIG_FILE=/dev/null"}, kVersionLimit).exit_status == 0) return own;
  for (const char* name : {"pip", "pip3"}) {
    if (std::string found = find_program(name); !found.empty()) {
      return {std::move(found), "--python", python};
    }
  }
  throw NotFound(fmt::format("{} has no pip, and there is none in PATH", printable(python)),
                 "name one with --resolver /path/to/pip, or leave --resolver out: cas then uses uv");
}

void refuse_several_places(const IndexPlaces& places) {
  if (places.indexes.size() + places.find_links.size() < 2 || places.strategy == IndexStrategy::unsafe_best_match)
    return;
  throw UsageError(
      "pip takes the best version of all indexes and folders together, and there are several: whoever can publish in "
      "one "
      "of them chooses",
      "say that this is meant with --index-strategy unsafe-best-match, or leave --resolver out");
}

// Its words for what uv is asked. Wheels alone are chosen, so that nothing is built to find an answer.
void add_options(const ResolverQuestion& question, std::vector<std::string>& command) {
  for (std::size_t i = 0; i < question.options.size(); ++i) {
    const std::string& option = question.options[i];
    if (option == "--no-binary") {
      throw UsageError("pip, as it is asked for versions, chooses wheels: --no-binary cannot be meant",
                       "leave --resolver out: cas then uses uv");
    }
    if (option == "--prerelease") command.emplace_back("--pre");
    if (option == "--prerelease" || option == "--only-binary" || option == "--config-setting") {
      ++i;  // its value
    } else {
      command.push_back(option);
    }
  }
}

}  // namespace

Pylock run_pip(const Store& store, const ResolverProgram& program, const ResolverQuestion& question,
               const InterpreterFacts& facts, PackageNetwork& network) {
  const IndexPlaces& places = network.places();
  refuse_several_places(places);
  if (network.offline() && !places.no_index) {
    throw NotFound("no answer is remembered, and pip always asks the network", "run it once without --offline");
  }
  const StagingDirectory staging(store.layout().staging());
  write_new_file_at(staging.fd(), "requirements.in", joined_lines(question.requirements), 0600);
  write_new_file_at(staging.fd(), "constraints.txt", joined_lines(question.constraints), 0600);

  std::vector<std::string> command = pip_command(program, question.python.empty() ? facts.executable : question.python);
  command.insert(command.end(),
                 {"install", "--dry-run", "--ignore-installed", "--quiet", "--no-input", "--only-binary",
                  ":all:", "--report", staging.path() + "/report.json", "-c", staging.path() + "/constraints.txt"});
  if (places.no_index) command.emplace_back("--no-index");
  for (const std::string& place : places.find_links) {
    if (place.find("://") == std::string::npos) command.insert(command.end(), {"--find-links", place});
  }
  for (const std::string& host : network.options().allow_insecure) {
    command.insert(command.end(), {"--trusted-host", host});
  }
  add_options(question, command);
  command.insert(command.end(), {"-r", staging.path() + "/requirements.in"});
  const ProcessResult run = run_process(command, environment_of(store, network), kLimit);
  if (run.timed_out) throw Error("pip found no answer within an hour");
  if (run.exit_status != 0) {
    throw Error(
        fmt::format("finding versions for {}: pip says:\n  {}", python_label(facts), printable_lines(run.errors)));
  }
  return parse_installation_report(try_read_file_at(staging.fd(), "report.json", kMostReportBytes).value_or(""),
                                   "pip's report");
}

}  // namespace cas
