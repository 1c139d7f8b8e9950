#include "linker/build/tree_state.hpp"

#include <boost/test/unit_test.hpp>

#include "store/sys/file.hpp"
#include "tests/support/temp_dir.hpp"
#include "tests/support/temp_store.hpp"

using namespace cas;

namespace {

struct Fixture {
  test::TempDir dir;

  void write(const std::string& path, const std::string& text = "x") const {
    const std::string full = dir / path;
    make_directories(full.substr(0, full.rfind('/')));
    write_new_file_at(kCurrentDirectory, full, text, 0644);
  }

  [[nodiscard]] TreeState look() const { return look_at_tree(dir.path()).value(); }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(tree_state_tests, Fixture)

BOOST_AUTO_TEST_CASE(edits_new_files_and_links_are_seen) {
  write("pkg/a.py");
  write("setup.py");
  const TreeState before = look();
  BOOST_TEST(before.size() == 2U);
  BOOST_TEST((digest_of(before) == digest_of(look())));
  test::set_file_mtime(dir / "pkg/a.py", 1'000'000'000);
  BOOST_TEST((digest_of(before) != digest_of(look())));
  BOOST_TEST(!only_added(before, look()));
  const TreeState edited = look();
  write("pkg/b.py");
  make_symlink_at("a.py", kCurrentDirectory, dir / "pkg/c.py");
  BOOST_TEST(look().size() == 4U);
  BOOST_TEST(only_added(edited, look()));
  BOOST_TEST(!only_added(look(), edited));
}

BOOST_AUTO_TEST_CASE(what_builds_and_tools_leave_does_not_count) {
  write("pkg/a.py");
  const TreeState before = look();
  for (const char* path : {"build/lib/a.py", "dist/a.whl", "pkg.egg-info/PKG-INFO", "pkg/a.so", "pkg/__pycache__/a.x",
                           ".venv/x", "env/pyvenv.cfg", "cache/CACHEDIR.TAG", ".git/index", ".git/objects/ab/x"}) {
    write(path);
  }
  write("env/lib/x.py");
  BOOST_TEST((digest_of(before) == digest_of(look())));
  write("pkg/build/b.py");
  BOOST_TEST(look().size() == 2U);
}

BOOST_AUTO_TEST_CASE(another_commit_is_another_state) {
  write(".git/refs/heads/main", "0123");
  const TreeState before = look();
  write(".git/refs/tags/v1", "0123");
  BOOST_TEST((digest_of(before) != digest_of(look())));
}

BOOST_AUTO_TEST_SUITE_END()
