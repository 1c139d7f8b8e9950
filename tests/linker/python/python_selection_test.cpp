#include "linker/python/python_selection.hpp"

#include <boost/test/unit_test.hpp>
#include <chrono>
#include <filesystem>
#include <fstream>

#include "linker/interpreter_memo.hpp"
#include "store/base/error.hpp"
#include "store/sys/process.hpp"
#include "tests/linker/python/fake_python.hpp"
#include "tests/support/temp_environment.hpp"

using namespace cas;
using namespace cas::test;
namespace fs = std::filesystem;
using namespace std::chrono_literals;

namespace {

struct SelectionFixture : TempStore {
  PythonSurroundings surroundings;

  SelectionFixture() {
    fs::create_directories(dir / "home");
    surroundings.directory = surroundings.home = dir / "home";
    surroundings.variables["PATH"] = (dir / "a") + ":" + (dir / "b é");
  }
  std::string add(const std::string& path, const std::string& version, const std::string& implementation = "cpython",
                  bool free_threaded = false) const {
    return fake_python(dir / path, version, implementation, free_threaded);
  }
  SelectedPython select(const std::optional<std::string>& request = std::nullopt) const {
    return select_python(nullptr, parse_python_request(request), surroundings, {20s, 20s});
  }
  std::string selected(const std::optional<std::string>& request = std::nullopt) const {
    return select(request).found.facts.executable.substr(dir.path().size() + 1);
  }
};

bool contains(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

}  // namespace

BOOST_FIXTURE_TEST_SUITE(python_selection_tests, SelectionFixture)

BOOST_AUTO_TEST_CASE(the_first_that_fits_is_taken) {
  add("a/python3", "3.11.4");
  add("a/python3.9", "3.9.1");
  add("b é/python3.12", "3.12.1");
  add("b é/python3.13", "3.13.0");
  BOOST_TEST(selected() == "a/python3");
  BOOST_TEST(selected("3.12") == "b é/python3.12");
  BOOST_TEST(selected(">=3.10") == "a/python3");
  BOOST_TEST(selected(">=3.12") == "b é/python3.13");
  BOOST_TEST(selected("<3.11") == "a/python3.9");
  BOOST_TEST(selected("3.12.1") == "b é/python3.12");
  BOOST_TEST(runs_of(dir / "b é/python3.13") == 1);  // for >=3.12 alone
}

BOOST_AUTO_TEST_CASE(second_choices_are_for_want_of_better) {
  add("a/python3", "3.14.0rc1");
  add("a/python3.13t", "3.13.0", "cpython", true);
  add("a/pypy3.10", "3.10.14", "pypy");
  add("a/python2.7", "2.7.18");
  BOOST_TEST(selected() == "a/python3");
  BOOST_TEST(selected("3.13") == "a/python3.13t");
  BOOST_TEST(selected("3.10") == "a/pypy3.10");
  BOOST_TEST(selected("2.7") == "a/python2.7");
  add("b é/python3.9", "3.9.1");
  BOOST_TEST(selected() == "b é/python3.9");
  add("b é/python3.10", "3.10.1");
  BOOST_TEST(selected("3.10") == "b é/python3.10");
  BOOST_TEST(selected("pypy") == "a/pypy3.10");
  // Under the name python it is what the user runs.
  add("a/python3", "3.10.14", "pypy");
  BOOST_TEST(selected() == "a/python3");
}

BOOST_AUTO_TEST_CASE(what_is_preferred_is_taken_where_it_is_there) {
  add("a/python3", "3.11.4");
  add("a/python3.10", "3.10.1");
  add("a/python3.13t", "3.13.0", "cpython", true);
  add("a/pypy3.10", "3.10.14", "pypy");
  const auto preferred = [&](const std::optional<std::string>& request, const std::string& rather) {
    PythonRequest wanted = parse_python_request(request);
    wanted.preferred.push_back(parse_python_request(rather));
    return select_python(nullptr, wanted, surroundings).found.facts;
  };
  BOOST_TEST(preferred(std::nullopt, "3.10").version == "3.10.1");
  BOOST_TEST(preferred(">=3.10", "3.10").version == "3.10.1");
  BOOST_TEST(preferred(">=3.10", "3.13t").version == "3.13.0");
  BOOST_TEST(preferred(">=3.10", "pypy3.10").implementation == "pypy");
  // Not where it does not fit, or is not there.
  BOOST_TEST(preferred(">=3.11", "3.10").version == "3.11.4");
  BOOST_TEST(preferred(">=3.10", "3.12").version == "3.11.4");
}

BOOST_AUTO_TEST_CASE(names_spare_running) {
  add("a/python3", "3.9.1");
  add("a/python3.8", "3.8.1");
  add("a/python3.12", "3.12.1");
  BOOST_TEST(selected(">=3.10") == "a/python3.12");
  BOOST_TEST(runs_of(dir / "a/python3.8") == 0);
}

BOOST_AUTO_TEST_CASE(broken_candidates_are_passed_over_and_named) {
  fake_program(dir / "a/python3", "echo cannot start >&2; exit 127");
  add("b é/python3", "3.12.1");
  const SelectedPython python = select();
  BOOST_TEST(python.found.facts.version == "3.12.1");
  BOOST_REQUIRE(python.passed_over.size() == 1u);
  BOOST_TEST(contains(python.passed_over.front().reason, "cannot start"));
  BOOST_CHECK_THROW(select(dir / "a/python3"), Error);
  BOOST_CHECK_EXCEPTION(select("3.9"), NotFound, [&](const NotFound& error) {
    BOOST_TEST_MESSAGE(error.message());
    return contains(error.message(), "'3.9'") && contains(error.message(), "CPython 3.12.1 at") &&
           contains(error.message(), "cannot start") && contains(error.message(), "PATH (" + dir.path() + "/a");
  });
}

BOOST_AUTO_TEST_CASE(a_failed_search_tells_all_that_is_there) {
  add("a/python3", "3.12.1");
  add("a/python3.9", "3.9.1");  // its name spares running it
  add("home/.pyenv/versions/3.8.18/bin/python3", "3.8.18");
  BOOST_CHECK_EXCEPTION(select("3.11"), NotFound, [&](const NotFound& error) {
    BOOST_TEST_MESSAGE(error.message());
    return contains(error.message(), "CPython 3.12.1 at") && contains(error.message(), "CPython 3.9.1 at") &&
           contains(error.message(), "CPython 3.8.18 at");
  });
}

BOOST_AUTO_TEST_CASE(active_environments_that_are_gone_are_named) {
  add("a/python3", "3.12.1");
  surroundings.variables["VIRTUAL_ENV"] = "/nonexistent";
  surroundings.variables["CONDA_PREFIX"] = "/nonexistent";
  const SelectedPython python = select();
  BOOST_REQUIRE(python.passed_over.size() == 2u);
  BOOST_TEST(python.passed_over[0].reason == "VIRTUAL_ENV (/nonexistent): there is no such directory");
  BOOST_TEST(python.passed_over[1].reason == "CONDA_PREFIX (/nonexistent): there is no such directory");
}

BOOST_AUTO_TEST_CASE(what_pyenv_is_told_to_take_and_does_not_have_is_said) {
  const std::string taken = add("a/python3", "3.11.4");
  add("home/.pyenv/versions/3.8.18/bin/python3", "3.8.18");
  const auto reasons = [&](const std::optional<std::string>& request = std::nullopt) {
    std::vector<std::string> result;
    for (const BrokenPython& python : select(request).passed_over) result.push_back(python.reason);
    return result;
  };
  BOOST_TEST(reasons().empty());
  surroundings.variables["PYENV_VERSION"] = "9.9.9";
  BOOST_REQUIRE(reasons().size() == 1u);
  BOOST_TEST(reasons().front() == "PYENV_VERSION selects 9.9.9, which pyenv has not installed; CPython 3.11.4 at " +
                                      taken + " is taken instead");
  BOOST_TEST(reasons("3.11").empty());  // what was asked for is there
  surroundings.variables["PYENV_VERSION"] = "3.11";
  BOOST_TEST(reasons().empty());  // what is taken is one
  surroundings.variables["PYENV_VERSION"] = "system";
  BOOST_TEST(reasons().empty());
  surroundings.variables.erase("PYENV_VERSION");
  std::ofstream(dir / "home/.python-version") << "3.77\n";
  BOOST_REQUIRE(reasons().size() == 1u);
  BOOST_TEST(reasons().front().starts_with((dir / "home/.python-version") + " selects 3.77, "));
  // An active environment goes before it.
  surroundings.variables["VIRTUAL_ENV"] = dir / "env";
  add("env/bin/python", "3.10.1");
  BOOST_TEST(reasons().empty());
  surroundings.variables.erase("VIRTUAL_ENV");
  fs::remove_all(dir / "home/.pyenv");  // there is no pyenv: the file is somebody else's
  BOOST_TEST(reasons().empty());
}

BOOST_AUTO_TEST_CASE(the_path_of_a_shim_means_its_name) {
  add("home/.pyenv/versions/3.12.1/bin/python3.12", "3.12.1");
  for (const char* shim : {"python", "python3.12", "tool"}) {
    fake_program(dir / ("home/.pyenv/shims/" + std::string(shim)), "exit 1");
  }
  BOOST_TEST(selected(dir / "home/.pyenv/shims/python3.12") == "home/.pyenv/versions/3.12.1/bin/python3.12");
  surroundings.variables["PYENV_VERSION"] = "9.9.9";
  BOOST_TEST(selected(dir / "home/.pyenv/shims/python3.12") == "home/.pyenv/versions/3.12.1/bin/python3.12");
  // Only the selection could say which.
  for (const char* shim : {"python", "tool"}) {
    BOOST_CHECK_EXCEPTION(
        select(dir / ("home/.pyenv/shims/" + std::string(shim))), NotFound, [&](const NotFound& error) {
          return contains(error.message(), "PYENV_VERSION selects 9.9.9, which pyenv has not installed");
        });
  }
  surroundings.variables["PATH"] = dir / "home/.pyenv/shims";
  BOOST_CHECK_EXCEPTION(select("tool"), NotFound, [&](const NotFound& error) {
    BOOST_TEST_MESSAGE(error.message());
    return contains(error.message(), "but a shim of pyenv's: PYENV_VERSION selects 9.9.9");
  });
}

BOOST_AUTO_TEST_CASE(what_hangs_is_broken_and_holds_nobody_up_for_ever) {
  fake_program(dir / "a/python3", "exec sleep 600");
  add("b é/python3.12", "3.12.1");
  const PythonListing listing = list_pythons(nullptr, {}, surroundings, {1s, 1s});
  BOOST_REQUIRE(listing.pythons.size() == 1u);
  BOOST_TEST(listing.chosen.value() == 0u);
  BOOST_REQUIRE(listing.broken.size() == 1u);
  BOOST_TEST(contains(listing.broken.front().reason, "did not tell within 1 s"));
}

BOOST_AUTO_TEST_CASE(listing_has_every_installation_once_and_marks_what_is_selected) {
  add("a/python3", "3.14.0b1");
  add("b é/python3.12", "3.12.1");
  InterpreterFacts base = inspect_interpreter(dir / "b é/python3.12", 20s);
  fake_python(dir / "env/bin/python", base);  // an environment's copy: it tells of its base
  surroundings.variables["VIRTUAL_ENV"] = dir / "env";
  fs::create_symlink("/nowhere", dir / "b é/python3.7");
  const PythonListing listing = list_pythons(nullptr, {}, surroundings, {20s, 20s});
  BOOST_REQUIRE(listing.pythons.size() == 2u);
  BOOST_TEST(listing.pythons[0].facts.executable == dir / "b é/python3.12");
  BOOST_TEST((listing.pythons[0].candidate.source == PythonSource::environment));
  BOOST_TEST(listing.chosen.value() == 0u);
  BOOST_TEST(listing.broken.size() == 1u);
  BOOST_TEST(selected() == "b é/python3.12");
  const PythonListing other = list_pythons(nullptr, parse_python_request("3.14"), surroundings, {20s, 20s});
  BOOST_TEST(other.pythons.size() == 1u);
  BOOST_TEST(other.chosen.value() == 0u);
}

BOOST_AUTO_TEST_CASE(an_empty_machine_is_no_error_to_list) {
  const PythonListing listing = list_pythons(nullptr, {}, surroundings);
  BOOST_TEST(listing.pythons.empty());
  BOOST_TEST(!listing.chosen);
  BOOST_CHECK_THROW(select(), NotFound);
}

BOOST_AUTO_TEST_CASE(scripts_are_asked_each_time) {
  const std::string python = add("a/python3", "3.12.1");
  for (int round = 1; round <= 2; ++round) {
    BOOST_TEST(ask_interpreters(&store, {python}, 20s).front().facts.has_value());
    BOOST_TEST(runs_of(python) == round);
  }
}

BOOST_AUTO_TEST_CASE(facts_of_a_binary_are_remembered_until_it_changes, *boost::unit_test::precondition(has_python)) {
  const std::string base = real_python().executable;
  // An environment with a copy of the executable: what it leads to is remembered under its own path.
  BOOST_REQUIRE(run_process({base, "-m", "venv", "--without-pip", "--copies", dir / "env"}, {}, 60s).exit_status == 0);
  const std::string copy = dir / "env/bin/python";
  const auto ask = [&] { return ask_interpreters(&store, {copy}, 60s).front(); };
  BOOST_REQUIRE(ask().facts.has_value());
  BOOST_TEST(ask().facts->executable == base);
  const auto rows = [&] {
    return store.index().read([](const ReadTxn& txn, const Schema& schema) { return schema.memo.size(txn); });
  };
  BOOST_TEST(rows() == 1u);
  // pyvenv.cfg leads elsewhere now: the memo does not answer.
  std::ofstream(dir / "env/pyvenv.cfg", std::ios::app) << "# changed\n";
  BOOST_TEST(ask().facts->executable == base);
  BOOST_TEST(rows() == 2u);
  BOOST_TEST(ask_interpreters(nullptr, {copy}, 60s).front().facts->executable == base);
  BOOST_TEST(rows() == 2u);
}

BOOST_AUTO_TEST_CASE(what_is_remembered_does_not_hang_on_the_current_directory,
                     *boost::unit_test::precondition(has_python)) {
  const std::string python = real_python().executable;
  const auto remembered = [&] {
    std::vector<std::string> rows;
    (void)ask_interpreters(&store, {python}, 60s);
    store.index().read([&](const ReadTxn& txn, const Schema& schema) {
      schema.memo.for_each(txn, [&](const Sha256Digest&, const std::string& value) { rows.push_back(value); });
    });
    return rows;
  };
  const fs::path before = fs::current_path();
  fs::current_path(dir.path());
  const std::vector<std::string> first = remembered();
  std::ofstream(dir / "new") << "it changes the directory's times";
  const std::vector<std::string> second = remembered();
  fs::current_path(before);
  BOOST_TEST(first == second);
}

// What a copy in an environment leads to may go or change while the copy stays.
BOOST_AUTO_TEST_CASE(a_base_that_goes_is_not_remembered, *boost::unit_test::precondition(has_python)) {
  const InterpreterFacts& real = real_python();
  const std::string base = dir / "base/bin/" + real.binary_name;
  const std::string copy = dir / "env/bin/python";
  for (const std::string& path : {base, copy}) {
    fs::create_directories(fs::path(path).parent_path());
    fs::copy_file(real.executable, path);
  }
  fs::create_directory_symlink(real.base_prefix + "/lib", dir / "base/lib");
  std::ofstream(dir / "env/pyvenv.cfg") << "home = " << dir / "base/bin"
                                        << "\n";
  const auto ask = [&] { return ask_interpreters(&store, {copy}, 60s).front(); };
  for (int round = 0; round < 2; ++round) {
    const AskedInterpreter asked = ask();
    BOOST_REQUIRE_MESSAGE(asked.facts, asked.problem);
    BOOST_TEST(asked.facts->executable == base);
  }
  fs::remove(base);
  const AskedInterpreter asked = ask();
  BOOST_TEST((!asked.facts || asked.facts->executable != base));
}

BOOST_AUTO_TEST_SUITE_END()
