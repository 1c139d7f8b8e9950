#include "store/index/index.hpp"

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <atomic>
#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <set>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "store/base/codec.hpp"
#include "store/base/error.hpp"
#include "tests/support/child.hpp"
#include "tests/support/temp_dir.hpp"

namespace data = boost::unit_test::data;
namespace fs = std::filesystem;
using namespace cas;
using test::Child;
using test::expect;
using test::Shared;
using test::TempDir;

namespace {

constexpr std::uint64_t kMiB = 1U << 20;

struct IndexDirectory : TempDir {
  [[nodiscard]] std::string directory() const { return *this / "index"; }
  [[nodiscard]] std::string file() const { return *this / "index/data.mdb"; }
  std::unique_ptr<Index> open() const { return Index::open(directory()); }
};

std::uint32_t counter(Index& index, const std::string& name = "counter") {
  return index.read([&](const ReadTxn& txn, const Schema& schema) {
    const auto value = schema.meta.get(txn, name);
    return value ? U32Codec::decode(*value) : 0;
  });
}

void increment(Index& index) {
  index.write([](WriteTxn& txn, const Schema& schema) {
    const auto value = schema.meta.get(txn, "counter");
    const std::uint32_t next = (value ? U32Codec::decode(*value) : 0) + 1;
    schema.meta.put(txn, "counter", U32Codec::encode(next));
    schema.segments.put(txn, next, {next});  // a second table, which must always agree
  });
}

void check_counters_agree(Index& index) {
  index.read([](const ReadTxn& txn, const Schema& schema) {
    const auto value = schema.meta.get(txn, "counter");
    BOOST_TEST(schema.segments.size(txn) == (value ? U32Codec::decode(*value) : 0));
  });
}

void fill(Index& index, std::uint32_t first, std::uint32_t count) {
  index.write([&](WriteTxn& txn, const Schema& schema) {
    for (std::uint32_t i = first; i < first + count; ++i) {
      schema.objects.put(txn, {sha256(std::to_string(i)), Executable::no}, {i, i, i, {i, i}});
    }
  });
}

std::uint32_t count_objects(Index& index) {
  return index.read([](const ReadTxn& txn, const Schema& schema) {
    std::uint32_t rows = 0;
    schema.objects.for_each(txn, [&](const ObjectId&, const ObjectRow&) { ++rows; });
    return rows;
  });
}

PlanRow plan_of(const std::string& body) {
  PlanRow row;
  row.body = body;
  return row;
}

// Overwrites `count` bytes of a file at `offset`.
void scribble(const std::string& path, std::uint64_t offset, std::uint64_t count, char byte) {
  std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
  file.seekp(static_cast<std::streamoff>(offset));
  file << std::string(count, byte);
  BOOST_REQUIRE(file.good());
}

bool names_rebuild(const Error& error) { return error.hint().find("cas index rebuild") != std::string::npos; }

// Whether f() reports damage, in whatever way, and names the remedy.
template <class F>
bool reports_damage(F&& f) {
  try {
    f();
  } catch (const Error& error) {
    return error.kind() == "corruption" && names_rebuild(error);
  }
  return false;
}

}  // namespace

BOOST_FIXTURE_TEST_SUITE(index_file, IndexDirectory)

BOOST_AUTO_TEST_CASE(opening_creates_directory_and_tables) {
  const auto index = Index::open(*this / "some/where/index");
  std::set<std::string> names;
  for (const auto& entry : fs::directory_iterator(*this / "some/where/index")) names.insert(entry.path().filename());
  BOOST_TEST((names == std::set<std::string>{"data.mdb", "index.lock", "index.lock.gate"}));
  index->read([](const ReadTxn& txn, const Schema& schema) {
    BOOST_TEST((schema.meta.get(txn, "schema") == U32Codec::encode(kSchemaVersion)));
    BOOST_TEST(schema.objects.size(txn) == 0U);
    BOOST_TEST(schema.plans.size(txn) == 0U);
  });
  BOOST_TEST(!index->read_only());
}

BOOST_AUTO_TEST_CASE(what_was_written_is_there_after_reopening) {
  increment(*open());
  const auto index = open();
  BOOST_TEST(counter(*index) == 1U);
}

BOOST_AUTO_TEST_CASE(read_and_write_return_results) {
  const auto index = open();
  BOOST_TEST(index->write([](WriteTxn&, const Schema&) { return std::string("written"); }) == "written");
  BOOST_TEST(index->read([](const ReadTxn&, const Schema&) { return 42; }) == 42);
}

BOOST_AUTO_TEST_CASE(an_exception_in_a_write_leaves_nothing) {
  const auto index = open();
  increment(*index);
  BOOST_CHECK_THROW(index->write([](WriteTxn& txn, const Schema& schema) {
    schema.meta.put(txn, "counter", U32Codec::encode(99));
    schema.segments.clear(txn);
    throw std::runtime_error("no");
  }),
                    std::runtime_error);
  BOOST_TEST(counter(*index) == 1U);
  check_counters_agree(*index);
  increment(*index);  // neither lock nor transaction is left behind
  BOOST_TEST(counter(*index) == 2U);
}

BOOST_AUTO_TEST_CASE(big_values_span_pages) {
  std::string body(5 * kMiB + 13, '\0');
  for (std::size_t i = 0; i < body.size(); ++i) body[i] = static_cast<char>(i * 31);
  {
    const auto index = open();
    index->write([&](WriteTxn& txn, const Schema& schema) { schema.plans.put(txn, sha256("plan"), plan_of(body)); });
  }
  const auto index = open();
  const auto row =
      index->read([](const ReadTxn& txn, const Schema& schema) { return schema.plans.get(txn, sha256("plan")); });
  BOOST_REQUIRE(row.has_value());
  BOOST_TEST((row->body == body));
  index->write([](WriteTxn& txn, const Schema& schema) { BOOST_TEST(schema.plans.erase(txn, sha256("plan"))); });
  index->write([&](WriteTxn& txn, const Schema& schema) { schema.plans.put(txn, sha256("other"), plan_of(body)); });
  BOOST_TEST(index->read([](const ReadTxn& txn, const Schema& schema) { return schema.plans.size(txn); }) == 1U);
}

BOOST_AUTO_TEST_CASE(destroy_leaves_an_empty_index_and_tells_who_has_it_open) {
  const auto old = open();
  increment(*old);
  Index::destroy(directory());
  BOOST_TEST(!fs::exists(file()));
  BOOST_CHECK_THROW(static_cast<void>(counter(*old)), Error);

  const auto fresh = open();
  BOOST_TEST(counter(*fresh) == 0U);
  increment(*fresh);
  BOOST_CHECK_THROW(increment(*old), Error);
  BOOST_CHECK_THROW(static_cast<void>(old->stats()), Error);
  BOOST_TEST(counter(*fresh) == 1U);
}

BOOST_AUTO_TEST_CASE(destroying_nothing_is_fine) {
  Index::destroy(directory());
  fs::create_directory(directory());
  Index::destroy(directory());
  BOOST_TEST(counter(*open()) == 0U);
}

BOOST_AUTO_TEST_CASE(leftovers_of_a_creation_that_was_killed_do_no_harm) {
  fs::create_directory(directory());
  std::ofstream(*this / "index/data.mdb.new") << "half a page";
  std::ofstream(file()).flush();
  increment(*open());
  BOOST_TEST(counter(*open()) == 1U);
  BOOST_TEST(!fs::exists(*this / "index/data.mdb.new"));
}

BOOST_AUTO_TEST_CASE(another_schema_version_is_an_error_that_names_both) {
  open()->write([](WriteTxn& txn, const Schema& schema) { schema.meta.put(txn, "schema", U32Codec::encode(4711)); });
  BOOST_CHECK_EXCEPTION(open(), Error, [&](const Error& error) {
    return error.message().find("version 4711") != std::string::npos &&
           error.message().find("version " + std::to_string(kSchemaVersion)) != std::string::npos &&
           error.message().find(file()) != std::string::npos && error.kind() == "error" && names_rebuild(error);
  });
}

BOOST_AUTO_TEST_CASE(a_missing_schema_version_is_corruption) {
  open()->write([](WriteTxn& txn, const Schema& schema) { schema.meta.erase(txn, "schema"); });
  BOOST_CHECK_EXCEPTION(open(), Corruption, names_rebuild);
}

// --- Damage ---

BOOST_AUTO_TEST_CASE(garbage_is_corruption) {
  fs::create_directory(directory());
  std::ofstream(file()) << std::string(100'000, 'g');
  BOOST_CHECK_EXCEPTION(open(), Corruption, names_rebuild);
  Index::destroy(directory());
  increment(*open());
}

BOOST_AUTO_TEST_CASE(zeroes_are_corruption) {
  fs::create_directory(directory());
  std::ofstream(file()) << std::string(100'000, '\0');
  BOOST_CHECK_EXCEPTION(open(), Corruption, names_rebuild);
}

BOOST_DATA_TEST_CASE(a_truncated_file_is_corruption, data::make({1, 100, 4096, 5000, 8191, 8192, 12'288, 200'000}),
                     bytes) {
  fill(*open(), 0, 20'000);
  fs::resize_file(file(), static_cast<std::uintmax_t>(bytes));
  BOOST_CHECK_EXCEPTION(open(), Corruption, names_rebuild);
}

BOOST_DATA_TEST_CASE(damaged_pages_are_reported_never_trusted, data::make({'\0', '\xff', 'x'}), byte) {
  fill(*open(), 0, 20'000);
  const std::uint64_t used = open()->stats().used_bytes;
  scribble(file(), 8192, used - 8192, byte);
  // In a child: if LMDB crashed, only this case should fail.
  BOOST_TEST(test::run_in_child([&] {
               expect(reports_damage([&] {
                        const auto index = open();
                        static_cast<void>(count_objects(*index));
                      }),
                      "the damage is reported");
             }) == 0);
}

BOOST_AUTO_TEST_CASE(damaged_leaves_are_reported_when_they_are_read) {
  fill(*open(), 0, 20'000);
  const std::uint64_t used = open()->stats().used_bytes;
  std::uint64_t reported = 0;
  // One page at a time: not every page holds something that is read here, but no page may crash the reader.
  const std::string original = *this / "original";
  fs::copy_file(file(), original);
  for (std::uint64_t page = 2; page < used / 4096; page += 7) {
    fs::copy_file(original, file(), fs::copy_options::overwrite_existing);
    scribble(file(), page * 4096, 4096, '\0');
    const int status = test::run_in_child([&] {
      if (reports_damage([&] { static_cast<void>(count_objects(*open())); })) ::_exit(42);
    });
    BOOST_TEST((status == 0 || status == 42), "page " << page << ": status " << status);
    if (status == 42) ++reported;
  }
  BOOST_TEST(reported > 10U);
}

// --- Growth ---

BOOST_AUTO_TEST_CASE(those_who_add_extend_the_file_ahead) {
  const auto index = open();
  BOOST_TEST(index->stats().file_bytes < kMiB);
  index->write([](WriteTxn& txn, const Schema& schema) { schema.meta.put(txn, "key", "value"); }, Growth::none);
  BOOST_TEST(index->stats().file_bytes < kMiB);
  increment(*index);
  const IndexStats stats = index->stats();
  BOOST_TEST(stats.file_bytes >= 16 * kMiB);
  BOOST_TEST(stats.file_bytes < 17 * kMiB);
  BOOST_TEST(stats.used_bytes < kMiB);
  for (int i = 0; i < 20; ++i) increment(*index);
  BOOST_TEST(index->stats().file_bytes == stats.file_bytes);  // not again while there is room
  struct stat info {};
  BOOST_REQUIRE(::stat(file().c_str(), &info) == 0);
  BOOST_TEST(static_cast<std::uint64_t>(info.st_blocks) * 512 >= 16 * kMiB);  // written, not sparse
}

BOOST_AUTO_TEST_CASE(an_extended_file_grows_on_and_keeps_its_contents) {
  constexpr std::uint32_t kBatch = 20'000;
  std::uint32_t rows = 0;
  std::uint64_t extensions = 0;
  std::uint64_t last_file_bytes = 0;
  while (rows < 12 * kBatch) {
    const auto index = open();  // each time anew: what is beyond the last page must not disturb opening
    fill(*index, rows, kBatch);
    rows += kBatch;
    const IndexStats stats = index->stats();
    BOOST_TEST(stats.used_bytes <= stats.file_bytes);
    if (stats.file_bytes != last_file_bytes) ++extensions;
    last_file_bytes = stats.file_bytes;
  }
  BOOST_TEST(last_file_bytes > 32 * kMiB);
  BOOST_TEST(extensions < 9U);
  const auto index = open();
  BOOST_TEST(count_objects(*index) == rows);
  BOOST_TEST(index->read([](const ReadTxn& txn, const Schema& schema) {
    return schema.objects.get(txn, {sha256("777"), Executable::no})->size;
  }) == 777U);
}

BOOST_AUTO_TEST_CASE(a_write_larger_than_what_was_extended_ahead) {
  const auto index = open();
  const std::string body(40 * kMiB, 'b');
  index->write([&](WriteTxn& txn, const Schema& schema) { schema.plans.put(txn, sha256("plan"), plan_of(body)); });
  increment(*index);
  BOOST_TEST(counter(*open()) == 1U);
  BOOST_TEST(index->stats().file_bytes >= index->stats().used_bytes + 4 * kMiB);
}

// A limit on the size of files stands for a full disk where nothing may be mounted.
BOOST_AUTO_TEST_CASE(failing_to_extend_ahead_is_no_error) {
  BOOST_TEST(test::run_in_child([&] {
               ::signal(SIGXFSZ, SIG_IGN);
               const rlimit limit{8 * kMiB, 8 * kMiB};
               expect(::setrlimit(RLIMIT_FSIZE, &limit) == 0, "setrlimit");
               const auto index = open();
               increment(*index);
               expect(counter(*index) == 1, "the write went through");
               expect(index->stats().file_bytes < kMiB, "the partial extension is gone");
             }) == 0);
  BOOST_TEST(counter(*open()) == 1U);
}

BOOST_AUTO_TEST_CASE(a_full_disk_fails_the_write_that_does_not_fit_and_no_other,
                     *boost::unit_test::precondition(test::can_mount)) {
  BOOST_TEST(test::run_in_child([&] {
               test::mount_private_tmpfs(path(), "size=8m");
               const auto index = open();
               increment(*index);
               expect(index->stats().file_bytes < kMiB, "not extended");
               const std::string body(20 * kMiB, 'b');
               int code = 0;
               try {
                 index->write([&](WriteTxn& txn, const Schema& schema) {
                   schema.plans.put(txn, sha256("plan"), plan_of(body));
                 });
               } catch (const IndexError& error) {
                 code = error.code();
                 expect(error.hint().find("cas gc") != std::string::npos, "the hint names the remedy");
               }
               expect(code == ENOSPC || code == EIO, "no space: " + std::to_string(code));  // EIO: a short write
               expect(counter(*index) == 1, "nothing changed");
               fs::resize_file(file(), index->stats().used_bytes);
               increment(*index);
               expect(counter(*open()) == 2, "smaller writes still fit");
             }) == 0);
}

BOOST_AUTO_TEST_CASE(a_small_address_space_is_enough,
                     *boost::unit_test::precondition(test::address_space_can_be_limited)) {
  {
    const auto index = open();
    BOOST_TEST(index->stats().map_bytes == 64 * 1024 * kMiB);
    increment(*index);
  }
  BOOST_TEST(test::run_in_child([&] {
               const rlimit limit{1024 * kMiB, 1024 * kMiB};
               expect(::setrlimit(RLIMIT_AS, &limit) == 0, "setrlimit");
               const auto index = open();
               expect(index->stats().map_bytes >= 256 * kMiB && index->stats().map_bytes < 1024 * kMiB,
                      "a smaller map");
               increment(*index);
               expect(counter(*index) == 2, "it works");
             }) == 0);
  BOOST_TEST(counter(*open()) == 2U);
}

BOOST_AUTO_TEST_CASE(too_small_an_address_space_is_an_error_with_a_remedy,
                     *boost::unit_test::precondition(test::address_space_can_be_limited)) {
  increment(*open());
  BOOST_TEST(test::run_in_child([&] {
               const rlimit limit{200 * kMiB, 200 * kMiB};
               expect(::setrlimit(RLIMIT_AS, &limit) == 0, "setrlimit");
               try {
                 open();
               } catch (const IndexError& error) {
                 expect(error.hint().find("ulimit -v") != std::string::npos, error.hint());
                 return;
               }
               expect(false, "there is an error");
             }) == 0);
}

// --- Reading only ---

BOOST_AUTO_TEST_CASE(a_stranger_reads_and_cannot_write) {
  increment(*open());
  for (const char* name : {"index/data.mdb", "index/index.lock", "index/index.lock.gate"}) {
    BOOST_REQUIRE(::chmod((*this / name).c_str(), 0444) == 0);
  }
  BOOST_REQUIRE(::chmod(directory().c_str(), 0555) == 0);
  BOOST_REQUIRE(::chmod(path().c_str(), 0555) == 0);
  BOOST_TEST(test::run_in_child([&] {
               test::become_stranger();
               const auto index = open();
               expect(index->read_only(), "open for reading only");
               expect(counter(*index) == 1, "it can be read");
               try {
                 increment(*index);
               } catch (const SystemError& error) {
                 expect(error.is(EACCES) && error.message().find(file()) != std::string::npos, error.message());
                 return;
               }
               expect(false, "writing is an error");
             }) == 0);
}

BOOST_AUTO_TEST_CASE(a_stranger_cannot_create_an_index) {
  BOOST_REQUIRE(::chmod(path().c_str(), 0555) == 0);
  BOOST_TEST(test::run_in_child([&] {
               test::become_stranger();
               try {
                 open();
               } catch (const SystemError& error) {
                 expect(error.is(EACCES), error.message());
                 return;
               }
               expect(false, "there is an error");
             }) == 0);
}

enum class LockFiles { present, absent };

void check_read_only_filesystem(const IndexDirectory& where, LockFiles locks) {
  BOOST_TEST(test::run_in_child([&] {
               test::mount_private_tmpfs(where.path(), "size=64m");
               increment(*where.open());
               if (locks == LockFiles::absent) {
                 fs::remove(where / "index/index.lock");
                 fs::remove(where / "index/index.lock.gate");
               }
               test::remount_read_only(where.path());
               const auto index = where.open();
               expect(index->read_only() && counter(*index) == 1 && index->stats().used_bytes > 0, "it can be read");
               try {
                 increment(*index);
               } catch (const SystemError& error) {
                 expect(error.is(EROFS), error.message());
                 return;
               }
               expect(false, "writing is an error");
             }) == 0);
}

BOOST_AUTO_TEST_CASE(a_read_only_filesystem_is_read, *boost::unit_test::precondition(test::can_mount)) {
  check_read_only_filesystem(*this, LockFiles::present);
}

BOOST_AUTO_TEST_CASE(a_read_only_filesystem_without_lock_files_is_read,
                     *boost::unit_test::precondition(test::can_mount)) {
  check_read_only_filesystem(*this, LockFiles::absent);
}

// --- Several at once ---

BOOST_AUTO_TEST_CASE(many_processes_create_one_index) {
  std::vector<Child> children;
  for (int i = 0; i < 8; ++i) {
    children.emplace_back([&] { increment(*open()); });
  }
  for (Child& child : children) BOOST_TEST(child.wait() == 0);
  BOOST_TEST(counter(*open()) == 8U);
}

BOOST_AUTO_TEST_CASE(many_processes_lose_no_commit) {
  constexpr std::uint32_t kProcesses = 6;
  constexpr std::uint32_t kTimes = 50;
  std::vector<Child> children;
  for (std::uint32_t i = 0; i < kProcesses; ++i) {
    children.emplace_back([&] {
      const auto index = open();
      for (std::uint32_t n = 0; n < kTimes; ++n) {
        increment(*index);
        expect(counter(*index) > n, "one's own commits are seen");
      }
    });
  }
  for (Child& child : children) BOOST_TEST(child.wait() == 0);
  const auto index = open();
  BOOST_TEST(counter(*index) == kProcesses * kTimes);
  check_counters_agree(*index);
}

// Two containers with one store: all processes have the same pid, which LMDB's own locks take for the same process.
BOOST_AUTO_TEST_CASE(processes_with_equal_pids_lose_no_commit,
                     *boost::unit_test::precondition(test::can_make_pid_namespaces)) {
  constexpr std::uint32_t kProcesses = 4;
  constexpr std::uint32_t kTimes = 50;
  std::vector<Child> children;
  for (std::uint32_t i = 0; i < kProcesses; ++i) {
    children.emplace_back([&] {
      expect(::unshare(CLONE_NEWPID) == 0, "unshare");
      expect(test::run_in_child([&] {
               expect(::getpid() == 1, "the first process of its namespace");
               const auto index = open();
               for (std::uint32_t n = 0; n < kTimes; ++n) increment(*index);
             }) == 0,
             "the process in the namespace");
    });
  }
  for (Child& child : children) BOOST_TEST(child.wait() == 0);
  const auto index = open();
  BOOST_TEST(counter(*index) == kProcesses * kTimes);
  check_counters_agree(*index);
}

BOOST_AUTO_TEST_CASE(a_killed_writer_leaves_whole_commits_and_no_lock) {
  Shared<std::atomic<std::uint32_t>> committed;
  for (int round = 0; round < 10; ++round) {
    Child writer([&] {
      const auto index = open();
      while (true) {
        increment(*index);
        ++*committed;
      }
    });
    const std::uint32_t enough = committed->load() + 5;
    while (*committed < enough) std::this_thread::sleep_for(std::chrono::microseconds(300));
    writer.send(SIGKILL);
    BOOST_TEST(writer.wait() == 128 + SIGKILL);
    const auto index = open();
    // The last commit may have been made, but not counted.
    const std::uint32_t now = counter(*index);
    BOOST_TEST((now == *committed || now == *committed + 1));
    *committed = now;
    check_counters_agree(*index);
  }
}

BOOST_AUTO_TEST_CASE(threads_read_while_others_write) {
  constexpr std::uint32_t kTimes = 40;
  const auto index = open();
  std::atomic<std::uint32_t> disagreements{0};
  {
    std::vector<std::jthread> threads;
    for (int writer = 0; writer < 2; ++writer) {
      threads.emplace_back([&] {
        for (std::uint32_t n = 0; n < kTimes; ++n) increment(*index);
      });
    }
    for (int reader = 0; reader < 2; ++reader) {
      threads.emplace_back([&] {
        while (true) {
          const auto [count, rows] = index->read([](const ReadTxn& txn, const Schema& schema) {
            const auto value = schema.meta.get(txn, "counter");
            return std::pair<std::uint64_t, std::uint64_t>(value ? U32Codec::decode(*value) : 0,
                                                           schema.segments.size(txn));
          });
          if (count != rows) ++disagreements;
          if (count == 2 * kTimes) return;
        }
      });
    }
  }
  BOOST_TEST(disagreements.load() == 0U);
  BOOST_TEST(counter(*index) == 2 * kTimes);
}

BOOST_AUTO_TEST_SUITE_END()
