#include "linker/scripts.hpp"

#include <sys/stat.h>

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <filesystem>
#include <fstream>

#include "store/sys/process.hpp"
#include "tests/support/temp_dir.hpp"

namespace {

namespace data = boost::unit_test::data;
namespace fs = std::filesystem;

using cas::test::TempDir;

constexpr const char* kPython = "/usr/bin/python3";

boost::test_tools::assertion_result has_python(boost::unit_test::test_unit_id) {
  boost::test_tools::assertion_result result(fs::exists(kPython));
  result.message() << "needs " << kPython;
  return result;
}

void write(const std::string& path, const std::string& text) {
  std::ofstream(path, std::ios::binary) << text;
  BOOST_REQUIRE(::chmod(path.c_str(), 0755) == 0);
}

cas::ProcessResult run(const std::vector<std::string>& command, const std::vector<std::string>& environment = {}) {
  return cas::run_process(command, environment, std::chrono::seconds(30));
}

cas::EntryPoint entry(const std::string& module, const std::string& attribute) {
  cas::EntryPoint result;
  result.name = "tool";
  result.module = module;
  result.attribute = attribute;
  return result;
}

// A docstring and a future import: both must be the script's own.
constexpr const char* kScript =
    "\"\"\"The docstring.\"\"\"\n"
    "from __future__ import division\n"
    "import sys\n"
    "sys.stdout.write(__doc__ + '|' + '|'.join(sys.argv[1:]) + '|%d' % sys.flags.optimize)\n";

// Folders that an environment may lie in.
const std::string kFolders[] = {
    "plain",
    "two words",
    "it's",
    "say \"hi\"",
    "$HOME `id` $(id)",
    "back\\slash\\n",
    "caf\xc3\xa9",
    "caf\xc3\xa9 au lait",
    "latin\xe9",
    "line\nbreak",
    "tab\there",
    "percent%s%d",
    "encoding=nonsense",
    "coding: nonsense",
    "'''",
    "#!",
    "-dash",
    std::string(200, 'x'),
    std::string(100, 'x') + "\xc3\xa9 '\"",
};

}  // namespace

BOOST_AUTO_TEST_SUITE(scripts_tests)

BOOST_AUTO_TEST_CASE(short_simple_paths_are_left_to_the_kernel) {
  BOOST_TEST(cas::script_head("/env/bin/python") == "#!/env/bin/python\n");
  BOOST_TEST(cas::script_head("/caf\xc3\xa9/bin/python") == "#!/caf\xc3\xa9/bin/python\n");
  // 127 bytes with "#!" and newline.
  const std::string longest = "/" + std::string(123, 'x');
  BOOST_TEST(cas::script_head(longest) == "#!" + longest + "\n");
  BOOST_TEST(cas::script_head(longest + "x").starts_with("#!/bin/sh\n"));
}

BOOST_AUTO_TEST_CASE(other_paths_go_through_the_shell_in_ascii) {
  BOOST_TEST(cas::script_head("/a b/it's/python") ==
             "#!/bin/sh\n\f# 2>/dev/null || exec '/a b/it'\\''s/python' \"$0\" \"$@\"\n");
  BOOST_TEST(cas::script_head("/a\xe9%/python") ==
             "#!/bin/sh\n\f# 2>/dev/null || exec \"$(printf '/a\\351\\045/python')\" \"$0\" \"$@\"\n");
}

BOOST_DATA_TEST_CASE(scripts_run_wherever_their_environment_lies, data::make(kFolders), folder) {
  if (!fs::exists(kPython)) return;
  const TempDir directory;
  const std::string bin = directory / folder;
  fs::create_directory(bin);
  fs::create_symlink(kPython, bin + "/python");
  const std::string rewritten =
      cas::rewrite_python_script(cas::script_head(bin + "/python"), std::string("#!python -O\n") + kScript);
  write(bin + "/rewritten", rewritten);
  const std::vector<std::string> arguments{"", "a b", "$x", "'\""};
  std::vector<std::string> command{bin + "/rewritten"};
  command.insert(command.end(), arguments.begin(), arguments.end());
  const cas::ProcessResult direct = run(command);
  BOOST_TEST(direct.output == "The docstring.||a b|$x|'\"|1");
  BOOST_TEST(direct.errors == "");

  // As entry point, and with the sources beside it: sys.path[0] is the script's folder.
  write(bin + "/some_module.py",
        "class Main:\n    @staticmethod\n    def run():\n        print('ran')\n        return 5\n");
  write(bin + "/tool", cas::entry_point_script(cas::script_head(bin + "/python"), entry("some_module", "Main.run")));
  const cas::ProcessResult tool = run({bin + "/tool"}, {"PYTHONDONTWRITEBYTECODE=1"});
  BOOST_TEST(tool.output == "ran\n");
  BOOST_TEST(tool.errors == "");
  BOOST_TEST(tool.exit_status == 5);

  // Without knowing the place.
  write(bin + "/movable",
        cas::rewrite_python_script(cas::relocatable_script_head(), std::string("#!python\n") + kScript));
  BOOST_TEST(run({bin + "/movable", "x"}).output == "The docstring.|x|0");
  fs::create_symlink(bin + "/movable", directory / "linked");
  BOOST_TEST(run({directory / "linked", "x"}).output == "The docstring.|x|0");
  const bool fits_path = folder.find(':') == std::string::npos;
  if (fits_path)
    BOOST_TEST(run({"/bin/sh", "-c", "movable y"}, {"PATH=" + bin + ":/usr/bin:/bin"}).output == "The docstring.|y|0");
  BOOST_TEST(run({"/bin/sh", "-c", "cd \"$1\" && ./movable z", "sh", bin}).output == "The docstring.|z|0");
}

BOOST_AUTO_TEST_CASE(bash_reads_the_head_as_sh_does, *boost::unit_test::precondition(has_python)) {
  const TempDir directory;
  fs::create_directory(directory / "a b");
  fs::create_symlink(kPython, directory / "a b/python");
  write(directory / "script",
        cas::rewrite_python_script(cas::script_head(directory / "a b/python"), std::string("#!python\n") + kScript));
  if (!fs::exists("/bin/bash")) return;
  const cas::ProcessResult result = run({"/bin/bash", directory / "script", "x"});
  BOOST_TEST(result.output == "The docstring.|x|0");
  BOOST_TEST(result.errors == "");
  BOOST_TEST(run({"/bin/bash", "--posix", directory / "script", "x"}).output == "The docstring.|x|0");
}

BOOST_AUTO_TEST_CASE(a_missing_interpreter_is_told) {
  const TempDir directory;
  write(directory / "script",
        cas::entry_point_script(cas::script_head(directory / "not here/python"), entry("m", "f")));
  const cas::ProcessResult result = run({directory / "script"});
  BOOST_TEST(result.exit_status == 127);
  BOOST_TEST(result.errors.find("not here/python") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(options_after_the_mark_are_kept) {
  const auto rewrite = [](const std::string& script) { return cas::rewrite_python_script("#!/e/python\n", script); };
  BOOST_TEST(rewrite("#!python\nx") == "#!/e/python\nx");
  BOOST_TEST(rewrite("#!pythonw\nx") == "#!/e/python\nx");
  BOOST_TEST(rewrite("#!python3.12 -E -s \r\nx\r\n") == "#!/e/python -E -s\nx\r\n");
  BOOST_TEST(rewrite("#!python-config -x\nx") == "#!/e/python\nx");
  BOOST_TEST(rewrite("#!python") == "#!/e/python\n");
  BOOST_TEST(rewrite("#!python -c;rm$(x)\nx") == "#!/e/python\nx");
  BOOST_TEST(cas::rewrite_python_script(cas::script_head("/a b/python"), "#!python -E\nx") ==
             "#!/bin/sh\n\f# 2>/dev/null || exec '/a b/python' -E \"$0\" \"$@\"\nx");
  // With its option the line is too long for the kernel.
  const std::string longest = "/" + std::string(121, 'x');
  BOOST_TEST(cas::rewrite_python_script(cas::script_head(longest), "#!python -E\nx") ==
             "#!/bin/sh\n\f# 2>/dev/null || exec '" + longest + "' -E \"$0\" \"$@\"\nx");
}

BOOST_AUTO_TEST_CASE(a_declared_encoding_stays_declared, *boost::unit_test::precondition(has_python)) {
  const TempDir directory;
  const std::string script =
      "#!python\n# vim: set fileencoding=latin-1 :\nimport sys\nsys.stdout.write(str(ord(u'\xe9')))\n";
  for (const std::string folder : {"plain", "two words", "caf\xc3\xa9"}) {
    BOOST_TEST_CONTEXT(folder) {
      fs::create_directory(directory / folder);
      const std::string python = directory / (folder + "/python");
      fs::create_symlink(kPython, python);
      write(directory / "script", cas::rewrite_python_script(cas::script_head(python), script));
      const cas::ProcessResult result = run({directory / "script"});
      BOOST_TEST(result.output == "233");
      BOOST_TEST(result.errors == "");
    }
  }
}

BOOST_AUTO_TEST_CASE(entry_points_import_the_first_name_and_call_the_whole) {
  BOOST_TEST(cas::entry_point_script("#!/e/python\n", entry("pkg.mod", "Cls.main")) ==
             "#!/e/python\n"
             "# -*- coding: utf-8 -*-\n"
             "import sys\n"
             "\n"
             "from pkg.mod import Cls\n"
             "\n"
             "if __name__ == \"__main__\":\n"
             "    sys.exit(Cls.main())\n");
}

BOOST_AUTO_TEST_CASE(a_script_follows_its_environment) {
  const std::string odd = "/home/u/my env/bin";
  const std::string body = "import sys\n";
  for (const std::string& from : {std::string("/old/bin"), odd}) {
    for (const std::string& to : {std::string("/new/bin"), odd + "2"}) {
      BOOST_TEST_CONTEXT(from << " to " << to) {
        const auto moved = cas::moved_script(cas::script_head(from + "/python") + body, from, to);
        BOOST_REQUIRE(moved);
        BOOST_TEST(moved->find(to + "/python") != std::string::npos);
        BOOST_TEST(moved->ends_with(body));
        // And back: nothing of the text was lost.
        BOOST_TEST(cas::moved_script(*moved, to, from).value_or("").ends_with(body));
      }
    }
  }
  BOOST_TEST(cas::moved_script("#!/old/bin/python3.12 -sE\nx", "/old/bin", "/new/bin").value_or("") ==
             "#!/new/bin/python3.12 -sE\nx");
  BOOST_TEST(
      cas::moved_script("#!/old/bin/python", "/old/bin", "/new/bin").value_or("").starts_with("#!/new/bin/python"));
}

BOOST_AUTO_TEST_CASE(so_does_one_by_pip) {
  const std::string tail = " \"$0\" \"$@\"\n' '''\nimport sys\n";
  for (const char* word : {"\"/old x/bin/python3\"", "'/old x/bin/python3'"}) {
    BOOST_TEST(
        cas::moved_script(std::string("#!/bin/sh\n'''exec' ") + word + tail, "/old x/bin", "/new x/bin").value_or("") ==
        "#!/bin/sh\n'''exec' \"/new x/bin/python3\"" + tail);
  }
  const std::string bare = "#!/bin/sh\n'''exec' /old/bin/python3" + tail;
  BOOST_TEST(cas::moved_script(bare, "/old/bin", "/new/bin").value_or("") ==
             "#!/bin/sh\n'''exec' \"/new/bin/python3\"" + tail);
  // What cannot be both a string of Python's and a word of the shell's.
  for (const char* place : {"/a'b/bin", "/a\"b/bin", "/a$b/bin", "/a`b/bin", "/a\\b/bin", "/a\nb/bin"}) {
    BOOST_TEST_CONTEXT(place) { BOOST_TEST(!cas::moved_script(bare, "/old/bin", place)); }
  }
}

BOOST_AUTO_TEST_CASE(scripts_of_other_interpreters_stay) {
  for (const char* text :
       {"", "#!", "#!/bin/sh\n", "#!/bin/sh\necho /old/bin/python\n", "#!/usr/bin/env python\n",
        "#!/old/binary/python\n", "#!/old/bin/deeper/python\n", "#!/old/bin/\n", "#!/old/bin\n", "print(1)\n",
        "\x7f"
        "ELF",
        "#!/bin/sh\n'''exec' \"/old/bin/python", "#!/bin/sh\n'''exec' ", "#!/bin/sh\n'''exec' \n/old/bin/python x",
        "#!/bin/sh\n\f# 2>/dev/null || exec '/old/bin/other' \"$0\" \"$@\"\n"}) {
    BOOST_TEST_CONTEXT(text) { BOOST_TEST(!cas::moved_script(text, "/old/bin", "/new/bin")); }
  }
}

BOOST_AUTO_TEST_SUITE_END()
