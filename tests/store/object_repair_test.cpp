#include "store/object_repair.hpp"

#include <sys/stat.h>

#include <boost/test/unit_test.hpp>
#include <filesystem>

#include "store/sys/file.hpp"
#include "tests/support/temp_store.hpp"

using namespace cas;
using namespace cas::test;
namespace fs = std::filesystem;

namespace {

struct RepairFixture : TempStore {
  Sha256Digest artifact = add("demo", "1.0", {{"demo/core.py", "core = 1\n"}, {"demo/other.py", "other = 1\n"}});
  ObjectId id{sha256("core = 1\n"), Executable::no};
  std::string core = object_path("core = 1\n");

  static ino_t inode(const std::string& path) { return stat_path(path).value().st_ino; }
  std::string copy(const std::string& name, const std::string& content) const {
    write_test_file(dir / name, content);
    return dir / name;
  }
  static bool offer(ObjectRepair& repair, const ObjectId& id, const std::string& path) {
    return repair.offer_file(id, kCurrentDirectory, path, path);
  }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(object_repair_tests, RepairFixture)

BOOST_AUTO_TEST_CASE(only_the_right_bytes_take_the_name_in_a_new_inode) {
  fs::create_hard_link(core, dir / "linked");
  overwrite(core, "core = 0\n");
  const ino_t damaged = inode(core);
  {
    ObjectRepair repair(store, RepairRun::real);
    repair.want(id, ObjectState::content);
    BOOST_TEST(!offer(repair, id, copy("wrong", "core = 2\n")));
    BOOST_TEST(!offer(repair, id, dir / "linked"));
    BOOST_TEST(!offer(repair, id, dir / "missing"));
    fs::create_symlink(dir / "right", dir / "link");
    BOOST_TEST(offer(repair, id, copy("right", "core = 1\n")));
    BOOST_TEST(!repair.wants(id));
    BOOST_TEST(repair.repaired().at(id) == dir / "right");
    BOOST_REQUIRE(repair.bad_inodes().size() == 1U);
    BOOST_TEST(repair.bad_inodes().begin()->first.second == damaged);
  }
  BOOST_TEST(inode(core) != damaged);
  BOOST_TEST(slurp(core) == "core = 1\n");
  BOOST_TEST(slurp(dir / "linked") == "core = 0\n");
  BOOST_TEST(problems().empty());
  BOOST_TEST(names_in(store.layout().staging()).empty());
}

// A number that was given to another file meanwhile would be taken for the damaged one.
BOOST_AUTO_TEST_CASE(a_damaged_inode_stays_until_the_end) {
  overwrite(core, "core = 0\n");
  ObjectRepair repair(store, RepairRun::real);
  repair.want(id, ObjectState::content);
  BOOST_TEST(offer(repair, id, copy("right", "core = 1\n")));
  for (int i = 0; i < 20; ++i) {
    const std::string path = copy("new" + std::to_string(i), "x");
    BOOST_TEST(!repair.bad_inodes().contains(inode_of(stat_path(path).value())));
  }
}

BOOST_AUTO_TEST_CASE(a_link_that_is_intact_becomes_the_stores_again) {
  fs::create_hard_link(core, dir / "linked");
  const ino_t before = inode(core);
  fs::remove(core);
  ObjectRepair repair(store, RepairRun::real);
  repair.want(id, ObjectState::missing);
  BOOST_TEST(offer(repair, id, dir / "linked"));
  BOOST_TEST(inode(core) == before);
  BOOST_TEST(problems().empty());
}

BOOST_AUTO_TEST_CASE(a_link_that_is_not_intact_is_copied) {
  fs::create_hard_link(core, dir / "linked");
  const ino_t before = inode(core);
  BOOST_REQUIRE(::chmod((dir / "linked").c_str(), 0644) == 0);
  fs::remove_all(store.layout().segment(0));
  ObjectRepair repair(store, RepairRun::real);
  repair.want(id, ObjectState::missing);
  BOOST_TEST(offer(repair, id, dir / "linked"));
  BOOST_TEST(inode(core) != before);
  BOOST_TEST((stat_path(core)->st_mode & 07777) == 0444U);
}

BOOST_AUTO_TEST_CASE(mode_and_time_are_put_right_in_place_if_the_bytes_are_right) {
  const ino_t before = inode(core);
  BOOST_REQUIRE(::chmod(core.c_str(), 0644) == 0);
  set_file_mtime(core, 1700000000);
  ObjectRepair repair(store, RepairRun::real);
  repair.want(id, ObjectState::metadata);
  BOOST_TEST(repair.offer_itself(id));
  BOOST_TEST(inode(core) == before);
  BOOST_TEST(repair.bad_inodes().empty());
  BOOST_TEST(problems().empty());
}

BOOST_AUTO_TEST_CASE(a_time_may_have_been_changed_by_writing) {
  overwrite(core, "core = 0\n");
  ObjectRepair repair(store, RepairRun::real);
  repair.want(id, ObjectState::metadata);
  BOOST_TEST(!repair.offer_itself(id));
  BOOST_TEST(repair.wants(id));
  BOOST_TEST(repair.bad_inodes().size() == 1U);
}

BOOST_AUTO_TEST_CASE(bytes_are_streamed_and_hashed) {
  overwrite(core, "core = 0\n");
  ObjectRepair repair(store, RepairRun::real);
  repair.want(id, ObjectState::content);
  BOOST_TEST(!repair.offer_bytes(
      id, [](const auto& sink) { sink("core = 3\n"); }, "nobody"));
  BOOST_TEST(repair.offer_bytes(
      id,
      [](const auto& sink) {
        sink("core ");
        sink("= 1\n");
      },
      "somebody"));
  BOOST_TEST(problems().empty());
}

BOOST_AUTO_TEST_CASE(what_the_index_remembered_wrongly_is_mended) {
  store.index().write([&](WriteTxn& txn, const Schema& schema) {
    ObjectRow row = schema.objects.get(txn, id).value();
    row.fingerprint = fingerprint("another");
    schema.objects.put(txn, id, row);
  });
  BOOST_REQUIRE(problems(VerifyDepth::scrub).size() == 1U);
  ObjectRepair repair(store, RepairRun::real);
  repair.want(id, ObjectState::content);
  BOOST_TEST(offer(repair, id, copy("right", "core = 1\n")));
  BOOST_TEST(problems().empty());
}

BOOST_AUTO_TEST_CASE(a_dry_run_hashes_and_writes_nothing) {
  overwrite(core, "core = 0\n");
  const auto before = snapshot_content(store);
  ObjectRepair repair(store, RepairRun::dry);
  repair.want(id, ObjectState::content);
  BOOST_TEST(!offer(repair, id, copy("wrong", "core = 2\n")));
  BOOST_TEST(offer(repair, id, copy("right", "core = 1\n")));
  BOOST_TEST((snapshot_content(store) == before));
}

BOOST_AUTO_TEST_CASE(what_the_index_does_not_have_is_not_wanted) {
  ObjectRepair repair(store, RepairRun::real);
  repair.want({sha256("unknown"), Executable::no}, ObjectState::missing);
  BOOST_TEST(repair.wanted().empty());
}

BOOST_AUTO_TEST_SUITE_END()
