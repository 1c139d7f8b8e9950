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

BOOST_AUTO_TEST_SUITE_END()
