#include "linker/locked/editable_checkouts.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "linker/build/git_program.hpp"
#include "store/base/error.hpp"
#include "store/base/relpath.hpp"
#include "store/base/text.hpp"
#include "store/net/url.hpp"
#include "store/requirement/url_path.hpp"
#include "store/sys/file.hpp"
#include "store/sys/tree.hpp"

namespace cas {
namespace {

constexpr const char* kElsewhere = "move it away, or say with --src where checkouts are to be";

std::string line(const std::string& output) { return std::string(trimmed(output, " \r\n\t")); }

// The commit that the checkout at `tree` shall have; nullopt: it does not know such a revision.
std::optional<std::string> commit_of(Git& git, const std::string& tree, const std::string& revision) {
  std::vector<std::string> names{"refs/remotes/origin/HEAD"};
  if (!revision.empty()) names = {"refs/remotes/origin/" + revision, "refs/tags/" + revision, revision};
  for (const std::string& name : names) {
    if (const auto commit = git.try_run({"-C", tree, "rev-parse", "--verify", "--quiet", name + "^{commit}"})) {
      return line(*commit);
    }
  }
  return std::nullopt;
}

bool is_branch(Git& git, const std::string& tree, const std::string& revision) {
  return git.try_run({"-C", tree, "rev-parse", "--verify", "--quiet", "refs/remotes/origin/" + revision}).has_value();
}

bool is_ancestor(Git& git, const std::string& tree, const std::string& older, const std::string& newer) {
  return git.try_run({"-C", tree, "merge-base", "--is-ancestor", older, newer}).has_value();
}

// The branch that is checked out; "": none.
std::string branch_of(Git& git, const std::string& tree) {
  return line(git.try_run({"-C", tree, "symbolic-ref", "--quiet", "--short", "HEAD"}).value_or(""));
}

// Asks the repository for a revision that is in no branch or tag, such as refs/pull/1/head.
std::string fetched_commit(Git& git, const std::string& tree, const std::string& revision) {
  (void)git.run({"-C", tree, "fetch", "--quiet", "--", "origin", revision});
  return line(git.run({"-C", tree, "rev-parse", "--verify", "--quiet", "FETCH_HEAD^{commit}"}));
}

// Without the password, which checkouts that pip made have in it.
std::string plain_address(const std::string& url) {
  const auto parsed = try_parse_url(url);
  return parsed && !parsed->is_file() ? parsed->text() : url;
}

void update_submodules(Git& git, const std::string& tree) {
  (void)git.run({"-C", tree, "submodule", "--quiet", "update", "--init", "--recursive"});
}

}  // namespace

EditableRepository parse_editable_repository(const std::string& url) {
  constexpr std::string_view kGit = "git+";
  if (!url.starts_with(kGit)) {
    throw UsageError(printable(url) + ": only git is known here", "check it out, and name the directory with -e");
  }
  EditableRepository repository;
  std::string rest = url.substr(kGit.size());
  const std::size_t hash = rest.find('#');
  if (hash != std::string::npos) {
    std::string_view fragment = std::string_view(rest).substr(hash + 1);
    while (!fragment.empty()) {
      const std::string_view part = fragment.substr(0, fragment.find('&'));
      constexpr std::string_view kSubdirectory = "subdirectory=";
      if (part.starts_with(kSubdirectory)) repository.subdirectory = part.substr(kSubdirectory.size());
      fragment.remove_prefix(std::min(part.size() + 1, fragment.size()));
    }
    rest.resize(hash);
  }
  // An "@" before the path belongs to the user's name.
  const std::size_t authority = rest.find("://");
  const std::size_t path = rest.find('/', authority == std::string::npos ? 0 : authority + 3);
  const std::size_t at = rest.rfind('@');
  if (path != std::string::npos && at != std::string::npos && at > path) {
    repository.revision = rest.substr(at + 1);
    rest.resize(at);
    if (repository.revision.empty() || repository.revision.starts_with('-')) {
      throw UsageError(fmt::format("{}: '{}' is no revision", printable(url), printable(repository.revision)),
                       "write a branch, a tag or a commit behind the \"@\", or leave that out");
    }
  }
  if (rest.empty() || rest.starts_with('-')) throw UsageError(printable(url) + " names no repository");
  if (!repository.subdirectory.empty()) {
    if (const auto problem = relative_path_problem(repository.subdirectory)) {
      throw UsageError(
          fmt::format("{}: the subdirectory '{}' {}", printable(url), printable(repository.subdirectory), *problem));
    }
  }
  repository.url = std::move(rest);
  return repository;
}

EditableCheckouts::EditableCheckouts(const Store& store, CheckoutOptions options, NetworkOptions network,
                                     Progress& progress)
    : store_(store), options_(std::move(options)), network_(store, std::move(network)), progress_(progress) {}

EditableCheckouts::~EditableCheckouts() {
  try {
    for (const Moved& one : moved_) {
      Git git(one.tree, options_.limit);
      if (!one.branch.empty() && !git.try_run({"-C", one.tree, "checkout", "--quiet", one.branch})) continue;
      static_cast<void>(one.branch.empty()
                            ? git.try_run({"-C", one.tree, "checkout", "--quiet", "--detach", one.commit})
                            : git.try_run({"-C", one.tree, "reset", "--quiet", "--keep", one.commit}));
    }
    for (const std::string& tree : made_) remove_tree_at(kCurrentDirectory, tree);
    for (auto directory = directories_.rbegin(); directory != directories_.rend(); ++directory) {
      remove_directory_at(kCurrentDirectory, *directory);
    }
  } catch (const Error&) {
    // What failed before this is what the user has to know; a checkout more does no harm.
  }
}

void EditableCheckouts::keep() {
  made_.clear();
  directories_.clear();
  moved_.clear();
}

void EditableCheckouts::check_out(RequirementFiles& files) {
  for (ListedRequirement& listed : files.requirements) {
    if (!listed.editable || !is_version_control_url(listed.requirement.url)) continue;
    with_context(listed.place.text(), [&] {
      const std::string tree = tree_of(listed);
      listed.requirement.url = tree;
      // What it is called is what its sources say.
      listed.requirement.name.clear();
      listed.requirement.normalized.clear();
    });
  }
}

std::string EditableCheckouts::tree_of(const ListedRequirement& listed) {
  const EditableRepository repository = parse_editable_repository(listed.requirement.url);
  std::string tree = options_.folder + "/" + listed.requirement.normalized;
  if (const auto there = stat_path(tree)) {
    if (!S_ISDIR(there->st_mode) || !stat_path(tree + "/.git")) {
      throw UsageError(printable(tree) + " is there, and no checkout", kElsewhere);
    }
    move(tree, repository);
  } else {
    if (options_.dry_run) {
      if (!scratch_) scratch_.emplace(store_.layout().staging());
      tree = scratch_->path() + "/" + listed.requirement.normalized;
    }
    make(tree, repository);
  }
  return repository.subdirectory.empty() ? tree : tree + "/" + repository.subdirectory;
}

void EditableCheckouts::make_folder() {
  std::vector<std::string> missing;
  for (std::string path = options_.folder; !path.empty() && !stat_path(path); path = std::string(parent_of(path))) {
    missing.push_back(path);
  }
  for (auto path = missing.rbegin(); path != missing.rend(); ++path) {
    make_directory_at(kCurrentDirectory, *path, 0777);
    directories_.push_back(*path);
  }
}

// Under another name until it is complete.
void EditableCheckouts::make(const std::string& tree, const EditableRepository& repository) {
  Git git(repository.url, options_.limit);
  if (network_.offline() && !repository.url.starts_with("file:")) {
    throw NotFound(git.shown_url() + " is not checked out, and the network may not be asked (--offline)",
                   "run the command once without --offline");
  }
  progress_.phase("checking out " + git.shown_url(), 0);
  if (!options_.dry_run) make_folder();
  const std::string fresh = fmt::format("{}/.cas-{}", parent_of(tree), name_of(tree));
  remove_tree_at(kCurrentDirectory, fresh);
  made_.push_back(fresh);
  (void)git.run({"clone", "--quiet", "--no-checkout", "--", git.address(network_, repository.url), fresh});
  auto commit = commit_of(git, fresh, repository.revision);
  if (!commit) commit = fetched_commit(git, fresh, repository.revision.empty() ? "HEAD" : repository.revision);
  if (repository.revision.empty()) {
    (void)git.run({"-C", fresh, "checkout", "--quiet"});
  } else if (is_branch(git, fresh, repository.revision)) {
    (void)git.run({"-C", fresh, "checkout", "--quiet", "-B", repository.revision, "origin/" + repository.revision});
  } else {
    (void)git.run({"-C", fresh, "checkout", "--quiet", "--detach", *commit});
  }
  update_submodules(git, fresh);
  rename_at(kCurrentDirectory, fresh, kCurrentDirectory, tree);
  made_.back() = tree;
}

void EditableCheckouts::check_origin(Git& git, const std::string& tree, const EditableRepository& repository) const {
  // As it is written there: `git remote get-url` would answer with the password that git is told.
  const std::string origin = line(git.try_run({"-C", tree, "config", "--get", "remote.origin.url"}).value_or(""));
  if (plain_address(origin) == plain_address(repository.url)) return;
  throw UsageError(fmt::format("{} is a checkout of another repository than {}", printable(tree), git.shown_url()),
                   kElsewhere);
}

void EditableCheckouts::move(const std::string& tree, const EditableRepository& repository) {
  Git git(repository.url, options_.limit);
  check_origin(git, tree, repository);
  if (options_.dry_run) return;
  (void)git.address(network_, repository.url);
  progress_.phase("looking at " + tree, 0);
  if (!network_.offline()) (void)git.run({"-C", tree, "fetch", "--quiet", "--", "origin"});
  auto commit = commit_of(git, tree, repository.revision);
  if (!commit && network_.offline()) {
    throw NotFound(fmt::format("{} has no '{}', and the network may not be asked (--offline)", printable(tree),
                               printable(repository.revision)),
                   "run the command once without --offline");
  }
  if (!commit) commit = fetched_commit(git, tree, repository.revision.empty() ? "HEAD" : repository.revision);

  const std::string head = line(git.run({"-C", tree, "rev-parse", "--verify", "HEAD^{commit}"}));
  const bool follows = repository.revision.empty() || is_branch(git, tree, repository.revision);
  // With commits of the user's own on top of a branch it is what was asked for, and more.
  if (head == *commit || (follows && is_ancestor(git, tree, *commit, head))) return;
  if (!line(git.run({"-C", tree, "status", "--porcelain", "--untracked-files=no"})).empty()) {
    throw Error(printable(tree) + " has changes that are not committed, and another commit is asked for",
                "commit them, or take them away (`git stash`); -e DIRECTORY installs it as it is");
  }
  const std::string branch = branch_of(git, tree);
  const bool forward = is_ancestor(git, tree, head, *commit);
  if (!forward && line(git.run({"-C", tree, "for-each-ref", "--count=1", "--contains", head})).empty()) {
    throw Error(printable(tree) + " has commits that are on no branch, and another commit is asked for",
                "give them a branch (`git switch -c NAME`); -e DIRECTORY installs it as it is");
  }
  moved_.push_back({tree, branch, head});
  if (!branch.empty() && follows && forward) {
    (void)git.run({"-C", tree, "merge", "--quiet", "--ff-only", *commit});
  } else {
    (void)git.run({"-C", tree, "checkout", "--quiet", "--detach", *commit});
  }
  update_submodules(git, tree);
}

}  // namespace cas
