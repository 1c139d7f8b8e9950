#include "store/source/python_tree.hpp"

#include <boost/test/unit_test.hpp>
#include <filesystem>
#include <fstream>
#include <map>

#include "tests/support/temp_dir.hpp"

using namespace cas;
namespace fs = std::filesystem;

namespace {

// A small installation below `dir`.
struct Installation {
  test::TempDir dir;
  PythonInstallation at;

  Installation() {
    at.implementation = "cpython";
    at.version = "3.12.1";
    at.platform = "linux-x86_64";
    at.prefix = dir.path();
    at.executable = dir / "bin/python3.12";
    at.binary_name = "python3.12";
    at.standard_library = "lib/python3.12";
    at.headers = at.platform_headers = dir / "include/python3.12";
    for (const char* path :
         {"bin/python3.12", "bin/pip", "lib/python3.12/os.py", "lib/python3.12/__pycache__/os.cpython-312.pyc",
          "lib/python3.12/test/test_os.py", "lib/python3.12/unittest/test/x.py", "lib/python3.12/unittest/mock.py",
          "lib/python3.12/site-packages/six.py", "lib/python3.12/config-3.12/libpython3.12.a",
          "lib/python3.12/EXTERNALLY-MANAGED", "lib/python3.12/lib-dynload/_x.so", "lib/python3.12/build-details.json",
          "include/python3.12/Python.h", "lib/pkgconfig/python-3.12.pc", "share/man/man1/python3.1"}) {
      write(path, std::string("content of ") + path);
    }
    fs::permissions(dir / "bin/python3.12", fs::perms::owner_all);
  }

  void write(const std::string& path, const std::string& text) const {
    fs::create_directories(fs::path(dir / path).parent_path());
    std::ofstream(dir / path) << text;
  }

  // Path -> content; links as "-> target".
  [[nodiscard]] std::map<std::string, std::string> read() const {
    std::map<std::string, std::string> result;
    const auto source = open_python_tree(at);
    const auto entries = source->entries();
    for (std::size_t i = 0; i < entries.size(); ++i) {
      std::string text;
      const Sha256Digest digest = source->read(i, [&](std::string_view piece) { text += piece; });
      BOOST_TEST((digest == sha256(text)));
      BOOST_TEST(text.size() == entries[i].size);
      result[entries[i].path] = (entries[i].kind == FileKind::symlink ? "-> " : "") + text;
    }
    return result;
  }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(python_tree)

BOOST_AUTO_TEST_CASE(takes_what_belongs_to_python_and_nothing_else) {
  const auto files = Installation().read();
  std::vector<std::string> paths;
  for (const auto& [path, text] : files) paths.push_back(path);
  const std::vector<std::string> expected{"bin/python",
                                          "bin/python3",
                                          "bin/python3.12",
                                          "include/python3.12/Python.h",
                                          "lib/pkgconfig/python-3.12.pc",
                                          "lib/python3.12/lib-dynload/_x.so",
                                          "lib/python3.12/os.py",
                                          "lib/python3.12/unittest/mock.py"};
  BOOST_TEST(paths == expected, boost::test_tools::per_element());
  BOOST_TEST(files.at("bin/python3") == "-> python3.12");
  BOOST_TEST(files.at("lib/python3.12/os.py") == "content of lib/python3.12/os.py");
}

BOOST_AUTO_TEST_CASE(tests_come_when_asked_for) {
  Installation python;
  python.at.with_tests = true;
  BOOST_TEST(python.read().contains("lib/python3.12/test/test_os.py"));
}

BOOST_AUTO_TEST_CASE(links_inside_stay_links_and_those_that_lead_out_stay_out) {
  const Installation python;
  fs::create_symlink("os.py", python.dir / "lib/python3.12/posix.py");
  fs::create_symlink(python.dir / "lib/python3.12/os.py", python.dir / "lib/python3.12/unittest/absolute.py");
  fs::create_symlink("/etc/passwd", python.dir / "lib/python3.12/sitecustomize.py");
  fs::create_symlink("../../share/man/man1/python3.1", python.dir / "lib/python3.12/LICENSE.txt");
  fs::create_symlink("nowhere", python.dir / "lib/python3.12/dangling.py");
  const auto files = python.read();
  BOOST_TEST(files.at("lib/python3.12/posix.py") == "-> os.py");
  BOOST_TEST(files.at("lib/python3.12/unittest/absolute.py") == "-> ../os.py");
  for (const char* path : {"sitecustomize.py", "LICENSE.txt", "dangling.py"}) {
    BOOST_TEST(!files.contains(std::string("lib/python3.12/") + path), path);
  }
}

BOOST_AUTO_TEST_CASE(the_platform_s_pyconfig_takes_the_place_of_its_wrapper) {
  Installation python;
  python.write("include/x86/python3.12/pyconfig.h", "real");
  python.write("include/python3.12/pyconfig.h", "wrapper");
  python.at.platform_headers = python.dir / "include/x86/python3.12";
  BOOST_TEST(python.read().at("include/python3.12/pyconfig.h") == "real");
}

BOOST_AUTO_TEST_CASE(a_patched_site_gets_its_own_customisation) {
  Installation python;
  python.at.patched_site = true;
  BOOST_TEST(python.read().at("lib/python3.12/sitecustomize.py").find("site-packages") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(what_changes_while_it_is_read_is_an_error) {
  const Installation python;
  const auto source = open_python_tree(python.at);
  python.write("lib/python3.12/os.py", "something else");
  const auto entries = source->entries();
  for (std::size_t i = 0; i < entries.size(); ++i) {
    if (entries[i].path != "lib/python3.12/os.py") continue;
    BOOST_CHECK_THROW((void)source->read(i, [](std::string_view) {}), Error);
  }
}

BOOST_AUTO_TEST_CASE(a_missing_binary_is_an_error) {
  Installation python;
  python.at.executable = python.dir / "bin/none";
  BOOST_CHECK_THROW((void)open_python_tree(python.at), Error);
}

BOOST_AUTO_TEST_SUITE_END()
