#include "linker/python/archive.hpp"

#include <boost/test/unit_test.hpp>
#include <filesystem>
#include <fstream>

#include "store/base/error.hpp"
#include "store/sys/process.hpp"
#include "tests/support/temp_store.hpp"

using namespace cas;
using namespace cas::test;
namespace fs = std::filesystem;

namespace {

struct ArchiveFixture : TempStore {
  // Of ten files of 100,000 zeroes each, in one folder.
  std::string zeroes() const {
    const std::string folder = dir / "packed/python";
    fs::create_directories(folder);
    for (int i = 0; i < 10; ++i) std::ofstream(folder + "/" + std::to_string(i)) << std::string(100'000, '\0');
    std::string archive = dir / "zeroes.tar.gz";
    const auto run = run_process({"/usr/bin/env", "tar", "-C", dir / "packed", "-czf", archive, "python"}, {},
                                 std::chrono::seconds(20));
    BOOST_REQUIRE(run.exit_status == 0);
    return archive;
  }
  // What capturing it says, having left nothing behind.
  std::string refusal(const std::string& archive, const UnpackLimits& limits) {
    std::string said;
    try {
      static_cast<void>(capture_archive(store, archive, {}, silent, limits));
    } catch (const Error& error) {
      said = error.message();
    }
    BOOST_TEST(fs::is_empty(store.layout().staging()));
    return said;
  }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(archive_tests, ArchiveFixture)

BOOST_AUTO_TEST_CASE(more_than_the_limits_is_not_kept) {
  const std::string archive = zeroes();
  BOOST_TEST(refusal(archive, {999'999, 11}) == archive + ": unpacks to more than 1.0 MB, which no Python has");
  BOOST_TEST(refusal(archive, {1'000'000, 10}) == archive + ": unpacks to more than 10 files, which no Python has");
  // Within them the fault is another one, and names the archive.
  BOOST_TEST(refusal(archive, {1'000'000, 11}).starts_with(archive + " holds no bin/python3"));
}

BOOST_AUTO_TEST_CASE(what_is_no_archive_is_refused_with_the_reason) {
  const std::string archive = dir / "text.tar.gz";
  std::ofstream(archive) << "no archive";
  const std::string said = refusal(archive, {});
  BOOST_TEST(said.starts_with(archive + ": tar ended with status "));
  BOOST_TEST(said.find("not in gzip format") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(the_reason_is_the_last_error_that_says_something) {
  const TarProblem cut = tar_problem(
      "tar: Removing leading `/' from member names\n\ngzip: stdin: unexpected end of file\n"
      "tar: Child returned status 1\ntar: Error is not recoverable: exiting now\n");
  BOOST_TEST(cut.reason == "gzip: stdin: unexpected end of file");
  BOOST_TEST(cut.hint.find("damaged") != std::string::npos);
  const TarProblem helper = tar_problem(
      "tar (child): zstd: Cannot exec: No such file or directory\ntar (child): Error is not recoverable: exiting now\n"
      "tar: Child returned status 2\ntar: Error is not recoverable: exiting now\n");
  BOOST_TEST(helper.reason == "tar (child): zstd: Cannot exec: No such file or directory");
  BOOST_TEST(helper.hint.starts_with("install"));
  BOOST_TEST(tar_problem("/usr/bin/env: 'tar': No such file or directory\n").hint.starts_with("install"));
  const TarProblem full = tar_problem("tar: x: Cannot write: No space left on device\n");
  BOOST_TEST(full.hint.find("space") != std::string::npos);
  BOOST_TEST(tar_problem("tar: Child returned status 1\n").reason == "tar: Child returned status 1");
  BOOST_TEST(tar_problem("").reason == "it did not say why");
  BOOST_TEST(tar_problem("tar: \x1b[2J: no\n").reason == "tar: \\x1b[2J: no");
}

BOOST_AUTO_TEST_SUITE_END()
