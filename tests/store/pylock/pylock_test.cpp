#include "store/pylock/pylock.hpp"

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <string>
#include <tuple>

#include "store/base/error.hpp"

namespace data = boost::unit_test::data;
using namespace cas;

namespace {

const std::string kDigest(64, 'a');
const std::string kHead = "lock-version = '1.0'\ncreated-by = 'a test'\n";

std::string wheel_package(const std::string& more) { return kHead + "[[packages]]\nname = 'six'\n" + more; }

const std::string kWheel =
    "wheels = [{url = 'https://example.org/a/six-1.17.0-py2.py3-none-any.whl#x', hashes = {sha256 = '" + kDigest +
    "'}}]\n";

}  // namespace

BOOST_AUTO_TEST_SUITE(pylock_tests)

BOOST_AUTO_TEST_CASE(everything_of_the_specification_is_read) {
  const Pylock lock = parse_pylock(
      "lock-version = '1.0'\n"
      "environments = [\"sys_platform == 'linux'\"]\n"
      "requires-python = '>=3.9'\n"
      "extras = ['dev']\n"
      "dependency-groups = ['docs', 'default']\n"
      "default-groups = ['default']\n"
      "created-by = 'a test'\n"
      "unknown = {a = 1}\n"
      "[[packages]]\n"
      "name = 'Six'\n"
      "version = '1.17.0'\n"
      "marker = \"'dev' in extras\"\n"
      "requires-python = '>=2.7'\n"
      "index = 'https://example.org/simple'\n"
      "dependencies = [{name = 'a_b'}, {name = 'c', version = '1'}]\n"
      "sdist = {name = 'six-1.17.0.tar.gz', path = 'six-1.17.0.tar.gz', upload-time = 2024-12-04T17:35:28Z, size = "
      "34031,"
      " hashes = {SHA256 = '" +
          std::string(64, 'F') + "', md5 = '00'}}\n" + kWheel +
          "[[packages]]\nname = 'v'\n"
          "vcs = {type = 'git', url = 'https://example.org/v.git', requested-revision = 'main', commit-id = 'abc', "
          "subdirectory = 's'}\n"
          "[[packages]]\nname = 'd'\ndirectory = {path = '../d', editable = true}\n"
          "[[packages]]\nname = 'z'\narchive = {url = 'https://example.org/z%20y.zip', hashes = {sha256 = '" +
          kDigest +
          "'}}\n"
          "[tool.x]\ny = 1\n",
      "pylock.toml");
  BOOST_TEST(lock.requires_python == ">=3.9");
  BOOST_TEST(lock.environments == std::vector<std::string>{"sys_platform == 'linux'"},
             boost::test_tools::per_element());
  BOOST_TEST(lock.dependency_groups.size() == 2U);
  BOOST_REQUIRE(lock.packages.size() == 4U);
  const LockedPackage& six = lock.packages[0];
  BOOST_TEST(six.name == "six");
  BOOST_TEST((six.dependencies == std::vector<std::string>{"a-b", "c"}));
  BOOST_REQUIRE(six.sdist);
  BOOST_TEST(six.sdist->upload_time == "2024-12-04T17:35:28Z");
  BOOST_TEST(six.sdist->size.value() == 34031U);
  BOOST_TEST(six.sdist->sha256()->hex() == std::string(64, 'f'));
  BOOST_REQUIRE(six.wheels.size() == 1U);
  BOOST_TEST(six.wheels[0].name == "six-1.17.0-py2.py3-none-any.whl");
  BOOST_TEST(lock.packages[1].vcs->commit_id == "abc");
  BOOST_TEST(lock.packages[2].directory->editable);
  BOOST_TEST(lock.packages[3].archive->name == "z y.zip");
}

BOOST_AUTO_TEST_CASE(what_is_written_is_read_again) {
  const Pylock lock = parse_pylock(
      wheel_package("version = '1.0'\nmarker = \"os_name == 'a\\\\b'\"\ndependencies = [{name = 'x'}]\n"
                    "sdist = {path = 'six.tar.gz', size = 1, hashes = {sha256 = '" +
                    kDigest + "', blake2b-1 = 'ab'}}\n" + kWheel) +
          "[[packages]]\nname = 'd'\ndirectory = {path = 'a\"\\u0007', editable = true, subdirectory = 's'}\n"
          "[[packages]]\nname = 'v'\nvcs = {type = 'git', path = '../v', commit-id = '1'}\n",
      "here");
  const std::string text = pylock_text(lock);
  const Pylock again = parse_pylock(text, "again");
  BOOST_TEST(pylock_text(again) == text);
  BOOST_TEST(again.packages[0].marker == "os_name == 'a\\b'");
  BOOST_TEST(again.packages[0].sdist->hashes.size() == 2U);
  BOOST_TEST(again.packages[1].directory->path == "a\"\\u0007");
}

BOOST_AUTO_TEST_CASE(what_was_asked_for_stands_in_our_own_table) {
  Pylock lock = parse_pylock(wheel_package(kWheel), "x");
  BOOST_TEST(!lock.requested);
  BOOST_TEST(pylock_text(lock).find("[tool.cas]") == std::string::npos);
  lock.requested = std::set<std::string>{"six", "a-b"};
  const std::string text = pylock_text(lock);
  BOOST_TEST(text.find("\n[tool.cas]\nrequested = [\"a-b\", \"six\"]\n") != std::string::npos, text);
  BOOST_TEST((parse_pylock(text, "x").requested == lock.requested));
  lock.made_for = "3.12";
  const std::string noted = pylock_text(lock);
  BOOST_TEST(noted.find("\n[tool.cas]\npython = \"3.12\"\nrequested = ") != std::string::npos, noted);
  BOOST_TEST(parse_pylock(noted, "x").made_for == "3.12");
  BOOST_TEST(parse_pylock(text, "x").made_for == "");
  // Nobody has to know it, so nobody is refused for it.
  for (const char* odd :
       {"tool = 1", "tool = {cas = 1}", "tool = {cas = {requested = 1}}", "tool = {cas = {requested = [1]}}"})
    BOOST_TEST(!parse_pylock(std::string(odd) + "\n" + kHead, "x").requested);
  const Pylock odd_names = parse_pylock(kHead + "[tool.cas]\nrequested = ['A_B']\n", "x");
  BOOST_TEST((odd_names.requested == std::set<std::string>{"a-b"}));
}

BOOST_AUTO_TEST_CASE(what_vouches_for_members_stands_in_our_own_table) {
  const std::string name = "six-1.17.0-py2.py3-none-any.whl", other(64, 'e');
  const auto listings = [&](const std::string& tool) {
    return parse_pylock(wheel_package(kWheel + tool), "here").packages.at(0).listings;
  };
  const std::string records = "record-sha256 = {'" + name + "' = '" + other + "'}\n";
  const std::string directories = "directory-sha256 = {'" + name + "' = '" + kDigest + "'}\n";
  const LockedListings found = listings("[packages.tool.cas]\n" + records + directories);
  BOOST_REQUIRE(found.size() == 1U);
  BOOST_TEST(found.at(name).record.hex() == other);
  BOOST_TEST(found.at(name).directory.hex() == kDigest);
  // It must never be in the way: whatever else stands there is passed over.
  for (const std::string& tool :
       {std::string("tool = 3\n"), std::string("[packages.tool]\ncas = []\n"), "[packages.tool.cas]\n" + records,
        "[packages.tool.cas]\nrecord-sha256 = 'x'\n" + directories,
        "[packages.tool.cas]\nrecord-sha256 = {'" + name + "' = 'short'}\n" + directories,
        "[packages.tool.cas]\nrecord-sha256 = {'" + name + "' = 3}\n" + directories,
        "[packages.tool.cas]\nrecord-sha256 = {'another.whl' = '" + other + "'}\n" + directories}) {
    BOOST_TEST_CONTEXT(tool) { BOOST_TEST(listings(tool).empty()); }
  }
  const Pylock lock = parse_pylock(wheel_package(kWheel + "[packages.tool.cas]\n" + records + directories) +
                                       "[[packages]]\nname = 'd'\ndirectory = {path = 'x'}\n",
                                   "here");
  const Pylock again = parse_pylock(pylock_text(lock), "again");
  BOOST_TEST(pylock_text(again) == pylock_text(lock));
  BOOST_TEST((again.packages.at(0).listings == lock.packages.at(0).listings));
  BOOST_TEST(again.packages.size() == 2U);
}

const std::tuple<std::string, std::string> kRefused[] = {
    {"a = ", "not TOML"},
    {"created-by = 'x'\n", "lock-version is missing"},
    {"lock-version = '1.0'\n", "created-by is missing"},
    {"lock-version = 1.0\ncreated-by = 'x'\n", "lock-version is not text"},
    {"lock-version = '2.0'\ncreated-by = 'x'\n", "reads version 1"},
    {"lock-version = '1'\ncreated-by = 'x'\n", "reads version 1"},
    {kHead + "packages = 3\n", "packages is not an array"},
    {kHead + "packages = [3]\n", "packages[0] is not a table"},
    {kHead + "environments = [3]\n", "environments is not text"},
    {wheel_package(""), "says nowhere what to install"},
    {kHead + "[[packages]]\nname = '../six'\n" + kWheel, "is no name of a package"},
    {wheel_package("version = 'not one'\n" + kWheel), "is no version"},
    {wheel_package(kWheel + "directory = {path = 'x'}\n"), "more than one of"},
    {wheel_package("wheels = [{url = 'https://example.org/six.whl'}]\n"), "has no hashes"},
    {wheel_package("wheels = [{url = 'https://example.org/six.whl', hashes = {}}]\n"), "is empty"},
    {wheel_package("wheels = [{url = 'https://example.org/six.whl', hashes = {sha256 = 'aa'}}]\n"),
     "has not 64 digits"},
    {wheel_package("wheels = [{url = 'https://example.org/six.whl', hashes = {sha256 = 'x'}}]\n"), "hexadecimal"},
    {wheel_package("wheels = [{url = 'https://example.org/six.whl', hashes = {'a b' = 'aa'}}]\n"), "is no algorithm"},
    {wheel_package("wheels = [{hashes = {sha256 = '" + kDigest + "'}}]\n"), "neither url nor path"},
    {wheel_package("wheels = [{path = 'six.zip', hashes = {sha256 = '" + kDigest + "'}}]\n"),
     "is not the file of a wheel"},
    {wheel_package("wheels = [{name = '../six.whl', path = 'six.whl', hashes = {sha256 = '" + kDigest + "'}}]\n"),
     "the file name"},
    {wheel_package("sdist = {path = 's.tgz', size = -1, hashes = {sha256 = '" + kDigest + "'}}\n"),
     "is not a number of bytes"},
    {wheel_package("sdist = {path = 's.tgz', upload-time = 'x', hashes = {sha256 = '" + kDigest + "'}}\n"),
     "not a date and time"},
    {wheel_package("vcs = {type = 'git', url = 'x'}\n"), "packages[0].vcs.commit-id is missing"},
    {wheel_package("directory = {path = 'x', editable = 1}\n"), "is not true or false"},
};

BOOST_DATA_TEST_CASE(what_is_no_lock_is_refused_with_its_line, data::make(kRefused), text, reason) {
  BOOST_CHECK_EXCEPTION((void)parse_pylock(text, "dir/pylock.toml"), InvalidInput, [&](const InvalidInput& error) {
    BOOST_TEST_CONTEXT(error.message()) {
      return error.message().starts_with("dir/pylock.toml:") && error.message().find(reason) != std::string::npos;
    }
    return false;
  });
}

BOOST_AUTO_TEST_CASE(a_lock_is_known_by_its_file_name) {
  for (const char* name : {"pylock.toml", "pylock.dev.toml", "pylock.a-b.toml"}) BOOST_TEST(is_pylock_name(name), name);
  for (const char* name : {"pylock", "pylock..toml", "pylock.a.b.toml", "Pylock.toml", "uv.lock", "pylock.toml.bak"}) {
    BOOST_TEST(!is_pylock_name(name), name);
  }
}

// What the library's assertions and "unreachable" places say of these does not hold.
BOOST_AUTO_TEST_CASE(what_the_toml_library_believes_impossible_is_refused) {
  for (const char* value : {"\u0416", "\u00a7x", "2024-01-02T(3:04:05Z", "2024-01-02T", "2024-01-02T03:04:05+(1:00"}) {
    BOOST_TEST_CONTEXT(value) {
      BOOST_CHECK_THROW((void)parse_pylock(kHead + "a = " + value + "\n", "pylock.toml"), InvalidInput);
    }
  }
  const Pylock lock = parse_pylock("lock-version = '1.0'\ncreated-by = \"\"\"\\\n\u00a7 1\"\"\"\n", "pylock.toml");
  BOOST_TEST(lock.created_by == "\u00a7 1");
}

BOOST_AUTO_TEST_CASE(nested_tables_have_a_limit) {
  BOOST_CHECK_THROW((void)parse_pylock(kHead + "a = " + std::string(100'000, '['), "deep"), InvalidInput);
}

BOOST_AUTO_TEST_SUITE_END()
