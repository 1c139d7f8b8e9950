#include "linker/locked/local_files.hpp"

#include <boost/test/unit_test.hpp>
#include <filesystem>
#include <string>

#include "store/base/error.hpp"
#include "tests/support/temp_dir.hpp"

using namespace cas;
using cas::test::TempDir;

namespace {

struct Folders {
  TempDir dir;
  IndexPlaces places;

  Folders() {
    for (const char* name : {"wheels", "wheels more", "other"}) std::filesystem::create_directory(dir / name);
    std::filesystem::create_directory_symlink("wheels", std::string(dir / "link"));
  }
  void check(const std::string& path, const std::string& url = {}) const {
    Pylock lock;
    LockedPackage& package = lock.packages.emplace_back();
    package.name = "a";
    LockedFile& wheel = package.wheels.emplace_back();
    wheel.path = path;
    wheel.url = url;
    refuse_local_files(lock, places);
  }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(local_files_tests, Folders)

BOOST_AUTO_TEST_CASE(files_are_taken_from_the_folders_that_were_named) {
  places.find_links = {dir / "link", "file://" + std::string(dir / "wheels%20more"), "https://example.org/links"};
  places.indexes = {"https://example.org/simple"};
  check("", "https://example.org/a-1.0-py3-none-any.whl");
  check(dir / "wheels/a.whl");
  check(dir / "link/a.whl");
  check("", "file://" + std::string(dir / "link/in/a.whl"));
  check("", "file://" + std::string(dir / "wheels%20more/a.whl"));
  for (const char* path : {"other/a.whl", "wheels/../other/a.whl", "wheelsx/a.whl", "a.whl"}) {
    BOOST_TEST_CONTEXT(path) {
      BOOST_CHECK_THROW(check(dir / path), InvalidInput);
      BOOST_CHECK_THROW(check("", "file://" + std::string(dir / path)), InvalidInput);
    }
  }
}

BOOST_AUTO_TEST_CASE(local_indexes_are_folders_too) {
  BOOST_CHECK_THROW(check(dir / "other/a/a.whl"), InvalidInput);
  places.indexes = {"file://" + std::string(dir / "other")};
  check(dir / "other/a/a.whl");
  BOOST_CHECK_THROW(check(dir / "wheels/a.whl"), InvalidInput);
}

// Named by a requirement.
BOOST_AUTO_TEST_CASE(archives_are_the_requirements_own) {
  Pylock lock;
  lock.packages.emplace_back().archive.emplace().path = dir / "other/a.tar.gz";
  refuse_local_files(lock, places);
}

BOOST_AUTO_TEST_SUITE_END()
