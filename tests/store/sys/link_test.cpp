#include "store/sys/link.hpp"

#include <boost/test/unit_test.hpp>
#include <cerrno>
#include <filesystem>

#include "store/base/error.hpp"
#include "store/sys/file.hpp"
#include "store/sys/probe.hpp"
#include "tests/support/temp_store.hpp"

using namespace cas;
using namespace cas::test;

namespace {

struct LinkFixture : TempDir {
  Fd directory = open_directory(path());
  Fd source;

  LinkFixture() {
    write_test_file(*this / "from", "content");
    source = open_read(*this / "from");
  }
  void expect_copy(const std::string& name) {
    const auto info = stat_at(directory.get(), name);
    BOOST_REQUIRE(info);
    BOOST_TEST(slurp(*this / name) == "content");
    BOOST_TEST((info->st_mode & 07777) == 0555U);
    BOOST_TEST(info->st_mtim.tv_sec == 1234567890);
    BOOST_TEST(info->st_nlink == 1U);
  }
};

boost::test_tools::assertion_result can_reflink(boost::unit_test::test_unit_id) {
  const TempDir dir;
  write_test_file(dir / "from", "x");
  boost::test_tools::assertion_result result(clone_file(open_read(dir / "from").get(), open_directory(dir.path()).get(),
                                                        "to", 0444, 0) == LinkOutcome::linked);
  result.message() << "needs a filesystem with reflinks (XFS, btrfs) below CAS_TEST_TMP or TMPDIR";
  return result;
}

}  // namespace

BOOST_FIXTURE_TEST_SUITE(link_tests, LinkFixture)

BOOST_AUTO_TEST_CASE(a_hard_link_is_the_same_inode) {
  BOOST_TEST((hard_link(directory.get(), "from", directory.get(), "to") == LinkOutcome::linked));
  BOOST_TEST(stat_path(*this / "to")->st_ino == stat_path(*this / "from")->st_ino);
}

BOOST_AUTO_TEST_CASE(a_hard_link_never_replaces) {
  write_test_file(*this / "to", "mine");
  BOOST_TEST((hard_link(directory.get(), "from", directory.get(), "to") == LinkOutcome::already));
  BOOST_TEST(slurp(*this / "to") == "mine");
}

BOOST_AUTO_TEST_CASE(a_missing_source_is_said) {
  BOOST_TEST((hard_link(directory.get(), "gone", directory.get(), "to") == LinkOutcome::missing));
}

BOOST_AUTO_TEST_CASE(a_directory_cannot_be_hard_linked) {
  std::filesystem::create_directory(*this / "folder");
  BOOST_TEST((hard_link(directory.get(), "folder", directory.get(), "to") == LinkOutcome::forbidden));
}

BOOST_AUTO_TEST_CASE(another_filesystem_is_elsewhere) {
  const Fd proc = open_directory("/proc/self");
  BOOST_TEST((hard_link(proc.get(), "status", directory.get(), "to") == LinkOutcome::elsewhere));
  BOOST_TEST(!exists(*this / "to"));
}

BOOST_AUTO_TEST_CASE(other_failures_are_errors) {
  const std::string long_name(300, 'x');
  BOOST_CHECK_EXCEPTION(static_cast<void>(hard_link(directory.get(), "from", directory.get(), long_name.c_str())),
                        SystemError, [](const SystemError& error) { return error.is(ENAMETOOLONG); });
}

BOOST_AUTO_TEST_CASE(a_copy_has_bytes_mode_and_time) {
  BOOST_TEST((copy_file(source.get(), directory.get(), "to", 0555, 1234567890, "to") == LinkOutcome::linked));
  expect_copy("to");
}

BOOST_AUTO_TEST_CASE(a_copy_never_replaces) {
  write_test_file(*this / "to", "mine");
  BOOST_TEST((copy_file(source.get(), directory.get(), "to", 0555, 0, "to") == LinkOutcome::already));
  BOOST_TEST((clone_file(source.get(), directory.get(), "to", 0555, 0) == LinkOutcome::already));
  BOOST_TEST(slurp(*this / "to") == "mine");
}

// copy_file_range answers 0 for files of /proc, which claim to be empty.
BOOST_AUTO_TEST_CASE(a_file_that_claims_to_be_empty_is_copied_by_reading) {
  const Fd status = open_read("/proc/self/status");
  BOOST_TEST((copy_file(status.get(), directory.get(), "to", 0444, 0, "to") == LinkOutcome::linked));
  BOOST_TEST(slurp(*this / "to").find("Name:") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_large_file_is_copied_whole) {
  std::string large(3'000'000, 'x');
  for (std::size_t i = 0; i < large.size(); i += 1000) large[i] = static_cast<char>('a' + i / 1000 % 26);
  write_test_file(*this / "large", large);
  BOOST_TEST(
      (copy_file(open_read(*this / "large").get(), directory.get(), "to", 0444, 0, "to") == LinkOutcome::linked));
  BOOST_TEST((slurp(*this / "to") == large));
}

BOOST_AUTO_TEST_CASE(a_clone_works_or_leaves_nothing) {
  const LinkOutcome outcome = clone_file(source.get(), directory.get(), "to", 0555, 1234567890);
  if (outcome == LinkOutcome::linked) {
    expect_copy("to");
  } else {
    BOOST_TEST((outcome == LinkOutcome::unsupported));
    BOOST_TEST(!exists(*this / "to"));
  }
}

BOOST_AUTO_TEST_CASE(a_clone_across_filesystems_leaves_nothing) {
  const Fd status = open_read("/proc/self/status");
  BOOST_TEST((clone_file(status.get(), directory.get(), "to", 0555, 0) == LinkOutcome::unsupported));
  BOOST_TEST(!exists(*this / "to"));
}

BOOST_AUTO_TEST_CASE(a_clone_is_a_file_of_its_own, *boost::unit_test::precondition(can_reflink)) {
  BOOST_TEST((clone_file(source.get(), directory.get(), "to", 0555, 1234567890) == LinkOutcome::linked));
  expect_copy("to");
  overwrite(*this / "from", "changed");
  BOOST_TEST(slurp(*this / "to") == "content");
}

BOOST_AUTO_TEST_SUITE_END()
