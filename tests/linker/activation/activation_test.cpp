#include "linker/activation/activation.hpp"

#include <boost/test/unit_test.hpp>

#include "store/source/reserved.hpp"

namespace {

constexpr std::string_view kSitePackages = "lib/python3.12/site-packages";

std::vector<cas::ActivationScript> scripts(const std::string& environment,
                                           const std::optional<std::string>& prompt = std::nullopt) {
  return cas::activation_scripts({environment, prompt, std::string(kSitePackages)});
}

}  // namespace

BOOST_AUTO_TEST_SUITE(activation)

BOOST_AUTO_TEST_CASE(every_name_is_listed_and_reserved) {
  const auto made = scripts("/e");
  const auto names = cas::activation_script_names();
  BOOST_REQUIRE(made.size() == names.size());
  for (std::size_t i = 0; i < made.size(); ++i) {
    BOOST_TEST(made[i].name == names[i]);
    BOOST_TEST(cas::reserved_problem(cas::Scheme::scripts, names[i]).has_value());
  }
  BOOST_TEST(cas::reserved_problem(cas::Scheme::scripts, cas::kPowerShellAlias).has_value());
}

BOOST_AUTO_TEST_CASE(only_two_name_the_place_where_they_were_made) {
  const auto here = scripts("/srv/here");
  const auto there = scripts("/srv/there");
  for (std::size_t i = 0; i < here.size(); ++i) {
    const bool asks_the_system = here[i].name == "activate" || here[i].name == "activate.csh";
    BOOST_TEST((here[i].text == there[i].text) == !asks_the_system, here[i].name);
    BOOST_TEST((here[i].text.find("/srv/here") != std::string::npos) == asks_the_system, here[i].name);
  }
}

BOOST_AUTO_TEST_CASE(the_prompt_is_in_every_one) {
  for (const auto& script : scripts("/e", "a prompt")) {
    BOOST_TEST(script.text.find("a prompt") != std::string::npos, script.name);
  }
  const auto none = scripts("/e");
  const auto empty = scripts("/e", "");
  for (std::size_t i = 0; i < none.size(); ++i) BOOST_TEST(none[i].text == empty[i].text);
}

BOOST_AUTO_TEST_CASE(what_was_edited_is_known) {
  for (const auto& script : scripts("/e\n# cas", "# cas: as it was written\n")) {
    BOOST_TEST(cas::is_unedited_activation_script(script.text), script.name);
    BOOST_TEST(!cas::is_unedited_activation_script(script.text + "export MINE=1\n"));
    BOOST_TEST(!cas::is_unedited_activation_script(script.text + "\n"));
    BOOST_TEST(!cas::is_unedited_activation_script("\n" + script.text));
    BOOST_TEST(!cas::is_unedited_activation_script(std::string_view(script.text).substr(0, script.text.size() - 1)));
    std::string changed = script.text;
    changed.replace(changed.find("Activates"), 1, "a");
    BOOST_TEST(!cas::is_unedited_activation_script(changed));
  }
  BOOST_TEST(!cas::is_unedited_activation_script(""));
  BOOST_TEST(!cas::is_unedited_activation_script("# This file must be used with \"source bin/activate\"\n"));
}

BOOST_AUTO_TEST_CASE(they_follow_the_environment_unless_they_were_edited) {
  for (const std::string old_place : {"/old", "/it's $(x)\n!"}) {
    const auto before = cas::activation_scripts({old_place, "prompt", "lib/python3.12/site-packages"});
    const auto after = cas::activation_scripts({"/new 'x'", "prompt", "lib/python3.12/site-packages"});
    for (std::size_t i = 0; i < before.size(); ++i) {
      BOOST_TEST_CONTEXT(before[i].name) {
        const auto moved = cas::moved_activation_script(before[i].text, old_place, "/new 'x'");
        BOOST_TEST(moved.has_value() == (before[i].text != after[i].text));
        BOOST_TEST(moved.value_or(before[i].text) == after[i].text);
        BOOST_TEST(!cas::moved_activation_script(before[i].text, "/elsewhere", "/new"));
        BOOST_TEST(!cas::moved_activation_script(before[i].text + "export X=1\n", old_place, "/new"));
      }
    }
  }
}

BOOST_AUTO_TEST_SUITE_END()
