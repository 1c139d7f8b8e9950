#include "linker/object_linker.hpp"

#include <sys/vfs.h>
#include <unistd.h>

#include <boost/test/unit_test.hpp>
#include <cerrno>
#include <filesystem>

#include "store/base/error.hpp"
#include "store/sys/file.hpp"
#include "store/sys/link.hpp"
#include "tests/support/temp_environment.hpp"

using namespace cas;
using namespace cas::test;
namespace fs = std::filesystem;

namespace {

struct LinkerFixture : TempStore {
  Plan plan;
  LinkCounts counts;
  Fd directory;

  LinkerFixture() {
    add("demo", "1.0", {{"demo.py", "content"}});
    plan = plan_of_files({{"demo.py", "content"}}, store);
    fs::create_directory(dir / "out");
    directory = open_directory(dir / "out");
  }
};

boost::test_tools::assertion_result few_links_suffice(boost::unit_test::test_unit_id) {
  constexpr long kExt4 = 0xEF53;
  struct statfs info {};
  const TempDir dir;
  boost::test_tools::assertion_result result(::statfs(dir.path().c_str(), &info) == 0 && info.f_type == kExt4);
  result.message() << "needs a filesystem with a low limit of links (ext4) below CAS_TEST_TMP or TMPDIR";
  return result;
}

}  // namespace

BOOST_FIXTURE_TEST_SUITE(object_linker_tests, LinkerFixture)

BOOST_AUTO_TEST_CASE(an_object_is_placed_by_its_segment) {
  ObjectLinker linker(store, plan, LinkMode::automatic);
  linker.place(plan.files[0], directory.get(), "a", counts);
  linker.place(plan.files[0], directory.get(), "b", counts);
  BOOST_TEST(counts.hardlinked == 2U);
  BOOST_TEST(links_of(object_path("content")) == 3U);
}

BOOST_AUTO_TEST_CASE(an_outdated_segment_is_looked_up) {
  // The object was collected and came back elsewhere.
  const std::string old = object_path("content");
  fs::create_directory(store.layout().segment(7));
  fs::rename(old, store.layout().segment(7) + "/" + sha256("content").hex());
  store.index().write([&](WriteTxn& txn, const Schema& schema) {
    const ObjectId id{sha256("content"), Executable::no};
    ObjectRow row = schema.objects.get(txn, id).value();
    row.segment = 7;
    schema.objects.put(txn, id, row);
  });
  ObjectLinker linker(store, plan, LinkMode::automatic);
  linker.place(plan.files[0], directory.get(), "a", counts);
  BOOST_TEST(slurp(dir / "out/a") == "content");
  // The segment itself may be gone.
  plan.files[0].segment = 99;
  ObjectLinker another(store, plan, LinkMode::copy);
  another.place(plan.files[0], directory.get(), "b", counts);
  BOOST_TEST(counts.copied == 1U);
}

BOOST_AUTO_TEST_CASE(what_the_store_does_not_have_is_corruption) {
  plan.files[0].object.digest = sha256("another content");
  ObjectLinker linker(store, plan, LinkMode::automatic);
  BOOST_CHECK_THROW(linker.place(plan.files[0], directory.get(), "a", counts), Corruption);
  BOOST_TEST(names_in(dir / "out").empty());
}

BOOST_AUTO_TEST_CASE(an_existing_name_is_never_replaced) {
  write_test_file(dir / "out/a", "mine");
  for (const LinkMode mode : {LinkMode::automatic, LinkMode::hardlink, LinkMode::copy}) {
    ObjectLinker linker(store, plan, mode);
    BOOST_CHECK_EXCEPTION(linker.place(plan.files[0], directory.get(), "a", counts), SystemError,
                          [](const SystemError& error) { return error.is(EEXIST); });
  }
  BOOST_TEST(slurp(dir / "out/a") == "mine");
  BOOST_TEST(counts.hardlinked + counts.copied == 0U);
}

BOOST_AUTO_TEST_CASE(on_another_filesystem_it_is_a_copy,
                     *boost::unit_test::precondition([](boost::unit_test::test_unit_id) {
                       const TempDir dir;
                       const auto here = stat_path(dir.path());
                       const auto there = stat_path("/dev/shm");
                       boost::test_tools::assertion_result result(there && here->st_dev != there->st_dev &&
                                                                  ::access("/dev/shm", W_OK) == 0);
                       result.message() << "needs /dev/shm on another filesystem than the tests' directory";
                       return result;
                     })) {
  const std::string elsewhere = "/dev/shm/cas-test-" + random_name();
  fs::create_directory(elsewhere);
  ObjectLinker linker(store, plan, LinkMode::automatic);
  linker.place(plan.files[0], open_directory(elsewhere).get(), "a", counts);
  BOOST_TEST(counts.copied == 1U);
  BOOST_TEST(slurp(elsewhere + "/a") == "content");
  // One file's fall does not downgrade the next.
  linker.place(plan.files[0], directory.get(), "b", counts);
  BOOST_TEST(counts.hardlinked == 1U);
  fs::remove_all(elsewhere);
}

BOOST_AUTO_TEST_CASE(a_full_inode_is_followed_by_a_fresh_one,
                     *boost::unit_test::precondition(few_links_suffice) * boost::unit_test::label("slow")) {
  const std::string object = object_path("content");
  const auto full = stat_path(object)->st_ino;
  fs::create_directory(dir / "many");
  const Fd many = open_directory(dir / "many");
  int made = 0;
  while (hard_link(kCurrentDirectory, object.c_str(), many.get(), std::to_string(made).c_str()) == LinkOutcome::linked)
    ++made;
  BOOST_TEST(made > 1000);

  ObjectLinker linker(store, plan, LinkMode::automatic);
  linker.place(plan.files[0], directory.get(), "a", counts);
  linker.place(plan.files[0], directory.get(), "b", counts);
  BOOST_TEST(counts.hardlinked == 2U);
  BOOST_TEST(counts.copied == 0U);
  BOOST_TEST(stat_path(object)->st_ino != full);
  BOOST_TEST(stat_path(dir / "out/a")->st_ino == stat_path(object)->st_ino);
  BOOST_TEST(links_of(object) == 3U);
  BOOST_TEST(links_of(dir / "many/0") == static_cast<std::uint64_t>(made));
  BOOST_TEST(problems().empty());
  BOOST_TEST(names_in(store.layout().staging()).empty());
}

BOOST_AUTO_TEST_SUITE_END()
