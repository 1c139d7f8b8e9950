#include "linker/change_planning.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <filesystem>

#include "store/base/error.hpp"
#include "store/objects/layout.hpp"
#include "store/sys/file.hpp"
#include "tests/support/temp_environment.hpp"

using namespace cas;
using namespace cas::test;
namespace fs = std::filesystem;
using Paths = std::vector<std::string>;

namespace {

struct PlanningFixture : TempDir {
  // Puts the files there as cas does: read-only, with the time of their content.
  void materialise(const Files& files) const {
    for (const auto& [name, content] : files) {
      fs::create_directories(fs::path(*this / name).parent_path());
      write_test_file(*this / name, content);
      set_file_mtime(*this / name, canonical_mtime(sha256(content)));
      ::chmod((*this / name).c_str(), 0444);
    }
  }
  PlannedChange change(const Files& before, const Files& after, const Paths& own = {}) const {
    return plan_change(open_directory(path()).get(), plan_of_files(before), plan_of_files(after), own, own, {});
  }
  void edit(const std::string& name, const std::string& bytes) const {
    fs::remove(*this / name);
    fs::create_directories(fs::path(*this / name).parent_path());
    write_test_file(*this / name, bytes);
  }
};

Paths staged_names(const Plan& plan) {
  Paths names;
  for (const PlanFile& file : plan.files) names.push_back(plan.directories[file.directory] + "/" + file.name);
  for (const PlanEmptyFile& file : plan.empty_files)
    names.push_back(plan.directories[file.directory] + "/" + file.name);
  std::sort(names.begin(), names.end());
  return names;
}

}  // namespace

BOOST_FIXTURE_TEST_SUITE(change_planning_tests, PlanningFixture)

BOOST_AUTO_TEST_CASE(what_is_the_same_is_not_touched) {
  const Files files{{"a/x.py", "x"}, {"a/__init__.py", ""}};
  materialise(files);
  const PlannedChange planned = change(files, files);
  BOOST_TEST(planned.change.keep.empty());
  BOOST_TEST(planned.change.remove.empty());
  BOOST_TEST(planned.change.place.empty());
  BOOST_TEST(planned.warnings.empty());
  BOOST_TEST(staged_names(planned.plan).empty());
}

BOOST_AUTO_TEST_CASE(additions_removals_and_changes_are_told_apart) {
  const Files before{{"a/changes.py", "old"}, {"a/goes.py", "x"}, {"a/stays.py", "y"}};
  materialise(before);
  const PlannedChange planned = change(before, {{"a/changes.py", "new"}, {"a/comes.py", "z"}, {"a/stays.py", "y"}});
  BOOST_TEST((planned.change.remove == Paths{"a/goes.py"}));
  BOOST_TEST((planned.change.place == Paths{"a/changes.py", "a/comes.py"}));
  BOOST_TEST((staged_names(planned.plan) == Paths{"a/changes.py", "a/comes.py"}));
}

BOOST_AUTO_TEST_CASE(a_new_directory_is_placed_as_a_whole) {
  const PlannedChange planned = change({}, {{"new/deep/a.py", "a"}, {"new/deep/b.py", "b"}, {"new/c.py", "c"}});
  BOOST_TEST((planned.change.place == Paths{"new"}));
  BOOST_TEST(staged_names(planned.plan).size() == 3U);
}

BOOST_AUTO_TEST_CASE(pyvenv_cfg_is_placed_last) {
  const PlannedChange planned = change({}, {{"zzz/a.py", "a"}}, {"bin/python", "pyvenv.cfg"});
  BOOST_TEST((planned.change.place == Paths{"bin", "zzz", "pyvenv.cfg"}));
}

BOOST_AUTO_TEST_CASE(what_the_user_changed_is_kept_with_a_warning) {
  const Files before{{"a.py", "old"}};
  materialise(before);
  edit("a.py", "mine");
  const PlannedChange planned = change(before, {{"a.py", "new"}});
  BOOST_TEST((planned.change.keep == Paths{"a.py"}));
  BOOST_TEST((planned.change.place == Paths{"a.py"}));
  BOOST_TEST(planned.warnings.size() == 1U);
}

BOOST_AUTO_TEST_CASE(what_the_user_changed_stays_when_its_package_goes) {
  const Files before{{"a.py", "old"}};
  materialise(before);
  edit("a.py", "mine");
  const PlannedChange planned = change(before, {});
  BOOST_TEST(planned.change.remove.empty());
  BOOST_TEST(planned.warnings.size() == 1U);
}

BOOST_AUTO_TEST_CASE(foreign_files_in_the_way_are_all_named) {
  edit("a.py", "foreign");
  edit("b.py", "foreign");
  BOOST_CHECK_EXCEPTION(change({}, {{"a.py", "x"}, {"b.py", "y"}}), Error, [](const Error& error) {
    return error.message().find("a.py") != std::string::npos && error.message().find("b.py") != std::string::npos;
  });
}

// As pip leaves it after `pip install` of the same version: nothing to complain of.
BOOST_AUTO_TEST_CASE(a_foreign_file_that_is_the_very_object_is_fine) {
  materialise({{"a.py", "x"}});
  BOOST_TEST(change({}, {{"a.py", "x"}}).change.place.empty());
}

BOOST_AUTO_TEST_CASE(a_foreign_file_where_a_directory_must_be_is_in_the_way) {
  edit("folder", "foreign");
  BOOST_CHECK_THROW(change({}, {{"folder/a.py", "x"}}), Error);
}

BOOST_AUTO_TEST_CASE(a_directory_where_a_file_must_be) {
  const Files before{{"thing/a.py", "a"}, {"thing/sub/b.py", "b"}};
  materialise(before);
  const PlannedChange planned = change(before, {{"thing", "now a file"}});
  BOOST_TEST((planned.change.remove == Paths{"thing/a.py", "thing/sub/b.py"}));
  BOOST_TEST((planned.change.place == Paths{"thing"}));
  edit("thing/foreign.txt", "x");
  BOOST_CHECK_THROW(change(before, {{"thing", "now a file"}}), Error);
}

// rename(2) does not replace a directory by a file: only what will be gone by then may be there.
BOOST_AUTO_TEST_CASE(an_empty_foreign_directory_is_in_the_way_of_a_file) {
  const Files before{{"thing/a.py", "a"}};
  materialise(before);
  fs::create_directory(*this / "thing/foreign");
  BOOST_CHECK_THROW(change(before, {{"thing", "now a file"}}), Error);
}

BOOST_AUTO_TEST_CASE(a_file_where_a_directory_must_be) {
  const Files before{{"thing", "a file"}};
  materialise(before);
  const PlannedChange planned = change(before, {{"thing/a.py", "a"}});
  BOOST_TEST((planned.change.remove == Paths{"thing"}));
  BOOST_TEST((planned.change.place == Paths{"thing"}));
}

BOOST_AUTO_TEST_CASE(a_changed_file_where_a_directory_must_be_is_kept_aside) {
  const Files before{{"thing", "a file"}};
  materialise(before);
  edit("thing", "edited by the user");
  const PlannedChange planned = change(before, {{"thing/a.py", "a"}});
  BOOST_TEST((planned.change.keep == Paths{"thing"}));
  BOOST_TEST(planned.change.remove.empty());
  BOOST_TEST((planned.change.place == Paths{"thing"}));
  BOOST_TEST(planned.warnings.size() == 1U);
}

BOOST_AUTO_TEST_CASE(a_link_as_a_component_is_refused) {
  fs::create_directory(*this / "elsewhere");
  fs::create_directory_symlink("elsewhere", *this / "lib");
  BOOST_CHECK_EXCEPTION(change({}, {{"lib/a.py", "x"}}), Error,
                        [](const Error& error) { return error.message().find("symbolic link") != std::string::npos; });
  BOOST_CHECK_THROW(change({{"lib/a.py", "x"}}, {}), Error);
}

BOOST_AUTO_TEST_CASE(what_was_removed_by_others_comes_back) {
  const Files files{{"a/x.py", "x"}, {"a/y.py", "y"}};
  materialise(files);
  fs::remove(*this / "a/x.py");
  BOOST_TEST((change(files, files).change.place == Paths{"a/x.py"}));
  fs::remove_all(*this / "a");
  BOOST_TEST((change(files, files).change.place == Paths{"a"}));
  BOOST_TEST(change(files, {}).change.remove.empty());
}

BOOST_AUTO_TEST_CASE(bytecode_is_nobodys_work) {
  const Files before{{"a/x.py", "x"}, {"a/__pycache__/x.c.pyc", "code of x"}, {"a/__pycache__/y.c.pyc", "code of y"}};
  const Files after{{"a/x.py", "x"}, {"a/__pycache__/x.c.pyc", "new code"}, {"a/__pycache__/z.c.pyc", "code of z"}};
  materialise(before);
  edit("a/__pycache__/x.c.pyc", "Python's own");
  edit("a/__pycache__/y.c.pyc", "Python's own");
  edit("a/__pycache__/z.c.pyc", "Python's own");
  const PlannedChange planned = change(before, after);
  BOOST_TEST(planned.warnings.empty());
  BOOST_TEST(planned.change.keep.empty());
  BOOST_TEST(planned.change.remove.empty());
  BOOST_TEST((planned.change.place == Paths{"a/__pycache__/x.c.pyc", "a/__pycache__/z.c.pyc"}));
}

BOOST_AUTO_TEST_CASE(bytecode_goes_with_its_source_whatever_their_names) {
  const Files before{{"a/x.odd.py", "x"}, {"a/__pycache__/x.odd.c.pyc", "code"}, {"a/y.py", "y"}};
  materialise(before);
  edit("a/__pycache__/x.odd.c.opt-1.pyc", "Python's own");
  edit("a/__pycache__/x.c.pyc", "of another source");
  edit("a/__pycache__/y.c.pyc", "Python's own");
  const PlannedChange planned = change(before, {{"a/y.py", "y"}});
  Paths removed = planned.change.remove;
  std::sort(removed.begin(), removed.end());
  BOOST_TEST((removed == Paths{"a/__pycache__/x.odd.c.opt-1.pyc", "a/__pycache__/x.odd.c.pyc", "a/x.odd.py"}));
}

// --- scopes ---

BOOST_AUTO_TEST_CASE(what_is_not_touched_stays_as_its_user_made_it) {
  const Files before{{"a/edited.py", "x"}, {"a/gone.py", "y"},         {"a/same.py", "z"},   {"b/folder", "f"},
                     {"c/linked.py", "l"}, {"d/was_folder/f.py", "d"}, {"e/touched.py", "t"}};
  materialise(before);
  edit("a/edited.py", "mine");
  fs::remove(*this / "a/gone.py");
  fs::remove(*this / "b/folder");
  fs::create_directory(*this / "b/folder");
  fs::rename(*this / "c", *this / "elsewhere");
  fs::create_directory_symlink("elsewhere", *this / "c");
  fs::remove_all(*this / "d");
  write_test_file(*this / "d", "now a file");
  edit("e/touched.py", "mine");
  const Fd directory = open_directory(path());
  const auto planned = [&](const ChangeScope& scope) {
    return plan_change(directory.get(), plan_of_files(before), plan_of_files(before), {}, {}, {}, {}, scope);
  };
  ChangeScope scope;
  scope.touched = ChangeScope::Paths{"e/touched.py"};
  const PlannedChange change = planned(scope);
  BOOST_TEST((change.change.keep == Paths{"e/touched.py"}));
  BOOST_TEST((change.change.place == Paths{"e/touched.py"}));
  BOOST_TEST(change.change.remove.empty());
  BOOST_TEST((staged_names(change.plan) == Paths{"e/touched.py"}));
  BOOST_TEST(change.warnings.size() == 1U);
  scope.touched.reset();
  BOOST_CHECK_THROW(planned(scope), Error);
}

BOOST_AUTO_TEST_CASE(what_was_taken_away_does_not_come_with_a_new_directory) {
  const Files before{{"ns/left.py", "x"}};
  ChangeScope scope;
  scope.touched = ChangeScope::Paths{};
  const PlannedChange planned =
      plan_change(open_directory(path()).get(), plan_of_files(before),
                  plan_of_files({{"ns/left.py", "x"}, {"ns/new.py", "n"}}), {}, {}, {}, {}, scope);
  BOOST_TEST((planned.change.place == Paths{"ns"}));
  BOOST_TEST((staged_names(planned.plan) == Paths{"ns/new.py"}));
}

BOOST_AUTO_TEST_CASE(bytecode_of_what_is_left_is_left_too) {
  const Files files{{"a/__pycache__/gone.c.pyc", "g"},
                    {"a/__pycache__/mine.c.pyc", "m"},
                    {"a/__pycache__/same.c.pyc", "s"},
                    {"a/gone.py", "x"},
                    {"a/mine.py", "y"},
                    {"a/same.py", "z"}};
  materialise(files);
  fs::remove(*this / "a/gone.py");
  fs::remove(*this / "a/__pycache__/gone.c.pyc");
  edit("a/mine.py", "edited");
  edit("a/__pycache__/mine.c.pyc", "Python's own");
  edit("a/__pycache__/same.c.pyc", "Python's own");
  ChangeScope scope;
  scope.touched = ChangeScope::Paths{};
  const PlannedChange planned =
      plan_change(open_directory(path()).get(), plan_of_files(files), plan_of_files(files), {}, {}, {}, {}, scope);
  BOOST_TEST((planned.change.place == Paths{"a/__pycache__/same.c.pyc"}));
  BOOST_TEST(planned.warnings.empty());
}

BOOST_AUTO_TEST_CASE(obstacles_are_kept_aside_where_that_is_wanted) {
  edit("a.py", "foreign");
  edit("folder/foreign.txt", "foreign");
  edit("file", "foreign");
  edit("others.py", "of another tool");
  ChangeScope scope;
  scope.keep_obstacles = true;
  const Fd directory = open_directory(path());
  const auto planned = [&](const Files& after) {
    return plan_change(directory.get(), std::nullopt, plan_of_files(after), {}, {}, {}, {"others.py"}, scope);
  };
  const PlannedChange change = planned({{"a.py", "x"}, {"folder", "y"}, {"file/b.py", "z"}});
  BOOST_TEST((change.change.keep == Paths{"a.py", "file", "folder"}));
  BOOST_TEST((change.change.place == Paths{"a.py", "file", "folder"}));
  BOOST_TEST(change.warnings.size() == 1U);
  BOOST_CHECK_THROW(planned({{"others.py", "x"}}), Error);
  BOOST_CHECK_THROW(planned({{"others.py/inside", "x"}}), Error);
}

BOOST_AUTO_TEST_SUITE_END()
