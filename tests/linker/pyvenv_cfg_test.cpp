#include "linker/pyvenv_cfg.hpp"

#include <boost/test/unit_test.hpp>

#include "store/base/error.hpp"
#include "tests/linker/facts.hpp"

BOOST_AUTO_TEST_SUITE(pyvenv_cfg_tests)

BOOST_AUTO_TEST_CASE(holds_the_keys_of_venv) {
  const std::string text = cas::pyvenv_cfg_text(cas::test::cpython_facts(12), "/real/python3.12", "/e n v", "it's");
  BOOST_TEST(
      text.starts_with("home = /opt/python/bin\n"
                       "include-system-site-packages = false\n"
                       "version = 3.12.1\n"
                       "executable = /real/python3.12\n"
                       "command = cas create /e n v\n"
                       "prompt = \"it's\"\n"
                       "cas = "));
}

BOOST_AUTO_TEST_CASE(a_path_cannot_add_lines) {
  const std::string text = cas::pyvenv_cfg_text(cas::test::cpython_facts(12), "/r", "/e\nhome = /evil", "a\nb");
  BOOST_TEST(text.find("evil") == std::string::npos);
  BOOST_TEST(text.find("prompt") == std::string::npos);
  BOOST_TEST(text.find("command") == std::string::npos);
}

BOOST_AUTO_TEST_CASE(bytes_that_python_could_not_read_stay_out) {
  const std::string text = cas::pyvenv_cfg_text(cas::test::cpython_facts(12), "/r", "/e\xff");
  BOOST_TEST(text.find('\xff') == std::string::npos);
  cas::InterpreterFacts facts = cas::test::cpython_facts(12);
  facts.executable = "/opt/\xff/bin/python3.12";
  BOOST_CHECK_THROW((void)cas::pyvenv_cfg_text(facts, "/r", "/e"), cas::Error);
  facts.executable = "/opt/a\nb/bin/python3.12";
  BOOST_CHECK_THROW((void)cas::pyvenv_cfg_text(facts, "/r", "/e"), cas::Error);
}

BOOST_AUTO_TEST_SUITE_END()
