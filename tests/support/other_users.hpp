// What needs root in tests, because it is about several users, and directories that several of them use.
#pragma once

#include <sys/stat.h>
#include <unistd.h>

#include <boost/test/unit_test.hpp>
#include <string>

#include "store/base/error.hpp"
#include "store/sys/file.hpp"
#include "store/sys/group_access.hpp"
#include "tests/support/temp_dir.hpp"

namespace cas::test {

inline constexpr uid_t kStranger = 54321;
inline constexpr gid_t kTeam = 54322;

inline boost::test_tools::assertion_result is_root(boost::unit_test::test_unit_id) {
  boost::test_tools::assertion_result result(::geteuid() == 0);
  result.message() << "needs root";
  return result;
}

// Of the filesystem of temporary files; with the own group, which needs no root.
inline boost::test_tools::assertion_result has_acls(boost::unit_test::test_unit_id) {
  const TempDir dir;
  boost::test_tools::assertion_result result(true);
  try {
    open_to_group(open_directory(dir.path()).get(), ::getegid(), dir.path());
  } catch (const SystemError& error) {
    result = false;
    result.message() << error.message();
  }
  return result;
}

[[nodiscard]] inline mode_t mode_of(const std::string& path) { return stat_path(path).value().st_mode & 07777; }

}  // namespace cas::test
