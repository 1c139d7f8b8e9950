#include "cli/virtualenv_settings.hpp"

#include <boost/test/unit_test.hpp>
#include <filesystem>
#include <fstream>

#include "store/base/error.hpp"
#include "tests/support/temp_dir.hpp"

namespace cas {
namespace {

using Settings = VirtualenvSettings;
using Variables = std::map<std::string, std::string>;

Settings parse(std::string_view text) { return parse_virtualenv_ini(text, "v.ini"); }

Settings read(const Variables& variables, std::vector<std::string>& notes) {
  const auto variable = [&](const std::string& name) {
    const auto found = variables.find(name);
    return found == variables.end() ? std::nullopt : std::optional<std::string>(found->second);
  };
  return read_virtualenv_settings({"pip", "no-pip", "clear"}, variable, notes);
}

Settings read(const Variables& variables) {
  std::vector<std::string> notes;
  Settings settings = read(variables, notes);
  BOOST_TEST(notes.empty());
  return settings;
}

std::string message_of(std::string_view text) {
  try {
    static_cast<void>(parse(text));
  } catch (const UsageError& error) {
    return error.message();
  }
  return "no error";
}

void put(const std::string& path, const std::string& text) {
  std::filesystem::create_directories(std::filesystem::path(path).parent_path());
  std::ofstream(path) << text;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(virtualenv_settings_tests)

BOOST_AUTO_TEST_CASE(keys_values_and_comments) {
  BOOST_TEST((parse("# a comment\n[virtualenv]\nPython = 3.12\n; another\nno_pip: true\nempty =\n") ==
              Settings{{"python", "3.12"}, {"no-pip", "true"}, {"empty", ""}}));
  BOOST_TEST((parse("[virtualenv]\r\nprompt = a = b\r\n") == Settings{{"prompt", "a = b"}}));
  BOOST_TEST(parse("").empty());
}

BOOST_AUTO_TEST_CASE(indented_lines_continue_a_value) {
  BOOST_TEST((parse("[virtualenv]\nextra-search-dir =\n    /a\n\n    # not this\n    /b\npip = 1\n") ==
              Settings{{"extra-search-dir", "\n/a\n/b"}, {"pip", "1"}}));
}

BOOST_AUTO_TEST_CASE(other_sections_are_left_alone_and_defaults_are_used) {
  BOOST_TEST((parse("[tool]\npip = %(x)s\n more\n[DEFAULT]\npip = 1\nclear = 1\n[virtualenv]\npip = 2\n") ==
              Settings{{"pip", "2"}, {"clear", "1"}}));
}

BOOST_AUTO_TEST_CASE(percent_signs_are_doubled) {
  BOOST_TEST((parse("[virtualenv]\nprompt = 100%%\n") == Settings{{"prompt", "100%"}}));
  BOOST_TEST(message_of("[virtualenv]\nprompt = %(home)s\n").starts_with("v.ini:2"));
}

BOOST_AUTO_TEST_CASE(what_is_no_setting_is_refused_with_its_line) {
  BOOST_TEST(message_of("pip = 1\n").starts_with("v.ini:1"));
  BOOST_TEST(message_of("[virtualenv]\npip\n").starts_with("v.ini:2"));
  BOOST_TEST(message_of("[virtualenv]\n= 1\n").starts_with("v.ini:2"));
}

BOOST_AUTO_TEST_CASE(variables_go_before_the_file) {
  const test::TempDir dir;
  put(dir / "v.ini", "[virtualenv]\npip = 1\nclear = 1\nno-pip =\n");
  BOOST_TEST((read({{"VIRTUALENV_CONFIG_FILE", dir / "v.ini"}, {"VIRTUALENV_PIP", "2"}, {"VIRTUALENV_CLEAR", ""}}) ==
              Settings{{"pip", "2"}, {"clear", "1"}}));
  BOOST_TEST((read({{"VIRTUALENV_NO_PIP", "on"}, {"HOME", dir.path()}}) == Settings{{"no-pip", "on"}}));
  BOOST_TEST(read({{"HOME", dir / "absent"}}).empty());
}

BOOST_AUTO_TEST_CASE(a_file_that_was_named_and_is_not_there_is_said) {
  const test::TempDir dir;
  std::vector<std::string> notes;
  BOOST_TEST(read({{"VIRTUALENV_CONFIG_FILE", dir / "absent.ini"}}, notes).empty());
  BOOST_REQUIRE(notes.size() == 1U);
  BOOST_TEST(notes.front() == "VIRTUALENV_CONFIG_FILE names " + (dir / "absent.ini") + ", which does not exist");
}

BOOST_AUTO_TEST_CASE(the_file_lies_where_virtualenv_has_it) {
  const test::TempDir dir;
  put(dir / "config/virtualenv/virtualenv.ini", "[virtualenv]\npip = 1\n");
  put(dir / "home/.config/virtualenv/virtualenv.ini", "[virtualenv]\npip = 2\n");
  BOOST_TEST((read({{"XDG_CONFIG_HOME", dir / "config"}, {"HOME", dir / "home"}}) == Settings{{"pip", "1"}}));
  BOOST_TEST((read({{"HOME", dir / "home"}}) == Settings{{"pip", "2"}}));
}

BOOST_AUTO_TEST_CASE(switches_and_lists) {
  BOOST_TEST(parse_switch(" Yes ").value_or(false));
  BOOST_TEST(!parse_switch("off").value_or(true));
  BOOST_TEST(!parse_switch("").has_value());
  using List = std::vector<std::string>;
  BOOST_TEST((split_list("a, b:c,,") == List{"a", "b", "c"}));
  BOOST_TEST((split_list("\n/a,b\n/c\n") == List{"/a,b", "/c"}));
  BOOST_TEST(split_list("").empty());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace cas
