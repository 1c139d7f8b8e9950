#include "store/sys/group_access.hpp"

#include <sys/stat.h>
#include <sys/xattr.h>

#include <boost/test/unit_test.hpp>

#include "tests/support/child.hpp"
#include "tests/support/other_users.hpp"
#include "tests/support/temp_store.hpp"

using namespace cas;
using namespace cas::test;

BOOST_FIXTURE_TEST_SUITE(group_access_tests, TempDir)

BOOST_AUTO_TEST_CASE(what_is_made_in_it_is_the_groups_whatever_the_umask,
                     *boost::unit_test::precondition(is_root) * boost::unit_test::precondition(has_acls)) {
  open_to_group(open_directory(path()).get(), kTeam, path());
  BOOST_TEST(is_open_to_group(path(), kTeam));
  Child child([&] {
    ::umask(0077);
    expect(try_make_store_directory(*this / "deep"), "made");
    expect(try_make_store_directory(*this / "deep/er"), "made");
    write_new_file_at(kCurrentDirectory, *this / "deep/er/file", "x", 0666);
    expect(::mkdir((*this / "by another program").c_str(), 0777) == 0, "mkdir");
  });
  BOOST_TEST(child.wait() == 0);
  for (const char* directory : {"deep", "deep/er", "by another program"}) {
    BOOST_TEST_CONTEXT(directory) {
      BOOST_TEST(is_open_to_group(*this / directory, kTeam));
      BOOST_TEST((mode_of(*this / directory) & 07770) == 02770U);
    }
  }
  BOOST_TEST((mode_of(*this / "deep/er/file") & 0777) == (0664U & (mode_of(path()) | 0660)));
  BOOST_TEST(stat_path(*this / "deep/er/file")->st_gid == kTeam);
}

BOOST_AUTO_TEST_CASE(what_was_opened_can_be_closed, *boost::unit_test::precondition(has_acls)) {
  for (const mode_t others : {0U, 5U}) {
    const std::string directory = *this / ("closed" + std::to_string(others));
    make_directory_at(kCurrentDirectory, directory, 0700);
    set_mode(open_directory(directory).get(), 0700 | others, directory);
    for (int twice = 0; twice < 2; ++twice) {
      if (twice == 0) open_to_group(open_directory(directory).get(), ::getegid(), directory);
      close_to_group(open_directory(directory).get(), directory);
      BOOST_TEST(mode_of(directory) == (0700U | others << 3 | others));
      BOOST_TEST(!is_open_to_group(directory, ::getegid()));
      BOOST_TEST(::getxattr(directory.c_str(), "system.posix_acl_default", nullptr, 0) < 0);
    }
  }
}

BOOST_AUTO_TEST_CASE(others_may_what_they_might, *boost::unit_test::precondition(has_acls)) {
  for (const mode_t others : {0U, 5U}) {
    const std::string directory = *this / std::to_string(others);
    make_directory_at(kCurrentDirectory, directory, 0700);
    set_mode(open_directory(directory).get(), 0700 | others, directory);
    open_to_group(open_directory(directory).get(), ::getegid(), directory);
    BOOST_TEST(mode_of(directory) == (02770U | others));
    BOOST_TEST(try_make_store_directory(directory + "/in it"));
    BOOST_TEST(mode_of(directory + "/in it") == (02770U | others));
  }
}

BOOST_AUTO_TEST_CASE(each_part_of_it_is_needed, *boost::unit_test::precondition(has_acls)) {
  open_to_group(open_directory(path()).get(), ::getegid(), path());
  BOOST_TEST(is_open_to_group(path(), ::getegid()));
  BOOST_TEST(!is_open_to_group(path(), kTeam));
  set_mode(open_directory(path()).get(), 0775, path());
  BOOST_TEST(!is_open_to_group(path(), ::getegid()));
  set_mode(open_directory(path()).get(), 02755, path());
  BOOST_TEST(!is_open_to_group(path(), ::getegid()));
  set_mode(open_directory(path()).get(), 02775, path());
  BOOST_TEST(is_open_to_group(path(), ::getegid()));
  BOOST_REQUIRE(::removexattr(path().c_str(), "system.posix_acl_default") == 0);
  BOOST_TEST(!is_open_to_group(path(), ::getegid()));
}

BOOST_AUTO_TEST_CASE(directories_of_a_store_of_one_are_nobody_elses_whatever_the_umask) {
  set_mode(open_directory(path()).get(), 0755, path());
  Child child([&] {
    ::umask(0);
    expect(try_make_store_directory(*this / "one"), "made");
    expect(!try_make_store_directory(*this / "one"), "there already");
  });
  BOOST_TEST(child.wait() == 0);
  BOOST_TEST(mode_of(*this / "one") == 0755U);
}

BOOST_AUTO_TEST_SUITE_END()
