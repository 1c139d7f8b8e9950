#include "linker/locked/environment_export.hpp"

#include <boost/test/unit_test.hpp>
#include <string>

#include "linker/locked/lock_comparison.hpp"
#include "linker/locked/marker_facts.hpp"
#include "linker/locked/package_network.hpp"
#include "store/base/error.hpp"
#include "tests/linker/facts.hpp"
#include "tests/linker/installed/site_packages.hpp"
#include "tests/support/temp_store.hpp"

using namespace cas;
using test::SitePackages;
using test::TempStore;

namespace {

const std::string kA(64, 'a');
const std::string kHashes = "hashes = {sha256 = '" + kA + "'}";

Anchor anchor_of(const std::string& name, const std::string& version, const Sha256Digest& artifact) {
  Anchor anchor;
  anchor.packages = {{artifact, name, version, true, {}}};
  return anchor;
}

auto says(const std::string& what) {
  return [what](const Error& error) { return error.message().find(what) != std::string::npos; };
}

LockSource lock(const std::string& packages) {
  LockSource source;
  source.place = "pylock.toml";
  source.directory = "/project";
  source.lock = parse_pylock("lock-version = '1.0'\ncreated-by = 'a test'\n" + packages, source.place);
  return source;
}

std::string package(const std::string& name, const std::string& fields) {
  return "[[packages]]\nname = '" + name + "'\nversion = '1.0'\n" + fields + "\n";
}

std::string wheel_of(const std::string& name) {
  return "wheels = [{url = 'https://example.org/" + name + "-1.0-py3-none-any.whl', " + kHashes + "}]";
}

}  // namespace

BOOST_AUTO_TEST_SUITE(environment_export_tests)

BOOST_AUTO_TEST_CASE(requirements_have_the_file_s_hash) {
  SitePackages site;
  site.add("Demo_App", "1.0", {}, {{"INSTALLER", "cas"}});
  const InstalledEnvironment environment = site.read();
  const auto frozen = frozen_requirements(environment);
  const Anchor anchor = anchor_of("Demo_App", "1.0", *Sha256Digest::from_hex(kA));
  BOOST_TEST(requirements_text(frozen, anchor, ExportedHashes::all) ==
             "Demo_App==1.0 \\\n    --hash=sha256:" + kA + "\n");
  BOOST_TEST(requirements_text(frozen, anchor, ExportedHashes::none) == "Demo_App==1.0\n");
}

// pip, too, takes nothing from a file in which one line has no hash.
BOOST_AUTO_TEST_CASE(what_is_not_known_is_named) {
  SitePackages site;
  site.add("a", "1.0", {}, {{"INSTALLER", "cas"}});
  site.add("b", "1.0", {}, {{"INSTALLER", "pip"}});
  site.add("c", "1.0", {}, {{"direct_url.json", R"({"url": "file:///src/c", "dir_info": {"editable": true}})"}});
  const InstalledEnvironment environment = site.read();
  const Anchor anchor = anchor_of("a", "1.0", *Sha256Digest::from_hex(kA));
  BOOST_CHECK_EXCEPTION((void)requirements_text(frozen_requirements(environment), anchor, ExportedHashes::all), Error,
                        says("of b, c it is not known which file they were installed from"));
  BOOST_TEST(requirements_text(frozen_requirements(environment), anchor, ExportedHashes::none) ==
             "a==1.0\nb==1.0\n# Editable install with no version control (c==1.0)\n-e /src/c\n");
}

BOOST_AUTO_TEST_CASE(a_lock_has_the_very_file_and_what_needs_it) {
  TempStore temp;
  const std::string wheel = temp.write_wheel(test::make_wheel("a", "1.0", {{"a.py", ""}}));
  const Sha256Digest digest = sha256(test::slurp(wheel));
  SitePackages site;
  site.add("A", "1.0", "Requires-Python: >=3.8\nRequires-Dist: d\nRequires-Dist: missing\n", {{"INSTALLER", "cas"}});
  site.add("d", "2", {},
           {{"direct_url.json", R"({"url": "https://example.org/d-2-py3-none-any.whl",
      "archive_info": {"hashes": {"sha256": ")" +
                                    kA + "\"}}}"}});
  site.add("e", "3", {}, {{"direct_url.json", R"({"url": "file:///src/e%20e", "dir_info": {"editable": true}})"}});
  site.add("v", "4", {}, {{"direct_url.json", R"({"url": "https://example.org/v.git",
      "vcs_info": {"vcs": "git", "commit_id": "abc"}})"}});
  const InstalledEnvironment environment = site.read();
  const InterpreterFacts facts = test::cpython_facts(12);
  const DependencyGraph graph(environment, system_markers(facts));
  NetworkOptions options;
  options.places.find_links = {temp.dir / "wheels"};
  options.places.no_index = true;
  PackageNetwork network(temp.store, options);
  const Pylock lock = exported_lock(temp.store, frozen_requirements(environment), anchor_of("a", "1.0", digest), graph,
                                    facts, network.indexes());
  BOOST_TEST(lock.requires_python == "==3.12.*");
  BOOST_REQUIRE(lock.packages.size() == 4U);
  const LockedPackage& a = lock.packages[0];
  BOOST_TEST(a.name == "a");
  BOOST_TEST(a.requires_python == ">=3.8");
  BOOST_TEST(a.dependencies == std::vector<std::string>{"d"}, boost::test_tools::per_element());
  BOOST_REQUIRE(a.wheels.size() == 1U);
  BOOST_TEST(a.wheels[0].path == wheel);
  BOOST_TEST(a.wheels[0].sha256()->hex() == digest.hex());
  BOOST_REQUIRE(lock.packages[1].archive.has_value());
  BOOST_TEST(lock.packages[1].archive->url == "https://example.org/d-2-py3-none-any.whl");
  BOOST_TEST(lock.packages[1].archive->name == "d-2-py3-none-any.whl");
  BOOST_REQUIRE(lock.packages[2].directory.has_value());
  BOOST_TEST(lock.packages[2].directory->path == "/src/e e");
  BOOST_TEST(lock.packages[2].directory->editable);
  BOOST_REQUIRE(lock.packages[3].vcs.has_value());
  BOOST_TEST(lock.packages[3].vcs->commit_id == "abc");
  // What is written can be read.
  BOOST_TEST(parse_pylock(pylock_text(lock), "pylock.toml").packages.size() == 4U);
}

// No index is asked: it need not have it any more.
BOOST_AUTO_TEST_CASE(what_was_built_is_exported_as_its_sources) {
  TempStore temp;
  SitePackages site;
  site.add("a", "1.0", {}, {{"INSTALLER", "cas"}});
  site.add("b", "1.0", {}, {{"INSTALLER", "cas"}});
  const InstalledEnvironment environment = site.read();
  const Sha256Digest sources = *Sha256Digest::from_hex(kA);
  Anchor anchor;
  anchor.packages = {
      {sha256("a"), "a", "1.0", true, {}, BuiltFrom{"a-1.0.zip", "https://example.org/x/a-1.0.zip", sources}},
      {sha256("b"), "b", "1.0", true, {}, BuiltFrom{"b-1.0.zip", "file:///x%20y/b-1.0.zip", sources}}};
  const auto frozen = frozen_requirements(environment);
  const std::string hash = " \\\n    --hash=sha256:" + kA + "\n";
  BOOST_TEST(requirements_text(frozen, anchor, ExportedHashes::all) == "a==1.0" + hash + "b==1.0" + hash);
  const InterpreterFacts facts = test::cpython_facts(12);
  const DependencyGraph graph(environment, system_markers(facts));
  PackageNetwork network(temp.store, {});
  const Pylock lock = parse_pylock(
      pylock_text(exported_lock(temp.store, frozen, anchor, graph, facts, network.indexes())), "pylock.toml");
  BOOST_REQUIRE(lock.packages.size() == 2U);
  BOOST_REQUIRE((lock.packages[0].sdist && lock.packages[1].sdist));
  BOOST_TEST(lock.packages[0].version == "1.0");
  BOOST_TEST(lock.packages[0].sdist->url == "https://example.org/x/a-1.0.zip");
  BOOST_TEST(lock.packages[0].sdist->sha256()->hex() == kA);
  BOOST_TEST(lock.packages[1].sdist->path == "/x y/b-1.0.zip");
  BOOST_TEST(lock.packages[1].sdist->name == "b-1.0.zip");
}

BOOST_AUTO_TEST_CASE(a_lock_becomes_requirements) {
  const LockSource source = lock(package("a", "marker = \"python_version<'3.9'\"\n" + wheel_of("a")) +
                                 package("b", "archive = {path = 'b-1.0-py3-none-any.whl', " + kHashes + "}"));
  BOOST_TEST(requirements_text(source, ExportedHashes::all) ==
             "a==1.0 ; python_version < \"3.9\" \\\n    --hash=sha256:" + kA +
                 "\nb @ file:///project/b-1.0-py3-none-any.whl \\\n    --hash=sha256:" + kA + "\n");
}

BOOST_AUTO_TEST_CASE(what_requirements_cannot_say_is_refused) {
  const auto text = [](const std::string& packages) { return requirements_text(lock(packages), ExportedHashes::all); };
  BOOST_CHECK_EXCEPTION(
      (void)text(package("a", "marker = \"python_version < '4' and ('x' in extras)\"\n" + wheel_of("a"))), InvalidInput,
      says("a belongs to an extra"));
  BOOST_CHECK_EXCEPTION((void)text("[[packages]]\nname = 'a'\ndirectory = {path = 'src'}\n"), InvalidInput,
                        says("a without a file that has a SHA-256"));
  BOOST_CHECK_EXCEPTION(
      (void)text("[[packages]]\nname = 'a'\narchive = {url = \"https://example.org/a.zip\\n-e /evil\", " + kHashes +
                 "}\n"),
      InvalidInput, says("cannot stand in a requirement"));
}

BOOST_AUTO_TEST_CASE(a_lock_is_compared_by_what_the_interpreter_gets) {
  const LockSource source =
      lock(package("a", wheel_of("a")) + package("b", "marker = \"python_version < '3'\"\n" + wheel_of("b")) +
           "[[packages]]\nname = 'c'\ndirectory = {path = '/src', editable = true}\n" +
           package("d", "sdist = {url = 'https://example.org/d-1.0.zip', " + kHashes + "}"));
  const auto packages = compared_packages(source, test::cpython_facts(12));
  BOOST_REQUIRE(packages.size() == 3U);
  BOOST_TEST(packages[2].sha256->hex() == kA);
  BOOST_TEST(packages[0].name == "a");
  BOOST_TEST(packages[0].version == "1.0");
  BOOST_TEST(packages[0].sha256->hex() == kA);
  BOOST_TEST(packages[1].version == "");
  BOOST_TEST(packages[1].origin == "-e /src");
}

BOOST_AUTO_TEST_SUITE_END()
