#include "cli/environment_names.hpp"

#include <boost/test/unit_test.hpp>
#include <cstdlib>
#include <filesystem>

#include "store/base/error.hpp"
#include "tests/support/temp_store.hpp"

using namespace cas;
using namespace cas::test;
namespace fs = std::filesystem;

namespace {

struct NamesFixture {
  TempDir dir;
  GlobalOptions global;
  fs::path before = fs::current_path();

  NamesFixture() {
    ::unsetenv("CAS_ENVS");
    global.store = dir / "store";
    fs::create_directories(dir / "here");
    fs::current_path(dir / "here");
  }
  ~NamesFixture() {
    fs::current_path(before);
    ::unsetenv("CAS_ENVS");
  }
  NamesFixture(const NamesFixture&) = delete;
  NamesFixture& operator=(const NamesFixture&) = delete;

  std::string named(const std::string& name) const { return named_environment(global, name); }
  std::string meant(const std::string& operand) const { return environment_operand(global, operand); }
  static void make(const std::string& path) {
    fs::create_directories(path);
    write_test_file(path + "/pyvenv.cfg", "");
  }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(environment_names, NamesFixture)

BOOST_AUTO_TEST_CASE(they_lie_beside_the_store_and_never_in_it) {
  BOOST_TEST(named("tools") == dir / "store-envs/tools");
  global.store = (dir / "store") + "/";
  BOOST_TEST(named("tools") == dir / "store-envs/tools");
}

BOOST_AUTO_TEST_CASE(a_variable_says_where_else) {
  ::setenv("CAS_ENVS", (dir / "elsewhere/").c_str(), 1);
  BOOST_TEST(named("tools") == dir / "elsewhere/tools");
}

BOOST_AUTO_TEST_CASE(a_name_is_one_safe_component) {
  for (const char* name : {"", ".", "..", "a/b", "/a", ".hidden", "-n", "a:b", "a\nb", "a\\b"}) {
    BOOST_TEST_CONTEXT(name) { BOOST_CHECK_THROW((void)named(name), UsageError); }
  }
  for (const char* name : {"tools", "py3.12", "a b", "größe", "$(x)"}) {
    BOOST_TEST_CONTEXT(name) { BOOST_TEST(named(name) == dir / ("store-envs/" + std::string(name))); }
  }
}

BOOST_AUTO_TEST_CASE(what_is_here_goes_before_the_name) {
  BOOST_TEST(meant("tools") == "tools");  // neither: messages speak of the path
  make(dir / "store-envs/tools");
  BOOST_TEST(meant("tools") == dir / "store-envs/tools");
  fs::create_directory("tools");
  BOOST_TEST(meant("tools") == dir / "store-envs/tools");  // no environment
  make("tools");
  BOOST_TEST(meant("tools") == "tools");
}

BOOST_AUTO_TEST_CASE(what_must_be_there_names_both_places) {
  BOOST_CHECK_EXCEPTION((void)existing_environment(global, "tools"), NotFound, [&](const NotFound& error) {
    return error.message() == "there is neither an environment " + (dir / "here/tools") + " nor one named 'tools' in " +
                                  (dir / "store-envs");
  });
  for (const char* path : {"./tools", "/tools", ".", "-n"}) BOOST_TEST(existing_environment(global, path) == path);
  fs::create_directory("tools");
  BOOST_TEST(existing_environment(global, "tools") == "tools");  // no environment: the command says so
  make(dir / "store-envs/tools");
  BOOST_TEST(existing_environment(global, "tools") == dir / "store-envs/tools");
}

BOOST_AUTO_TEST_CASE(with_a_slash_it_is_a_path) {
  make(dir / "store-envs/tools");
  for (const char* operand : {"./tools", "tools/", "/tools", ".", ".."}) BOOST_TEST(meant(operand) == operand);
}

BOOST_AUTO_TEST_CASE(a_path_in_the_place_has_a_name) {
  BOOST_TEST(name_of_environment(global, dir / "store-envs/tools").value_or("") == "tools");
  BOOST_TEST(!name_of_environment(global, dir / "store-envs/deep/tools"));
  BOOST_TEST(!name_of_environment(global, dir / "store-envs"));
  BOOST_TEST(!name_of_environment(global, dir / "here/tools"));
}

BOOST_AUTO_TEST_CASE(a_new_one_has_a_path_or_a_name) {
  BOOST_TEST(new_environment(global, "x", std::nullopt, "") == "x");
  BOOST_TEST(new_environment(global, std::nullopt, "x", "") == dir / "store-envs/x");
  BOOST_CHECK_THROW((void)new_environment(global, "x", "y", ""), UsageError);
  BOOST_CHECK_THROW((void)new_environment(global, std::nullopt, std::nullopt, ""), UsageError);
}

BOOST_AUTO_TEST_SUITE_END()
