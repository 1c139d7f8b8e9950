#include "cli/tool_settings.hpp"

#include <boost/test/unit_test.hpp>
#include <filesystem>
#include <fstream>
#include <map>
#include <string>

#include "store/base/error.hpp"
#include "tests/support/temp_dir.hpp"

namespace {

// A machine, a user and a project below one directory.
struct Machine {
  cas::test::TempDir root;
  std::map<std::string, std::string> variables{{"HOME", root / "home"}};

  Machine() { std::filesystem::create_directories(root / "project/inside"); }

  void put(const std::string& path, const std::string& text) const {
    std::filesystem::create_directories(std::filesystem::path(root / path).parent_path());
    std::ofstream(root / path) << text;
  }

  // "place name value", a line each, without the directory; warnings behind "! ".
  [[nodiscard]] std::string read(cas::ToolFiles files = cas::ToolFiles::read,
                                 const std::string& environment = {}) const {
    const auto variable = [&](const char* name) {
      const auto found = variables.find(name);
      return found == variables.end() ? std::nullopt : std::optional(found->second);
    };
    const cas::ToolSettings said =
        cas::read_tool_settings(variable, {root / "project/inside", environment, root / "etc"}, files);
    std::string text;
    for (const cas::FileSetting& setting : said.settings) {
      text += setting.place + " " + setting.name + " " + setting.value +
              (setting.owner == cas::SettingsOwner::project ? " (project)\n" : "\n");
    }
    for (const std::string& warning : said.warnings) text += "! " + warning + "\n";
    const std::string prefix = root.path() + "/";
    for (std::size_t at = 0; (at = text.find(prefix, at)) != std::string::npos;) text.erase(at, prefix.size());
    return text;
  }
};

std::string index_of(const std::string& name) { return "[global]\nindex-url = https://" + name + ".example/\n"; }

}  // namespace

BOOST_AUTO_TEST_SUITE(tool_settings)

BOOST_AUTO_TEST_CASE(pips_files_replace_each_other_as_in_pip) {
  Machine machine;
  BOOST_TEST(machine.read().empty());
  machine.put("etc/xdg/pip/pip.conf", index_of("xdg") + "find-links = a b\n");
  BOOST_TEST(machine.read() ==
             "etc/xdg/pip/pip.conf:3 find-links a\netc/xdg/pip/pip.conf:3 find-links b\n"
             "etc/xdg/pip/pip.conf:2 index-url https://xdg.example/\n");
  machine.put("etc/pip.conf", index_of("machine") + "find-links = c\n");
  machine.put("home/.pip/pip.conf", index_of("old"));
  BOOST_TEST(machine.read() == "home/.pip/pip.conf:2 index-url https://old.example/\netc/pip.conf:3 find-links c\n");
  machine.put("home/.config/pip/pip.conf", index_of("user"));
  machine.put("venv/pip.conf", index_of("venv"));
  BOOST_TEST(machine.read().starts_with("home/.config/pip/pip.conf:2 index-url https://user.example/\n"));
  BOOST_TEST(machine.read(cas::ToolFiles::read, machine.root / "venv").starts_with("venv/pip.conf:2 index-url"));
  machine.variables["VIRTUAL_ENV"] = machine.root / "venv";
  BOOST_TEST(machine.read().starts_with("venv/pip.conf:2 index-url"));
  // A file that is named stands for the user's.
  machine.put("named.conf", "[global]\npre = 1\n");
  machine.put("venv/pip.conf", "");
  machine.variables["PIP_CONFIG_FILE"] = machine.root / "named.conf";
  BOOST_TEST(machine.read() ==
             "named.conf:2 pre true\netc/pip.conf:3 find-links c\netc/pip.conf:2 index-url https://machine.example/\n");
  machine.variables["PIP_CONFIG_FILE"] = "/dev/null";
  BOOST_TEST(machine.read().empty());
  machine.variables["PIP_CONFIG_FILE"] = machine.root / "absent";
  BOOST_TEST(machine.read().ends_with("! PIP_CONFIG_FILE names absent, which does not exist\n"));
  BOOST_TEST(machine.read(cas::ToolFiles::left_out).empty());
}

BOOST_AUTO_TEST_CASE(paths_of_the_user) {
  Machine machine;
  machine.put("home/.config/pip/pip.conf", "[global]\ncert = ~/cert.pem\nfind-links = ~/wheels ~other/x\n");
  BOOST_TEST(machine.read() ==
             "home/.config/pip/pip.conf:2 cert home/cert.pem\nhome/.config/pip/pip.conf:3 find-links home/wheels\n"
             "home/.config/pip/pip.conf:3 find-links ~other/x\n");
}

BOOST_AUTO_TEST_CASE(uvs_files_add_up_as_in_uv) {
  Machine machine;
  machine.put("etc/uv/uv.toml", "extra-index-url = ['https://m.example/']\nindex-url = 'https://machine.example/'\n");
  machine.put("home/.config/uv/uv.toml", "extra-index-url = ['https://u.example/']\nno-index = true\n");
  machine.put("project/pyproject.toml", "[tool.uv]\nindex-url = 'https://project.example/'\n");
  machine.put("project/inside/pyproject.toml", "[project]\nname = 'x'\n");
  BOOST_TEST(machine.read() ==
             "project/pyproject.toml:2 index-url https://project.example/ (project)\n"
             "home/.config/uv/uv.toml:1 extra-index-url https://u.example/\nhome/.config/uv/uv.toml:2 no-index true\n"
             "etc/uv/uv.toml:1 extra-index-url https://m.example/\n");
  // uv.toml stands for the pyproject.toml beside it; the nearest of both kinds counts.
  machine.put("project/uv.toml", "find-links = ['w']\n");
  BOOST_TEST(machine.read().starts_with("project/uv.toml:1 find-links project/w (project)\nhome/"));
  machine.put("project/inside/pyproject.toml", "[tool.uv]\nno-index = false\n");
  BOOST_TEST(machine.read().starts_with("project/inside/pyproject.toml:2 no-index false (project)\nhome/"));
  machine.variables["UV_CONFIG_FILE"] = machine.root / "project/uv.toml";
  BOOST_TEST(machine.read() == "project/uv.toml:1 find-links project/w\n");
  machine.variables["UV_CONFIG_FILE"] = machine.root / "absent";
  BOOST_CHECK_THROW(machine.read(), cas::NotFound);
  machine.variables["UV_NO_CONFIG"] = "1";
  BOOST_TEST(machine.read().empty());
}

BOOST_AUTO_TEST_CASE(of_one_value_the_nearest_counts_and_of_lists_both) {
  Machine machine;
  machine.put("etc/pip.conf", index_of("pip") + "extra-index-url = https://both.example/ https://p.example/\n");
  machine.put("project/uv.toml",
              "index-url = 'https://uv.example/'\nextra-index-url = ['https://u.example/', 'https://both.example/']\n");
  BOOST_TEST(machine.read() ==
             "project/uv.toml:1 index-url https://uv.example/ (project)\n"
             "project/uv.toml:2 extra-index-url https://u.example/ (project)\n"
             "project/uv.toml:2 extra-index-url https://both.example/ (project)\n"
             "etc/pip.conf:3 extra-index-url https://p.example/\n");
  machine.variables["UV_DEFAULT_INDEX"] = "https://variable.example/";
  BOOST_TEST(machine.read().starts_with("UV_DEFAULT_INDEX index-url https://variable.example/\n"));
  machine.variables["PIP_INDEX_URL"] = "https://first.example/";
  BOOST_TEST(machine.read().starts_with("PIP_INDEX_URL index-url https://first.example/\n"));
  // Each tool's variable stands for what that tool's files say.
  machine.variables["PIP_EXTRA_INDEX_URL"] = "https://v.example/";
  const std::string said = machine.read();
  BOOST_TEST(said.find("https://v.example/") != std::string::npos);
  BOOST_TEST(said.find("https://u.example/") != std::string::npos);
  BOOST_TEST(said.find("https://p.example/") == std::string::npos);
}

BOOST_AUTO_TEST_CASE(named_indexes_have_their_passwords_from_variables) {
  Machine machine;
  machine.put("project/uv.toml", "[[index]]\nname = 'in-house'\nurl = 'https://a.example/simple'\n");
  machine.variables["UV_INDEX_IN_HOUSE_USERNAME"] = "me";
  machine.variables["UV_INDEX_IN_HOUSE_PASSWORD"] = "p@ss/w";
  BOOST_TEST(machine.read() == "project/uv.toml:3 extra-index-url https://me:p%40ss%2Fw@a.example/simple (project)\n");
}

BOOST_AUTO_TEST_CASE(broken_files) {
  Machine machine;
  machine.put("project/pyproject.toml", "nonsense\n");
  const std::string warned = machine.read();
  BOOST_TEST(warned.starts_with("! project/pyproject.toml:1: not TOML"));
  machine.put("project/uv.toml", "index-url = 1\n");
  BOOST_CHECK_EXCEPTION(machine.read(), cas::InvalidInput, [](const cas::InvalidInput& error) {
    return error.message().ends_with("project/uv.toml:1: index-url is not text") &&
           error.hint().find("--no-config") != std::string::npos;
  });
  machine.put("project/uv.toml", "");
  machine.put("home/.config/pip/pip.conf", "[global]\nx\n");
  BOOST_CHECK_THROW(machine.read(), cas::InvalidInput);
  BOOST_TEST(machine.read(cas::ToolFiles::left_out).empty());
}

BOOST_AUTO_TEST_SUITE_END()
