#include "cli/wheel_arguments.hpp"

#include <boost/filesystem.hpp>
#include <boost/test/unit_test.hpp>
#include <fstream>

#include "store/base/error.hpp"

namespace cas {
namespace {

namespace fs = boost::filesystem;

const std::string kHexA(64, 'a');
const std::string kHexB(64, 'b');

struct Folder {
  Folder() : path((fs::temp_directory_path() / fs::unique_path("cas-wheels-%%%%%%%%")).string()) {
    fs::create_directories(path + "/empty");
    for (const char* name : {"/a-1-py3-none-any.whl", "/b-1-py3-none-any.whl", "/odd[1].whl"}) {
      std::ofstream(path + name) << "x";
    }
  }
  ~Folder() {
    boost::system::error_code ignored;
    fs::remove_all(path, ignored);
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;

  std::string path;
};

}  // namespace

BOOST_AUTO_TEST_SUITE(wheel_arguments)

BOOST_AUTO_TEST_CASE(lines_of_sha256sum_are_read) {
  const WheelPins pins =
      parse_sha256sums(kHexA + "  wheels/a.whl\n\n# a remark\n" + kHexB + " *b.whl\r\n" + kHexA + "  a.whl", "sums");
  BOOST_TEST(pins.size() == 2u);
  BOOST_TEST(pins.at("a.whl").hex() == kHexA);
  BOOST_TEST(pins.at("b.whl").hex() == kHexB);
}

BOOST_AUTO_TEST_CASE(bad_lines_are_named) {
  for (const std::string& line :
       {kHexA, kHexA + " a.whl", kHexA + "  ", std::string("abc  a.whl"), kHexA + "\ta.whl", "x" + kHexA + "  a.whl"}) {
    BOOST_TEST_CONTEXT(line) {
      BOOST_CHECK_EXCEPTION((void)parse_sha256sums("\n" + line + "\n", "sums"), UsageError,
                            [](const UsageError& error) { return error.message().starts_with("sums, line 2:"); });
    }
  }
}

BOOST_AUTO_TEST_CASE(one_name_has_one_digest) {
  BOOST_CHECK_THROW((void)parse_sha256sums(kHexA + "  a.whl\n" + kHexB + "  x/a.whl\n", "sums"), UsageError);
}

BOOST_AUTO_TEST_CASE(wheels_are_told_from_names) {
  BOOST_TEST(is_wheel_argument("a-1-py3-none-any.whl"));
  BOOST_TEST(is_wheel_argument("a.whl#sha256=" + kHexA));
  BOOST_TEST(is_wheel_argument("./folder"));
  BOOST_TEST(!is_wheel_argument("numpy"));
  BOOST_TEST(!is_wheel_argument("numpy==2.1.0"));
}

BOOST_FIXTURE_TEST_CASE(a_file_may_carry_its_pin, Folder) {
  const std::string file = path + "/a-1-py3-none-any.whl";
  BOOST_TEST(!expand_wheel_argument(file, {}).at(0).pinned.has_value());
  const auto wheels = expand_wheel_argument(file + "#sha256=" + kHexA, {});
  BOOST_TEST(wheels.at(0).path == file);
  BOOST_TEST(wheels.at(0).pinned.value().hex() == kHexA);
  BOOST_CHECK_THROW((void)expand_wheel_argument(file + "#sha256=12", {}), UsageError);
}

BOOST_FIXTURE_TEST_CASE(pins_are_found_by_file_name_and_must_agree, Folder) {
  const std::string file = path + "/a-1-py3-none-any.whl";
  const WheelPins pins = parse_sha256sums(kHexB + "  a-1-py3-none-any.whl\n", "sums");
  BOOST_TEST(expand_wheel_argument(file, pins).at(0).pinned.value().hex() == kHexB);
  BOOST_TEST(expand_wheel_argument(file + "#sha256=" + kHexB, pins).at(0).pinned.value().hex() == kHexB);
  BOOST_CHECK_THROW((void)expand_wheel_argument(file + "#sha256=" + kHexA, pins), UsageError);
}

BOOST_FIXTURE_TEST_CASE(directories_and_patterns_are_expanded, Folder) {
  BOOST_TEST(expand_wheel_argument(path, {}).size() == 3u);
  BOOST_TEST(expand_wheel_argument(path + "/*-1-*.whl", {}).size() == 2u);
  BOOST_CHECK_THROW((void)expand_wheel_argument(path + "/empty", {}), NotFound);
  BOOST_CHECK_THROW((void)expand_wheel_argument(path + "/*.egg", {}), NotFound);
}

BOOST_FIXTURE_TEST_CASE(a_file_whose_name_looks_like_a_pattern_is_that_file, Folder) {
  const auto wheels = expand_wheel_argument(path + "/odd[1].whl", {});
  BOOST_TEST(wheels.size() == 1u);
  BOOST_TEST(wheels.at(0).path == path + "/odd[1].whl");
}

BOOST_FIXTURE_TEST_CASE(a_missing_file_is_left_to_the_ingest, Folder) {
  BOOST_TEST(expand_wheel_argument(path + "/none.whl", {}).size() == 1u);
  BOOST_CHECK_THROW((void)expand_wheel_argument("", {}), UsageError);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace cas
