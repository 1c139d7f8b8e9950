#include "linker/recorded_files.hpp"

#include <boost/test/unit_test.hpp>
#include <filesystem>

#include "store/base/digest.hpp"
#include "store/source/record.hpp"
#include "store/sys/file.hpp"
#include "tests/support/temp_dir.hpp"
#include "tests/support/wheel_builder.hpp"

using namespace cas;
using namespace cas::test;

namespace {

struct RecordFixture {
  TempDir dir;
  std::string record;

  RecordFixture() { std::filesystem::create_directories(dir / "lib/site/demo-1.0.dist-info"); }
  // A file with a row that is right for `said`.
  void add(const std::string& path, const std::string& content, const std::string& said) {
    const std::string file = dir / ("lib/site/" + path);
    std::filesystem::create_directories(std::filesystem::path(file).parent_path());
    write_test_file(file, content);
    record += record_row(path, record_hash(sha256(said)), said.size());
  }
  std::vector<RecordMismatch> check(RecordDepth depth) {
    write_test_file(dir / "lib/site/demo-1.0.dist-info/RECORD", record);
    return check_recorded_files(open_directory(dir / ".").get(), "lib/site", "demo-1.0.dist-info", depth);
  }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(recorded_files_tests, RecordFixture)

BOOST_AUTO_TEST_CASE(what_record_says_is_right) {
  add("demo/a.py", "a", "a");
  record += "demo-1.0.dist-info/RECORD,,\n";
  BOOST_TEST(check(RecordDepth::contents).empty());
}

BOOST_AUTO_TEST_CASE(sizes_are_told_by_a_look_and_bytes_by_reading) {
  add("demo/longer.py", "aa", "a");
  add("demo/other.py", "b", "c");
  record += "demo/gone.py,,3\n";
  const auto looked = check(RecordDepth::metadata);
  BOOST_REQUIRE(looked.size() == 2U);
  BOOST_TEST(looked[0].path == "lib/site/demo/longer.py");
  BOOST_TEST(looked[0].what == "has 2 bytes, RECORD says 1");
  BOOST_TEST(looked[1].missing);
  const auto read = check(RecordDepth::contents);
  BOOST_REQUIRE(read.size() == 3U);
  BOOST_TEST(read[1].path == "lib/site/demo/other.py");
}

BOOST_AUTO_TEST_CASE(a_hostile_record_leads_nowhere) {
  write_test_file(dir / "outside", "x");
  std::filesystem::create_directory_symlink("/etc", dir / "lib/site/linked");
  record += "../../../outside,,7\n/etc/passwd,,7\nlinked/passwd,,7\ndemo/__pycache__/x.cpython-312.pyc,,7\n";
  BOOST_TEST(check(RecordDepth::contents).empty());
  record = "\"broken";
  BOOST_TEST(check(RecordDepth::contents).empty());
}

BOOST_AUTO_TEST_SUITE_END()
