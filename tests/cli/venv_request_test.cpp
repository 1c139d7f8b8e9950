#include "cli/venv_request.hpp"

#include <boost/test/unit_test.hpp>

#include "store/base/error.hpp"

namespace cas {
namespace {

VenvRequest translate(const std::vector<std::string>& words, const VirtualenvSettings& settings = {}) {
  return translate_venv(parse_arguments(words, venv_option_specs(), "venv"), settings);
}

using Choice = SeedWish::Choice;

}  // namespace

BOOST_AUTO_TEST_SUITE(venv_request_tests)

BOOST_AUTO_TEST_CASE(without_options_it_is_an_environment_with_pip_that_keeps_what_is_there) {
  const VenvRequest request = translate({"env"});
  BOOST_REQUIRE(request.options.seed);
  BOOST_TEST((request.options.seed->pip.choice == Choice::as_venv));
  BOOST_TEST((request.options.existing == Existing::keep));
  BOOST_TEST(!request.options.python);
  BOOST_TEST(!request.options.copies.has_value());
  BOOST_TEST(request.options.ignore_file);
  BOOST_TEST(request.notes.empty());
}

BOOST_AUTO_TEST_CASE(options_of_venv) {
  const CreateOptions options = translate({"--clear", "--copies", "--system-site-packages", "--without-pip", "--prompt",
                                           "p", "--without-scm-ignore-files", "env"})
                                    .options;
  BOOST_TEST((options.existing == Existing::clear));
  BOOST_TEST(options.copies.value_or(false));
  BOOST_TEST(options.system_site_packages);
  BOOST_TEST(!options.seed);
  BOOST_TEST(options.prompt.value_or("") == "p");
  BOOST_TEST(!options.ignore_file);
  BOOST_TEST(translate({"--upgrade-deps", "env"}).options.seed->upgrade);
}

BOOST_AUTO_TEST_CASE(options_of_virtualenv) {
  const CreateOptions options =
      translate({"-p", "3.12", "--python", "pypy3", "--pip", "23.1", "--no-setuptools", "--wheel=embed",
                 "--extra-search-dir", "a", "--extra-search-dir", "b", "--always-copy", "--no-vcs-ignore", "env"})
          .options;
  BOOST_TEST(options.python.value_or("") == "3.12");
  BOOST_TEST((options.other_pythons == std::vector<std::string>{"pypy3"}));
  BOOST_REQUIRE(options.seed);
  BOOST_TEST((options.seed->pip.choice == Choice::yes));
  BOOST_TEST(options.seed->pip.version == "23.1");
  BOOST_TEST((options.seed->setuptools.choice == Choice::no));
  BOOST_TEST((options.seed->wheel.choice == Choice::yes));
  BOOST_TEST(options.seed->wheel.bundled);
  BOOST_TEST((options.seed->folders == std::vector<std::string>{"a", "b"}));
  BOOST_TEST(options.copies.value_or(false));
  BOOST_TEST(!options.ignore_file);
  BOOST_TEST((translate({"--pip", "none", "env"}).options.seed->pip.choice == Choice::no));
}

BOOST_AUTO_TEST_CASE(settings_stand_for_options_that_are_not_given) {
  const VirtualenvSettings settings{
      {"clear", "yes"}, {"python", "3.12,3.11"}, {"pip", "22.0"}, {"extra-search-dir", "a:b"}};
  const CreateOptions options = translate({"env"}, settings).options;
  BOOST_TEST((options.existing == Existing::clear));
  BOOST_TEST(options.python.value_or("") == "3.12");
  BOOST_TEST((options.other_pythons == std::vector<std::string>{"3.11"}));
  BOOST_TEST(options.seed->pip.version == "22.0");
  BOOST_TEST((options.seed->folders == std::vector<std::string>{"a", "b"}));
}

BOOST_AUTO_TEST_CASE(the_command_line_goes_before_settings_of_the_same_matter) {
  BOOST_TEST((translate({"--no-pip", "env"}, {{"pip", "22.0"}}).options.seed->pip.choice == Choice::no));
  BOOST_TEST(translate({"--pip", "23", "env"}, {{"no-pip", "1"}}).options.seed->pip.version == "23");
  BOOST_TEST((translate({"--upgrade", "env"}, {{"clear", "1"}}).options.existing == Existing::keep));
  BOOST_TEST(!translate({"--symlinks", "env"}, {{"always-copy", "1"}}).options.copies.value_or(true));
  BOOST_TEST(translate({"-p", "3.9", "env"}, {{"python", "3.12"}}).options.python.value_or("") == "3.9");
}

BOOST_AUTO_TEST_CASE(a_switch_that_is_set_to_no_is_none) {
  BOOST_TEST((translate({"env"}, {{"clear", "0"}}).options.existing == Existing::keep));
  BOOST_CHECK_THROW(translate({"env"}, {{"clear", "perhaps"}}), UsageError);
}

BOOST_AUTO_TEST_CASE(what_means_nothing_here_is_noted_once_it_was_said) {
  BOOST_TEST(translate({"--download", "env"}).notes.size() == 1U);
  BOOST_TEST(translate({"--creator", "venv", "--app-data", "x", "env"}).notes.size() == 2U);
  BOOST_TEST(translate({"--creator", "builtin", "--no-download", "env"}).notes.empty());
  BOOST_TEST(translate({"env"}, {{"app-data", "x"}, {"download", "1"}}).notes.empty());
}

BOOST_AUTO_TEST_CASE(what_cannot_be_both_is_refused) {
  for (const std::vector<std::string>& words :
       std::vector<std::vector<std::string>>{{"--clear", "--upgrade", "env"},
                                             {"--symlinks", "--always-copy", "env"},
                                             {"--pip", "1", "--no-pip", "env"},
                                             {"--upgrade-deps", "--no-seed", "env"},
                                             {"--upgrade-embed-wheels"},
                                             {"--reset-app-data"}}) {
    BOOST_CHECK_THROW(translate(words), UsageError);
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace cas
