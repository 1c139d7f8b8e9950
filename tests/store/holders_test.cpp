#include "store/holders.hpp"

#include <boost/test/unit_test.hpp>
#include <filesystem>

#include "store/history.hpp"
#include "store/ingest.hpp"
#include "store/sys/file.hpp"
#include "tests/support/temp_store.hpp"

using namespace cas;
using namespace cas::test;
namespace fs = std::filesystem;

namespace {

struct HoldersFixture : TempStore {
  std::vector<Holder> holders() {
    std::vector<std::string> warnings;
    std::vector<Holder> all = list_holders(store, warnings);
    BOOST_TEST(warnings.empty());
    return all;
  }
  static ObjectId id(std::string_view content) { return {sha256(content), Executable::no}; }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(holders_tests, HoldersFixture)

BOOST_AUTO_TEST_CASE(environments_pins_and_revisions_hold) {
  const auto old = add("demo", "1.0", {{"demo.py", "old"}});
  const auto young = add("demo", "2.0", {{"demo.py", "young"}});
  Anchor first = anchor_for(dir / "env", {old});
  continue_history(std::nullopt, first);
  write_test_file(store.layout().roots() + "/" + first.id, encode_anchor(first));
  Anchor second = anchor_for(dir / "env", {young});
  continue_history(first, second);
  PendingRoot root(store, second, "");
  root.publish();
  make_directories(dir / "env/.cas");
  root.attach(open_directory(dir / "env/.cas").get(), "anchor");
  root.finish();
  keep_revision(store, look_at_root(store, first), second);
  make_rooted_directory(dir / "gone", {old});
  fs::remove_all(dir / "gone");
  Pin pin;
  pin.what = "demo==1.0";
  pin.packages.push_back({old, "demo", "1.0"});
  add_pin(store, pin);

  const std::vector<Holder> all = holders();
  BOOST_REQUIRE(all.size() == 3U);
  BOOST_TEST((all[0].kind == HolderKind::environment));
  BOOST_TEST(all[0].name == dir / "env");
  BOOST_TEST(all[0].id == second.id);
  BOOST_TEST(all[0].packages.contains(young));
  BOOST_TEST(!all[0].packages.contains(old));
  BOOST_TEST((all[1].kind == HolderKind::pin));
  BOOST_TEST(all[1].name == "demo==1.0");
  BOOST_TEST(all[1].packages.contains(old));
  BOOST_TEST((all[2].kind == HolderKind::revision));
  BOOST_TEST(all[2].number == 1U);
  BOOST_TEST(all[2].packages.contains(old));
}

BOOST_AUTO_TEST_CASE(what_cannot_be_read_is_named) {
  write_test_file(store.layout().roots() + "/0123456789abcdef0123456789abcdef", "broken");
  std::vector<std::string> warnings;
  BOOST_TEST(list_holders(store, warnings).empty());
  BOOST_TEST(warnings.size() == 1U);
}

BOOST_AUTO_TEST_CASE(an_objects_packages_and_plans_are_found) {
  const auto a = add("a", "1.0", {{"a.py", "shared"}, {"again.py", "shared"}, {"own.py", "own"}});
  add("b", "1.0", {{"b.py", "shared"}});
  const GeneratedObject object{id("generated"), "generated"};
  BOOST_REQUIRE(record_plan(store, sha256("plan"), {&a, 1}, {&object, 1},
                            [](const ReadTxn&, const Schema&) { return std::string("body"); }));
  const ObjectUsers shared = users_of_object(store, id("shared"));
  BOOST_REQUIRE(shared.packages.size() == 2U);
  BOOST_TEST(shared.packages[0].package.row.name == "a");
  BOOST_TEST((shared.packages[0].paths == std::vector<std::string>{"a.py", "again.py"}));
  BOOST_TEST(shared.plans.empty());
  const ObjectUsers generated = users_of_object(store, id("generated"));
  BOOST_TEST(generated.packages.empty());
  BOOST_TEST(generated.plans.contains(sha256("plan")));
  BOOST_TEST(users_of_object(store, id("nobody's")).packages.empty());
}

BOOST_AUTO_TEST_CASE(a_file_is_an_object_by_its_name_or_its_content) {
  add("a", "1.0", {{"a.py", "content"}});
  BOOST_TEST((object_of_file(store, object_path("content")) == id("content")));
  write_test_file(dir / "copy", "content");
  BOOST_TEST((object_of_file(store, dir / "copy") == id("content")));
  fs::permissions(dir / "copy", fs::perms::owner_all);
  BOOST_TEST((object_of_file(store, dir / "copy") == ObjectId{sha256("content"), Executable::yes}));
  BOOST_CHECK_THROW(static_cast<void>(object_of_file(store, dir / "nothing")), NotFound);
  BOOST_CHECK_THROW(static_cast<void>(object_of_file(store, dir.path())), Error);
}

BOOST_AUTO_TEST_SUITE_END()
