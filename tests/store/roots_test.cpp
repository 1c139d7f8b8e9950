#include "store/roots.hpp"

#include <sys/stat.h>

#include <boost/test/unit_test.hpp>
#include <filesystem>
#include <optional>

#include "store/base/clock.hpp"
#include "store/sys/file.hpp"
#include "store/sys/host.hpp"
#include "tests/support/temp_store.hpp"

using namespace cas;
using namespace cas::test;
namespace fs = std::filesystem;

namespace {

struct RootsFixture : TempStore {
  std::string anchor_file(const Anchor& anchor) const { return store.layout().roots() + "/" + anchor.id; }
  std::string running_file(const std::string& id) const { return store.layout().running() + "/" + id; }
  AnchorState state(const Anchor& anchor) const { return look_at_root(store, anchor).state; }
  // An anchor that could not be linked, last used so long ago.
  Anchor unlinked_anchor(const std::string& target, std::chrono::hours unused) {
    Anchor anchor = anchor_for(target, {});
    anchor.linked = false;
    write_test_file(anchor_file(anchor), encode_anchor(anchor));
    set_file_mtime(anchor_file(anchor),
                   std::chrono::system_clock::to_time_t(std::chrono::system_clock::now() - unused));
    return anchor;
  }
  // What a maker that was killed leaves: a file that names its scratch, and nobody holding it.
  void dead_maker(const std::string& id, const std::string& scratch) const {
    write_test_file(running_file(id), scratch);
  }
};

const std::string kId = "0123456789abcdef0123456789abcdef";

boost::test_tools::assertion_result has_second_filesystem(boost::unit_test::test_unit_id) {
  struct stat here {};
  struct stat there {};
  const TempDir dir;
  boost::test_tools::assertion_result result(::stat(dir.path().c_str(), &here) == 0 &&
                                             ::stat("/dev/shm", &there) == 0 && here.st_dev != there.st_dev &&
                                             ::access("/dev/shm", W_OK) == 0);
  result.message() << "needs /dev/shm on another filesystem than the tests' directory";
  return result;
}

}  // namespace

BOOST_FIXTURE_TEST_SUITE(roots_tests, RootsFixture)

BOOST_AUTO_TEST_CASE(an_anchor_comes_back_as_it_was) {
  for (const std::string& target :
       {std::string("/plain"), std::string("/with space/ünï/%41/\"quote\"/back\\slash"),
        std::string("/not utf-8 \xff\xfe\x80/\n\t\x01\x7f"), std::string("/100%"), std::string("/%")}) {
    BOOST_TEST_CONTEXT(target) {
      Anchor anchor = anchor_for(target, {sha256("a"), sha256("b")});
      anchor.interpreter = target + "/bin/python";
      anchor.created_at = 1234567890123;
      anchor.python_version = "3.12.1";
      anchor.plan = sha256("plan");
      anchor.relocatable = true;
      anchor.linked = false;
      anchor.host = "machine:0123456789abcdef0123456789abcdef";
      anchor.packages[1].requested = false;
      anchor.packages[1].direct_url = "{\"url\": \"file:///x%20y\"}";
      const Anchor back = decode_anchor(encode_anchor(anchor));
      BOOST_TEST(back.id == anchor.id);
      BOOST_TEST(back.target == target);
      BOOST_TEST(back.interpreter == anchor.interpreter);
      BOOST_TEST(back.created_at == anchor.created_at);
      BOOST_TEST(back.python_version == anchor.python_version);
      BOOST_TEST((back.plan == anchor.plan));
      BOOST_TEST(back.relocatable);
      BOOST_TEST(!back.linked);
      BOOST_TEST(back.host == anchor.host);
      BOOST_TEST(back.site_packages == anchor.site_packages);
      BOOST_REQUIRE(back.packages.size() == 2U);
      BOOST_TEST((back.packages[0].artifact == sha256("a")));
      BOOST_TEST(back.packages[0].requested);
      BOOST_TEST(!back.packages[1].requested);
      BOOST_TEST(back.packages[1].direct_url == anchor.packages[1].direct_url);
    }
  }
}

BOOST_AUTO_TEST_CASE(an_anchor_says_what_packages_were_built_from) {
  Anchor anchor = anchor_for("/x", {sha256("a"), sha256("b")});
  BOOST_TEST(encode_anchor(anchor).find("built-from") == std::string::npos);
  anchor.packages[1].built_from = BuiltFrom{"b-\xff%1.tar.gz", "https://example.org/b-1.tar.gz", sha256("sources")};
  const std::string text = encode_anchor(anchor);
  const Anchor back = decode_anchor(text);
  BOOST_TEST(!back.packages[0].built_from.has_value());
  BOOST_TEST((back.packages[1].built_from == anchor.packages[1].built_from));
  std::string broken = text;
  broken.replace(broken.find(sha256("sources").hex()), 2, "zz");
  BOOST_CHECK_THROW(decode_anchor(broken), Corruption);
}

BOOST_AUTO_TEST_CASE(a_broken_anchor_is_corruption) {
  const std::string good = encode_anchor(anchor_for("/x", {sha256("a")}));
  for (const std::string& text : {std::string(), std::string("{}"), std::string("[]"), std::string("no json"),
                                  good.substr(0, good.size() / 2), std::string(100000, '['), std::string("\xff\xff")}) {
    BOOST_TEST_CONTEXT(text.substr(0, 30)) { BOOST_CHECK_THROW(decode_anchor(text), Corruption); }
  }
  std::string bad_escape = good;
  bad_escape.replace(bad_escape.find("\"/x\""), 4, "\"/%4\"");
  BOOST_CHECK_THROW(decode_anchor(bad_escape), Corruption);
  for (const char* number : {"1e99", "-1", "\"1\""}) {
    std::string format = good;
    format.replace(format.find("\"cas-anchor\": 1"), 15, std::string("\"cas-anchor\": ") + number);
    BOOST_TEST_CONTEXT(number) { BOOST_CHECK_THROW(decode_anchor(format), Corruption); }
  }
}

BOOST_AUTO_TEST_CASE(an_anchor_of_another_format_is_named) {
  std::string text = encode_anchor(anchor_for("/x", {}));
  text.replace(text.find("\"cas-anchor\": 1"), 15, "\"cas-anchor\": 7");
  BOOST_CHECK_EXCEPTION(decode_anchor(text), Error,
                        [](const Error& error) { return error.message().find("format 7") != std::string::npos; });
}

BOOST_AUTO_TEST_CASE(an_environment_with_its_link_is_alive) {
  const Anchor anchor = make_rooted_directory(dir / "env", {});
  const Root root = look_at_root(store, anchor);
  BOOST_TEST((root.state == AnchorState::live));
  BOOST_TEST(root.at_target);
  BOOST_TEST(links_of(anchor_file(anchor)) == 2U);
  BOOST_TEST(!exists(running_file(anchor.id)));
}

BOOST_AUTO_TEST_CASE(rm_rf_is_noticed_at_once) {
  const Anchor anchor = make_rooted_directory(dir / "env", {});
  fs::remove_all(dir / "env");
  BOOST_TEST((state(anchor) == AnchorState::dead));
}

BOOST_AUTO_TEST_CASE(a_moved_environment_survives) {
  const Anchor anchor = make_rooted_directory(dir / "env", {});
  fs::rename(dir / "env", dir / "elsewhere");
  const Root root = look_at_root(store, anchor);
  BOOST_TEST((root.state == AnchorState::live));
  BOOST_TEST(!root.at_target);
  const Root found = find_root(store, dir / "elsewhere");
  BOOST_TEST(found.anchor.id == anchor.id);
  BOOST_TEST(!found.at_target);
}

BOOST_AUTO_TEST_CASE(another_environment_at_the_old_path_is_not_it) {
  const Anchor old = make_rooted_directory(dir / "env", {});
  fs::rename(dir / "env", dir / "elsewhere");
  const Anchor young = make_rooted_directory(dir / "env", {});
  BOOST_TEST(!look_at_root(store, old).at_target);
  BOOST_TEST(find_root(store, dir / "env").anchor.id == young.id);
}

BOOST_AUTO_TEST_CASE(a_copy_of_an_environment_is_not_it) {
  make_rooted_directory(dir / "env", {});
  fs::copy(dir / "env", dir / "copy", fs::copy_options::recursive);
  BOOST_CHECK_EXCEPTION(find_root(store, dir / "copy"), NotFound,
                        [](const Error& error) { return error.message().find("is a copy") != std::string::npos; });
}

// Its anchor is the very inode of the other's.
BOOST_AUTO_TEST_CASE(a_copy_of_links_is_not_the_environment_that_is_there) {
  const Anchor anchor = make_rooted_directory(dir / "env", {});
  fs::create_directories(dir / "copy/.cas");
  fs::create_hard_link(dir / "env/.cas/anchor", dir / "copy/.cas/anchor");
  BOOST_CHECK_THROW(find_root(store, dir / "copy"), NotFound);
  BOOST_TEST(find_root(store, dir / "env").anchor.id == anchor.id);
  // Nobody lies where it was made: it was moved.
  fs::rename(dir / "env", dir / "elsewhere");
  BOOST_TEST(find_root(store, dir / "elsewhere").anchor.id == anchor.id);
  fs::create_directory_symlink(dir / "elsewhere", dir / "env");
  BOOST_TEST(find_root(store, dir / "elsewhere").anchor.id == anchor.id);
}

BOOST_AUTO_TEST_CASE(an_environment_whose_root_was_retired_is_not_known_any_more) {
  const Anchor anchor = make_rooted_directory(dir / "env", {});
  fs::remove(anchor_file(anchor));
  BOOST_CHECK_EXCEPTION(find_root(store, dir / "env"), NotFound, [](const Error& error) {
    return error.message().find("not known") != std::string::npos &&
           error.hint().find("like any directory") != std::string::npos;
  });
}

BOOST_AUTO_TEST_CASE(an_environment_of_another_store_is_said_to_be_one) {
  TempStore other;
  other.make_rooted_directory(dir / "env", {});
  BOOST_CHECK_EXCEPTION(find_root(store, dir / "env"), NotFound,
                        [](const Error& error) { return error.message().find("another store") != std::string::npos; });
  BOOST_CHECK_THROW(find_root(store, dir / "nothing"), NotFound);
}

// The id in a foreign file leads into the store's directory: it must be one.
BOOST_AUTO_TEST_CASE(an_id_that_is_a_path_is_no_root) {
  Anchor anchor = anchor_for(dir / "env", {});
  anchor.id = "../../../../../../../../etc/hostname";
  fs::create_directories(dir / "env/.cas");
  write_test_file(dir / "env/.cas/anchor", encode_anchor(anchor));
  BOOST_CHECK_THROW(find_root(store, dir / "env"), NotFound);
}

BOOST_AUTO_TEST_CASE(an_environment_that_is_being_made_is_running) {
  Anchor anchor = anchor_for(dir / "env", {});
  std::optional<PendingRoot> pending(std::in_place, store, anchor, "");
  pending->publish();
  BOOST_TEST((state(anchor) == AnchorState::running));
  BOOST_TEST(list_roots(store).size() == 1U);
  pending.reset();
  BOOST_TEST((state(anchor) == AnchorState::dead));
  BOOST_TEST(list_roots(store).empty());
}

BOOST_AUTO_TEST_CASE(an_anchor_without_lock_and_link_is_dead) {
  const Anchor anchor = anchor_for(dir / "env", {});
  write_test_file(anchor_file(anchor), encode_anchor(anchor));
  BOOST_TEST((state(anchor) == AnchorState::dead));
}

BOOST_AUTO_TEST_CASE(the_destructor_of_an_unfinished_root_removes_anchor_and_lock) {
  std::string id;
  {
    PendingRoot pending(store, anchor_for(dir / "env", {}), "");
    id = pending.anchor().id;
    pending.publish();
    BOOST_TEST(exists(store.layout().roots() + "/" + id));
    BOOST_TEST(exists(running_file(id)));
  }
  BOOST_TEST(!exists(store.layout().roots() + "/" + id));
  BOOST_TEST(!exists(running_file(id)));
}

BOOST_AUTO_TEST_CASE(without_a_link_the_grace_period_decides) {
  const Anchor young = unlinked_anchor(dir / "young", std::chrono::hours(1));
  const Anchor old = unlinked_anchor(dir / "old", kUnseenGrace + std::chrono::hours(1));
  BOOST_TEST((state(young) == AnchorState::unseen));
  BOOST_TEST((state(old) == AnchorState::dead));
}

// A clock was set back: the grace begins when a collection sees that.
BOOST_AUTO_TEST_CASE(a_time_in_the_future_is_now_and_the_next_collection_writes_it_down) {
  const Anchor anchor = unlinked_anchor(dir / "env", std::chrono::hours(-24 * 365));
  const auto before = static_cast<std::int64_t>(now_seconds());
  const Root root = look_at_root(store, anchor);
  BOOST_TEST((root.state == AnchorState::unseen));
  BOOST_TEST(root.used_at >= before);
  BOOST_TEST(root.used_at <= static_cast<std::int64_t>(now_seconds()));
  const auto time = [&] { return stat_path(anchor_file(anchor))->st_mtim.tv_sec; };
  GcOptions dry;
  dry.dry_run = true;
  static_cast<void>(collect(dry));
  BOOST_TEST(time() > before + 3600);
  static_cast<void>(collect());
  BOOST_TEST(time() <= static_cast<std::int64_t>(now_seconds()));
  BOOST_TEST(exists(anchor_file(anchor)));
}

BOOST_AUTO_TEST_CASE(without_a_link_an_environment_at_its_path_is_alive) {
  const Anchor anchor = unlinked_anchor(dir / "env", kUnseenGrace + std::chrono::hours(1));
  fs::create_directories(dir / "env/.cas");
  write_test_file(dir / "env/.cas/anchor", encode_anchor(anchor));
  BOOST_TEST((state(anchor) == AnchorState::live));
  BOOST_TEST(find_root(store, dir / "env").at_target);
}

BOOST_AUTO_TEST_CASE(on_another_filesystem_the_anchor_says_that_it_is_no_link,
                     *boost::unit_test::precondition(has_second_filesystem)) {
  const std::string environment = "/dev/shm/cas-test-" + random_name();
  const Anchor anchor = make_rooted_directory(environment, {});
  BOOST_TEST(!anchor.linked);
  BOOST_TEST(anchor.host == host_identity());
  BOOST_TEST(!decode_anchor(slurp(anchor_file(anchor))).linked);
  BOOST_TEST((find_root(store, environment).state == AnchorState::live));
  fs::remove_all(environment);
  BOOST_TEST((state(anchor) == AnchorState::unseen));
}

// No machine but its own can see that it is gone.
BOOST_AUTO_TEST_CASE(what_another_machine_made_is_not_gone_because_it_is_not_here) {
  const auto old = kUnseenGrace + std::chrono::hours(1);
  const auto state_of = [&](const std::string& host) {
    Anchor anchor = unlinked_anchor(dir / "env", old);
    anchor.host = host;
    write_test_file(anchor_file(anchor), encode_anchor(anchor));
    set_file_mtime(anchor_file(anchor), std::chrono::system_clock::to_time_t(std::chrono::system_clock::now() - old));
    return state(anchor);
  };
  BOOST_TEST((state_of("machine:0123456789abcdef0123456789abcdef") == AnchorState::unseen));
  BOOST_TEST((state_of(host_identity()) == AnchorState::dead));
  BOOST_TEST((state_of("") == AnchorState::dead));
  // Of a kernel that ran once: nobody can come back and say so.
  BOOST_TEST((state_of("boot:0123456789abcdef0123456789abcdef") == AnchorState::dead));
}

// As tar and rsync bring it back without links.
BOOST_AUTO_TEST_CASE(an_environment_that_came_back_from_a_backup_is_alive) {
  const Anchor anchor = make_rooted_directory(dir / "env", {});
  fs::copy(dir / "env", dir / "backup", fs::copy_options::recursive);
  fs::remove_all(dir / "env");
  BOOST_TEST((state(anchor) == AnchorState::dead));
  fs::copy(dir / "backup", dir / "env", fs::copy_options::recursive);
  BOOST_TEST(links_of(anchor_file(anchor)) == 1U);
  BOOST_TEST((state(anchor) == AnchorState::live));
  BOOST_TEST(find_root(store, dir / "env").at_target);
  BOOST_CHECK_THROW(find_root(store, dir / "backup"), NotFound);
  // Another one in its place is not it.
  fs::remove_all(dir / "env");
  make_rooted_directory(dir / "env", {});
  BOOST_TEST((state(anchor) == AnchorState::dead));
}

// While the environment is elsewhere, what lies at its old place is a copy.
BOOST_AUTO_TEST_CASE(a_copy_in_the_place_of_a_moved_environment_is_not_it) {
  const Anchor anchor = make_rooted_directory(dir / "env", {});
  fs::rename(dir / "env", dir / "elsewhere");
  fs::copy(dir / "elsewhere", dir / "env", fs::copy_options::recursive);
  const Root root = look_at_root(store, anchor);
  BOOST_TEST((root.state == AnchorState::live));
  BOOST_TEST(!root.at_target);
}

BOOST_AUTO_TEST_CASE(what_cannot_be_seen_can_be_forgotten) {
  const Anchor unseen = unlinked_anchor(dir / "unseen", std::chrono::hours(1));
  const Anchor there = make_rooted_directory(dir / "there", {});
  const auto ids = [&](const std::string& named) {
    std::vector<std::string> found;
    for (const Root& root : find_forgettable(store, named)) found.push_back(root.anchor.id);
    std::ranges::sort(found);
    return found;
  };
  BOOST_TEST(ids(dir / "unseen") == std::vector{unseen.id});
  BOOST_TEST(ids(unseen.id) == std::vector{unseen.id});
  BOOST_CHECK_THROW(find_forgettable(store, dir / "nothing"), NotFound);
  BOOST_CHECK_EXCEPTION(find_forgettable(store, dir / "there"), Error,
                        [](const Error& error) { return error.hint().find("cas remove") != std::string::npos; });
  // One that was moved is alive: its id must be named.
  fs::rename(dir / "there", dir / "elsewhere");
  BOOST_CHECK_EXCEPTION(find_forgettable(store, dir / "there"), Error,
                        [&](const Error& error) { return error.hint().find(there.id) != std::string::npos; });
  BOOST_TEST(ids(there.id) == std::vector{there.id});
  // All that were made at one place.
  const Anchor again = unlinked_anchor(dir / "unseen", std::chrono::hours(2));
  std::vector both{unseen.id, again.id};
  std::ranges::sort(both);
  BOOST_TEST(ids(dir / "unseen") == both);
}

BOOST_AUTO_TEST_CASE(what_is_being_made_cannot_be_forgotten) {
  PendingRoot pending(store, anchor_for(dir / "env", {}), "");
  pending.publish();
  BOOST_CHECK_THROW(find_forgettable(store, dir / "env"), Error);
}

BOOST_AUTO_TEST_CASE(unreadable_anchors_are_reported) {
  make_rooted_directory(dir / "env", {});
  write_test_file(store.layout().roots() + "/" + kId, "broken");
  write_test_file(store.layout().roots() + "/ffffffffffffffffffffffffffffffff", encode_anchor(anchor_for("/x", {})));
  write_test_file(store.layout().roots() + "/note.txt", "not an anchor's name");
  std::vector<std::string> unreadable;
  BOOST_TEST(list_roots(store, &unreadable).size() == 1U);
  BOOST_REQUIRE(unreadable.size() == 2U);
  BOOST_TEST(unreadable[0].find(kId) != std::string::npos);
}

BOOST_AUTO_TEST_CASE(retiring_notes_the_last_use_of_the_packages) {
  const Sha256Digest artifact = add("demo", "1.0", {{"demo.py", "x"}});
  const Anchor anchor = make_rooted_directory(dir / "env", {artifact});
  Root root = look_at_root(store, anchor);
  root.used_at = 4'000'000'000;
  retire_root(store, root);
  BOOST_TEST(!exists(anchor_file(anchor)));
  BOOST_TEST(find_package(store.index(), artifact)->row.used_at == 4'000'000'000U);
}

BOOST_AUTO_TEST_CASE(two_makers_cannot_have_one_id) {
  const RunningMark mark(store, kId, "");
  BOOST_CHECK_THROW(RunningMark(store, kId, ""), Error);
}

BOOST_AUTO_TEST_CASE(a_dead_makers_scratch_is_removed) {
  const std::string scratch = dir / (".cas-" + kId);
  fs::create_directories(scratch + "/lib");
  write_test_file(scratch + "/lib/file", "x");
  dead_maker(kId, scratch);
  BOOST_TEST(clean_dead_makers(store, true).size() == 1U);
  BOOST_TEST(exists(scratch));
  BOOST_TEST(clean_dead_makers(store, false).size() == 1U);
  BOOST_TEST(!exists(scratch));
  BOOST_TEST(!exists(running_file(kId)));
  BOOST_TEST(clean_dead_makers(store, false).size() == 0U);
}

BOOST_AUTO_TEST_CASE(a_living_makers_scratch_stays) {
  const std::string scratch = dir / (".cas-" + kId);
  fs::create_directories(scratch);
  const RunningMark mark(store, kId, scratch);
  BOOST_TEST(clean_dead_makers(store, false).size() == 0U);
  BOOST_TEST(exists(scratch));
}

// A file in running/ may say anything; only what carries the maker's id in its last component is ever removed.
BOOST_AUTO_TEST_CASE(nothing_is_removed_that_does_not_carry_the_makers_id) {
  const std::string victim = dir / "victim";
  const std::string folder = dir / kId;
  const auto make_victims = [&] {
    fs::create_directories(victim);
    write_test_file(victim + "/precious", "x");
    fs::create_directories(folder + "/inside");
    write_test_file(folder + "/precious", "x");
  };
  for (const std::string& scratch : {victim, std::string("/etc"), victim + "/", folder + "/inside", folder + "/",
                                     folder + "/.", folder + "/..", folder + "/../victim", "relative-" + kId,
                                     std::string("/"), std::string(), victim + "/.cas-" + kId + "/../../victim"}) {
    BOOST_TEST_CONTEXT(scratch) {
      make_victims();
      dead_maker(kId, scratch);
      BOOST_TEST(clean_dead_makers(store, false).size() == 1U);
      BOOST_TEST(exists(victim + "/precious"));
      BOOST_TEST(exists(folder + "/precious"));
      BOOST_TEST(exists(folder + "/inside"));
      BOOST_TEST(exists("/etc"));
      BOOST_TEST(!exists(running_file(kId)));
    }
  }
}

BOOST_AUTO_TEST_CASE(a_link_in_the_scratchs_place_is_not_followed) {
  const std::string victim = dir / "victim";
  fs::create_directories(victim);
  write_test_file(victim + "/precious", "x");
  fs::create_symlink(victim, dir / (".cas-" + kId));
  dead_maker(kId, dir / (".cas-" + kId));
  BOOST_TEST(clean_dead_makers(store, false).size() == 1U);
  BOOST_TEST(exists(victim + "/precious"));
}

BOOST_AUTO_TEST_CASE(a_dead_makers_file_is_taken_over_whole) {
  dead_maker(kId, dir / ("a/long/path/of/an/earlier/maker/.cas-" + kId));
  const std::string scratch = dir / (".cas-" + kId);
  const RunningMark mark(store, kId, scratch);
  BOOST_TEST(slurp(running_file(kId)) == scratch);
}

BOOST_AUTO_TEST_SUITE_END()
