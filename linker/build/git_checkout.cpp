#include "linker/build/git_checkout.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <vector>

#include "linker/locked/lock_credentials.hpp"
#include "store/base/error.hpp"
#include "store/base/relpath.hpp"
#include "store/base/text.hpp"
#include "store/sys/process.hpp"

namespace cas {
namespace {

class Git {
 public:
  Git(const ProjectSource& source, std::chrono::seconds limit)
      : program_(find_program("git")), shown_(printable(source.url)), limit_(limit) {
    if (program_.empty()) {
      throw NotFound("git is not there to fetch " + shown_, "install it (Debian: apt-get install git)");
    }
  }

  // Where git is to look, for its arguments.
  std::string address(PackageNetwork& network, const std::string& url) {
    GitAddress address = git_address(network, url);
    std::ranges::move(address.settings, std::back_inserter(environment_));
    return address.url;
  }

  // What it printed; nullopt: it failed.
  std::optional<std::string> try_run(const std::vector<std::string>& arguments) {
    std::vector<std::string> command{program_,
                                     "-c",
                                     "core.hooksPath=/dev/null",
                                     "-c",
                                     "protocol.ext.allow=never",
                                     "-c",
                                     "advice.detachedHead=false"};
    command.insert(command.end(), arguments.begin(), arguments.end());
    const ProcessResult result = run_process(command, environment_, limit_);
    said_ = result.timed_out ? "it was not done within the time of --build-timeout" : result.errors;
    if (result.timed_out || result.exit_status != 0) return std::nullopt;
    return result.output;
  }

  std::string run(const std::vector<std::string>& arguments) {
    const auto output = try_run(arguments);
    if (output) return *output;
    std::string said;
    std::string_view rest = trimmed(said_, " \r\n\t");
    while (!rest.empty()) {
      const std::size_t end = std::min(rest.find('\n'), rest.size());
      said += "\n  " + printable(rest.substr(0, end));
      rest.remove_prefix(std::min(end + 1, rest.size()));
    }
    throw Error(fmt::format("fetching {}: git says:{}", shown_, said),
                "look at the address, and whether git may fetch from there without being asked");
  }

 private:
  std::string program_, shown_, said_;
  std::vector<std::string> environment_{"GIT_TERMINAL_PROMPT=0",   "GIT_DIR",
                                        "GIT_WORK_TREE",           "GIT_INDEX_FILE",
                                        "GIT_OBJECT_DIRECTORY",    "GIT_ALTERNATE_OBJECT_DIRECTORIES",
                                        "GIT_CEILING_DIRECTORIES", "GIT_NAMESPACE"};
  std::chrono::seconds limit_;
};

bool is_commit(const std::string& text) {
  return (text.size() == 40 || text.size() == 64) && text.find_first_not_of("0123456789abcdef") == std::string::npos;
}

}  // namespace

std::string check_out(PackageNetwork& network, const ProjectSource& source, const std::string& scratch,
                      std::chrono::seconds limit, Progress& progress) {
  if (!is_commit(source.commit)) {
    throw InvalidInput(fmt::format("'{}' is no complete commit id of git", printable(source.commit)),
                       "lock it again with the commit's 40 digits");
  }
  if (network.offline() && !source.url.starts_with("file:") && !source.url.starts_with('/')) {
    throw NotFound(source.label() + " is not in the store, and the network may not be asked (--offline)",
                   "run the command once without --offline");
  }
  progress.phase("fetching " + source.label(), 0);
  Git git(source, limit);
  std::string tree = scratch + "/source";
  (void)git.run({"clone", "--quiet", "--no-checkout", "--", git.address(network, source.url), tree});
  // It need not be in the history of a branch or tag.
  if (!git.try_run({"-C", tree, "cat-file", "-e", source.commit + "^{commit}"})) {
    (void)git.run({"-C", tree, "fetch", "--quiet", "--", "origin", source.commit});
  }
  (void)git.run({"-C", tree, "checkout", "--quiet", "--detach", source.commit});
  (void)git.run({"-C", tree, "submodule", "--quiet", "update", "--init", "--recursive"});
  return tree;
}

}  // namespace cas
