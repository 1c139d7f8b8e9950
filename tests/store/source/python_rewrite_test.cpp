#include "store/source/python_rewrite.hpp"

#include <boost/test/unit_test.hpp>

using namespace cas;

namespace {

const PythonPlaces kPrivate{"/opt/py", {"lib/python3.12", "include/python3.12"}, false};
const PythonPlaces kShared{"/usr", {"lib/python3.11", "include/python3.11", "bin/python3.11"}, true};

bool contains(std::string_view text, std::string_view part) { return text.find(part) != std::string_view::npos; }

}  // namespace

BOOST_AUTO_TEST_SUITE(python_rewrite)

BOOST_AUTO_TEST_CASE(other_files_stay) {
  for (const char* path : {"lib/python3.12/os.py", "bin/python3.12", "lib/python3.12/config/Setup", "lib/x.so"}) {
    BOOST_TEST(!is_rewritten_python_file(path), path);
    BOOST_TEST(!rewritten_python_file(path, "/opt/py", kPrivate).has_value());
  }
}

BOOST_AUTO_TEST_CASE(data_is_kept_and_follows_the_base_prefix) {
  const std::string text = "build_time_vars = {'LIBDIR': '/opt/py/lib'}";
  const auto rewritten = rewritten_python_file("lib/python3.12/_sysconfigdata__linux_x.py", text, kPrivate);
  BOOST_REQUIRE(rewritten);
  BOOST_TEST(rewritten->starts_with(text + "\n"));
  BOOST_TEST(contains(*rewritten, "sys.base_prefix + path[7:]"));
}

BOOST_AUTO_TEST_CASE(quotes_in_a_prefix_cannot_end_the_literal) {
  const auto rewritten =
      rewritten_python_file("lib/python3.12/_sysconfigdata_.py", "build_time_vars = {}\n", {"/o'\\p", {}, false});
  BOOST_TEST(contains(rewritten.value(), R"(in ('/o\'\\p', ))"));
}

BOOST_AUTO_TEST_CASE(pkg_config_files_find_their_prefix) {
  const auto rewritten = rewritten_python_file("lib/pkgconfig/python-3.12.pc",
                                               "prefix=/opt/py\nlibdir=/opt/py/lib\nother=/opt/pyx\n", kPrivate);
  BOOST_TEST(rewritten.value() == "prefix=${pcfiledir}/../..\nlibdir=${prefix}/lib\nother=/opt/pyx\n");
}

BOOST_AUTO_TEST_CASE(the_makefile_finds_its_prefix) {
  const auto rewritten = rewritten_python_file("lib/python3.12/config-3.12-x/Makefile",
                                               "prefix=\t/opt/py\nLIBDIR=/opt/py/lib\n", kPrivate);
  BOOST_TEST(contains(rewritten.value(), "MAKEFILE_LIST)))/../../..)\n"));
  BOOST_TEST(rewritten->ends_with("prefix=\t$(own_prefix)\nLIBDIR=$(own_prefix)/lib\n"));
}

BOOST_AUTO_TEST_CASE(the_script_uses_the_prefix_that_it_finds) {
  const std::string head = "#!/bin/sh\nprefix_real=$(installed_prefix \"$0\")\n";
  const auto rewritten =
      rewritten_python_file("bin/python3.12-config", head + "prefix=\"/opt/py\"\nLIBS=\"-L/opt/py/lib\"\n", kPrivate);
  BOOST_TEST(rewritten.value() == head + "prefix=\"${prefix_real}\"\nLIBS=\"-L${prefix_real}/lib\"\n");
}

// /usr stands for much that is not Python's.
BOOST_AUTO_TEST_CASE(of_a_shared_prefix_only_python_s_own_directories_are_rewritten) {
  const std::string head = "prefix_real=$(installed_prefix \"$0\")\n";
  const auto rewritten = rewritten_python_file(
      "bin/python3.11-config", head + "prefix=\"/usr\"\nA=/usr/lib/python3.11/x\nB=/usr/lib/x86_64\nC=/usr/include\n",
      kShared);
  BOOST_TEST(rewritten.value() == head +
                                      "prefix=\"${prefix_real}\"\nA=${prefix_real}/lib/python3.11/x\n"
                                      "B=/usr/lib/x86_64\nC=/usr/include\n");
}

BOOST_AUTO_TEST_CASE(of_a_shared_prefix_the_variables_that_say_where_python_is_follow) {
  const auto rewritten = rewritten_python_file("lib/python3.11/_sysconfigdata__linux_x.py",
                                               "build_time_vars = {'prefix': '/usr'}\n", kShared);
  BOOST_TEST(contains(rewritten.value(), "'exec_prefix'"));
  BOOST_TEST(contains(*rewritten, "if value in ('/usr', '/usr' + '/bin'):"));
  BOOST_TEST(contains(*rewritten, "sys.base_prefix + value[4:]"));
  const auto own =
      rewritten_python_file("lib/python3.12/_sysconfigdata__linux_x.py", "build_time_vars = {}\n", kPrivate);
  BOOST_TEST(!contains(own.value(), "exec_prefix"));
}

BOOST_AUTO_TEST_CASE(debian_s_condition_is_always_met) {
  const std::string condition = "sys.base_prefix != sys.prefix or hasattr(sys, \"real_prefix\")";
  const auto rewritten =
      rewritten_python_file("lib/python3.11/sysconfig.py", "a = " + condition + "\nif " + condition + ":\n", kShared);
  BOOST_TEST(rewritten.value() == "a = True\nif True:\n");
  BOOST_TEST(!rewritten_python_file("lib/python3.12/site.py", "import sys\n", kPrivate).has_value());
}

BOOST_AUTO_TEST_SUITE_END()
