#include "cli/command_line.hpp"

#include <boost/test/unit_test.hpp>

#include "cli/command.hpp"
#include "store/base/error.hpp"

namespace cas {
namespace {

const std::vector<std::string_view> kNames = {"add", "list", "store info", "index rebuild"};

CommandLine split(const std::vector<std::string>& words) { return split_command_line(words, kNames); }

std::string hint_of(const std::vector<std::string>& words) {
  try {
    (void)split(words);
  } catch (const UsageError& error) {
    return error.hint();
  }
  return "no error";
}

}  // namespace

BOOST_AUTO_TEST_SUITE(command_line)

BOOST_AUTO_TEST_CASE(global_options_may_stand_before_the_command) {
  const CommandLine line = split({"--store", "add", "-q", "add", "--json", "x.whl"});
  BOOST_TEST(line.command == "add");
  const std::vector<std::string> expected = {"--store", "add", "-q", "--json", "x.whl"};
  BOOST_TEST(line.words == expected, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(attached_values_take_no_further_word) {
  BOOST_TEST(split({"--store=/s", "list"}).command == "list");
}

BOOST_AUTO_TEST_CASE(names_of_two_words_may_have_options_between) {
  const CommandLine line = split({"store", "--json", "info", "/dir"});
  BOOST_TEST(line.command == "store info");
  const std::vector<std::string> expected = {"--json", "/dir"};
  BOOST_TEST(line.words == expected, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(half_a_name_is_an_error_that_says_the_other_half) {
  BOOST_TEST(hint_of({"index"}) == "`cas index rebuild`");
  BOOST_TEST(hint_of({"index", "rebuidl"}) == "did you mean 'index rebuild'?");
  BOOST_TEST(split({"index", "--help"}).command == "index rebuild");
}

BOOST_AUTO_TEST_CASE(unknown_commands_get_the_nearest) {
  BOOST_TEST(hint_of({"lst"}) == "did you mean 'list'?");
  BOOST_TEST(hint_of({"something"}) == "`cas help` lists the commands");
}

BOOST_AUTO_TEST_CASE(unknown_options_before_the_command_are_errors) {
  BOOST_TEST(hint_of({"--stroe", "/s", "list"}) == "did you mean '--store'?");
  BOOST_TEST(hint_of({"--link-mode", "copy", "list"}) == "options of a command stand after its name");
}

BOOST_AUTO_TEST_CASE(no_command_is_no_error_here) {
  BOOST_TEST(split({}).command.empty());
  BOOST_TEST(split({"--version"}).command.empty());
}

BOOST_AUTO_TEST_CASE(every_command_has_a_page_and_a_short_summary) {
  for (const Command* command : all_commands()) {
    BOOST_TEST_CONTEXT(command->name) {
      BOOST_TEST(help_page(command->name).starts_with("# cas " + std::string(command->name) + "\n"));
      BOOST_TEST(!command->summary.empty());
      BOOST_TEST(command->summary.size() <= 60u);
      BOOST_TEST(overview().find("  " + std::string(command->name) + " ") != std::string::npos);
    }
  }
  BOOST_TEST(help_page("none").empty());
}

BOOST_AUTO_TEST_CASE(pages_name_every_option_of_their_command) {
  for (const Command* command : all_commands()) {
    for (const OptionSpec& option : command->options) {
      BOOST_TEST_CONTEXT(command->name << " --" << option.name) {
        BOOST_TEST(help_page(command->name).find("--" + std::string(option.name)) != std::string_view::npos);
      }
    }
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace cas
