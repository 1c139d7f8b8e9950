#include "store/objects/object_batch.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <boost/test/unit_test.hpp>
#include <cstdlib>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "store/base/crc32.hpp"
#include "store/base/pool.hpp"
#include "store/sys/file.hpp"
#include "tests/support/child.hpp"
#include "tests/support/temp_store.hpp"

using namespace cas;
using namespace cas::test;

namespace {

struct BatchFixture : TempStore {
  std::unique_ptr<ObjectBatch> batch = make_batch();

  std::unique_ptr<ObjectBatch> make_batch() {
    return std::make_unique<ObjectBatch>(store.layout(), store.index(), Durability::none);
  }
  static ObjectId put(ObjectBatch& into, const std::string& text, Executable executable = Executable::no) {
    const auto produce = [&](const ObjectBatch::Sink& sink) {
      sink(text.substr(0, text.size() / 2));
      sink(text.substr(text.size() / 2));
      return sha256(text);
    };
    return into.put(produce, executable, crc32_of(text));
  }
  // As a listing promises it.
  static ObjectId put_promised(
      ObjectBatch& into, const std::string& text, const Sha256Digest& promised,
      const std::function<void()>& halfway = [] {}) {
    const auto produce = [&](const ObjectBatch::Sink& sink) {
      sink(text.substr(0, 1));
      halfway();
      sink(text.substr(1));
      return sha256(text);
    };
    return into.put(produce, Executable::no, crc32_of(text), promised);
  }
  std::vector<RowOutcome> commit(ObjectBatch& from, const std::vector<ObjectId>& ids) {
    from.synchronise();
    std::vector<RowOutcome> outcomes;
    store.index().write([&](WriteTxn& txn, const Schema& schema) {
      from.begin_rows();
      for (const ObjectId& id : ids) outcomes.push_back(from.commit_row(txn, schema, id));
    });
    from.committed();
    return outcomes;
  }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(object_batch_tests, BatchFixture)

BOOST_AUTO_TEST_CASE(an_object_has_canonical_mode_time_and_a_complete_row) {
  const ObjectId id = put(*batch, "hello", Executable::yes);
  BOOST_TEST((id == ObjectId{sha256("hello"), Executable::yes}));
  BOOST_TEST((commit(*batch, {id}) == std::vector{RowOutcome::inserted}));

  const std::string path = object_path("hello", Executable::yes);
  BOOST_TEST(slurp(path) == "hello");
  const auto info = stat_path(path);
  BOOST_REQUIRE(info);
  BOOST_TEST((info->st_mode & 07777) == 0555U);
  BOOST_TEST(info->st_mtim.tv_sec == canonical_mtime(id.digest));
  BOOST_TEST(info->st_mtim.tv_nsec == 0);
  const auto row = find_object(store, id);
  BOOST_TEST(row->size == 5U);
  BOOST_TEST(row->crc32 == crc32_of("hello"));
  BOOST_TEST((row->fingerprint == fingerprint("hello")));
}

BOOST_AUTO_TEST_CASE(the_executable_bit_makes_another_object) {
  const ObjectId plain = put(*batch, "same bytes");
  const ObjectId executable = put(*batch, "same bytes", Executable::yes);
  static_cast<void>(commit(*batch, {plain, executable}));
  BOOST_TEST(object_rows() == 2U);
  BOOST_TEST((stat_path(object_path("same bytes"))->st_mode & 07777) == 0444U);
  BOOST_TEST((stat_path(object_path("same bytes", Executable::yes))->st_mode & 07777) == 0555U);
}

BOOST_AUTO_TEST_CASE(the_same_content_twice_is_one_object) {
  const ObjectId first = put(*batch, "twice");
  const auto inode = [&] { return stat_path(store.layout().object(batch->find(first)->segment, first))->st_ino; };
  const auto before = inode();
  BOOST_TEST((put(*batch, "twice") == first));
  BOOST_TEST(inode() == before);
  BOOST_TEST((commit(*batch, {first, first}) == std::vector{RowOutcome::inserted, RowOutcome::present}));
  BOOST_TEST(object_files().size() == 1U);
  BOOST_TEST(names_in(batch->staging().path()).empty());
}

BOOST_AUTO_TEST_CASE(threads_may_put_the_same_content_at_once) {
  parallel_for(400, 4, [&](std::size_t i) { static_cast<void>(put(*batch, "content " + std::to_string(i % 40))); });
  std::vector<ObjectId> ids;
  for (int i = 0; i < 40; ++i) ids.push_back({sha256("content " + std::to_string(i)), Executable::no});
  for (const RowOutcome outcome : commit(*batch, ids)) BOOST_TEST((outcome == RowOutcome::inserted));
  batch.reset();
  BOOST_TEST(object_files().size() == 40U);
  BOOST_TEST(problems().empty());
}

BOOST_AUTO_TEST_CASE(a_producer_that_fails_leaves_nothing) {
  const auto produce = [](const ObjectBatch::Sink& sink) -> Sha256Digest {
    sink("half of it");
    throw std::runtime_error("the archive is broken");
  };
  BOOST_CHECK_THROW(batch->put(produce, Executable::no, 0), std::runtime_error);
  BOOST_TEST(object_files().empty());
  BOOST_TEST(names_in(batch->staging().path()).empty());
  // The hasher of this thread has forgotten the first half.
  static_cast<void>(commit(*batch, {put(*batch, "next")}));
  BOOST_TEST(problems(VerifyDepth::scrub).empty());
}

BOOST_AUTO_TEST_CASE(what_was_promised_is_written_in_its_place) {
  const ObjectId id = put_promised(*batch, "promised", sha256("promised"), [&] {
    BOOST_TEST(names_in(batch->staging().path()).empty());
    BOOST_TEST(object_files().size() == 1U);
  });
  BOOST_TEST((commit(*batch, {id}) == std::vector{RowOutcome::inserted}));
  const std::string path = object_path("promised");
  BOOST_TEST(slurp(path) == "promised");
  BOOST_TEST(stat_path(path)->st_mtim.tv_sec == canonical_mtime(id.digest));
  BOOST_TEST((find_object(store, id)->fingerprint == fingerprint("promised")));
}

BOOST_AUTO_TEST_CASE(a_wrong_promise_names_nothing) {
  const ObjectId id = put_promised(*batch, "what it is", sha256("what it should be"));
  BOOST_TEST((id.digest == sha256("what it is")));
  BOOST_TEST((commit(*batch, {id}) == std::vector{RowOutcome::inserted}));
  BOOST_TEST(slurp(object_path("what it is")) == "what it is");
  BOOST_TEST(object_files().size() == 1U);
}

BOOST_AUTO_TEST_CASE(a_promised_object_that_fails_leaves_nothing) {
  const auto fail = [] { throw std::runtime_error("half-way"); };
  BOOST_CHECK_THROW(put_promised(*batch, "broken", sha256("broken"), fail), std::runtime_error);
  BOOST_TEST(object_files().empty());
  BOOST_TEST((put_promised(*batch, "broken", sha256("broken")).digest == sha256("broken")));
}

// What a killed program left under the name may be half a file.
BOOST_AUTO_TEST_CASE(an_orphan_under_the_promised_name_is_replaced) {
  static_cast<void>(commit(*batch, {put(*batch, "a neighbour")}));
  const auto segment = find_object(store, {sha256("a neighbour"), Executable::no})->segment;
  const ObjectId id{sha256("orphaned"), Executable::no};
  write_test_file(store.layout().object(segment, id), "orph");
  batch = make_batch();
  BOOST_TEST((put_promised(*batch, "orphaned", id.digest) == id));
  BOOST_TEST((commit(*batch, {id}) == std::vector{RowOutcome::inserted}));
  BOOST_TEST(slurp(object_path("orphaned")) == "orphaned");
}

// Its bytes are on disk already, and environments have linked that inode: what is not synchronised yet must not take its name.
BOOST_AUTO_TEST_CASE(an_object_with_a_row_in_this_segment_is_not_replaced) {
  const ObjectId id = put(*batch, "there");
  static_cast<void>(commit(*batch, {id}));
  const auto inode = stat_path(object_path("there"))->st_ino;
  batch = make_batch();
  const ObjectId other = put(*batch, "another");
  BOOST_TEST((put(*batch, "there") == id));
  BOOST_TEST((put_promised(*batch, "there", id.digest) == id));
  BOOST_TEST(stat_path(object_path("there"))->st_ino == inode);
  BOOST_TEST((commit(*batch, {id, other}) == std::vector{RowOutcome::present, RowOutcome::inserted}));
  BOOST_TEST(find_object(store, other)->segment == find_object(store, id)->segment);
  batch.reset();
  BOOST_TEST(stat_path(object_path("there"))->st_ino == inode);
  BOOST_TEST(object_files().size() == 2U);
}

// Whoever comes second finds the name taken, but is complete first: its file takes the name, and the first one's is none.
BOOST_AUTO_TEST_CASE(a_draft_may_be_overtaken) {
  const ObjectId id{sha256("same"), Executable::no};
  const auto overtake = [&] {
    std::jthread([&] { BOOST_TEST((put_promised(*batch, "same", id.digest) == id)); }).join();
  };
  BOOST_TEST((put_promised(*batch, "same", id.digest, overtake) == id));
  BOOST_TEST(object_files().size() == 1U);
  BOOST_TEST((commit(*batch, {id}) == std::vector{RowOutcome::inserted}));
  BOOST_TEST(slurp(object_path("same")) == "same");
}

BOOST_AUTO_TEST_CASE(a_liar_that_is_overtaken_is_written_again) {
  const ObjectId true_one{sha256("true"), Executable::no};
  bool first = true;
  const auto overtake = [&] {
    if (!std::exchange(first, false)) return;
    std::jthread([&] { BOOST_TEST((put_promised(*batch, "true", true_one.digest) == true_one)); }).join();
  };
  const ObjectId liar = put_promised(*batch, "a lie", true_one.digest, overtake);
  BOOST_TEST((liar.digest == sha256("a lie")));
  static_cast<void>(commit(*batch, {true_one, liar}));
  BOOST_TEST(slurp(object_path("true")) == "true");
  BOOST_TEST(slurp(object_path("a lie")) == "a lie");
  BOOST_TEST(object_files().size() == 2U);
}

BOOST_AUTO_TEST_CASE(empty_content_makes_no_object) {
  const ObjectId id = put(*batch, "");
  BOOST_TEST((id.digest == empty_digest()));
  BOOST_TEST(!batch->find(id).has_value());
  BOOST_TEST(object_files().empty());
  BOOST_TEST(names_in(batch->staging().path()).empty());
}

BOOST_AUTO_TEST_CASE(rows_exist_only_after_the_commit) {
  const ObjectId id = put(*batch, "pending");
  BOOST_TEST(batch->find(id).has_value());
  BOOST_TEST(!has_content("pending"));
  BOOST_CHECK_THROW(store.index().write([&](WriteTxn& txn, const Schema& schema) {
    batch->begin_rows();
    BOOST_TEST((batch->commit_row(txn, schema, id) == RowOutcome::inserted));
    throw std::runtime_error("changed my mind");
  }),
                    std::runtime_error);
  BOOST_TEST(!has_content("pending"));
  // The next attempt inserts it after all.
  BOOST_TEST((commit(*batch, {id}) == std::vector{RowOutcome::inserted}));
  batch.reset();
  BOOST_TEST(slurp(object_path("pending")) == "pending");
  BOOST_TEST(problems().empty());
}

BOOST_AUTO_TEST_CASE(what_was_not_committed_is_removed_by_the_destructor) {
  const ObjectId kept = put(*batch, "kept");
  static_cast<void>(put(*batch, "dropped"));
  static_cast<void>(commit(*batch, {kept}));
  BOOST_TEST(object_files().size() == 2U);
  const std::string staging = batch->staging().path();
  batch.reset();
  BOOST_TEST(object_files().size() == 1U);
  BOOST_TEST(exists(object_path("kept")));
  BOOST_TEST(!exists(staging));
}

// Two adders may write the same object one after the other into one segment: the file that the row means stays.
BOOST_AUTO_TEST_CASE(a_file_that_a_row_means_survives_the_destructor_of_another_batch) {
  static_cast<void>(commit(*batch, {put(*batch, "theirs")}));
  batch.reset();
  const auto second = make_batch();
  const ObjectId id = put(*second, "theirs");
  BOOST_TEST(!second->find(id).has_value());  // the index means the file in its segment: this batch has none of its own
  BOOST_TEST(object_files().size() == 1U);
  {
    const auto third = make_batch();
    const ObjectId other = put(*third, "theirs");
    const auto row = third->find(other);
    BOOST_REQUIRE(row.has_value());
    BOOST_TEST(row->segment != find_object(store, id).value().segment);  // the first segment is held
    BOOST_TEST(object_files().size() == 2U);
  }
  BOOST_TEST(object_files().size() == 1U);
  BOOST_TEST(slurp(object_path("theirs")) == "theirs");
}

BOOST_AUTO_TEST_CASE(a_duplicate_in_the_same_segment_survives_when_its_own_batch_ends) {
  static_cast<void>(commit(*batch, {put(*batch, "theirs")}));
  batch = make_batch();
  static_cast<void>(put(*batch, "theirs"));
  batch.reset();
  BOOST_TEST(slurp(object_path("theirs")) == "theirs");
  BOOST_TEST(problems().empty());
}

BOOST_AUTO_TEST_CASE(an_object_that_the_index_has_is_present) {
  const ObjectId id = put(*batch, "once");
  static_cast<void>(commit(*batch, {id}));
  const auto second = make_batch();
  BOOST_TEST((commit(*second, {id}) == std::vector{RowOutcome::present}));
  BOOST_TEST((commit(*second, {ObjectId{sha256("never put"), Executable::no}}) == std::vector{RowOutcome::absent}));
}

BOOST_AUTO_TEST_CASE(two_batches_at_once_fill_different_segments) {
  const auto second = make_batch();
  const ObjectId a = put(*batch, "a");
  const ObjectId b = put(*second, "b");
  BOOST_TEST(batch->find(a)->segment != second->find(b)->segment);
  static_cast<void>(commit(*batch, {a}));
  static_cast<void>(commit(*second, {b}));
  BOOST_TEST(problems().empty());
}

BOOST_AUTO_TEST_CASE(the_segment_counts_its_objects) {
  const std::vector<ObjectId> ids{put(*batch, "1"), put(*batch, "2"), put(*batch, "3")};
  static_cast<void>(commit(*batch, ids));
  const auto row = store.index().read([&](const ReadTxn& txn, const Schema& schema) {
    return schema.segments.get(txn, schema.objects.get(txn, ids[0])->segment);
  });
  BOOST_REQUIRE(row);
  BOOST_TEST(row->objects == 3U);
}

// The umask is read once in a process: the check runs in one that was started with it.
BOOST_AUTO_TEST_CASE(the_umask_does_not_change_an_objects_mode) {
  constexpr const char* kInside = "CAS_TEST_UMASK_INSIDE";
  if (std::getenv(kInside) == nullptr) {
    const int status = run_in_child([&] {
      ::umask(077);
      ::setenv(kInside, "1", 1);
      ::execl("/proc/self/exe", "cas_unit_tests",
              "--run_test=object_batch_tests/the_umask_does_not_change_an_objects_mode", "--log_level=error", nullptr);
    });
    BOOST_TEST(status == 0);
    return;
  }
  static_cast<void>(commit(*batch, {put(*batch, "plain"), put(*batch, "executable", Executable::yes)}));
  BOOST_TEST((stat_path(object_path("plain"))->st_mode & 07777) == 0444U);
  BOOST_TEST((stat_path(object_path("executable", Executable::yes))->st_mode & 07777) == 0555U);
}

BOOST_AUTO_TEST_SUITE_END()
