#include "linker/materialise.hpp"

#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <filesystem>

#include "store/base/error.hpp"
#include "store/sys/file.hpp"
#include "tests/support/temp_environment.hpp"

using namespace cas;
using namespace cas::test;
namespace data = boost::unit_test::data;
namespace fs = std::filesystem;

namespace {

struct MaterialiseFixture : TempStore {
  Files files{{"top.py", "top"},
              {"lib/demo/__init__.py", ""},
              {"lib/demo/core.py", "core"},
              {"lib/demo/deep/er/x.py", "deep"},
              {"lib/demo/again.py", "core"}};
  std::string target = dir / "target";

  MaterialiseFixture() {
    add("demo", "1.0", files);
    fs::create_directory(target);
  }
  Materialised fill(const Plan& plan, const MaterialiseOptions& options) {
    return materialise(store, plan, open_directory(target).get(), options);
  }
  Materialised fill(LinkMode mode = LinkMode::automatic, unsigned threads = 2) {
    MaterialiseOptions options;
    options.mode = mode;
    options.threads = threads;
    return fill(plan_of_files(files, store), options);
  }
  void expect_files() const {
    for (const auto& [name, content] : files) BOOST_TEST(slurp(target + "/" + name) == content);
    std::size_t found = 0;
    for (const auto& entry : fs::recursive_directory_iterator(target)) found += entry.is_regular_file() ? 1 : 0;
    BOOST_TEST(found == files.size());
  }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(materialise_tests, MaterialiseFixture)

BOOST_AUTO_TEST_CASE(files_are_hard_links_to_objects) {
  const Materialised made = fill();
  expect_files();
  BOOST_TEST(made.counts.hardlinked == 4U);
  BOOST_TEST(made.counts.created == 1U);
  BOOST_TEST(made.counts.copied + made.counts.reflinked == 0U);
  BOOST_TEST(stat_path(target + "/top.py")->st_ino == stat_path(object_path("top"))->st_ino);
  BOOST_TEST(made.warnings.empty());
}

BOOST_AUTO_TEST_CASE(empty_files_look_like_objects_and_are_none) {
  static_cast<void>(fill());
  const auto info = stat_path(target + "/lib/demo/__init__.py");
  BOOST_TEST((info->st_mode & 07777) == 0444U);
  BOOST_TEST(info->st_mtim.tv_sec == canonical_mtime(empty_digest()));
  BOOST_TEST(info->st_nlink == 1U);
}

BOOST_AUTO_TEST_CASE(copies_have_the_objects_mode_and_time) {
  const Materialised made = fill(LinkMode::copy);
  expect_files();
  BOOST_TEST(made.counts.copied == 4U);
  BOOST_TEST(made.counts.hardlinked == 0U);
  const auto info = stat_path(target + "/top.py");
  BOOST_TEST(info->st_nlink == 1U);
  BOOST_TEST((info->st_mode & 07777) == 0444U);
  BOOST_TEST(info->st_mtim.tv_sec == canonical_mtime(sha256("top")));
}

// Where the filesystem cannot, every file falls to a copy, and the count says so.
BOOST_AUTO_TEST_CASE(reflinks_fall_back_to_copies) {
  const Materialised made = fill(LinkMode::reflink);
  expect_files();
  BOOST_TEST(made.counts.reflinked + made.counts.copied == 4U);
  BOOST_TEST(made.counts.hardlinked == 0U);
  BOOST_TEST(links_of(target + "/top.py") == 1U);
}

BOOST_DATA_TEST_CASE_F(MaterialiseFixture, any_number_of_threads_makes_the_same_tree, data::make({1, 2, 7, 32}),
                       threads) {
  for (int i = 0; i < 300; ++i)
    files.emplace_back("many/d" + std::to_string(i % 50) + "/f" + std::to_string(i), "core");
  const Materialised made = fill(LinkMode::automatic, static_cast<unsigned>(threads));
  expect_files();
  BOOST_TEST(made.counts.hardlinked == 304U);
}

BOOST_AUTO_TEST_CASE(a_missing_object_is_corruption_naming_it) {
  fs::remove(object_path("core"));
  BOOST_CHECK_EXCEPTION(fill(), Corruption, [](const Error& error) {
    return error.message().find(sha256("core").hex()) != std::string::npos;
  });
}

BOOST_AUTO_TEST_CASE(checking_every_object_finds_one_that_was_changed) {
  overwrite(object_path("deep"), "d e e p");
  MaterialiseOptions options;
  options.check_every_object = true;
  BOOST_CHECK_THROW(fill(plan_of_files(files, store), options), Corruption);
}

BOOST_AUTO_TEST_CASE(an_object_that_was_changed_is_refused_with_what_brings_it_back) {
  set_file_mtime(object_path("deep"), 1700000000);
  const auto is_remedy = [](const Error& error) {
    return error.hint().find("cas add demo-1.0-py3-none-any.whl") != std::string::npos;
  };
  for (const LinkMode mode : {LinkMode::automatic, LinkMode::copy}) {
    BOOST_CHECK_EXCEPTION(fill(mode), Corruption, is_remedy);
    fs::remove_all(target);
    fs::create_directory(target);
  }
}

BOOST_AUTO_TEST_CASE(a_changed_mode_is_a_warning) {
  fs::permissions(object_path("deep"), fs::perms::owner_all);
  BOOST_TEST(fill().warnings.size() == 1U);
}

BOOST_AUTO_TEST_CASE(an_occupied_name_is_an_error) {
  write_test_file(target + "/top.py", "mine");
  BOOST_CHECK_THROW(fill(), SystemError);
  BOOST_TEST(slurp(target + "/top.py") == "mine");
}

BOOST_AUTO_TEST_CASE(a_plan_of_nothing_makes_nothing) {
  const Materialised made = fill(plan_of_files({}), {});
  BOOST_TEST(made.counts.created == 0U);
  BOOST_TEST(names_in(target).empty());
}

BOOST_AUTO_TEST_SUITE_END()
