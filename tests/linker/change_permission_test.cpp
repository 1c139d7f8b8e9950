#include "linker/change_permission.hpp"

#include <unistd.h>

#include <boost/test/unit_test.hpp>
#include <filesystem>

#include "store/base/error.hpp"
#include "store/sys/file.hpp"
#include "tests/support/temp_dir.hpp"
#include "tests/support/wheel_builder.hpp"

using namespace cas;
using namespace cas::test;
namespace fs = std::filesystem;

namespace {

struct PermissionFixture : TempDir {
  PermissionFixture() {
    fs::create_directories(*this / ".cas");
    fs::create_directories(*this / "lib/inner");
    write_test_file(*this / "lib/a.py", "a");
    write_test_file(*this / "lib/inner/b.py", "b");
  }
  // What it is refused for; "": it is not.
  std::string refusal(const Change& change) const {
    try {
      refuse_unchangeable(open_directory(path()).get(), path(), change);
      return {};
    } catch (const Error& error) {
      return error.message();
    }
  }
  bool refuses(const Change& change, const std::string& problem) const {
    return refusal(change).find("\n  " + problem) != std::string::npos;
  }
};

const Change kChange{"new-x", {"lib/a.py"}, {"lib/inner/b.py", "gone/already"}, {"lib/new", "lib/inner", "top"}};

bool is_root() { return ::geteuid() == 0; }

}  // namespace

BOOST_FIXTURE_TEST_SUITE(change_permission_tests, PermissionFixture)

BOOST_AUTO_TEST_CASE(what_can_be_changed_is_not_refused) { BOOST_TEST(refusal(kChange) == ""); }

BOOST_AUTO_TEST_CASE(what_is_kept_needs_a_real_directory) {
  fs::create_directory_symlink("elsewhere", *this / ".cas/kept");
  BOOST_TEST(refuses(kChange, ".cas/kept: is a symbolic link"));
  BOOST_TEST(refusal({"new-x", {}, {"lib/a.py"}, {}}) == "");
  fs::remove(*this / ".cas/kept");
  write_test_file(*this / ".cas/kept", "");
  BOOST_TEST(refuses(kChange, ".cas/kept: is no directory"));
}

BOOST_AUTO_TEST_CASE(every_directory_is_named) {
  if (is_root()) {
    BOOST_TEST_MESSAGE("not tested: root may write everywhere (tests/scenarios/unwritable.sh)");
    return;
  }
  fs::permissions(*this / "lib", fs::perms::owner_read | fs::perms::owner_exec);
  fs::permissions(*this / "lib/inner", fs::perms::owner_read | fs::perms::owner_exec);
  BOOST_TEST(refuses(kChange, "lib: Permission denied"));
  BOOST_TEST(refuses(kChange, "lib/inner: Permission denied"));
  fs::permissions(*this / "lib", fs::perms::owner_all);
  fs::permissions(*this / "lib/inner", fs::perms::owner_all);
}

BOOST_AUTO_TEST_SUITE_END()
