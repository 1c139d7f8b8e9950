#include "store/history.hpp"

#include <boost/test/unit_test.hpp>
#include <string>
#include <vector>

#include "store/sys/file.hpp"
#include "tests/support/temp_store.hpp"

using namespace cas;
using namespace cas::test;

namespace {

const std::string kHistory = "0123456789abcdef0123456789abcdef";

struct HistoryFixture : TempStore {
  // An environment that lives, at its `revision` of kHistory.
  Anchor current(std::uint64_t revision, const std::string& history = kHistory) {
    Anchor anchor = anchor_for(dir / "env", {});
    anchor.history = history;
    anchor.revision = revision;
    return anchor;
  }
  std::string file(const std::string& name) const { return store.layout().history() + "/" + kHistory + "/" + name; }
  void replaced(const std::string& name, const std::string& text) {
    make_directories(store.layout().history() + "/" + kHistory);
    write_test_file(file(name), text);
  }
  std::vector<std::uint64_t> numbers(const Anchor& anchor) {
    std::vector<std::uint64_t> found;
    for (const Revision& revision : list_revisions(store, anchor, warnings)) found.push_back(revision.number);
    return found;
  }
  std::vector<std::string> warnings;
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(history, HistoryFixture)

BOOST_AUTO_TEST_CASE(what_an_anchor_says_of_history_is_read_as_it_was_written) {
  Anchor anchor = current(7);
  anchor.replaces = kHistory;
  anchor.command = "install";
  const Anchor back = decode_anchor(encode_anchor(anchor));
  BOOST_TEST(back.history == kHistory);
  BOOST_TEST(back.revision == 7U);
  BOOST_TEST(back.replaces == kHistory);
  BOOST_TEST(back.command == "install");
  BOOST_TEST(same_environment(anchor, anchor_for(dir / "env", {})));
}

BOOST_AUTO_TEST_CASE(names_in_an_anchor_that_are_no_ids_are_not_followed) {
  Anchor anchor = current(2, "../../somewhere");
  anchor.replaces = "../roots";
  const Anchor back = decode_anchor(encode_anchor(anchor));
  BOOST_TEST(back.history.empty());
  BOOST_TEST(back.replaces.empty());
  BOOST_TEST(numbers(anchor).size() == 1U);
  BOOST_TEST(drop_revisions(store, anchor, false) == 0U);
}

BOOST_AUTO_TEST_CASE(an_anchor_without_history_begins_one_when_it_is_replaced) {
  const Anchor old = anchor_for(dir / "env", {});
  Anchor next = anchor_for(dir / "env", {});
  continue_history(old, next);
  BOOST_TEST(is_anchor_id(next.history));
  BOOST_TEST(next.revision == 2U);
  BOOST_TEST(next.replaces == old.id);
  write_test_file(store.layout().roots() + "/" + old.id, encode_anchor(old));
  settle_history(store, next);
  BOOST_TEST(!stat_path(store.layout().roots() + "/" + old.id));
  const auto revisions = list_revisions(store, next, warnings);
  BOOST_REQUIRE(revisions.size() == 2U);
  BOOST_TEST(revisions[0].number == 1U);
  BOOST_TEST(revisions[0].anchor.id == old.id);
}

BOOST_AUTO_TEST_CASE(files_that_are_no_revisions_are_passed_over) {
  const std::string text = encode_anchor(anchor_for(dir / "env", {}));
  for (const char* name : {"1", "2", "02", "0", "x", "3x", "-1", "99999999999999999999999", "9"}) replaced(name, text);
  replaced("3", "{");
  BOOST_TEST(numbers(current(5)) == (std::vector<std::uint64_t>{1, 2, 5}), boost::test_tools::per_element());
  BOOST_REQUIRE(warnings.size() == 1U);
  BOOST_TEST(warnings[0].find("/3") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(what_is_too_old_or_too_far_back_holds_nothing) {
  const std::string text = encode_anchor(anchor_for(dir / "env", {sha256("a")}));
  replaced("1", text);
  replaced("29", text);
  set_file_mtime(file("29"), static_cast<std::time_t>(1));
  BOOST_TEST(numbers(current(30)) == std::vector<std::uint64_t>{30}, boost::test_tools::per_element());
  std::vector<Root> roots(1);
  roots[0].anchor = current(30);
  BOOST_TEST(held_history(store, roots, warnings).packages.empty());
  roots[0].anchor = current(2);
  BOOST_TEST(held_history(store, roots, warnings).packages.contains(sha256("a")));
  roots[0].state = AnchorState::dead;
  BOOST_TEST(held_history(store, roots, warnings).packages.empty());
}

// A clock was set back.
BOOST_AUTO_TEST_CASE(a_package_used_in_the_future_is_used_now) {
  const Sha256Digest artifact = ingest(make_wheel("early", "1.0", {{"early.py", "x = 1\n"}})).artifact;
  const auto used_at = [&] { return find_package(store.index(), artifact).value().row.used_at; };
  const std::uint64_t now = used_at();
  store.index().write(
      [&](WriteTxn& txn, const Schema& schema) {
        PackageRow row = schema.packages.get(txn, artifact).value();
        row.used_at = now + 40'000'000;
        schema.packages.put(txn, artifact, row);
      },
      Growth::none);
  correct_future_times(store);
  BOOST_TEST(used_at() >= now);
  BOOST_TEST(used_at() < now + 1'000'000);
}

BOOST_AUTO_TEST_CASE(what_was_replaced_in_the_future_was_replaced_now) {
  replaced("1", encode_anchor(anchor_for(dir / "env", {sha256("a")})));
  const auto seconds = [] { return std::chrono::system_clock::to_time_t(std::chrono::system_clock::now()); };
  set_file_mtime(file("1"), seconds() + 1'000'000);
  correct_future_times(store);
  const auto time = stat_path(file("1"))->st_mtim.tv_sec;
  BOOST_TEST(time <= seconds());
  BOOST_TEST(time > seconds() - 600);
  set_file_mtime(file("1"), 1);
  correct_future_times(store);
  BOOST_TEST(stat_path(file("1"))->st_mtim.tv_sec == 1);
}

BOOST_AUTO_TEST_CASE(what_was_replaced_and_not_renamed_yet_is_held) {
  std::vector<Root> roots(2);
  roots[0].anchor = anchor_for(dir / "env", {sha256("a")});
  roots[0].state = AnchorState::dead;
  roots[1].anchor = current(2);
  BOOST_TEST(held_history(store, roots, warnings).packages.empty());
  roots[1].anchor.replaces = roots[0].anchor.id;
  BOOST_TEST(held_history(store, roots, warnings).packages.contains(sha256("a")));
}

BOOST_AUTO_TEST_SUITE_END()
