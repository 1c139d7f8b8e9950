#include "linker/build/git_program.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "linker/locked/lock_credentials.hpp"
#include "store/base/error.hpp"
#include "store/base/lines.hpp"
#include "store/base/relpath.hpp"
#include "store/sys/process.hpp"

namespace cas {

Git::Git(const std::string& url, std::chrono::seconds limit)
    : program_(find_program("git")), shown_(printable(url)), limit_(limit) {
  if (program_.empty()) {
    throw NotFound("git is not there to fetch " + shown_, "install it (Debian: apt-get install git)");
  }
}

std::string Git::address(PackageNetwork& network, const std::string& url) {
  GitAddress address = git_address(network, url);
  std::ranges::move(address.settings, std::back_inserter(environment_));
  return address.url;
}

std::optional<std::string> Git::try_run(const std::vector<std::string>& arguments) {
  std::vector<std::string> command{
      program_, "-c", "core.hooksPath=/dev/null", "-c", "protocol.ext.allow=never", "-c", "advice.detachedHead=false"};
  command.insert(command.end(), arguments.begin(), arguments.end());
  const ProcessResult result = run_process(command, environment_, limit_);
  said_ = result.timed_out ? "it was not done within the time of --build-timeout" : result.errors;
  if (result.timed_out || result.exit_status != 0) return std::nullopt;
  return result.output;
}

std::string Git::run(const std::vector<std::string>& arguments) {
  const auto output = try_run(arguments);
  if (output) return *output;
  const std::string said = printable_lines(said_);
  throw Error(fmt::format("fetching {}: git says:{}{}", shown_, said.empty() ? "" : "\n  ", said),
              "look at the address, and whether git may fetch from there without being asked");
}

}  // namespace cas
