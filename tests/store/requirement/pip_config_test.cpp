#include "store/requirement/pip_config.hpp"

#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <map>
#include <string>
#include <tuple>

#include "store/base/error.hpp"

namespace data = boost::unit_test::data;

namespace {

using cas::SettingLevel;

std::string text_of(const std::vector<cas::ToolSetting>& settings) {
  std::string text;
  for (const cas::ToolSetting& setting : settings)
    text += setting.place + " " + setting.name + " " + setting.value + "\n";
  return text;
}

std::string read(std::string_view text) {
  cas::PipConfig config;
  config.add_file(text, "pip.conf", SettingLevel::user);
  return text_of(config.settings());
}

std::string of_variables(const std::map<std::string, std::string>& variables) {
  return text_of(cas::pip_variables([&](const char* name) {
    const auto found = variables.find(name);
    return found == variables.end() ? std::nullopt : std::optional(found->second);
  }));
}

}  // namespace

BOOST_AUTO_TEST_SUITE(pip_config)

const std::vector<std::tuple<std::string, std::string>> kTexts{
    {"[global]\nindex-url = https://a.example/simple\n", "pip.conf:2 index-url https://a.example/simple\n"},
    {"[global]\nindex_url = https://a.example/\n", "pip.conf:2 index-url https://a.example/\n"},
    {"[global]\n--index-url = https://a.example/\n", "pip.conf:2 index-url https://a.example/\n"},
    {"[global]\nextra-index-url =\n  https://a.example/\n  https://b.example/ https://c.example/\n",
     "pip.conf:2 extra-index-url https://a.example/\npip.conf:2 extra-index-url https://b.example/\n"
     "pip.conf:2 extra-index-url https://c.example/\n"},
    {"[global]\nno-index = yes\npre = 0\n", "pip.conf:2 no-index true\npip.conf:3 pre false\n"},
    {"[install]\nno-binary = a,b c\nonly-binary = :all:\n",
     "pip.conf:2 no-binary a\npip.conf:2 no-binary b\npip.conf:2 no-binary c\npip.conf:3 only-binary :all:\n"},
    {"[global]\ndefault-timeout = 60\nretries = 2\n", "pip.conf:3 retries 2\npip.conf:2 timeout 60\n"},
    {"[global]\ncert = /c\nclient-cert = /d\nproxy = http://p.example:1\nkeyring-provider = subprocess\n",
     "pip.conf:2 cert /c\npip.conf:3 client-cert /d\npip.conf:5 keyring-provider subprocess\n"
     "pip.conf:4 proxy http://p.example:1\n"},
    {"[global]\nrequire-hashes = on\nconstraint = a.txt b.txt\n",
     "pip.conf:3 constraint a.txt\npip.conf:3 constraint b.txt\npip.conf:2 require-hashes true\n"},
    // The command's own section goes before; those of other commands, and what pip has for itself, have no meaning here.
    {"[install]\nindex-url = https://i.example/\n[global]\nindex-url = https://g.example/\n",
     "pip.conf:2 index-url https://i.example/\n"},
    {"[download]\nindex-url = https://d.example/\n[freeze]\npre = nonsense\n[global]\nquiet = 1\nuser = yes\n", ""},
    {"[global]\nindex-url = https://g.example/\n[DEFAULT]\nindex-url = https://d.example/\npre = 1\n",
     "pip.conf:2 index-url https://g.example/\npip.conf:5 pre true\n"},
    {"[global]\nindex-url =\n", ""},
};
BOOST_DATA_TEST_CASE(reads_what_means_the_same, data::make(kTexts), text, expected) {
  BOOST_TEST(read(text) == expected);
}

BOOST_AUTO_TEST_CASE(the_later_file_replaces_and_the_commands_section_wins_wherever_it_is) {
  cas::PipConfig config;
  config.add_file("[global]\nindex-url = https://a.example/\nfind-links = a b\n[install]\npre = 1\n", "m",
                  SettingLevel::machine);
  config.add_file("[global]\nindex-url = https://b.example/\nfind-links = c\npre = 0\n", "u", SettingLevel::user);
  config.add_file("[global]\nindex-url =\n", "n", SettingLevel::named);
  BOOST_TEST(text_of(config.settings()) == "u:3 find-links c\nu:2 index-url https://b.example/\nm:5 pre true\n");
  BOOST_TEST((config.settings().front().level == SettingLevel::user));
  BOOST_TEST((config.settings().back().level == SettingLevel::machine));
}

BOOST_AUTO_TEST_CASE(variables_are_called_like_the_keys) {
  BOOST_TEST(of_variables({{"PIP_INDEX_URL", "https://a.example/"},
                           {"PIP_EXTRA_INDEX_URL", "https://b.example/ https://c.example/"},
                           {"PIP_NO_INDEX", "1"},
                           {"PIP_DEFAULT_TIMEOUT", "9"},
                           {"PIP_FIND_LINKS", " "}}) ==
             "PIP_EXTRA_INDEX_URL extra-index-url https://b.example/\n"
             "PIP_EXTRA_INDEX_URL extra-index-url https://c.example/\n"
             "PIP_INDEX_URL index-url https://a.example/\nPIP_NO_INDEX no-index true\nPIP_DEFAULT_TIMEOUT timeout 9\n");
  BOOST_TEST(of_variables({{"PIP_TIMEOUT", "3"}, {"PIP_DEFAULT_TIMEOUT", "9"}}) == "PIP_TIMEOUT timeout 3\n");
}

BOOST_AUTO_TEST_CASE(what_is_wrong_is_named) {
  const auto says = [](const std::string& expected) {
    return [expected](const cas::InvalidInput& error) { return error.message() == expected; };
  };
  BOOST_CHECK_EXCEPTION(read("[global]\n\nno-index = perhaps\n"), cas::InvalidInput,
                        says("pip.conf:3: no-index is on or off, not 'perhaps'"));
  BOOST_CHECK_EXCEPTION(of_variables({{"PIP_PRE", "2"}}), cas::InvalidInput,
                        says("PIP_PRE: pre is on or off, not '2'"));
  BOOST_CHECK_EXCEPTION(read("index-url = x\n"), cas::InvalidInput,
                        says("pip.conf:1: neither a section nor a setting"));
}

BOOST_AUTO_TEST_SUITE_END()
