#include "linker/locked/partial_fetch.hpp"

#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <filesystem>
#include <random>

#include "linker/locked/package_inputs.hpp"
#include "store/artifact_identity.hpp"
#include "store/base/error.hpp"
#include "store/source/wheel.hpp"
#include "tests/linker/facts.hpp"
#include "tests/support/index_server.hpp"
#include "tests/support/recorded_progress.hpp"
#include "tests/support/temp_store.hpp"

using namespace cas;
using cas::test::IndexServer;
using cas::test::TempStore;

namespace {

std::string noise(unsigned seed, std::size_t bytes) {
  std::mt19937 random(seed);
  std::string text(bytes, '\0');
  for (char& c : text) c = static_cast<char>(random());
  return text;
}

// big 1.0 and 2.0: twelve files of 64 kB, of which one differs.
test::WheelBuilder big(const std::string& version) {
  test::Files files;
  for (unsigned i = 0; i < 12; ++i) {
    const unsigned seed = i == 6 && version == "2.0" ? 100 : i;
    files.emplace_back("big/data" + std::to_string(i), noise(seed, 64 << 10));
  }
  files.emplace_back("big/__init__.py", "");
  return test::make_wheel("big", version, files);
}

struct Fixture {
  Fixture() { std::filesystem::create_directories(temp.dir / "wheels"); }

  TempStore temp;
  std::string folder = temp.dir / "wheels";
  std::string path = temp.write_wheel(big("2.0"));
  std::string name = test::wheel_name("big", "2.0");
  Sha256Digest digest = sha256(test::slurp(path));
  ListingDigests listing = open_wheel(path, RecordPolicy::strict)->listing().value();
  std::uint64_t size = std::filesystem::file_size(path);
  test::RecordedProgress progress;

  [[nodiscard]] LockSource lock(const std::string& url) const {
    LockSource source;
    source.place = "pylock.toml";
    source.directory = "/";
    LockedPackage package;
    package.name = "big";
    package.version = "2.0";
    LockedFile wheel;
    wheel.name = name;
    wheel.url = url;
    wheel.hashes.emplace("sha256", digest.hex());
    package.wheels.push_back(wheel);
    package.listings.emplace(name, listing);
    source.lock.packages.push_back(package);
    return source;
  }

  SuppliedPackages supply(const LockSource& source, PartialDownloads how = PartialDownloads::automatic) {
    NetworkOptions options;
    options.partial_downloads = how;
    PackageNetwork network(temp.store, options);
    LockedSupply supply(
        [&](const Store&, const InterpreterFacts&, Progress&) { return std::vector<LockSource>{source}; }, network);
    return supply.supply(temp.store, test::cpython_facts(12), {}, progress);
  }

  [[nodiscard]] Sha256Digest assembled() const { return assembled_identity(digest, listing); }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(partial_fetch, Fixture)

BOOST_AUTO_TEST_CASE(what_the_store_lacks_is_fetched) {
  (void)temp.add(big("1.0"));
  const IndexServer server({folder});
  const SuppliedPackages supplied = supply(lock(server.url("/files/" + name)));
  const IngestResult& result = supplied.ingested.at(0);
  BOOST_TEST((supplied.packages.at(0).artifact == assembled()));
  BOOST_TEST(result.artifact_bytes == size);
  BOOST_TEST(result.fetched_bytes.value() < size / 3);
  BOOST_TEST(result.new_bytes < size / 3);
  const test::RecordedPackage shown = progress.package("big 2.0");
  BOOST_TEST(shown.done);
  BOOST_TEST(shown.received == result.fetched_bytes.value());
  BOOST_TEST(shown.spared == size - shown.received);
  // The package says what it is, and has the objects of the whole one.
  const Package parts = find_package(temp.store.index(), assembled()).value();
  const Manifest manifest = read_manifest(temp.store.layout(), parts.row.manifest);
  BOOST_TEST((manifest.assembled == digest));
  BOOST_TEST((manifest.listing == listing));
  const Manifest whole =
      read_manifest(temp.store.layout(), find_package(temp.store.index(), temp.add(big("2.0"))).value().row.manifest);
  BOOST_TEST(!whole.assembled);
  BOOST_TEST((whole.listing == listing));
  BOOST_REQUIRE(whole.files.size() == manifest.files.size());
  for (std::size_t i = 0; i < whole.files.size(); ++i) {
    BOOST_TEST(whole.files[i].path == manifest.files[i].path);
    BOOST_TEST((whole.files[i].object == manifest.files[i].object));
    BOOST_TEST(whole.files[i].size == manifest.files[i].size);
  }
  BOOST_TEST(temp.problems().empty());
}

BOOST_AUTO_TEST_CASE(what_came_in_parts_is_the_wheel_only_for_who_says_the_same_of_it) {
  (void)temp.add(big("1.0"));
  const IndexServer server({folder});
  LockSource source = lock(server.url("/files/" + name));
  (void)supply(source);
  BOOST_TEST(!temp.has_package(digest));
  BOOST_TEST(supply(source).ingested.empty());
  source.lock.packages[0].listings.at(name).record = sha256("another");
  const SuppliedPackages other = supply(source);
  BOOST_TEST((other.packages.at(0).artifact == digest));
  BOOST_TEST(!other.ingested.at(0).fetched_bytes.has_value());
  BOOST_REQUIRE(other.ingested.at(0).warnings.size() == 1U);
  BOOST_TEST(other.ingested.at(0).warnings[0].find("tool.cas") != std::string::npos);
  // Now that the whole is here it is what everybody gets.
  BOOST_TEST((supply(lock(server.url("/files/" + name))).packages.at(0).artifact == digest));
}

BOOST_AUTO_TEST_CASE(it_is_left_where_it_cannot_pay) {
  const IndexServer server({folder});
  const LockSource source = lock(server.url("/files/" + name));
  // Nothing of the project is there: one request, for all.
  BOOST_TEST((supply(source).packages.at(0).artifact == digest));
  BOOST_TEST(server.log().find("Range") == std::string::npos);
}

BOOST_AUTO_TEST_CASE(never_and_always_are_kept_to) {
  (void)temp.add(big("1.0"));
  const IndexServer server({folder});
  const LockSource source = lock(server.url("/files/" + name));
  BOOST_TEST((supply(source, PartialDownloads::never).packages.at(0).artifact == digest));
  BOOST_TEST(server.log().find("Range") == std::string::npos);
  TempStore empty;
  NetworkOptions options;
  options.partial_downloads = PartialDownloads::always;
  PackageNetwork network(empty.store, options);
  LockedSupply all([&](const Store&, const InterpreterFacts&, Progress&) { return std::vector<LockSource>{source}; },
                   network);
  BOOST_TEST(
      (all.supply(empty.store, test::cpython_facts(12), {}, empty.silent).packages.at(0).artifact == assembled()));
}

BOOST_AUTO_TEST_CASE(objects_of_another_size_or_crc_are_not_taken_for_a_member) {
  (void)temp.add(big("1.0"));
  temp.store.index().write([&](WriteTxn& txn, const Schema& schema) {
    const ObjectId id{sha256(noise(0, 64 << 10)), Executable::no};
    ObjectRow row = schema.objects.get(txn, id).value();
    row.crc32 ^= 1;
    schema.objects.put(txn, id, row);
  });
  const test::MemoryFile file(test::slurp(path));
  ByteRanges parts;
  parts.add({size - 70'000, size});
  for (const ByteRange& range : outline_wheel(file.fd(), name, parts).opening) parts.add(range);
  const auto source = open_wheel_parts(file.fd(), name, parts);
  const std::vector<ByteRange> needed = needed_parts(temp.store, *source);
  BOOST_REQUIRE(needed.size() == 2U);
  BOOST_TEST(needed[0].begin == 0U);
}

const char* const kLies[] = {"no-ranges", "renamed", "other-etag", "other-part", "short-part", "long-part", "flip"};

BOOST_DATA_TEST_CASE(whatever_is_odd_ends_in_the_whole_wheel, boost::unit_test::data::make(kLies), lie) {
  (void)temp.add(big("1.0"));
  const IndexServer server({folder});
  const SuppliedPackages supplied = supply(lock(server.url("/fault/" + std::string(lie) + "/files/" + name)));
  BOOST_TEST((supplied.packages.at(0).artifact == digest));
  BOOST_TEST(temp.problems().empty());
  BOOST_TEST(std::filesystem::is_empty(temp.store.layout().staging()));
}

BOOST_AUTO_TEST_CASE(a_server_that_fails_at_all_is_an_error) {
  (void)temp.add(big("1.0"));
  const IndexServer server({folder});
  BOOST_CHECK_THROW((void)supply(lock(server.url("/fault/404/files/" + name))), Error);
}

BOOST_AUTO_TEST_CASE(what_pays_is_told_by_bytes_and_requests) {
  constexpr std::uint64_t kMega = 1 << 20;
  BOOST_TEST(pays({{0, kMega}}, 10 * kMega));
  BOOST_TEST(pays({}, kMega));
  BOOST_TEST(!pays({}, 100'000));
  BOOST_TEST(!pays({{0, 9 * kMega + kMega / 2}}, 9 * kMega + kMega / 2 + 1000));
  std::vector<ByteRange> many;
  for (std::uint64_t i = 0; i < 1000; ++i) many.push_back({i * 40'000, i * 40'000 + 100});
  BOOST_TEST(!pays(many, 20 * kMega));
}

BOOST_AUTO_TEST_SUITE_END()
