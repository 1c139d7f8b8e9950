#include "store/store.hpp"

#include <boost/test/unit_test.hpp>
#include <filesystem>

#include "tests/support/temp_store.hpp"

using namespace cas;
using namespace cas::test;
namespace fs = std::filesystem;

BOOST_FIXTURE_TEST_SUITE(store_tests, TempDir)

BOOST_AUTO_TEST_CASE(a_new_path_becomes_a_store) {
  const Store store = Store::open({*this / "deep/store", "", Durability::batch});
  BOOST_TEST(slurp(store.layout().version_file()) == "cas store 1\n");
  for (const std::string& directory : {store.layout().objects(), store.layout().manifests(), store.layout().roots(),
                                       store.layout().running(), store.layout().staging(), store.layout().locks()}) {
    BOOST_TEST(fs::is_directory(directory));
  }
  BOOST_TEST(fs::file_size(store.layout().reserve()) == 1048576U);
  BOOST_TEST(store.index_directory() == store.layout().root() + "/index");
}

BOOST_AUTO_TEST_CASE(an_empty_directory_becomes_a_store) {
  fs::create_directory(*this / "store");
  fs::create_directory(*this / "store/lost+found");  // a freshly made filesystem
  static_cast<void>(Store::open({*this / "store", "", Durability::none}));
  BOOST_TEST(exists(*this / "store/version"));
}

BOOST_AUTO_TEST_CASE(a_directory_with_something_else_is_refused_and_left_as_it_is) {
  fs::create_directory(*this / "home");
  write_test_file(*this / "home/thesis.tex", "x");
  BOOST_CHECK_THROW(Store::open({*this / "home", "", Durability::none}), UsageError);
  BOOST_TEST((names_in(*this / "home") == std::vector<std::string>{"thesis.tex"}));
}

BOOST_AUTO_TEST_CASE(a_store_opens_again) {
  {
    TempDir elsewhere;
    static_cast<void>(Store::open({*this / "store", "", Durability::none}));
  }
  const auto before = slurp(*this / "store/version");
  static_cast<void>(Store::open({*this / "store/", "", Durability::none}));
  BOOST_TEST(slurp(*this / "store/version") == before);
}

BOOST_AUTO_TEST_CASE(a_store_of_another_version_is_refused_naming_both) {
  static_cast<void>(Store::open({*this / "store", "", Durability::none}));
  overwrite(*this / "store/version", "cas store 2\n");
  BOOST_CHECK_EXCEPTION(Store::open({*this / "store", "", Durability::none}), Error, [](const Error& error) {
    return error.message().find("cas store 2") != std::string::npos &&
           error.message().find("cas store 1") != std::string::npos;
  });
}

BOOST_AUTO_TEST_CASE(the_index_may_lie_elsewhere) {
  const Store store = Store::open({*this / "store", *this / "index elsewhere", Durability::none});
  BOOST_TEST(!exists(*this / "store/index"));
  BOOST_TEST(exists(*this / "index elsewhere/data.mdb"));
}

BOOST_AUTO_TEST_CASE(a_store_that_was_made_half_is_completed) {
  static_cast<void>(Store::open({*this / "store", "", Durability::none}));
  fs::remove(*this / "store/reserve");
  fs::remove(*this / "store/roots");
  static_cast<void>(Store::open({*this / "store", "", Durability::none}));
  BOOST_TEST(exists(*this / "store/roots"));
  BOOST_TEST(exists(*this / "store/reserve"));
}

BOOST_AUTO_TEST_CASE(objects_that_are_not_there_are_corruption) {
  TempStore temp;
  const ObjectId id{sha256("content"), Executable::no};
  BOOST_TEST(!find_object(temp.store, id).has_value());
  BOOST_CHECK_THROW(open_object(temp.store, id), Corruption);
  temp.add("demo", "1.0", {{"demo.py", "content"}});
  BOOST_TEST(static_cast<bool>(open_object(temp.store, id)));
  fs::remove(temp.object_path("content"));
  BOOST_CHECK_THROW(open_object(temp.store, id), Corruption);
}

BOOST_AUTO_TEST_SUITE_END()
