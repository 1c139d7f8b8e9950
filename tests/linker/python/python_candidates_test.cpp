#include "linker/python/python_candidates.hpp"

#include <boost/test/unit_test.hpp>
#include <filesystem>
#include <fstream>

#include "store/base/error.hpp"
#include "tests/linker/python/fake_python.hpp"
#include "tests/support/temp_dir.hpp"

using namespace cas;
using namespace cas::test;
namespace fs = std::filesystem;

namespace {

using Names = std::vector<std::string>;

struct CandidatesFixture {
  TempDir dir;
  PythonSurroundings surroundings;
  std::vector<std::string> looked_in;

  CandidatesFixture() {
    fs::create_directories(dir / "home");
    surroundings.directory = surroundings.home = dir / "home";
    surroundings.variables["PATH"] = dir / "nothing";
  }
  std::string add(const std::string& path) const { return fake_program(dir / path, "exit 1"); }
  void set_path(const std::string& a, const std::string& b = "nothing") {
    surroundings.variables["PATH"] = "::relative:" + (dir / a) + "/:" + (dir / b) + ":" + (dir / a);
  }
  // Paths below `dir`, with "!" in front where there is a problem.
  Names visited(const std::optional<std::string>& request = std::nullopt) {
    Names names;
    looked_in = visit_candidates(parse_python_request(request), surroundings, [&](const PythonCandidate& candidate) {
      names.push_back((candidate.problem.empty() ? "" : "!") + candidate.path.substr(dir.path().size() + 1));
      return true;
    });
    return names;
  }
  PythonCandidate first(const std::optional<std::string>& request = std::nullopt) const {
    PythonCandidate result;
    visit_candidates(parse_python_request(request), surroundings, [&](const PythonCandidate& candidate) {
      result = candidate;
      return false;
    });
    return result;
  }
};

auto says(const std::string& text) {
  return [text](const Error& error) {
    BOOST_TEST_MESSAGE(error.message());
    return error.message().find(text) != std::string::npos;
  };
}

}  // namespace

BOOST_FIXTURE_TEST_SUITE(python_candidates_tests, CandidatesFixture)

BOOST_AUTO_TEST_CASE(names_in_path_have_an_order) {
  for (const char* name : {"a/python", "a/python3.9", "a/python3.12", "a/python3.10", "a/python3.12-config",
                           "a/pythonw", "a/pypy3.10", "a/python3.13t", "b/python3", "b/python3.12", "b/other"}) {
    add(name);
  }
  std::ofstream(dir / "a/python3.11") << "not executable";
  fs::create_directory(dir / "a/python3.8");
  set_path("a", "b");
  BOOST_TEST((visited() == Names{"b/python3", "a/python", "a/python3.13t", "a/python3.12", "a/python3.10",
                                 "a/python3.9", "a/pypy3.10", "b/python3.12"}));
  BOOST_TEST((visited("3.12") == Names{"a/python3.12", "b/python3.12", "b/python3", "a/python"}));
  BOOST_TEST((visited("pypy") == Names{"b/python3", "a/python", "a/pypy3.10", "a/python3.13t", "a/python3.12",
                                       "a/python3.10", "a/python3.9", "b/python3.12"}));
  BOOST_TEST(visited("3.13t").front() == "a/python3.13t");
  BOOST_TEST(visited("3.13").front() == "a/python3.13t");
  BOOST_TEST((visited(">=3.10,<3.13") ==
              Names{"b/python3", "a/python", "a/python3.12", "a/python3.10", "a/pypy3.10", "b/python3.12"}));
  BOOST_TEST((visited("other") == Names{"b/other"}));
}

BOOST_AUTO_TEST_CASE(one_file_is_one_candidate) {
  add("real/python3.12");
  fs::create_hard_link(dir / "real/python3.12", dir / "real/python3.12m");
  fs::create_symlink("python3.12", dir / "real/python3");
  fs::create_directories(dir / "links");
  fs::create_symlink(dir / "real/python3", dir / "links/python3");
  fs::create_directory_symlink(dir / "real", dir / "again");
  surroundings.variables["PATH"] = (dir / "links") + ":" + (dir / "again") + ":" + (dir / "real");
  BOOST_TEST((visited() == Names{"links/python3"}));
}

BOOST_AUTO_TEST_CASE(what_acts_by_its_name_is_not_folded) {
  add("tools/manager");
  fs::create_directories(dir / "managed");
  for (const char* name : {"python3", "python3.12"})
    fs::create_symlink(dir / "tools/manager", dir / (std::string("managed/") + name));
  set_path("managed");
  BOOST_TEST((visited() == Names{"managed/python3", "managed/python3.12"}));
}

BOOST_AUTO_TEST_CASE(dangling_links_and_unreadable_entries_are_told) {
  fs::create_directories(dir / "a");
  fs::create_symlink("/nowhere/python3.12", dir / "a/python3.12");
  fs::create_symlink("python3.11", dir / "a/python3.11");  // to itself
  add("b/python3");
  std::ofstream(dir / "file") << "x";
  set_path("a", "b");
  surroundings.variables["PATH"] += ":" + (dir / "file") + ":" + (dir / "absent");
  fs::create_directory_symlink(dir / "loop", dir / "loop");
  surroundings.variables["PATH"] += ":" + (dir / "loop");
  BOOST_TEST((visited() == Names{"b/python3", "!a/python3.12", "!a/python3.11"}));
  BOOST_REQUIRE(looked_in.size() == 1u);
  BOOST_TEST(looked_in.front().find("file: not a directory") != std::string::npos);
  BOOST_TEST(looked_in.front().find("loop: ") != std::string::npos);
  BOOST_TEST(looked_in.front().find("absent: ") == std::string::npos);
  BOOST_TEST(first("3.12").problem == "it is a link to /nowhere/python3.12, which does not exist");
}

BOOST_AUTO_TEST_CASE(a_long_path_is_told_folder_by_folder) {
  std::string path;
  for (int i = 0; i < 40; ++i) path += (dir / ("folder" + std::to_string(i))) + ":";
  surroundings.variables["PATH"] = path;
  BOOST_CHECK_EXCEPTION(first("mypython"), NotFound, [&](const NotFound& error) {
    return error.message().find(dir / "folder20,") != std::string::npos &&
           error.message().find("...") == std::string::npos;
  });
}

BOOST_AUTO_TEST_CASE(active_environments_come_first) {
  add("a/python3");
  add("env/bin/python");
  add("conda/bin/python3.11");
  set_path("a");
  surroundings.variables["VIRTUAL_ENV"] = dir / "env";
  surroundings.variables["CONDA_PREFIX"] = dir / "conda";
  BOOST_TEST((visited() == Names{"env/bin/python", "conda/bin/python3.11", "a/python3"}));
  BOOST_TEST((first().source == PythonSource::environment));
  BOOST_TEST(first().told_by == "VIRTUAL_ENV");
  surroundings.variables["VIRTUAL_ENV"] = dir / "gone";
  surroundings.variables["CONDA_PREFIX"] = "";
  BOOST_TEST((visited() == Names{"!gone", "a/python3"}));
}

BOOST_AUTO_TEST_CASE(shims_stand_for_what_pyenv_selects) {
  for (const char* version : {"3.9.18", "3.12.1", "3.12.2"}) {
    add(std::string("home/.pyenv/versions/") + version + "/bin/python3");
  }
  add("home/.pyenv/versions/3.12.1/bin/python3.12");
  add("home/.pyenv/versions/3.9.18/bin/tool");
  for (const char* shim : {"python", "python3", "python3.12", "tool"}) add(std::string("home/.pyenv/shims/") + shim);
  add("b/python3");
  set_path("home/.pyenv/shims", "b");
  // Nothing is selected: the shims stand for nothing.
  BOOST_TEST(
      (visited() == Names{"b/python3", "home/.pyenv/versions/3.12.2/bin/python3",
                          "home/.pyenv/versions/3.12.1/bin/python3", "home/.pyenv/versions/3.9.18/bin/python3"}));
  surroundings.variables["PYENV_VERSION"] = "3.9.18:3.12.1";
  BOOST_TEST(first().path == dir / "home/.pyenv/versions/3.9.18/bin/python3");
  BOOST_TEST(first().told_by == "PYENV_VERSION");
  BOOST_TEST((first().source == PythonSource::pyenv));
  BOOST_TEST(first("3.12").path == dir / "home/.pyenv/versions/3.12.1/bin/python3.12");
  BOOST_TEST(first("tool").path == dir / "home/.pyenv/versions/3.9.18/bin/tool");
  BOOST_TEST(first(dir / "home/.pyenv/shims/python3").path == dir / "home/.pyenv/versions/3.9.18/bin/python3");
  BOOST_CHECK_EXCEPTION(first(dir / "home/.pyenv/shims/python"), NotFound, says("is a shim of pyenv's"));
  surroundings.variables["PYENV_VERSION"] = "system";
  BOOST_TEST(first().path == dir / "b/python3");
  // Selected and not installed: told, and the search goes on.
  surroundings.variables["PYENV_VERSION"] = "3.8.1";
  const Names names = visited();
  BOOST_TEST(names.at(0) == "b/python3");
  BOOST_TEST(names.at(1) == "!home/.pyenv/versions/3.8.1");
}

BOOST_AUTO_TEST_CASE(the_selected_version_comes_before_the_newest) {
  add("pyenv/versions/3.9.18/bin/python3");
  add("pyenv/versions/3.12.1/bin/python3");
  add("pyenv/versions/2.7.18/bin/python2.7");
  add("pyenv/versions/2.7.18/bin/python2.7-config");
  fs::create_directories(dir / "pyenv/versions/3.7.1");
  surroundings.variables["PYENV_ROOT"] = dir / "pyenv";
  std::ofstream(dir / "home/.python-version") << "3.9\n";
  BOOST_TEST((visited() == Names{"pyenv/versions/3.9.18/bin/python3", "pyenv/versions/3.12.1/bin/python3",
                                 "!pyenv/versions/3.7.1", "pyenv/versions/2.7.18/bin/python2.7"}));
  BOOST_TEST((visited(">=3.10") == Names{"pyenv/versions/3.9.18/bin/python3", "pyenv/versions/3.12.1/bin/python3"}));
}

BOOST_AUTO_TEST_CASE(uv_has_three_places) {
  const auto installed = [&](const std::string& folder, const std::string& name) {
    add(folder + "/" + name + "/bin/python3.12");
  };
  installed("own", "cpython-3.12.1-linux-x86_64-gnu");
  installed("own", ".temp");
  installed("data/uv/python", "cpython-3.12.2-linux-x86_64-gnu");
  installed("data/uv/python", "pypy-3.10.14-linux-x86_64-gnu");
  installed("home/.local/share/uv/python", "cpython-3.12.3-linux-x86_64-gnu");
  BOOST_TEST((visited() == Names{"home/.local/share/uv/python/cpython-3.12.3-linux-x86_64-gnu/bin/python3.12"}));
  surroundings.variables["XDG_DATA_HOME"] = dir / "data";
  BOOST_TEST((visited() == Names{"data/uv/python/cpython-3.12.2-linux-x86_64-gnu/bin/python3.12",
                                 "data/uv/python/pypy-3.10.14-linux-x86_64-gnu/bin/python3.12"}));
  BOOST_TEST((visited("pypy") == Names{"data/uv/python/pypy-3.10.14-linux-x86_64-gnu/bin/python3.12"}));
  surroundings.variables["UV_PYTHON_INSTALL_DIR"] = "../own";
  BOOST_TEST((first().source == PythonSource::uv));
  BOOST_TEST(visited().size() == 1u);
}

BOOST_AUTO_TEST_CASE(the_stores_own_have_their_places) {
  add("a/python3");
  set_path("a");
  surroundings.added = {add("store/added/bin/python3"), dir / "store/lost/bin/python3"};
  int asked = 0;
  const std::string captured = add("store/captured/bin/python3");
  surroundings.captured = [&] {
    ++asked;
    return std::vector{captured};
  };
  BOOST_TEST((visited() ==
              Names{"a/python3", "store/added/bin/python3", "!store/lost/bin/python3", "store/captured/bin/python3"}));
  BOOST_TEST((visited("3.12") ==
              Names{"store/added/bin/python3", "!store/lost/bin/python3", "a/python3", "store/captured/bin/python3"}));
  BOOST_TEST(asked == 2);
  // What comes before them is enough.
  BOOST_TEST((first("3").source == PythonSource::store));
  BOOST_TEST(asked == 2);
}

BOOST_AUTO_TEST_CASE(paths_name_executables_environments_and_installations) {
  add("home/env/bin/python");
  add("home/prefix/bin/pypy3.10");
  add("home/my python é");
  fs::create_directories(dir / "home/empty");
  std::ofstream(dir / "home/text") << "x";
  BOOST_TEST((visited("./env") == Names{"home/env/bin/python"}));
  BOOST_TEST((visited("prefix/") == Names{"home/prefix/bin/pypy3.10"}));
  BOOST_TEST((visited("./my python é") == Names{"home/my python é"}));
  BOOST_TEST((visited(dir / "home/env/bin/python") == Names{"home/env/bin/python"}));
  BOOST_CHECK_EXCEPTION(first("./empty"), NotFound, says("there is no bin/python in it"));
  BOOST_CHECK_EXCEPTION(first("./text"), NotFound, says("not an executable file"));
  BOOST_CHECK_EXCEPTION(first("./absent"), NotFound, says("there is no such file"));
  BOOST_CHECK_EXCEPTION(first("env2"), NotFound, says("no env2 in PATH"));
  try {
    first("env");
    BOOST_FAIL("found");
  } catch (const NotFound& error) {
    BOOST_TEST(error.hint().find("./env") != std::string::npos);
  }
}

BOOST_AUTO_TEST_SUITE_END()
