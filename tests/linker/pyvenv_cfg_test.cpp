#include "linker/pyvenv_cfg.hpp"

#include <boost/test/unit_test.hpp>

#include "store/base/error.hpp"
#include "tests/linker/facts.hpp"

BOOST_AUTO_TEST_SUITE(pyvenv_cfg_tests)

BOOST_AUTO_TEST_CASE(holds_the_keys_of_venv) {
  const std::string text = cas::pyvenv_cfg_text(
      {"/opt/python/bin/python3.12", "/real/python3.12", "3.12.1", "cpython", "/e n v", "it's", false});
  BOOST_TEST(
      text.starts_with("home = /opt/python/bin\n"
                       "include-system-site-packages = false\n"
                       "version = 3.12.1\n"
                       "executable = /real/python3.12\n"
                       "command = cas create /e n v\n"
                       "prompt = \"it's\"\n"
                       "implementation = CPython\n"
                       "cas = "));
}

BOOST_AUTO_TEST_CASE(the_system_s_packages_are_seen_when_asked_for) {
  const std::string text =
      cas::pyvenv_cfg_text({"/usr/bin/python3.11", "", "3.11.2", "cpython", "/e", std::nullopt, true});
  BOOST_TEST(text.find("include-system-site-packages = true\n") != std::string::npos);
}

// With `home` a moved environment would find its base where it was; without the file the user's site directory would be seen.
BOOST_AUTO_TEST_CASE(its_own_base_has_no_home) {
  const std::string text = cas::pyvenv_cfg_text({"", "", "3.12.1", "cpython", "/e", std::nullopt, false});
  BOOST_TEST(text.starts_with("include-system-site-packages = false\n"));
  BOOST_TEST(text.find("home") == std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_path_cannot_add_lines) {
  const std::string text =
      cas::pyvenv_cfg_text({"/opt/bin/python3", "/r", "3.12.1", "cpython", "/e\nhome = /evil", "a\nb", false});
  BOOST_TEST(text.find("evil") == std::string::npos);
  BOOST_TEST(text.find("prompt") == std::string::npos);
  BOOST_TEST(text.find("command") == std::string::npos);
}

BOOST_AUTO_TEST_CASE(bytes_that_python_could_not_read_stay_out) {
  cas::PyvenvConfig config{"/opt/bin/python3", "/r", "3.12.1", "cpython", "/e\xff", std::nullopt, false};
  BOOST_TEST(cas::pyvenv_cfg_text(config).find('\xff') == std::string::npos);
  config.base_executable = "/opt/\xff/bin/python3.12";
  BOOST_CHECK_THROW((void)cas::pyvenv_cfg_text(config), cas::Error);
  config.base_executable = "/opt/a\nb/bin/python3.12";
  BOOST_CHECK_THROW((void)cas::pyvenv_cfg_text(config), cas::Error);
}

BOOST_AUTO_TEST_CASE(the_command_follows_the_environment) {
  const auto text = [](const std::string& path) {
    return cas::pyvenv_cfg_text({"/opt/bin/python3", "/r", "3.12.1", "cpython", path, "p", false});
  };
  BOOST_TEST(cas::moved_pyvenv_cfg(text("/old"), "/old", "/new").value_or("") == text("/new"));
  BOOST_TEST(cas::moved_pyvenv_cfg(text("/old"), "/old", "/new\nhome = /evil").value_or("") ==
             text("/new\nhome = /evil"));
  BOOST_TEST(!cas::moved_pyvenv_cfg(text("/older"), "/old", "/new"));
  BOOST_TEST(!cas::moved_pyvenv_cfg(text("/old\nx"), "/old\nx", "/new"));
}

BOOST_AUTO_TEST_CASE(values_are_read_back_as_other_tools_write_them) {
  const std::string text = "home = /usr/bin\nnothing\n = x\nprompt=  a = b \r\nprompt = second\n";
  BOOST_TEST(cas::pyvenv_cfg_value(text, "home").value_or("") == "/usr/bin");
  BOOST_TEST(cas::pyvenv_cfg_value(text, "prompt").value_or("") == "a = b");
  BOOST_TEST(!cas::pyvenv_cfg_value(text, "version"));
  BOOST_TEST(!cas::pyvenv_cfg_value("", "home"));
  const auto prompt = [](const std::string& value) {
    return cas::pyvenv_cfg_value("prompt = " + value + "\n", "prompt").value_or("none");
  };
  BOOST_TEST(prompt("'it\\'s'") == "it's");
  BOOST_TEST(prompt("\"a\\\\b\"") == "a\\b");
  BOOST_TEST(prompt("plain") == "plain");
  BOOST_TEST(prompt("'") == "'");
}

BOOST_AUTO_TEST_CASE(lines_of_users_are_told_from_those_of_programs) {
  BOOST_TEST(cas::lines_of_users("home = /h\n# note\n\n Version = 3\nmine = 1\nPROMPT=x\nuv = 0.5\nno newline") ==
             "# note\nmine = 1\nno newline\n");
  BOOST_TEST(
      cas::lines_of_users(cas::pyvenv_cfg_text({"/b/python", "/r", "3.12.1", "cpython", "/e", "p", true})).empty());
}

// Python takes the last line, and any case.
BOOST_AUTO_TEST_CASE(system_packages_are_shown_as_python_reads_it) {
  BOOST_TEST(cas::shows_system_packages("include-system-site-packages = TRUE\n"));
  BOOST_TEST(cas::shows_system_packages("include-system-site-packages=false\nInclude-System-Site-Packages=true"));
  BOOST_TEST(!cas::shows_system_packages("include-system-site-packages=true\ninclude-system-site-packages=0"));
  BOOST_TEST(!cas::shows_system_packages(""));
}

BOOST_AUTO_TEST_CASE(what_would_be_lost_is_named) {
  using Keys = std::vector<std::string>;
  const auto text = [](const char* home, std::optional<std::string> prompt, bool system) {
    return cas::pyvenv_cfg_text(
        {std::string(home) + "/python", "", "3.12.1", "cpython", "/e", std::move(prompt), system});
  };
  const auto lost = [](const std::string& former, const std::string& made) {
    return cas::lost_configuration(former, made, "/old", "3.12.1");
  };
  BOOST_TEST((lost(text("/old", "p", true), text("/new", "p", true)) == Keys{}));
  BOOST_TEST((lost(text("/old", "p", false), text("/old", "q", true)) == Keys{}), "asked for otherwise");
  BOOST_TEST(
      (lost(text("/old", "p", true), text("/old", std::nullopt, false)) == Keys{"include-system-site-packages"}));
  BOOST_TEST((lost(text("/mine", std::nullopt, false), text("/old", std::nullopt, false)) == Keys{"home"}));
}

BOOST_AUTO_TEST_SUITE_END()
