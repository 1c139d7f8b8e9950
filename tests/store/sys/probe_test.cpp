#include "store/sys/probe.hpp"

#include <sys/stat.h>

#include <boost/test/unit_test.hpp>
#include <cerrno>
#include <filesystem>

#include "store/base/error.hpp"
#include "tests/support/child.hpp"
#include "tests/support/temp_dir.hpp"

using namespace cas;
using test::TempDir;

namespace {

boost::test_tools::assertion_result shared_memory_is_another_filesystem(boost::unit_test::test_unit_id) {
  struct stat here {};
  struct stat there {};
  const TempDir directory;
  const bool other = ::stat(directory.path().c_str(), &here) == 0 && ::stat("/dev/shm", &there) == 0 &&
                     here.st_dev != there.st_dev && ::access("/dev/shm", W_OK) == 0;
  boost::test_tools::assertion_result result(other);
  result.message() << "needs /dev/shm on another filesystem than the temporary directory";
  return result;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(probe)

BOOST_FIXTURE_TEST_CASE(a_filesystem_is_described, TempDir) {
  const FilesystemInfo info = filesystem_of(path());
  BOOST_TEST(!info.type.empty());
  BOOST_TEST(!info.read_only);
  BOOST_TEST(info.block_bytes > 0U);
  BOOST_TEST(info.total_bytes > 0U);
  BOOST_TEST(info.free_bytes <= info.total_bytes);
}

BOOST_AUTO_TEST_CASE(an_unknown_filesystem_is_named_by_its_number) {
  const FilesystemInfo info = filesystem_of("/proc");
  BOOST_TEST(info.type == "0x9fa0");
  BOOST_TEST(!info.network);
}

BOOST_FIXTURE_TEST_CASE(a_missing_path_is_a_system_error, TempDir) {
  BOOST_CHECK_EXCEPTION(static_cast<void>(filesystem_of(*this / "missing")), SystemError,
                        [](const SystemError& error) { return error.is(ENOENT); });
}

BOOST_FIXTURE_TEST_CASE(tmpfs_is_known_and_read_only_is_seen, TempDir,
                        *boost::unit_test::precondition(test::can_mount)) {
  BOOST_TEST(test::run_in_child([&] {
               test::mount_private_tmpfs(path(), "size=4m");
               FilesystemInfo info = filesystem_of(path());
               test::expect(info.type == "tmpfs", "the type " + info.type);
               test::expect(!info.network && !info.read_only, "local and writable");
               test::expect(info.total_bytes == 4U << 20, "four MiB");
               const LinkAbilities abilities = probe_link_abilities(path(), path());
               test::expect(abilities.hardlink && abilities.copy && !abilities.reflink, "links, but no clones");
               test::remount_read_only(path());
               test::expect(filesystem_of(path()).read_only, "read-only");
             }) == 0);
}

BOOST_FIXTURE_TEST_CASE(one_directory_can_link_and_copy_and_nothing_is_left_behind, TempDir) {
  const LinkAbilities abilities = probe_link_abilities(path(), path());
  BOOST_TEST(abilities.hardlink);
  BOOST_TEST(abilities.copy);
  BOOST_TEST(std::filesystem::is_empty(path()));
}

BOOST_FIXTURE_TEST_CASE(links_do_not_cross_filesystems, TempDir,
                        *boost::unit_test::precondition(shared_memory_is_another_filesystem)) {
  const LinkAbilities abilities = probe_link_abilities(path(), "/dev/shm");
  BOOST_TEST(!abilities.hardlink);
  BOOST_TEST(!abilities.reflink);
  BOOST_TEST(abilities.copy);
}

BOOST_FIXTURE_TEST_CASE(a_missing_directory_cannot_be_probed, TempDir) {
  BOOST_CHECK_THROW(static_cast<void>(probe_link_abilities(path(), *this / "missing")), SystemError);
  BOOST_TEST(std::filesystem::is_empty(path()));
}

BOOST_AUTO_TEST_SUITE_END()
