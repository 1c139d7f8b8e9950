#include "linker/locked/folder_lock.hpp"

#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <string>
#include <tuple>

#include "store/base/error.hpp"
#include "tests/linker/facts.hpp"
#include "tests/support/temp_store.hpp"

using namespace cas;
using cas::test::TempStore;
namespace data = boost::unit_test::data;

namespace {

struct Folder : TempStore {
  const InterpreterFacts facts = test::cpython_facts(12);
  std::vector<std::string> folders{dir / "wheels"};
  FormatControl format;
  std::vector<std::pair<std::string, std::string>> preferences;
  bool dependencies = true;
  std::vector<InstalledDistribution> installed;

  Folder() {
    wheel("app", "1.0", "Requires-Dist: base>=1\nRequires-Dist: extra; extra == 'more'\n");
    wheel("app", "2.0",
          "Requires-Dist: base>=1\nRequires-Dist: base<3\nRequires-Dist: extra; extra == 'more'\n"
          "Requires-Dist: winonly; sys_platform == 'win32'\n");
    wheel("base", "1.0");
    wheel("base", "2.0");
    wheel("base", "3.0");
    wheel("extra", "1.0", "Requires-Dist: app[more]\n");
    wheel("young", "1.0");
    wheel("young", "2.0", "Requires-Python: >=3.13\n");
    wheel("pre", "1.0");
    wheel("pre", "2.0b1");
    wheel("only_pre", "1.0a1");
    wheel("lacking", "1.0", "Requires-Dist: absent\n");
    wheel("odd", "1.0", "Requires-Dist: base @ https://example.org/base-1.0.tar.gz\n");
    wheel("source", "1.0");
    test::write_test_file(dir / "wheels/source-2.0.tar.gz", "x");
    test::write_test_file(dir / "wheels/base-not a wheel.whl", "x");
  }

  void wheel(const std::string& name, const std::string& version, const std::string& metadata = {}) {
    test::WheelBuilder builder = test::make_wheel(name, version, {{name + ".py", ""}});
    *builder.metadata += metadata;
    static_cast<void>(write_wheel(builder));
  }

  // "name version" of each package; "-": a resolver has to be asked.
  std::string chosen(const std::string& text, const std::string& constraints = {}) {
    const RequirementFiles files = files_of(text, constraints);
    const auto lock = folder_lock(store, {files, folders, format, preferences, dependencies, installed}, facts);
    if (!lock) return "-";
    std::string said;
    for (const LockedPackage& package : lock->packages) {
      BOOST_TEST(package.wheels.size() == 1U);
      BOOST_TEST(package.wheels.front().sha256().value().hex() ==
                 sha256(test::slurp(package.wheels.front().path)).hex());
      said += (said.empty() ? "" : ", ") + package.name + " " + package.version;
    }
    return said;
  }

  static RequirementFiles files_of(const std::string& text, const std::string& constraints) {
    RequirementReader reader;
    reader.read = [&](const std::string& path) { return path == "c.txt" ? constraints : text; };
    return read_requirement_files({{"r.txt", RequirementRole::requirements}, {"c.txt", RequirementRole::constraints}},
                                  reader);
  }

  std::string refusal(const std::string& text) {
    const RequirementFiles files = files_of(text, "");
    try {
      refuse_missing({files, folders, format, preferences, dependencies, installed}, facts);
    } catch (const NotFound& error) {
      return error.message();
    }
    return "nothing is missing";
  }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(folder_lock_tests, Folder)

const std::vector<std::tuple<std::string, std::string>> kAnswers{
    {"base\n", "base 3.0"},
    {"app\n", "app 2.0, base 2.0"},
    {"app==1.0\n", "app 1.0, base 3.0"},
    {"App[more]>1\n", "app 2.0, base 2.0, extra 1.0"},
    {"base<3\nbase!=2\n", "base 1.0"},
    {"young\n", "young 1.0"},
    {"pre\nonly-pre\n", "only-pre 1.0a1, pre 1.0"},
    {"pre==2.0b1\n", "pre 2.0b1"},
    {"base; python_version < '3'\n", ""},
    {"", ""},
    // What is a resolver's business.
    {"base\napp\n", "-"},
    {"pre>=2.0b1\n", "-"},
    {"lacking\n", "-"},
    {"absent\n", "-"},
    {"odd\n", "-"},
    {"source\n", "-"},
    {"base>=4\n", "-"},
    {"base @ https://example.org/base-1.0-py3-none-any.whl\n", "-"},
    {"base --hash=sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\n", "-"},
};
BOOST_DATA_TEST_CASE_F(Folder, the_newest_that_fits_or_nothing, data::make(kAnswers), text, expected) {
  BOOST_TEST(chosen(text) == expected);
}

BOOST_AUTO_TEST_CASE(constraints_limit_and_ask_for_nothing) {
  BOOST_TEST(chosen("app\n", "base<2\nyoung==1.0\n") == "app 2.0, base 1.0");
  BOOST_TEST(chosen("app\n", "base>5; python_version < '3'\n") == "app 2.0, base 2.0");
  BOOST_TEST(chosen("app\n", "base @ https://example.org/base-1.0-py3-none-any.whl\n") == "-");
}

BOOST_AUTO_TEST_CASE(what_is_there_is_preferred_where_it_fits) {
  preferences = {{"base", "1.0"}, {"app", "9"}};
  BOOST_TEST(chosen("app\n") == "app 2.0, base 1.0");
  BOOST_TEST(chosen("base>1\n") == "base 3.0");
}

BOOST_AUTO_TEST_CASE(what_is_installed_goes_before_all_files) {
  InstalledDistribution& base = installed.emplace_back();
  base.normalized = "base";
  base.version = "1.5+local";
  BOOST_TEST(chosen("app\n") == "app 2.0");
  BOOST_TEST(chosen("base>=2\n") == "base 3.0");
  BOOST_TEST(chosen("app\n", "base!=1.5\n") == "app 2.0, base 2.0");
  InstalledDistribution& app = installed.emplace_back();
  app.normalized = "app";
  app.version = "9.dev1";
  app.requires_dist = {"base==1.0", "extra; extra == 'more'"};
  BOOST_TEST(chosen("app\n") == "base 1.0");
  BOOST_TEST(chosen("app[more]\n") == "base 1.0, extra 1.0");
  BOOST_TEST(refusal("base==1.5\n") == "nothing is missing");
  BOOST_TEST(refusal("base==1.6\n") != "nothing is missing");
}

BOOST_AUTO_TEST_CASE(formats_and_dependencies_may_be_left_out) {
  format.no_binary("base");
  BOOST_TEST(chosen("base\n") == "-");
  format.only_binary(":all:");
  BOOST_TEST(chosen("source\n") == "source 1.0");
  dependencies = false;
  BOOST_TEST(chosen("lacking\n") == "lacking 1.0");
}

BOOST_AUTO_TEST_CASE(the_first_folder_has_what_both_have) {
  test::write_test_file(dir / "other", "");
  folders.push_back(dir / "absent");
  BOOST_CHECK_THROW(chosen("base\n"), SystemError);
  BOOST_TEST(are_folders({dir / "wheels"}));
  BOOST_TEST(!are_folders({dir / "wheels", dir / "other"}));
  BOOST_TEST(!are_folders({"https://example.org/"}));
  BOOST_TEST(!are_folders({}));
}

BOOST_AUTO_TEST_CASE(a_folder_is_looked_at_anew) {
  BOOST_TEST(chosen("base\n") == "base 3.0");
  wheel("base", "4.0");
  BOOST_TEST(chosen("base\n") == "base 4.0");
}

BOOST_AUTO_TEST_CASE(what_no_folder_has_is_said) {
  BOOST_TEST(refusal("base\nabsent; python_version < '3'\n") == "nothing is missing");
  BOOST_TEST(refusal("base\nabsent\n").find("no wheel of absent in ") == 0U);
  BOOST_TEST(refusal("base==9\n").find("is another version") != std::string::npos);
  BOOST_TEST(refusal("source==9\n") == "nothing is missing");
}

BOOST_AUTO_TEST_SUITE_END()
