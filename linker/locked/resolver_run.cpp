#include "linker/locked/resolver_run.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/filesystem/path.hpp>
#include <chrono>

#include "linker/build/description_wheel.hpp"
#include "linker/locked/local_files.hpp"
#include "linker/locked/lock_credentials.hpp"
#include "linker/locked/pip_run.hpp"
#include "linker/tags.hpp"
#include "store/base/error.hpp"
#include "store/base/lines.hpp"
#include "store/base/relpath.hpp"
#include "store/net/http_options.hpp"
#include "store/net/url.hpp"
#include "store/sys/file.hpp"
#include "store/sys/process.hpp"
#include "store/sys/publish.hpp"

namespace cas {
namespace {

constexpr std::chrono::minutes kLimit{30};
constexpr std::size_t kMostLockBytes = std::size_t{256} << 20;

// Trust, proxies and patience, as cas has them itself.
void add_connection(PackageNetwork& network, std::vector<std::string>& environment) {
  const HttpOptions& http = network.http();
  if (!http.ca_file.empty()) environment.push_back("SSL_CERT_FILE=" + http.ca_file);
  if (!http.ca_directory.empty()) environment.push_back("SSL_CERT_DIR=" + http.ca_directory);
  if (!http.client_certificate.empty()) environment.push_back("SSL_CLIENT_CERT=" + http.client_certificate);
  if (!http.proxy.empty()) {
    // In capitals they would lose against what stands there in small letters.
    for (const char* name : {"http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY", "all_proxy"}) {
      environment.push_back(fmt::format("{}={}", name, http.proxy));
    }
  }
  const NetworkOptions& said = network.options();
  environment.push_back(said.timeout ? fmt::format("UV_HTTP_TIMEOUT={}", said.timeout->count()) : "UV_HTTP_TIMEOUT");
  environment.push_back(said.retries ? fmt::format("UV_HTTP_RETRIES={}", *said.retries) : "UV_HTTP_RETRIES");
}

// "NAME" removes a variable: the user's own settings for uv are for uv.
std::vector<std::string> environment_of(const Store& store, PackageNetwork& network) {
  const IndexPlaces& places = network.places();
  std::vector<std::string> environment;
  for (const char* name : {"UV_INDEX_URL",
                           "UV_EXTRA_INDEX_URL",
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
                           "UV_INSECURE_HOST",
                           "UV_KEYRING_PROVIDER",
                           "UV_REQUIRE_HASHES",
                           "UV_NO_BUILD",
                           "UV_NO_BUILD_PACKAGE",
                           "UV_NO_BINARY_PACKAGE",
                           "UV_NO_BUILD_ISOLATION",
                           "UV_TORCH_BACKEND"}) {
    environment.emplace_back(name);
  }
  add_connection(network, environment);
  // Arguments can be read by everybody on the machine.
  std::string secret_places;
  for (std::string place : places.find_links) {
    if (!holds_credentials(place)) continue;
    for (std::size_t at = 0; (at = place.find(',', at)) != std::string::npos;) place.replace(at, 1, "%2C");
    secret_places += (secret_places.empty() ? "" : ",") + place;
  }
  environment.push_back(secret_places.empty() ? "UV_FIND_LINKS" : "UV_FIND_LINKS=" + secret_places);
  environment.push_back("UV_CACHE_DIR=" + store.layout().resolver_cache());
  environment.emplace_back("UV_PYTHON_DOWNLOADS=never");
  environment.emplace_back("NO_COLOR=1");
  // As everything else here: what the machine trusts, not what the program brings. Its name in older versions, too.
  environment.emplace_back("UV_SYSTEM_CERTS=1");
  environment.emplace_back("UV_NATIVE_TLS=1");
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

std::string failure_of(const ResolverProgram& program, const ProcessResult& run, const InterpreterFacts& facts) {
  const std::string words = printable_lines(run.errors);
  const std::string said =
      words.empty() ? fmt::format(" nothing, and ended with status {}", run.exit_status) : "\n  " + words;
  return fmt::format("finding versions for {}: the resolver ({}) says:{}", python_label(facts), printable(program.path),
                     said);
}

// Its own hint about it is longer than what is shown of a line.
std::string hint_of(std::string_view errors) {
  if (errors.find("--index-strategy") == std::string_view::npos) return {};
  return "only the first index that has a name is asked for it; --index-strategy unsafe-best-match asks all, where "
         "everybody who can publish in "
         "one of them is trusted";
}

void tell_warnings(std::string_view errors, Progress& progress) {
  constexpr std::string_view kMark = "warning: ";
  for (const std::string_view line : lines_of(errors)) {
    if (line.starts_with(kMark)) progress.warning("the resolver says: " + printable(line.substr(kMark.size())));
  }
}

// It asks them whatever they are: our own client does not.
void refuse_insecure(const std::string& address, const HttpOptions& options) {
  const auto url = try_parse_url(address);
  if (!url || url->scheme != "http" || may_be_insecure(*url, options)) return;
  throw Error("fetching " + redacted_url(address) + ": http is neither encrypted nor authenticated",
              "use https, or allow this host to be insecure (--trusted-host)");
}

bool stays(const std::vector<InstalledDistribution>& installed, const LockedPackage& package) {
  if (package.archive || package.directory || package.vcs) return false;
  return std::ranges::any_of(installed, [&](const InstalledDistribution& one) {
    return one.normalized == package.name && has_version(one, package.version);
  });
}

void make_absolute(std::string& path, const std::string& directory) {
  if (path.empty() || path.front() == '/') return;
  path = boost::filesystem::path(directory + "/" + path).lexically_normal().string();
}

}  // namespace

void make_paths_absolute(Pylock& lock, const std::string& directory) {
  for (LockedPackage& package : lock.packages) {
    for (LockedFile& wheel : package.wheels) make_absolute(wheel.path, directory);
    if (package.sdist) make_absolute(package.sdist->path, directory);
    if (package.archive) make_absolute(package.archive->path, directory);
    if (package.directory) make_absolute(package.directory->path, directory);
  }
}

Pylock run_resolver(const Store& store, const ResolverProgram& program, const ResolverQuestion& question,
                    const InterpreterFacts& facts, PackageNetwork& network, Progress& progress) {
  if (program.kind == ResolverKind::pip) return run_pip(store, program, question, facts, network);
  const IndexPlaces& places = network.places();
  for (const std::vector<std::string>* addresses : {&places.indexes, &places.find_links, &question.addresses}) {
    for (const std::string& address : *addresses) refuse_insecure(address, network.http());
  }
  const StagingDirectory staging(store.layout().staging());
  const std::string input = staging.path() + "/requirements.in";
  const std::string output = staging.path() + "/pylock.toml";
  write_new_file_at(staging.fd(), "requirements.in", joined_lines(question.requirements), 0600);

  // What stands in its output file already is what it prefers.
  if (!question.preferences.empty())
    write_new_file_at(staging.fd(), "pylock.toml", lock_of(question.preferences), 0600);

  const std::string& python = question.python.empty() ? facts.executable : question.python;
  std::vector<std::string> command{program.path,  "pip",           "compile",  "--no-config", "--no-progress",
                                   "--no-header", "--no-annotate", "--format", "pylock.toml", "--python",
                                   python,        "--output-file", output};
  // Not an empty one: it would warn of that.
  if (!question.constraints.empty()) {
    write_new_file_at(staging.fd(), "constraints.txt", joined_lines(question.constraints), 0600);
    command.insert(command.end(), {"--constraints", staging.path() + "/constraints.txt"});
  }
  // Among the files of a folder it finds what no index has (any more), beside all that indexes have: an override or a constraint would forbid
  // every other version, and could not be met where the index lacks this one. Of one version it prefers what fits this Python best.
  std::vector<std::string> build_constraints = question.build_constraints;
  if (!question.installed.empty()) {
    make_directory_at(staging.fd(), "installed", 0700);
    const std::string tag = supported_tags(facts).front();
    write_description_wheels(open_directory_at(staging.fd(), "installed").get(), question.installed, tag);
    command.insert(command.end(), {"--find-links", staging.path() + "/installed"});
    // In a place to build it would be a package without content.
    for (const InstalledDistribution& one : question.installed) {
      if (!description_wheel_name(one, tag).empty()) build_constraints.push_back(one.normalized + "!=" + one.version);
    }
  }
  if (!build_constraints.empty()) {
    write_new_file_at(staging.fd(), "build-constraints.txt", joined_lines(build_constraints), 0600);
    command.insert(command.end(), {"--build-constraints", staging.path() + "/build-constraints.txt"});
  }
  if (places.no_index) command.emplace_back("--no-index");
  for (const std::string& place : places.find_links) {
    if (!holds_credentials(place)) command.insert(command.end(), {"--find-links", place});
  }
  if (places.strategy == IndexStrategy::unsafe_best_match) {
    command.insert(command.end(), {"--index-strategy", "unsafe-best-match"});
  }
  for (const std::string& host : network.options().allow_insecure) {
    command.insert(command.end(), {"--allow-insecure-host", host});
  }
  if (network.offline()) command.emplace_back("--offline");
  command.insert(command.end(), question.options.begin(), question.options.end());
  // A name goes before all, and these have sources alone.
  for (const std::string& name : question.buildable) command.insert(command.end(), {"--no-binary", name});
  command.push_back(input);

  std::vector<std::string> environment = environment_of(store, network);
  // It may build something to know what that requires, and leaves lock files behind.
  make_directory_at(staging.fd(), "tmp", 0700);
  environment.push_back("TMPDIR=" + staging.path() + "/tmp");
  const std::chrono::seconds limit = question.limit.value_or(kLimit);
  const ProcessResult run = run_process(command, environment, limit, {}, Descendants::all);
  if (run.timed_out && question.limit) {
    throw Error(fmt::format("finding versions for {}: the resolver, which builds what does not say otherwise what it "
                            "requires, was not done within "
                            "{} s (--build-timeout)",
                            python_label(facts), limit.count()),
                "give it more time, or allow nothing but wheels (--no-build)");
  }
  if (run.timed_out) throw Error("the resolver (" + program.path + ") found no answer within 30 minutes");
  if (run.exit_status != 0) throw NoAnswer(failure_of(program, run, facts), hint_of(run.errors));
  tell_warnings(run.errors, progress);
  const auto answer = try_read_file_at(staging.fd(), "pylock.toml", kMostLockBytes);
  if (!answer || answer->empty()) {
    throw Error(
        fmt::format("{} ended well and wrote no answer: it is no uv that finds versions", printable(program.path)),
        "leave --resolver out: cas then uses its own");
  }
  Pylock lock = parse_pylock(*answer, "the resolver's answer");
  // Before anybody could take a description for the package.
  std::erase_if(lock.packages, [&](const LockedPackage& package) { return stays(question.installed, package); });
  make_paths_absolute(lock, staging.path());
  refuse_local_files(lock, places);
  return lock;
}

}  // namespace cas
