#include "cli/settings.hpp"

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <tuple>

#include "store/base/error.hpp"

namespace data = boost::unit_test::data;
using cas::FileSetting;
using cas::parse_settings;
using cas::SettingsOwner;

namespace {

std::string read(const std::string& text, SettingsOwner owner = SettingsOwner::user) {
  std::string out;
  for (const FileSetting& setting : parse_settings(text, "cas.toml", "/p", owner)) {
    out += setting.place + " " + setting.name + " " + setting.value + "\n";
  }
  return out;
}

std::string fault(const std::string& text, SettingsOwner owner) {
  try {
    return "no error: " + read(text, owner);
  } catch (const cas::Error& error) {
    return error.message();
  }
}

}  // namespace

BOOST_AUTO_TEST_SUITE(settings_tests)

BOOST_AUTO_TEST_CASE(keys_are_options) {
  BOOST_TEST(
      read("resolver = 'pip'\nno-index = false\nextra-index-url = ['https://a.example',\n 'https://b.example']\n") ==
      "cas.toml:3 extra-index-url https://a.example\ncas.toml:4 extra-index-url https://b.example\n"
      "cas.toml:2 no-index false\ncas.toml:1 resolver pip\n");
  BOOST_TEST(read("").empty());
}

BOOST_AUTO_TEST_CASE(folders_are_meant_from_where_the_file_lies) {
  BOOST_TEST(read("find-links = ['w', '/x', 'https://a.example/y']\nstore = 's'\n") ==
             "cas.toml:1 find-links /p/w\ncas.toml:1 find-links /x\ncas.toml:1 find-links https://a.example/y\n"
             "cas.toml:2 store /p/s\n");
}

BOOST_AUTO_TEST_CASE(a_project_may_ask_for_versions) {
  BOOST_TEST(read("python = '>=3.9'\n", SettingsOwner::project) == "cas.toml:1 python >=3.9\n");
  BOOST_TEST(read("python = './python'\n") == "cas.toml:1 python ./python\n");
}

const std::vector<std::tuple<std::string, std::string>> kFaults{
    {"a = [", "cas.toml"},
    {"\nindex_url = 'x'\n", "cas.toml:2: unknown key 'index_url'; did you mean 'index-url'?"},
    {"[tool]\nx = 1\n", "unknown key 'tool'"},
    {"index-url = 1\n", "cas.toml:1: index-url is not text"},
    {"index-url = ''\n", "cas.toml:1: index-url has an empty value"},
    {"index-url = \"a\\u0000b\"\n", "cas.toml:1: index-url has an empty value, or one that cannot be"},
    {"find-links = 'x'\n", "cas.toml:1: find-links is not an array"},
    {"find-links = ['x',\n 1]\n", "cas.toml:2: find-links is not text"},
    {"no-index = 'yes'\n", "cas.toml:1: no-index is not true or false"},
    {"resolver = './evil'\n", "cas.toml:1: a project may not set 'resolver'"},
    {"min-free = '900G'\n", "cas.toml:1: a project may not set 'min-free'"},
    {"max-free = '900G'\n", "cas.toml:1: a project may not set 'max-free'"},
    {"store = 'here'\n", "cas.toml:1: a project may not set 'store'"},
    {"base-stores = ['here']\n", "cas.toml:1: a project may not set 'base-stores'"},
    {"trusted-host = ['x']\n", "cas.toml:1: a project may not set 'trusted-host'"},
    {"python = './evil'\n", "cas.toml:1: a project may ask for a version of Python"},
    {"python = 'evil'\n", "cas.toml:1: a project may ask for a version of Python"},
};
BOOST_DATA_TEST_CASE(what_a_project_may_not_say, data::make(kFaults), text, expected) {
  const std::string told = fault(text, SettingsOwner::project);
  BOOST_TEST_CONTEXT(told) { BOOST_TEST(told.find(expected) != std::string::npos); }
}

BOOST_AUTO_TEST_SUITE_END()
