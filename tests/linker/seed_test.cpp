#include "linker/seed.hpp"

#include <boost/test/unit_test.hpp>
#include <filesystem>
#include <fstream>

#include "linker/versioned_scripts.hpp"
#include "store/base/error.hpp"
#include "tests/linker/facts.hpp"
#include "tests/support/temp_store.hpp"

using namespace cas;
using namespace cas::test;

namespace {

using Names = std::vector<std::string>;

// The names of scripts that a package of these entry points gets.
Names scripts_of(const Names& names, const std::string& site_packages) {
  PackageMetadata metadata;
  for (const std::string& name : names) metadata.entry_points.push_back({EntryPointGroup::console, name, "m", "main"});
  const auto entries = versioned_scripts(metadata, {site_packages, "bin", ""});
  Names made;
  for (const EntryPoint& entry : entries.value_or(metadata.entry_points)) made.push_back(entry.name);
  return made;
}

void put(const std::string& path, const std::string& text) {
  std::filesystem::create_directories(std::filesystem::path(path).parent_path());
  std::ofstream(path) << text;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(versioned_scripts_tests)

BOOST_AUTO_TEST_CASE(pip_is_named_after_the_python_it_is_for) {
  const std::string site = "lib/python3.9/site-packages";
  BOOST_TEST((scripts_of({"pip", "pip3", "pip3.12", "pipx"}, site) == Names{"pipx", "pip", "pip3", "pip3.9"}));
  BOOST_TEST((scripts_of({"easy_install", "easy_install-3.6"}, site) == Names{"easy_install", "easy_install-3.9"}));
}

BOOST_AUTO_TEST_CASE(the_folder_tells_the_version) {
  BOOST_TEST((scripts_of({"pip"}, "lib/python3.13t/site-packages") == Names{"pip", "pip3", "pip3.13"}));
  BOOST_TEST((scripts_of({"pip"}, "lib/pypy3.10/site-packages") == Names{"pip", "pip3", "pip3.10"}));
  BOOST_TEST((scripts_of({"pip", "pip3"}, "site-packages") == Names{"pip", "pip3"}));
}

BOOST_AUTO_TEST_CASE(other_packages_are_as_they_are) {
  BOOST_TEST((scripts_of({"pip3", "easy_install-3.6", "tool"}, "lib/python3.9/site-packages") ==
              Names{"pip3", "easy_install-3.6", "tool"}));
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(seed_tests)

BOOST_AUTO_TEST_CASE(what_venv_of_the_version_has) {
  BOOST_TEST((seed_names({}, cpython_facts(11)) == Names{"pip", "setuptools"}));
  BOOST_TEST((seed_names({}, cpython_facts(12)) == Names{"pip"}));
  SeedOptions options;
  options.pip.choice = SeedWish::Choice::no;
  options.wheel.choice = SeedWish::Choice::yes;
  BOOST_TEST((seed_names(options, cpython_facts(12)) == Names{"wheel"}));
}

BOOST_AUTO_TEST_CASE(configuration_is_read_as_text) {
  const char* text = "build_time_vars = {'WHEELS': 'no',\n 'WHEEL_PKG_DIR': '/usr/share/wheels/',\n 'ODD': 'a\\'b'}\n";
  BOOST_TEST(sysconfig_text(text, "WHEEL_PKG_DIR").value_or("") == "/usr/share/wheels/");
  BOOST_TEST(!sysconfig_text(text, "ODD").has_value());
  BOOST_TEST(!sysconfig_text(text, "PKG_DIR").has_value());
  BOOST_TEST(!sysconfig_text("'WHEEL_PKG_DIR': '/cut", "WHEEL_PKG_DIR").has_value());
}

BOOST_FIXTURE_TEST_CASE(wheels_lie_with_the_interpreter, TempStore) {
  InterpreterFacts facts = cpython_facts(12);
  facts.stdlib = dir / "lib/python3.12";
  put(dir / "lib/python3.12/_sysconfigdata__x.py", "build_time_vars = {'WHEEL_PKG_DIR': '" + (dir / "wheels") + "/'}");
  put(dir / "wheels/pip-23.0-py3-none-any.whl", "");
  put(dir / "wheels/pip-9.0-py3-none-any.whl", "");
  put(dir / "more/pip-24.0-py3-none-any.whl", "");
  BOOST_TEST((bundled_wheel_folders(facts) == Names{facts.stdlib + "/ensurepip/_bundled", dir / "wheels"}));
  BOOST_TEST(choose_seeds(store, {}, {"pip"}, facts).front().path == (dir / "wheels/pip-23.0-py3-none-any.whl"));

  SeedOptions options;
  options.folders = {dir / "more"};
  BOOST_TEST(choose_seeds(store, options, {"pip"}, facts).front().path == (dir / "wheels/pip-23.0-py3-none-any.whl"));
  options.upgrade = true;
  BOOST_TEST(choose_seeds(store, options, {"pip"}, facts).front().path == (dir / "more/pip-24.0-py3-none-any.whl"));
  options.upgrade = false;
  options.newest_in_folders = true;
  BOOST_TEST(choose_seeds(store, options, {"pip"}, facts).front().path == (dir / "more/pip-24.0-py3-none-any.whl"));
  options.pip.bundled = true;
  BOOST_TEST(choose_seeds(store, options, {"pip"}, facts).front().path == (dir / "wheels/pip-23.0-py3-none-any.whl"));
  options.pip = {SeedWish::Choice::yes, "9", false};
  BOOST_TEST(choose_seeds(store, options, {"pip"}, facts).front().path == (dir / "wheels/pip-9.0-py3-none-any.whl"));
  options.pip.version = "8";
  put(dir / "more/pip-23.0-py3-none-any.whl", "");  // in two folders, and named once
  BOOST_CHECK_EXCEPTION(choose_seeds(store, options, {"pip"}, facts), NotFound, [](const NotFound& error) {
    const std::string& message = error.message();
    const std::string again = "pip-23.0-py3-none-any.whl is another version";
    return message.find(again) != std::string::npos && message.find(again) == message.rfind(again) &&
           error.hint().find("--no-pip") != std::string::npos;
  });
  put(dir / "more/wheel-0.4-py3-none-any.whl", "");
  BOOST_TEST(choose_seeds(store, options, {"wheel"}, facts).front().path == (dir / "more/wheel-0.4-py3-none-any.whl"));

  // The interpreter's own folder goes before the distribution's.
  put(dir / "lib/python3.12/ensurepip/_bundled/pip-22.0-py3-none-any.whl", "");
  BOOST_TEST(choose_seeds(store, {}, {"pip"}, facts).front().path ==
             facts.stdlib + "/ensurepip/_bundled/pip-22.0-py3-none-any.whl");
}

BOOST_FIXTURE_TEST_CASE(the_store_s_are_taken_where_nothing_else_is, TempStore) {
  InterpreterFacts facts = cpython_facts(12);
  facts.stdlib = dir / "lib/python3.12";
  BOOST_CHECK_THROW(choose_seeds(store, {}, {"pip"}, facts), NotFound);
  add(make_wheel("pip", "21.0", {{"pip/__init__.py", "x = 1\n"}}));
  const auto seeds = choose_seeds(store, {}, {"pip"}, facts);
  BOOST_REQUIRE(seeds.front().stored.has_value());
  BOOST_TEST(seeds.front().stored->row.version == "21.0");
}

BOOST_AUTO_TEST_SUITE_END()
