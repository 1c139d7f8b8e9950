#include "linker/plan_bytecode.hpp"

#include <boost/test/unit_test.hpp>
#include <map>

#include "linker/plan_paths.hpp"
#include "store/base/error.hpp"
#include "store/base/relpath.hpp"
#include "tests/linker/facts.hpp"
#include "tests/linker/packages.hpp"

using namespace cas;
using namespace cas::test;

namespace {

constexpr const char* kSite = "lib/python3.12/site-packages/";

// Bytecode for everything, but for sources that say "broken".
PlanBytecode compiled(const std::vector<PlannedPackage>& packages) {
  PlanBytecode bytecode;
  bytecode.cache_tag = "cpython-312";
  for (const BytecodeSource& source : bytecode_sources(packages, kLayout)) {
    if (source.object == object_of("broken")) continue;
    bytecode.files[source.object.digest] = {object_of("code of " + source.object.digest.hex()), 42};
  }
  return bytecode;
}

Plan plan_of(std::vector<PlannedPackage> packages) {
  sort_for_plan(packages);
  PlanOptions options;
  options.bytecode = "cpython cpython-312 cb0d0d0a 16 0";
  return make_plan(packages, kLayout, options, compiled(packages));
}

std::map<std::string, ObjectId> files_of(const Plan& plan) {
  std::map<std::string, ObjectId> files;
  for (const PlanFile& file : plan.files) {
    const bool added = files.emplace(join_path(plan.directories[file.directory], file.name), file.object).second;
    BOOST_TEST(added);
  }
  return files;
}

ObjectId code_of(std::string_view content) { return object_of("code of " + sha256(content).hex()); }

std::string record_of(const Plan& plan, const std::string& package) {
  const ObjectId id = files_of(plan).at(kSite + package + "-1.0.dist-info/RECORD");
  for (const PlanGenerated& generated : plan.generated) {
    if (generated.object == id) return generated.bytes;
  }
  return {};
}

bool contains(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

PackageFile library(const std::string& path, std::string_view content) { return file(Scheme::purelib, path, content); }

}  // namespace

BOOST_AUTO_TEST_SUITE(plan_bytecode_tests)

BOOST_AUTO_TEST_CASE(names_are_those_of_pep_3147) {
  BOOST_TEST(bytecode_name("core.py", "cpython-312") == "core.cpython-312.pyc");
  BOOST_TEST(bytecode_name("a.b.py", "cpython-312") == "a.b.cpython-312.pyc");
  BOOST_TEST(bytecode_path("demo/core.py", "x") == "demo/__pycache__/core.x.pyc");
  BOOST_TEST(bytecode_path("core.py", "x") == "__pycache__/core.x.pyc");
  BOOST_TEST(is_bytecode_path("demo/__pycache__/core.x.pyc"));
  BOOST_TEST(is_bytecode_path("__pycache__/core.x.pyc"));
  BOOST_TEST(!is_bytecode_path("demo/core.pyc"));
  BOOST_TEST(!is_bytecode_path("demo/__pycache__/note"));
  BOOST_TEST(!is_bytecode_path("demo/my__pycache__/core.pyc"));
}

BOOST_AUTO_TEST_CASE(the_interpreter_says_which_bytecode_it_reads) {
  InterpreterFacts facts = cpython_facts(12);
  facts.bytecode_magic = "cb0d0d0a";
  BOOST_TEST(interpreter_bytecode(facts) == "cpython cpython-312 cb0d0d0a 16 0");
  facts.minor = 6;
  BOOST_TEST(interpreter_bytecode(facts) == "cpython cpython-312 cb0d0d0a 12 0");
  facts.cache_tag = "";  // PYTHONPYCACHE turned off for good
  BOOST_TEST(interpreter_bytecode(facts) == "");
  facts.cache_tag = "../../evil";
  BOOST_TEST(interpreter_bytecode(facts) == "");
}

BOOST_AUTO_TEST_CASE(sources_have_their_bytecode_beside_them) {
  const Plan plan = plan_of({package("demo", {library("top.py", "top"), library("demo/__init__.py", ""),
                                              library("demo/core.py", "core"), library("demo/data.txt", "text")})});
  const auto files = files_of(plan);
  const std::string site = kSite;
  BOOST_TEST((files.at(site + "__pycache__/top.cpython-312.pyc") == code_of("top")));
  BOOST_TEST((files.at(site + "demo/__pycache__/core.cpython-312.pyc") == code_of("core")));
  BOOST_TEST((files.at(site + "demo/__pycache__/__init__.cpython-312.pyc") == code_of("")));
  BOOST_TEST(std::ranges::count_if(files, [](const auto& f) { return f.first.ends_with(".pyc"); }) == 3);
  // Parents stand before children, and files in the order of directories.
  for (std::size_t i = 1; i < plan.directories.size(); ++i) {
    const std::string parent(parent_of(plan.directories[i]));
    BOOST_TEST((std::ranges::find(plan.directories, parent) - plan.directories.begin()) < static_cast<long>(i));
  }
  BOOST_TEST(std::ranges::is_sorted(plan.files, {}, &PlanFile::directory));
}

BOOST_AUTO_TEST_CASE(record_lists_bytecode_without_a_hash) {
  const std::string record = record_of(
      plan_of({package("demo", {library("demo/core.py", "core"), library("demo/bad.py", "broken")})}), "demo");
  BOOST_TEST(contains(record, "\ndemo/__pycache__/core.cpython-312.pyc,,\n"));
  BOOST_TEST(!contains(record, "bad.cpython"));
}

BOOST_AUTO_TEST_CASE(only_what_can_be_imported_has_bytecode) {
  const std::vector<PlannedPackage> packages{package(
      "demo",
      {file(Scheme::scripts, "tool.py", "script"), file(Scheme::data, "share/x.py", "shared"),
       file(Scheme::headers, "h.py", "header"), library("demo/bad.py", "broken"), library("demo/.py", "nameless"),
       library("demo/x.pyi", "stub"), file(Scheme::data, std::string(kSite) + "extra/y.py", "extra")})};
  BOOST_TEST(bytecode_sources(packages, kLayout).size() == 2U);  // bad and extra
  const auto files = files_of(plan_of(packages));
  BOOST_TEST(std::ranges::count_if(files, [](const auto& f) { return f.first.ends_with(".pyc"); }) == 1);
  BOOST_TEST(files.contains(std::string(kSite) + "extra/__pycache__/y.cpython-312.pyc"));
}

BOOST_AUTO_TEST_CASE(equal_sources_are_compiled_once) {
  const auto sources =
      bytecode_sources({package("a", {library("a/x.py", "same"), library("a/y.py", "same"), library("a/e.py", "")}),
                        package("b", {library("b/x.py", "same"), library("b/e.py", "")})},
                       kLayout);
  BOOST_TEST(sources.size() == 2U);
}

BOOST_AUTO_TEST_CASE(very_large_sources_are_left_to_python) {
  PlannedPackage large = package("large", {library("large.py", "x")});
  large.files.front().size = kMostSourceBytes + 1;
  BOOST_TEST(bytecode_sources({large}, kLayout).empty());
}

BOOST_AUTO_TEST_CASE(a_packages_own_bytecode_gives_way) {
  const Plan plan = plan_of(
      {package("demo", {library("demo/__pycache__/core.cpython-312.pyc", "their code"), library("demo/core.py", "core"),
                        library("demo/__pycache__/core.cpython-311.pyc", "for 3.11"), library("demo/bad.py", "broken"),
                        library("demo/__pycache__/bad.cpython-312.pyc", "it compiled there")})});
  const auto files = files_of(plan);
  const std::string folder = std::string(kSite) + "demo/__pycache__/";
  BOOST_TEST((files.at(folder + "core.cpython-312.pyc") == code_of("core")));
  BOOST_TEST((files.at(folder + "core.cpython-311.pyc") == object_of("for 3.11")));
  BOOST_TEST((files.at(folder + "bad.cpython-312.pyc") == object_of("it compiled there")));
  BOOST_TEST(plan.conflicts.empty());
  const std::string record = record_of(plan, "demo");
  BOOST_TEST(contains(record, "\ndemo/__pycache__/core.cpython-312.pyc,,\n"));
  BOOST_TEST(contains(record, "bad.cpython-312.pyc,sha256="));
  // Another package's, too.
  const Plan two = plan_of({package("demo", {library("demo/core.py", "core")}),
                            package("zz", {library("demo/__pycache__/core.cpython-312.pyc", "theirs")})});
  BOOST_TEST((files_of(two).at(folder + "core.cpython-312.pyc") == code_of("core")));
  BOOST_TEST(two.conflicts.empty());
}

BOOST_AUTO_TEST_CASE(the_winner_of_a_conflict_has_its_bytecode) {
  const Plan plan = plan_of({package("a", {library("x.py", "of a")}), package("b", {library("x.py", "of b")})});
  BOOST_TEST(plan.conflicts.size() == 1U);
  BOOST_TEST((files_of(plan).at(std::string(kSite) + "__pycache__/x.cpython-312.pyc") == code_of("of b")));
}

BOOST_AUTO_TEST_CASE(what_stands_in_the_way_of_bytecode_stays) {
  const auto files = files_of(plan_of(
      {package("demo", {library("demo/__pycache__", "a file"), library("demo/core.py", "core"),
                        library("other/__pycache__/x.cpython-312.pyc/y", "deep"), library("other/x.py", "x")})}));
  BOOST_TEST((files.at(std::string(kSite) + "demo/__pycache__") == object_of("a file")));
  BOOST_TEST(files.contains(std::string(kSite) + "other/__pycache__/x.cpython-312.pyc/y"));
  BOOST_TEST(files.size() == 6U);  // and INSTALLER and RECORD, without bytecode
  const std::string longest(252, 'n');
  const Plan plan = plan_of({package("demo", {library(longest + ".py", "x")})});
  BOOST_TEST(files_of(plan).size() == 3U);
  BOOST_TEST(!contains(record_of(plan, "demo"), ".pyc"));
}

BOOST_AUTO_TEST_CASE(the_key_covers_whose_bytecode_it_is) {
  const std::vector<PlannedPackage> packages{package("demo", {library("x.py", "x")})};
  PlanOptions none;
  PlanOptions some;
  some.bytecode = "cpython cpython-312 cb0d0d0a 16 0";
  PlanOptions other;
  other.bytecode = "cpython cpython-312 cc0d0d0a 16 0";
  BOOST_TEST((plan_key(packages, kLayout, none) != plan_key(packages, kLayout, some)));
  BOOST_TEST((plan_key(packages, kLayout, other) != plan_key(packages, kLayout, some)));
}

BOOST_AUTO_TEST_SUITE_END()
