#include "store/base_stores.hpp"

#include <unistd.h>

#include <boost/test/unit_test.hpp>
#include <filesystem>

#include "store/base/error.hpp"
#include "tests/support/temp_store.hpp"

using namespace cas;
using namespace cas::test;
namespace fs = std::filesystem;

namespace {

struct BaseStores : TempStore {
  TempStore base;
  std::string root = base.store.layout().root();

  std::vector<Store> open(const std::vector<std::string>& paths) { return open_base_stores(store.layout(), paths); }
  template <class E>
  void expect(const std::string& path, const std::string& part) {
    BOOST_CHECK_EXCEPTION(open({path}), E, [&](const Error& error) {
      const std::string text = error.message() + "\n" + error.hint();
      BOOST_TEST(text.find(part) != std::string::npos, text);
      return true;
    });
  }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(base_stores_tests, BaseStores)

BOOST_AUTO_TEST_CASE(they_are_opened_for_reading_in_their_order) {
  TempStore other;
  const auto stores = open({other.store.layout().root(), root});
  BOOST_REQUIRE_EQUAL(stores.size(), 2U);
  BOOST_TEST(stores[0].layout().root() == fs::canonical(other.store.layout().root()).string());
  BOOST_TEST(stores[1].index().read_only());
  BOOST_CHECK_THROW(stores[1].index().write([](WriteTxn&, const Schema&) {}), SystemError);
}

BOOST_AUTO_TEST_CASE(the_same_one_twice_is_one) {
  fs::create_directory_symlink(root, dir / "link");
  BOOST_TEST(open({root, root + "/", dir / "link"}).size() == 1U);
}

BOOST_AUTO_TEST_CASE(the_store_itself_is_none) {
  expect<UsageError>(store.layout().root(), "as the store and as a base store");
  fs::create_directory_symlink(store.layout().root(), dir / "link");
  expect<UsageError>(dir / "link", "as the store and as a base store");
}

BOOST_AUTO_TEST_CASE(one_inside_the_other_is_refused) {
  const std::string inside = store.layout().root() + "/inside";
  { const Store made = Store::open({inside, "", Durability::none}); }
  expect<UsageError>(inside, "lies inside the store");
  const Store above = Store::open({root + "/above", "", Durability::none});
  BOOST_CHECK_EXCEPTION(open_base_stores(above.layout(), {root}), UsageError, [](const UsageError& error) {
    return error.message().find("lies inside its base store") != std::string::npos;
  });
}

BOOST_AUTO_TEST_CASE(one_that_is_not_there_is_told) {
  expect<Error>(dir / "nowhere", "is not there");
  fs::create_directory(dir / "empty");
  expect<Error>(dir / "empty", "there is no store at");
  BOOST_TEST(names_in(dir / "empty").empty());
}

BOOST_AUTO_TEST_CASE(one_of_another_version_is_told) {
  fs::remove(root + "/version");
  write_test_file(root + "/version", "cas store 9\n");
  fs::permissions(root + "/version", fs::perms(0444));
  expect<Error>(root, "its version is 'cas store 9'");
}

BOOST_AUTO_TEST_CASE(a_damaged_index_is_told) {
  fs::resize_file(root + "/index/data.mdb", 100);
  expect<Corruption>(root, "the base store " + fs::canonical(root).string());
}

BOOST_AUTO_TEST_CASE(a_missing_index_is_told) {
  base.add("demo", "1.0", {{"demo.py", "x = 1\n"}});
  fs::remove(root + "/index/data.mdb");
  expect<Corruption>(root, "data.mdb is missing");
}

BOOST_AUTO_TEST_CASE(one_that_is_being_rebuilt_is_told) {
  write_test_file(root + "/rebuilding", "");
  expect<Corruption>(root, "is being rebuilt");
}

BOOST_AUTO_TEST_CASE(one_that_others_could_change_is_not_trusted) {
  for (const char* path : {"", "/index", "/index/data.mdb", "/version"}) {
    BOOST_TEST_CONTEXT(path) {
      const fs::perms before = fs::status(root + path).permissions();
      fs::permissions(root + path, fs::perms::others_write, fs::perm_options::add);
      expect<Error>(root, "could be changed by other users");
      fs::permissions(root + path, before);
      BOOST_TEST(open({root}).size() == 1U);
    }
  }
}

BOOST_AUTO_TEST_CASE(one_of_another_user_is_not_trusted,
                     *boost::unit_test::precondition([](boost::unit_test::test_unit_id) { return ::geteuid() == 0; })) {
  BOOST_REQUIRE(::chown((root + "/index/data.mdb").c_str(), 12345, 0) == 0);
  expect<Error>(root, "belongs to user 12345");
}

BOOST_AUTO_TEST_CASE(none_is_opened_before_it_is_asked_for) {
  StoreOptions options;
  options.path = dir / "lazy";
  options.durability = Durability::none;
  options.base_stores = {dir / "nowhere"};
  const Store lazy = Store::open(options);
  BOOST_CHECK_THROW(static_cast<void>(lazy.bases()), Error);
}

BOOST_AUTO_TEST_SUITE_END()
