#include "linker/locked/locked_supply.hpp"

#include <boost/test/unit_test.hpp>
#include <filesystem>
#include <string>
#include <vector>

#include "linker/locked/package_inputs.hpp"
#include "store/base/error.hpp"
#include "store/packages/packages.hpp"
#include "tests/linker/facts.hpp"
#include "tests/support/index_server.hpp"
#include "tests/support/temp_store.hpp"

using namespace cas;
using cas::test::IndexServer;
using cas::test::TempStore;

namespace {

struct Fixture {
  TempStore temp;
  std::string folder = temp.dir / "wheels";
  std::string wheel = add_wheel("a");

  [[nodiscard]] std::string add_wheel(const std::string& name) const {
    return temp.write_wheel(test::make_wheel(name, "1.0", {{name + ".py", "x = '" + name + "'\n"}}));
  }

  static std::string digest_of(const std::string& path) { return sha256(test::slurp(path)).hex(); }

  // One package, its wheel at `where` ("url = '…'" or "path = '…'").
  static LockSource lock(const std::string& name, const std::string& where, const std::string& digest,
                         const std::string& kind = "wheels") {
    LockSource source;
    source.place = "pylock.toml";
    source.directory = "/";
    const std::string file =
        "{name = '" + test::wheel_name(name, "1.0") + "', " + where + ", hashes = {sha256 = '" + digest + "'}}";
    source.lock =
        parse_pylock("lock-version = '1.0'\ncreated-by = 'a test'\n[[packages]]\nname = '" + name +
                         "'\nversion = '1.0'\n" + kind + " = " + (kind == "wheels" ? "[" + file + "]" : file) + "\n",
                     source.place);
    return source;
  }

  SuppliedPackages supply(const std::vector<LockSource>& sources, CacheMode mode = CacheMode::online,
                          const std::vector<std::string>& indexes = {}) {
    NetworkOptions options;
    options.mode = mode;
    options.places.indexes = indexes;
    PackageNetwork network(temp.store, options);
    LockedSupply supply([&](const Store&, const InterpreterFacts&, Progress&) { return sources; }, network);
    return supply.supply(temp.store, test::cpython_facts(12), {}, temp.silent);
  }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(locked_supply_tests, Fixture)

BOOST_AUTO_TEST_CASE(wheels_come_from_paths_and_urls_and_then_from_the_store) {
  const std::string other = add_wheel("b");
  const IndexServer server({folder});
  const std::vector<LockSource> locks{
      lock("a", "path = '" + wheel + "'", digest_of(wheel)),
      lock("b", "url = '" + server.url("/files/" + test::wheel_name("b", "1.0")) + "'", digest_of(other))};
  const SuppliedPackages first = supply(locks);
  BOOST_TEST(first.packages.size() == 2U);
  BOOST_TEST(first.ingested.size() == 2U);
  BOOST_TEST((first.packages.at(0).requested == Requested::yes));
  BOOST_TEST(first.packages.at(0).direct_url.empty());
  const SuppliedPackages second = supply(locks, CacheMode::offline);
  BOOST_TEST(second.packages.size() == 2U);
  BOOST_TEST(second.ingested.empty());
}

BOOST_AUTO_TEST_CASE(files_of_an_index_are_fetched_with_its_password) {
  const IndexServer server({folder, "--user", "somebody:secret"});
  const LockSource source =
      lock("a", "url = '" + server.url("/files/" + test::wheel_name("a", "1.0")) + "'", digest_of(wheel));
  BOOST_CHECK_THROW((void)supply({source}), Error);
  BOOST_TEST(supply({source}, CacheMode::online, {server.url("/simple", "somebody:secret")}).packages.size() == 1U);
}

BOOST_AUTO_TEST_CASE(an_archive_says_where_it_came_from_and_only_what_was_asked_for_is_requested) {
  LockSource source = lock("a", "path = '" + wheel + "'", digest_of(wheel), "archive");
  source.requested.emplace();
  const SuppliedPackages supplied = supply({source});
  BOOST_TEST(supplied.packages.at(0).direct_url.find("file://") != std::string::npos);
  BOOST_TEST((supplied.packages.at(0).requested == Requested::no));
}

BOOST_AUTO_TEST_CASE(a_wrong_digest_is_refused_and_nothing_stays) {
  const std::string wrong(64, '0');
  BOOST_CHECK_THROW((void)supply({lock("a", "path = '" + wheel + "'", wrong)}), InvalidInput);
  const IndexServer server({folder});
  const std::string url = "url = '" + server.url("/files/" + test::wheel_name("a", "1.0")) + "'";
  BOOST_CHECK_THROW((void)supply({lock("a", url, wrong)}), InvalidInput);
  BOOST_TEST(list_packages(temp.store.index()).empty());
  BOOST_TEST(std::filesystem::is_empty(temp.store.layout().staging()));
}

BOOST_AUTO_TEST_CASE(offline_it_is_said_what_is_missing) {
  const auto names_it = [](const NotFound& error) { return error.message().find("a-1.0-") != std::string::npos; };
  BOOST_CHECK_EXCEPTION(
      (void)supply({lock("a", "url = 'https://example.invalid/a-1.0-py3-none-any.whl'", std::string(64, '1'))},
                   CacheMode::offline),
      NotFound, names_it);
}

BOOST_AUTO_TEST_CASE(one_package_of_two_locks_must_be_one_file) {
  const LockSource one = lock("a", "path = '" + wheel + "'", digest_of(wheel));
  BOOST_TEST(supply({one, one}).packages.size() == 1U);
  BOOST_CHECK_THROW((void)supply({one, lock("a", "path = '" + wheel + "'", std::string(64, '0'))}), UsageError);
}

BOOST_AUTO_TEST_CASE(a_wheel_of_another_package_is_refused) {
  const std::string other = add_wheel("b");
  const std::string disguised = folder + "/other/" + test::wheel_name("a", "1.0");
  std::filesystem::create_directory(folder + "/other");
  std::filesystem::copy_file(other, disguised);
  BOOST_CHECK_THROW((void)supply({lock("a", "path = '" + disguised + "'", digest_of(disguised))}), InvalidInput);
}

BOOST_AUTO_TEST_CASE(without_sha256_nothing_is_taken) {
  LockSource source = lock("a", "path = '" + wheel + "'", digest_of(wheel));
  source.lock.packages.at(0).wheels.at(0).hashes = {{"md5", "00"}};
  BOOST_CHECK_THROW((void)supply({source}), InvalidInput);
}

BOOST_AUTO_TEST_SUITE_END()
