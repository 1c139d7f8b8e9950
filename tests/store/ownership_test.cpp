#include "store/ownership.hpp"

#include <sys/stat.h>

#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <filesystem>

#include "store/share.hpp"
#include "tests/support/other_users.hpp"
#include "tests/support/temp_store.hpp"

using namespace cas;
using namespace cas::test;
namespace fs = std::filesystem;

namespace {

constexpr uid_t kOwner = 1000, kOther = 3999999991;
constexpr gid_t kGroup = 2000;

struct stat entry(uid_t user, gid_t group, mode_t mode) {
  struct stat info {};
  info.st_uid = user;
  info.st_gid = group;
  info.st_mode = mode;
  return info;
}

struct OwnershipFixture : TempStore {
  StoreLayout layout = store.layout();

  StoreOwnership look(Trust trust = Trust::checked) const {
    return look_at_ownership(layout, layout.default_index(), trust);
  }
  std::string refusal() const {
    try {
      static_cast<void>(look());
    } catch (const Error& error) {
      return error.message() + "; " + error.hint();
    }
    return "";
  }
  bool is_refused(const std::string& part) const { return refusal().find(part) != std::string::npos; }
  void own(const std::string& path, uid_t user, gid_t group = static_cast<gid_t>(-1)) const {
    BOOST_REQUIRE(::lchown(path.c_str(), user, group) == 0);
  }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(ownership_tests)

BOOST_AUTO_TEST_CASE(sharing_is_one_line_and_nothing_else) {
  BOOST_TEST(encode_sharing(50) == "cas shared 1\ngroup 50\n");
  for (const gid_t group : {gid_t{0}, gid_t{50}, gid_t{4294967294}})
    BOOST_TEST(decode_sharing(encode_sharing(group)).value() == group);
  for (const char* text :
       {"", "cas shared 1\n", "cas shared 1\ngroup \n", "cas shared 1\ngroup 50", "cas shared 2\ngroup 50\n",
        "cas shared 1\ngroup -1\n", "cas shared 1\ngroup 050\n", "cas shared 1\ngroup 4294967296\n",
        "cas shared 1\ngroup 50\n\n", "cas shared 1\ngroup 50 \n"}) {
    BOOST_TEST_CONTEXT(text) BOOST_TEST(!decode_sharing(text).has_value());
  }
}

BOOST_AUTO_TEST_CASE(a_store_of_one_has_files_of_one) {
  const StoreOwnership mine(kOwner, std::nullopt, kOwner);
  BOOST_TEST(mine.fits(entry(kOwner, 7, 0444)));
  BOOST_TEST(!mine.fits(entry(0, 7, 0444)));
  BOOST_TEST(!mine.fits(entry(kOther, 7, 0444)));
  BOOST_TEST(mine.misfit(entry(0, 7, 0444)) == "belongs to user 0, the store to 1000");
  BOOST_TEST(mine.exposure(entry(kOwner, 7, 0444)) == "");
  BOOST_TEST(mine.exposure(entry(0, 7, 0444)) == "", "root can change everything anyway");
  BOOST_TEST(mine.exposure(entry(kOther, 7, 0444)) == "belongs to user 3999999991");
  BOOST_TEST(mine.exposure(entry(kOwner, 3999999991, 0775)) == "can be written by group 3999999991 (mode 0775)");
  BOOST_TEST(mine.exposure(entry(kOwner, 7, 01777)) == "can be written by everybody (mode 1777)");
}

BOOST_AUTO_TEST_CASE(a_shared_store_has_files_of_the_group) {
  const StoreOwnership ours(kOwner, kGroup, 1001);
  BOOST_TEST(ours.fits(entry(kOwner, 7, 0444)));
  BOOST_TEST(ours.fits(entry(1001, kGroup, 0444)));
  BOOST_TEST(ours.fits(entry(kOther, kGroup, 0444)), "a user of whom nothing is known, with the group's file");
  BOOST_TEST(!ours.fits(entry(kOther, 7, 0444)));
  // nobody is known on every system, and in no such group.
  if (fs::exists("/etc/passwd")) BOOST_TEST(!ours.fits(entry(65534, kGroup, 0444)));
  BOOST_TEST(ours.exposure(entry(kOther, kGroup, 02775)) == "");
  BOOST_TEST(ours.exposure(entry(kOwner, 3999999991, 0775)) == "can be written by group 3999999991 (mode 0775)");
  BOOST_TEST(ours.exposure(entry(kOwner, kGroup, 02777)) == "can be written by everybody (mode 2777)");
  BOOST_TEST(ours.exposure(entry(kOther, 7, 0444)) == "belongs to user 3999999991");
}

BOOST_AUTO_TEST_CASE(trust_that_is_given_asks_nothing) {
  const StoreOwnership trusted(kOwner, std::nullopt, 1001, Trust::given);
  BOOST_TEST(trusted.exposure(entry(kOther, 7, 0777)) == "");
  BOOST_TEST(!trusted.fits(entry(kOther, 7, 0444)), "what was changed is found all the same");
}

BOOST_FIXTURE_TEST_CASE(ones_own_store_is_opened, OwnershipFixture) {
  const StoreOwnership ownership = look();
  BOOST_TEST(ownership.owner() == ::geteuid());
  BOOST_TEST(!ownership.group().has_value());
  BOOST_TEST(!looking_only(layout, ownership).has_value());
}

BOOST_FIXTURE_TEST_CASE(what_others_can_write_is_refused, OwnershipFixture) {
  for (const std::string& place : {layout.root(), layout.objects(), layout.locks(), layout.default_index(),
                                   layout.default_index() + "/data.mdb"}) {
    BOOST_TEST_CONTEXT(place) {
      const fs::perms before = fs::status(place).permissions();
      for (const fs::perms bit : {fs::perms::others_write, fs::perms::group_write}) {
        fs::permissions(place, bit, fs::perm_options::add);
        BOOST_TEST(is_refused("can be written by"));
        BOOST_TEST(is_refused("chmod -R go-w " + layout.root()));
        BOOST_CHECK_NO_THROW(static_cast<void>(look(Trust::given)));
        fs::permissions(place, before);
      }
      BOOST_TEST(refusal() == "");
    }
  }
}

BOOST_FIXTURE_TEST_CASE(a_link_in_a_directorys_place_is_refused_whatever_is_trusted, OwnershipFixture) {
  fs::rename(layout.staging(), dir / "aside");
  fs::create_directory_symlink(dir / "aside", layout.staging());
  BOOST_TEST(is_refused("is a symbolic link"));
  BOOST_CHECK_THROW(static_cast<void>(look(Trust::given)), Corruption);
  fs::remove(layout.staging());
  write_test_file(layout.staging(), "");
  BOOST_TEST(is_refused("no directory"));
}

BOOST_FIXTURE_TEST_CASE(a_strangers_store_is_refused, OwnershipFixture, *boost::unit_test::precondition(is_root)) {
  own(layout.root(), kStranger);
  BOOST_TEST(is_refused("it belongs to user 54321"));
  BOOST_TEST(is_refused("sudo -u"));
  BOOST_TEST(is_refused("CAS_TRUST_STORE=" + layout.root()));
  const StoreOwnership trusted = look(Trust::given);
  BOOST_TEST(trusted.owner() == kStranger);
  // Root would shut its owner out.
  BOOST_TEST(looking_only(layout, trusted).value().hint.find("sudo -u") != std::string::npos);
  own(layout.root(), 65534);
  BOOST_TEST(is_refused("user namespace"));
  own(layout.root(), 0);
  own(layout.roots(), kStranger);
  BOOST_TEST(is_refused("roots belongs to user 54321"));
}

BOOST_FIXTURE_TEST_CASE(sharing_gives_the_directories_to_the_group, OwnershipFixture,
                        *boost::unit_test::precondition(is_root) * boost::unit_test::precondition(has_acls)) {
  add("demo", "1.0", {{"demo.py", "demo"}});
  const auto object = mode_of(object_path("demo"));
  const ShareResult dry = share_store({layout.root(), "", Durability::none}, {std::to_string(kTeam), true});
  BOOST_TEST(dry.directories > 0U);
  BOOST_TEST(!look().group().has_value());
  const ShareResult shared = share_store({layout.root(), "", Durability::none}, {std::to_string(kTeam), false});
  BOOST_TEST(shared.group == kTeam);
  BOOST_TEST(shared.directories >= dry.directories);
  BOOST_TEST(!shared.before);
  BOOST_TEST(look().group().value() == kTeam);
  for (const std::string& directory : {layout.root(), layout.segment(0), layout.roots(), layout.caches()})
    BOOST_TEST(is_open_to_group(directory, kTeam));
  BOOST_TEST((mode_of(layout.default_index() + "/data.mdb") & 0060) == 0060U);
  BOOST_TEST(mode_of(object_path("demo")) == object);
  BOOST_TEST(problems().empty());
  // Once more, without saying with whom.
  set_mode(open_directory(layout.root()).get(), 0755, layout.root());
  BOOST_TEST(is_refused("is not as that needs it"));
  const ShareResult again = share_store({layout.root(), "", Durability::none}, {});
  BOOST_TEST(again.before);
  BOOST_TEST(look().group().value() == kTeam);
  // Caches are each user's own.
  BOOST_TEST(Store::open({layout.root(), "", Durability::none}).layout().page_cache() ==
             layout.root() + "/cache/0/pages");
}

BOOST_FIXTURE_TEST_CASE(a_mark_that_its_owner_did_not_write_shares_nothing, OwnershipFixture,
                        *boost::unit_test::precondition(is_root) * boost::unit_test::precondition(has_acls)) {
  static_cast<void>(share_store({layout.root(), "", Durability::none}, {std::to_string(kTeam), false}));
  own(layout.sharing(), kStranger);
  BOOST_TEST(is_refused("shared belongs to user 54321"));
  fs::remove(layout.sharing());
  BOOST_TEST(is_refused("can be written by group 54322"));
  write_test_file(layout.sharing(), "cas shared 9\n");
  BOOST_TEST(is_refused("does not say which group"));
}

BOOST_FIXTURE_TEST_CASE(what_cannot_be_shared_is_said, OwnershipFixture) {
  const StoreOptions options{layout.root(), "", Durability::none};
  BOOST_CHECK_THROW(static_cast<void>(share_store(options, {})), UsageError);
  BOOST_CHECK_THROW(static_cast<void>(share_store(options, {"no such group", false})), NotFound);
  BOOST_CHECK_THROW(static_cast<void>(share_store({dir / "nowhere", "", Durability::none}, {"0", false})), NotFound);
  BOOST_TEST(!look().group().has_value());
}

BOOST_FIXTURE_TEST_CASE(an_empty_directory_is_made_ones_own, TempDir) {
  fs::create_directory(*this / "store");
  fs::permissions(*this / "store", fs::perms::all);
  const Store store = Store::open({*this / "store", "", Durability::none});
  BOOST_TEST(mode_of(*this / "store") == 0755U);
}

BOOST_FIXTURE_TEST_CASE(a_strangers_empty_directory_is_none, TempDir, *boost::unit_test::precondition(is_root)) {
  fs::create_directory(*this / "store");
  BOOST_REQUIRE(::chown((*this / "store").c_str(), kStranger, kStranger) == 0);
  BOOST_CHECK_THROW(static_cast<void>(Store::open({*this / "store", "", Durability::none})), Error);
  BOOST_TEST(names_in(*this / "store").empty());
}

BOOST_FIXTURE_TEST_CASE(directories_that_all_may_rename_in_are_named, TempDir) {
  fs::create_directories(*this / "a/b/c");
  const auto below = [&] {
    auto open = open_directories_above(*this / "a/b/c");
    std::erase_if(open, [&](const std::string& directory) { return !directory.starts_with(path()); });
    return open;
  };
  BOOST_TEST(below().empty());
  fs::permissions(*this / "a", fs::perms::all);
  BOOST_TEST((below() == std::vector<std::string>{*this / "a"}));
  fs::permissions(*this / "a", fs::perms::all | fs::perms::sticky_bit);
  BOOST_TEST(below().empty());
}

BOOST_AUTO_TEST_SUITE_END()
