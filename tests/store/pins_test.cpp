#include "store/pins.hpp"

#include <boost/test/unit_test.hpp>
#include <filesystem>

#include "store/rebuild.hpp"
#include "tests/support/temp_store.hpp"

using namespace cas;
using namespace cas::test;

namespace {

struct PinsFixture : TempStore {
  Pin pin_of(const std::string& what, const std::vector<Sha256Digest>& artifacts) {
    Pin pin;
    pin.what = what;
    for (const Sha256Digest& artifact : artifacts) pin.packages.push_back({artifact, "demo", "1.0"});
    return pin;
  }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(pins_tests, PinsFixture)

BOOST_AUTO_TEST_CASE(a_pin_comes_back_as_it_was) {
  for (const PinKind kind : {PinKind::package, PinKind::lock, PinKind::environment}) {
    Pin pin = pin_of("/not utf-8 \xff/\n/100%\"", {sha256("a"), sha256("b")});
    pin.kind = kind;
    pin.id = "0123456789abcdef0123456789abcdef";
    pin.created_at = 1234567890;
    const Pin back = decode_pin(encode_pin(pin));
    BOOST_TEST((back.kind == kind));
    BOOST_TEST(back.what == pin.what);
    BOOST_TEST(back.id == pin.id);
    BOOST_TEST(back.created_at == pin.created_at);
    BOOST_REQUIRE(back.packages.size() == 2U);
    BOOST_TEST((back.packages[1].artifact == sha256("b")));
    BOOST_TEST(back.packages[1].name == "demo");
  }
}

BOOST_AUTO_TEST_CASE(a_broken_pin_is_corruption) {
  Pin pin = pin_of("x", {sha256("a")});
  pin.id = "0123456789abcdef0123456789abcdef";
  const std::string good = encode_pin(pin);
  for (const std::string& text : {std::string(), std::string("{}"), std::string("[]"), good.substr(0, good.size() / 2),
                                  std::string(100000, '['), std::string("\xff")}) {
    BOOST_TEST_CONTEXT(text.substr(0, 30)) { BOOST_CHECK_THROW(decode_pin(text), Corruption); }
  }
  std::string unknown = good;
  unknown.replace(unknown.find("\"package\""), 9, "\"nothing\"");
  BOOST_CHECK_THROW(decode_pin(unknown), Corruption);
  pin.created_at = 1234567890;
  for (const char* number : {"1e99", "-1", "1.5", "true", "null", "\"1\"", "99999999999999999999"}) {
    std::string other = encode_pin(pin);
    other.replace(other.find("1234567890"), 10, number);
    BOOST_TEST_CONTEXT(number) { BOOST_CHECK_THROW(decode_pin(other), Corruption); }
  }
}

BOOST_AUTO_TEST_CASE(what_is_pinned_stays_whatever_the_policy) {
  const auto pinned = add("pinned", "1.0", {{"pinned.py", "pinned"}});
  const auto other = add("other", "1.0", {{"other.py", "other"}});
  const Pin pin = add_pin(store, pin_of("pinned", {pinned}));
  GcOptions options;
  options.max_size = 0;
  static_cast<void>(collect(options));
  BOOST_TEST(has_package(pinned));
  BOOST_TEST(has_content("pinned"));
  BOOST_TEST(!has_package(other));
  remove_pin(store, pin);
  static_cast<void>(collect());
  BOOST_TEST(!has_package(pinned));
  BOOST_TEST(object_files().empty());
}

BOOST_AUTO_TEST_CASE(pinning_again_replaces_the_pin_of_the_same_thing) {
  const auto a = add("a", "1.0", {{"a.py", "a"}});
  const auto b = add("b", "1.0", {{"b.py", "b"}});
  add_pin(store, pin_of("x", {a}));
  add_pin(store, pin_of("y", {a}));
  const Pin latest = add_pin(store, pin_of("x", {b}));
  const std::vector<Pin> pins = list_pins(store);
  BOOST_REQUIRE(pins.size() == 2U);
  BOOST_TEST(pins[0].what == "x");
  BOOST_TEST(pins[0].id == latest.id);
  BOOST_TEST(pins[1].what == "y");
}

BOOST_AUTO_TEST_CASE(what_the_store_does_not_have_cannot_be_pinned) {
  const auto there = add("a", "1.0", {{"a.py", "a"}});
  BOOST_CHECK_THROW(add_pin(store, pin_of("x", {there, sha256("absent")})), NotFound);
  BOOST_TEST(list_pins(store).empty());
}

BOOST_AUTO_TEST_CASE(pins_survive_a_rebuild_of_the_index) {
  const auto pinned = add("pinned", "1.0", {{"pinned.py", "pinned"}});
  add_pin(store, pin_of("pinned", {pinned}));
  Index::destroy(store.index_directory());
  static_cast<void>(rebuild_index({store.layout().root(), "", Durability::none}, 1, silent));
  store = Store::open({store.layout().root(), "", Durability::none});
  BOOST_TEST(list_pins(store).size() == 1U);
  static_cast<void>(collect());
  BOOST_TEST(has_package(pinned));
}

BOOST_AUTO_TEST_CASE(a_pin_that_is_made_during_the_sweep_keeps_its_packages) {
  const auto artifact = add("demo", "1.0", {{"demo.py", "content"}});
  HookProgress progress;
  progress.on_phase = [&](std::string_view what) {
    if (what == "marking") add_pin(store, pin_of("demo", {artifact}));
  };
  const GcResult result = collect_garbage(store, {}, progress);
  BOOST_TEST(result.packages.empty());
  BOOST_TEST(has_content("content"));
  BOOST_TEST(problems().empty());
}

// Nobody knows what it keeps: all stays until it is gone.
BOOST_AUTO_TEST_CASE(an_unreadable_pin_keeps_every_package_and_is_a_warning) {
  const auto artifact = add("demo", "1.0", {{"demo.py", "content"}});
  const Pin pin = add_pin(store, pin_of("x", {artifact}));
  const std::string file = store.layout().pins() + "/" + pin.id;
  overwrite(file, "broken");
  std::vector<std::string> unreadable;
  BOOST_TEST(list_pins(store, &unreadable).empty());
  BOOST_TEST(unreadable.size() == 1U);
  BOOST_TEST(collect().warnings.size() == 2U);
  BOOST_TEST(has_package(artifact));
  std::filesystem::remove(file);
  static_cast<void>(collect());
  BOOST_TEST(!has_package(artifact));
}

BOOST_AUTO_TEST_CASE(drafts_of_pins_are_leftovers) {
  std::filesystem::create_directory(store.layout().pins());
  write_test_file(store.layout().pins() + "/.0123.tmp", "half");
  BOOST_TEST(collect().leftovers_removed == 1U);
  BOOST_TEST(names_in(store.layout().pins()).empty());
}

BOOST_AUTO_TEST_SUITE_END()
