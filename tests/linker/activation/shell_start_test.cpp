#include "linker/activation/shell_start.hpp"

#include <boost/test/unit_test.hpp>

#include "linker/activation/activation.hpp"

using cas::ShellKind;

namespace {

cas::ShellStartValues values(std::string program) {
  cas::ShellStartValues result;
  result.program = std::move(program);
  result.script = "/e'nv/bin/activate";
  result.startup = "/start";
  result.home = "/home/u";
  return result;
}

std::string text_of(const cas::ShellStart& start, std::string_view name) {
  for (const auto& [file, text] : start.files) {
    if (file == name) return text;
  }
  return "no such file";
}

}  // namespace

BOOST_AUTO_TEST_SUITE(shell_start_tests)

BOOST_AUTO_TEST_CASE(shells_are_known_by_their_names) {
  BOOST_TEST((cas::shell_kind("bash") == ShellKind::bash));
  BOOST_TEST((cas::shell_kind("tcsh") == ShellKind::csh));
  BOOST_TEST((cas::shell_kind("mksh") == ShellKind::posix));
  for (const char* other : {"", "python3", "bash5", "-bash", "/bin/sh"})
    BOOST_TEST(!cas::shell_kind(other).has_value());
}

BOOST_AUTO_TEST_CASE(each_has_a_script_and_says_what_it_reads) {
  for (const ShellKind kind : {ShellKind::bash, ShellKind::zsh, ShellKind::fish, ShellKind::csh, ShellKind::posix,
                               ShellKind::nushell, ShellKind::xonsh, ShellKind::powershell}) {
    const auto names = cas::activation_script_names();
    BOOST_TEST((std::find(names.begin(), names.end(), cas::activation_script_for(kind)) != names.end()));
    const cas::ShellStart start = cas::shell_start(kind, values("x"));
    BOOST_TEST(start.files.empty() == (cas::startup_place(kind) == cas::StartupPlace::none));
    BOOST_TEST(!start.arguments.empty());
  }
}

BOOST_AUTO_TEST_CASE(the_script_comes_after_the_users_files) {
  const std::string bash = text_of(cas::shell_start(ShellKind::bash, values("bash")), "");
  BOOST_TEST(bash.find(".bashrc") < bash.find("'/e'\\''nv/bin/activate'"));
  const std::string zsh = text_of(cas::shell_start(ShellKind::zsh, values("zsh")), ".zshrc");
  BOOST_TEST(zsh.rfind(".zshrc") < zsh.find("'/e'\\''nv/bin/activate'"));
}

BOOST_AUTO_TEST_CASE(variables_are_given_back) {
  cas::ShellStartValues given = values("dash");
  BOOST_TEST(text_of(cas::shell_start(ShellKind::posix, given), "").starts_with("unset ENV\n"));
  given.env = "/my rc";
  BOOST_TEST(text_of(cas::shell_start(ShellKind::posix, given), "").starts_with("ENV='/my rc'\n"));
  given.xonshrc = "/a:/b";
  const cas::ShellStart xonsh = cas::shell_start(ShellKind::xonsh, given);
  BOOST_TEST((xonsh.settings == std::vector<std::string>{"XONSHRC=/a:/b:/start"}));
  BOOST_TEST(text_of(xonsh, "").starts_with("$XONSHRC = '/a:/b'\n"));
}

BOOST_AUTO_TEST_SUITE_END()
