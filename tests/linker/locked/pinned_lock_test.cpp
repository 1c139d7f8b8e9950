#include "linker/locked/pinned_lock.hpp"

#include <boost/test/unit_test.hpp>
#include <chrono>
#include <string>

#include "linker/locked/marker_facts.hpp"
#include "linker/locked/package_network.hpp"
#include "linker/locked/resolution_memo.hpp"
#include "store/base/error.hpp"
#include "store/sys/file.hpp"
#include "tests/linker/facts.hpp"
#include "tests/support/temp_store.hpp"

using namespace cas;
using namespace std::chrono_literals;
using cas::test::TempStore;

namespace {

MarkerEnvironment environment() {
  return marker_environment(test::cpython_facts(12), {"Linux", "6.1.0", "#1", "x86_64"});
}

RequirementFiles files_of(const std::string& text) {
  RequirementReader reader;
  reader.read = [&](const std::string&) { return text; };
  return read_requirement_files({{"r.txt", RequirementRole::requirements}}, reader);
}

const std::string kHash = " --hash=sha256:" + std::string(64, 'a');

}  // namespace

BOOST_AUTO_TEST_SUITE(pinned_lock_tests)

BOOST_AUTO_TEST_CASE(only_what_leaves_nothing_open_is_pinned) {
  const auto pinned = [](const std::string& text) { return is_fully_pinned(files_of(text), environment()); };
  BOOST_TEST(pinned("a==1" + kHash + "\nb===2" + kHash + "\n"));
  BOOST_TEST(pinned("a==1" + kHash + "\nb>2; python_version < '3'\n"));
  BOOST_TEST(!pinned(""));
  BOOST_TEST(!pinned("a==1\n"));
  BOOST_TEST(!pinned("a==1.*" + kHash + "\n"));
  BOOST_TEST(!pinned("a>=1" + kHash + "\n"));
  BOOST_TEST(!pinned("a==1" + kHash + "\nb\n"));
  BOOST_TEST(!pinned("a @ https://example.org/a-1-py3-none-any.whl" + kHash + "\n"));
  BOOST_TEST(!pinned("a==1 --hash=sha512:" + std::string(128, 'a') + "\n"));
}

BOOST_AUTO_TEST_CASE(files_are_chosen_by_version_and_hash) {
  TempStore temp;
  NetworkOptions options;
  options.places.find_links = {temp.dir / "wheels"};
  options.places.no_index = true;
  const std::string wheel = temp.write_wheel(test::make_wheel("a", "1.0", {{"a.py", ""}}));
  static_cast<void>(temp.write_wheel(test::make_wheel("a", "2.0", {{"a.py", ""}})));
  PackageNetwork network(temp.store, options);
  const auto lock_of = [&](const std::string& text) {
    return pinned_lock(temp.store, files_of(text), environment(), network.indexes());
  };
  const auto says = [](const std::string& what) {
    return [what](const InvalidInput& error) { return error.message().find(what) != std::string::npos; };
  };
  const Pylock lock = lock_of("A==1 --hash=sha256:" + sha256(test::slurp(wheel)).hex());
  BOOST_REQUIRE(lock.packages.size() == 1U);
  BOOST_TEST(lock.packages[0].name == "a");
  BOOST_REQUIRE(lock.packages[0].wheels.size() == 1U);
  BOOST_TEST(lock.packages[0].wheels[0].path == wheel);
  BOOST_CHECK_EXCEPTION((void)lock_of("a==1.0" + kHash), InvalidInput,
                        says("the wheel of a 1.0 has none of the hashes"));
  BOOST_CHECK_EXCEPTION((void)lock_of("a==3.0" + kHash), InvalidInput, says("r.txt:1: no index has a wheel of a 3.0"));
  BOOST_CHECK_EXCEPTION((void)lock_of("b==1.0" + kHash), InvalidInput, says("no index has b"));
}

BOOST_AUTO_TEST_CASE(what_the_store_has_needs_no_index) {
  TempStore temp;
  const std::string digest = temp.ingest(test::make_wheel("a", "1.0", {{"a.py", ""}})).artifact.hex();
  const auto lock_of = [&](const std::string& text) {
    return pinned_lock_of_store(temp.store, files_of(text), environment());
  };
  const auto lock = lock_of("A==1 --hash=sha256:" + std::string(64, 'b') + " --hash=sha256:" + digest);
  BOOST_REQUIRE(lock.has_value());
  BOOST_REQUIRE(lock->packages.size() == 1U);
  BOOST_REQUIRE(lock->packages[0].wheels.size() == 1U);
  BOOST_TEST(lock->packages[0].wheels[0].name == "a-1.0-py3-none-any.whl");
  BOOST_TEST(lock->packages[0].wheels[0].sha256().value().hex() == digest);
  BOOST_TEST(!lock_of("a==1" + kHash).has_value());
  BOOST_TEST(!lock_of("a==2 --hash=sha256:" + digest).has_value());
  BOOST_TEST(!lock_of("b==1 --hash=sha256:" + digest).has_value());
  BOOST_TEST(!lock_of("a==1 --hash=sha256:" + digest + "\nb==1" + kHash).has_value());
}

// A folder tells no digests.
BOOST_AUTO_TEST_CASE(sources_of_a_folder_are_chosen_by_hash) {
  TempStore temp;
  for (const char* name : {"a-1.0.tar.gz", "a-1.0.1.tar.gz"}) {
    write_new_file_at(kCurrentDirectory, temp.dir / name, name, 0600);
  }
  NetworkOptions options;
  options.places.find_links = {temp.dir.path()};
  options.places.no_index = true;
  PackageNetwork network(temp.store, options);
  const auto lock_of = [&](const std::string& content) {
    return pinned_lock(temp.store, files_of("a==1.0 --hash=sha256:" + sha256(content).hex()), environment(),
                       network.indexes());
  };
  const Pylock lock = lock_of("a-1.0.tar.gz");
  BOOST_REQUIRE(lock.packages.size() == 1U);
  BOOST_REQUIRE(lock.packages[0].sdist.has_value());
  BOOST_TEST(lock.packages[0].sdist->path == temp.dir / "a-1.0.tar.gz");
  BOOST_CHECK_THROW((void)lock_of("a-1.0.1.tar.gz"), InvalidInput);
}

BOOST_AUTO_TEST_CASE(locks_are_remembered_for_a_time) {
  TempStore temp;
  const Sha256Digest question = sha256("a question");
  BOOST_TEST(!remembered_lock(temp.store, question, 24h).has_value());
  remember_lock(temp.store, question, "an answer");
  BOOST_TEST(remembered_lock(temp.store, question, 24h).value() == "an answer");
  BOOST_TEST(!remembered_lock(temp.store, sha256("another"), 24h).has_value());
  // From the second after it was found.
  BOOST_TEST(!remembered_lock(temp.store, question, -1s).has_value());
}

BOOST_AUTO_TEST_SUITE_END()
