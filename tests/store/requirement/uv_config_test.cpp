#include "store/requirement/uv_config.hpp"

#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <map>
#include <string>
#include <tuple>

#include "store/base/error.hpp"

namespace data = boost::unit_test::data;

namespace {

using cas::SettingLevel;
using cas::UvFile;

std::string text_of(const std::vector<cas::ToolSetting>& settings) {
  std::string text;
  for (const cas::ToolSetting& setting : settings) {
    text += setting.place + " " + setting.name + " " + setting.value;
    text += setting.index_name.empty() ? "\n" : " (" + setting.index_name + ")\n";
  }
  return text;
}

std::string read(std::string_view text, SettingLevel level = SettingLevel::user, UvFile kind = UvFile::uv_toml) {
  const auto config = cas::parse_uv_config(text, "uv.toml", kind, "/p", level);
  if (!config) return "none of uv's";
  std::string result = text_of(config->settings);
  for (const std::string& warning : config->warnings) result += "! " + warning + "\n";
  return result;
}

std::string of_variables(const std::map<std::string, std::string>& variables) {
  return text_of(cas::uv_variables([&](const char* name) {
    const auto found = variables.find(name);
    return found == variables.end() ? std::nullopt : std::optional(found->second);
  }));
}

}  // namespace

BOOST_AUTO_TEST_SUITE(uv_config)

const std::vector<std::tuple<std::string, std::string>> kTexts{
    {"", ""},
    {"index-url = 'https://a.example/'\nextra-index-url = ['https://b.example/', 'c']\n",
     "uv.toml:1 index-url https://a.example/\nuv.toml:2 extra-index-url https://b.example/\n"
     "uv.toml:2 extra-index-url /p/c\n"},
    {"[[index]]\nname = 'one'\nurl = 'https://a.example/'\n[[index]]\nurl = 'https://b.example/'\ndefault = true\n"
     "[[index]]\nname = 'flat'\nurl = 'wheels'\nformat = 'flat'\n"
     "[[index]]\nname = 'x'\nurl = 'https://x.example/'\nexplicit = true\n",
     "uv.toml:3 extra-index-url https://a.example/ (one)\nuv.toml:5 index-url https://b.example/\n"
     "uv.toml:9 find-links /p/wheels (flat)\n"},
    {"find-links = ['w', '/x', 'https://a.example/']\nno-index = true\nindex-strategy = 'unsafe-best-match'\n",
     "uv.toml:3 index-strategy unsafe-best-match\nuv.toml:1 find-links /p/w\nuv.toml:1 find-links /x\n"
     "uv.toml:1 find-links https://a.example/\nuv.toml:2 no-index true\n"},
    {"no-build = true\nno-binary = false\nno-build-package = ['a']\nno-binary-package = ['b']\n",
     "uv.toml:3 only-binary a\nuv.toml:4 no-binary b\nuv.toml:1 no-build true\n"},
    {"prerelease = 'allow'\n", "uv.toml:1 pre true\n"},
    {"prerelease = 'if-necessary'\nunknown = 1\nexclude-newer = '2024-01-01'\n", ""},
    {"keyring-provider = 'subprocess'\nallow-insecure-host = ['a:80']\n",
     "uv.toml:1 keyring-provider subprocess\nuv.toml:2 trusted-host a:80\n"},
    // As `uv pip` has it: its own table goes before.
    {"index-url = 'https://a.example/'\n[pip]\nindex-url = 'https://b.example/'\nrequire-hashes = true\nno-binary = "
     "['x']\n",
     "uv.toml:3 index-url https://b.example/\nuv.toml:4 require-hashes true\nuv.toml:5 no-binary x\n"
     "uv.toml:1 index-url https://a.example/\n"},
};
BOOST_DATA_TEST_CASE(reads_what_means_the_same, data::make(kTexts), text, expected) {
  BOOST_TEST(read(text) == expected);
}

BOOST_AUTO_TEST_CASE(of_a_pyproject_only_its_own_table_is_read) {
  BOOST_TEST(read("index-url = 'x'\n[project]\nname = 'x'\n", SettingLevel::project, UvFile::pyproject) ==
             "none of uv's");
  BOOST_TEST(read("[tool.uv]\nno-index = true\n[tool.other]\nno-index = 1\n", SettingLevel::project,
                  UvFile::pyproject) == "uv.toml:2 no-index true\n");
  BOOST_TEST(read("[tool.uv]\n", SettingLevel::project, UvFile::pyproject).empty());
  BOOST_TEST(read("tool = 1\n", SettingLevel::project, UvFile::pyproject) == "none of uv's");
}

BOOST_AUTO_TEST_CASE(a_project_may_not_say_whom_to_trust) {
  BOOST_TEST(
      read("keyring-provider = 'subprocess'\nallow-insecure-host = ['a']\nno-index = true\n", SettingLevel::project) ==
      "uv.toml:3 no-index true\n! uv.toml:1: a project may not set keyring-provider; it has no effect\n"
      "! uv.toml:2: a project may not set trusted-host; it has no effect\n");
}

const std::vector<std::tuple<std::string, std::string>> kFaults{
    {"x = [\n", "not TOML"},
    {"\nindex-url = 1\n", "uv.toml:2: index-url is not text"},
    {"index = 'x'\n", "uv.toml:1: index is not an array"},
    {"index = [1]\n", "uv.toml:1: index is not a list of tables"},
    {"[[index]]\nname = 'x'\n", "an index without url"},
    {"find-links = 'x'\n", "uv.toml:1: find-links is not an array"},
    {"no-index = 'yes'\n", "uv.toml:1: no-index is not true or false"},
    {"no-build = 1\n", "uv.toml:1: no-build is not true or false"},
    {"index-url = ''\n", "uv.toml:1: an empty value"},
    {"pip = 1\n", "uv.toml:1: pip is not a table"},
};
BOOST_DATA_TEST_CASE(names_the_line_of_what_is_wrong, data::make(kFaults), text, expected) {
  std::string told;
  try {
    told = "read: " + read(text);
  } catch (const cas::InvalidInput& error) {
    told = error.message();
  }
  BOOST_TEST_CONTEXT(told) { BOOST_TEST(told.find(expected) != std::string::npos); }
}

BOOST_AUTO_TEST_CASE(variables) {
  BOOST_TEST(of_variables({{"UV_DEFAULT_INDEX", "main=https://a.example/?x=y"},
                           {"UV_INDEX_URL", "https://old.example/"},
                           {"UV_INDEX", "one=https://b.example/ https://c.example/?a=b"},
                           {"UV_EXTRA_INDEX_URL", "https://d.example/"},
                           {"UV_FIND_LINKS", "/w, https://e.example/"},
                           {"UV_NO_BUILD", "1"},
                           {"UV_NO_BINARY", "0"},
                           {"UV_PRERELEASE", "allow"},
                           {"UV_HTTP_TIMEOUT", "7"},
                           {"SSL_CLIENT_CERT", "/c"}}) ==
             "UV_DEFAULT_INDEX index-url https://a.example/?x=y (main)\n"
             "UV_INDEX extra-index-url https://b.example/ (one)\nUV_INDEX extra-index-url https://c.example/?a=b\n"
             "UV_EXTRA_INDEX_URL extra-index-url https://d.example/\n"
             "UV_FIND_LINKS find-links /w\nUV_FIND_LINKS find-links https://e.example/\n"
             "UV_HTTP_TIMEOUT timeout 7\nSSL_CLIENT_CERT client-cert /c\nUV_NO_BUILD no-build true\n"
             "UV_PRERELEASE pre true\n");
  BOOST_CHECK_THROW(of_variables({{"UV_NO_BUILD", "perhaps"}}), cas::InvalidInput);
  BOOST_TEST(cas::uv_index_variable("my-index.2", "PASSWORD") == "UV_INDEX_MY_INDEX_2_PASSWORD");
}

BOOST_AUTO_TEST_SUITE_END()
