#include "linker/build/git_checkout.hpp"

#include <fmt/format.h>

#include "linker/build/git_program.hpp"
#include "store/base/error.hpp"
#include "store/base/relpath.hpp"

namespace cas {
namespace {

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
  Git git(source.url, limit);
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
