// Editable requirements of repositories (-e git+https://…#egg=name): checked out where the user works on them, as pip does.
//
// Each has a folder of its own, which is the user's from then on: cas never removes it, and what was changed there is never overwritten.
// The package is then one of an editable directory.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "linker/locked/package_network.hpp"
#include "store/base/progress.hpp"
#include "store/requirement/requirement_file.hpp"
#include "store/store.hpp"
#include "store/sys/publish.hpp"

namespace cas {

class Git;

// A repository as a requirement names it.
struct EditableRepository {
  std::string url;       // for git, with what credentials the requirement has
  std::string revision;  // branch, tag or commit; "": what the repository has for a beginning
  std::string subdirectory;
};
// "git+https://host/path@revision#egg=name&subdirectory=x". Throws UsageError for what is none of git.
[[nodiscard]] EditableRepository parse_editable_repository(const std::string& url);

struct CheckoutOptions {
  std::string folder;  // absolute; made where it is needed
  // Nothing is made or moved there: what is not there is checked out in a scratch directory of the store, and goes with the object.
  bool dry_run = false;
  std::chrono::seconds limit{};  // of one call of git
};

class EditableCheckouts {
 public:
  // References outlive this object. Passwords, of the requirements or known to `network`, are told to git by its environment: no checkout keeps one.
  EditableCheckouts(const Store& store, CheckoutOptions options, NetworkOptions network, Progress& progress);
  // Without keep(): what it made goes, and what it moved to another commit goes back, as far as that is possible.
  ~EditableCheckouts();
  EditableCheckouts(const EditableCheckouts&) = delete;
  EditableCheckouts& operator=(const EditableCheckouts&) = delete;

  // Every such requirement names the directory of its checkout afterwards. A checkout that is there is moved to the commit asked for: only
  // where nothing was changed in it and no commit would be lost, else Error says what to do. Throws UsageError for what else lies in its place, NotFound
  // offline, Error with git's words.
  void check_out(RequirementFiles& files);
  // The environment has them.
  void keep();

 private:
  struct Moved {
    std::string tree, branch, commit;
  };

  [[nodiscard]] std::string tree_of(const ListedRequirement& listed);
  void make_folder();
  void make(const std::string& tree, const EditableRepository& repository);
  void check_origin(Git& git, const std::string& tree, const EditableRepository& repository) const;
  void move(const std::string& tree, const EditableRepository& repository);

  const Store& store_;
  CheckoutOptions options_;
  PackageNetwork network_;
  Progress& progress_;
  std::optional<StagingDirectory> scratch_;
  std::vector<std::string> made_;         // trees
  std::vector<std::string> directories_;  // for them, parents first
  std::vector<Moved> moved_;
};

}  // namespace cas
