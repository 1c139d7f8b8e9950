#include "store/sys/lock.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <atomic>
#include <boost/test/unit_test.hpp>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <thread>
#include <vector>

#include "store/base/error.hpp"
#include "tests/support/child.hpp"
#include "tests/support/temp_dir.hpp"

using namespace cas;
using namespace std::chrono_literals;
using test::Child;
using test::expect;
using test::Shared;
using test::TempDir;

namespace {

// Waits for `condition`, with a watchdog for a test that would otherwise hang.
template <class F>
void wait_until(F&& condition, const std::string& what) {
  const auto deadline = std::chrono::steady_clock::now() + 120s;
  while (!condition()) {
    expect(std::chrono::steady_clock::now() < deadline, what + " in two minutes");
    std::this_thread::sleep_for(200us);
  }
}

// Without the gate: whoever passes through it holds it for a moment.
bool is_free(const std::string& path, LockMode mode) {
  const Fd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  expect(fd.get() >= 0, path + " can be opened");
  return try_lock_fd(fd.get(), mode);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(lock)

BOOST_FIXTURE_TEST_CASE(acquiring_creates_lock_and_gate, TempDir) {
  const std::string name = *this / "x.lock";
  const FileLock held = FileLock::acquire(name, LockMode::shared);
  BOOST_TEST(::access(name.c_str(), F_OK) == 0);
  BOOST_TEST(::access((name + ".gate").c_str(), F_OK) == 0);
  BOOST_TEST((::fcntl(held.fd(), F_GETFD) & FD_CLOEXEC) != 0);
}

BOOST_FIXTURE_TEST_CASE(shared_holders_stand_beside_each_other, TempDir) {
  const std::string name = *this / "x.lock";
  const FileLock first = FileLock::acquire(name, LockMode::shared);
  const FileLock second = FileLock::acquire(name, LockMode::shared);
  BOOST_TEST(is_free(name, LockMode::shared));
  BOOST_TEST(!is_free(name, LockMode::exclusive));
}

BOOST_FIXTURE_TEST_CASE(an_exclusive_holder_is_alone_also_within_the_process, TempDir) {
  const std::string name = *this / "x.lock";
  const FileLock held = FileLock::acquire(name, LockMode::exclusive);
  BOOST_TEST(!is_free(name, LockMode::shared));
  BOOST_TEST(!is_free(name, LockMode::exclusive));
}

BOOST_FIXTURE_TEST_CASE(a_lock_ends_with_its_object_or_before, TempDir) {
  const std::string name = *this / "x.lock";
  {
    const FileLock held = FileLock::acquire(name, LockMode::exclusive);
    BOOST_TEST(!is_free(name, LockMode::shared));
  }
  FileLock held = FileLock::acquire(name, LockMode::exclusive);
  FileLock moved = std::move(held);
  BOOST_TEST(!is_free(name, LockMode::shared));
  moved.release();
  BOOST_TEST(is_free(name, LockMode::exclusive));
}

BOOST_FIXTURE_TEST_CASE(a_lock_dies_with_its_process, TempDir) {
  const std::string name = *this / "x.lock";
  Shared<std::atomic<bool>> holding;
  Child holder([&] {
    const FileLock held = FileLock::acquire(name, LockMode::exclusive);
    *holding = true;
    while (true) ::pause();
  });
  wait_until([&] { return holding->load(); }, "the child holds the lock");
  BOOST_TEST(!is_free(name, LockMode::shared));
  holder.send(SIGKILL);
  BOOST_TEST(holder.wait() == 128 + SIGKILL);
  BOOST_TEST(is_free(name, LockMode::exclusive));
}

BOOST_FIXTURE_TEST_CASE(a_missing_directory_is_a_system_error_with_the_path, TempDir) {
  const std::string name = *this / "missing/x.lock";
  BOOST_CHECK_EXCEPTION(
      static_cast<void>(FileLock::acquire(name, LockMode::shared)), SystemError,
      [&](const SystemError& error) { return error.is(ENOENT) && error.message().find(name) != std::string::npos; });
}

BOOST_FIXTURE_TEST_CASE(somebody_elses_lock_file_can_be_locked, TempDir) {
  const std::string name = *this / "x.lock";
  { const FileLock created = FileLock::acquire(name, LockMode::shared); }
  BOOST_REQUIRE(::chmod(name.c_str(), 0444) == 0);
  BOOST_REQUIRE(::chmod((name + ".gate").c_str(), 0444) == 0);
  BOOST_REQUIRE(::chmod(path().c_str(), 0555) == 0);
  BOOST_TEST(test::run_in_child([&] {
               test::become_stranger();
               const FileLock held = FileLock::acquire(name, LockMode::exclusive);
               expect(!is_free(name, LockMode::shared), "the lock is held");
             }) == 0);
}

BOOST_FIXTURE_TEST_CASE(a_lock_that_a_stranger_may_not_create_is_an_error, TempDir) {
  BOOST_REQUIRE(::chmod(path().c_str(), 0555) == 0);
  BOOST_TEST(test::run_in_child([&] {
               test::become_stranger();
               try {
                 static_cast<void>(FileLock::acquire(*this / "x.lock", LockMode::shared));
               } catch (const SystemError& error) {
                 expect(error.is(EACCES), error.message());
                 return;
               }
               expect(false, "there is an error");
             }) == 0);
}

BOOST_FIXTURE_TEST_CASE(a_read_only_filesystem, TempDir, *boost::unit_test::precondition(test::can_mount)) {
  BOOST_TEST(test::run_in_child([&] {
               test::mount_private_tmpfs(path(), "size=1m");
               { const FileLock created = FileLock::acquire(*this / "there", LockMode::shared); }
               test::remount_read_only(path());
               const FileLock held = FileLock::acquire(*this / "there", LockMode::exclusive);
               expect(!is_free(*this / "there", LockMode::shared), "an existing lock file works");
               try {
                 static_cast<void>(FileLock::acquire(*this / "missing", LockMode::shared));
               } catch (const SystemError& error) {
                 expect(error.is(EROFS), error.message());
                 return;
               }
               expect(false, "a missing lock file is an error");
             }) == 0);
}

BOOST_FIXTURE_TEST_CASE(signals_do_not_break_the_waiting, TempDir) {
  const std::string name = *this / "x.lock";
  FileLock held = FileLock::acquire(name, LockMode::exclusive);
  Shared<std::atomic<bool>> ready;
  Child waiter([&] {
    held.release();              // the copy that fork made
    struct sigaction action {};  // without SA_RESTART: flock answers EINTR
    action.sa_handler = [](int) {};
    expect(::sigaction(SIGUSR1, &action, nullptr) == 0, "handler");
    *ready = true;
    const FileLock got = FileLock::acquire(name, LockMode::exclusive);
  });
  wait_until([&] { return ready->load(); }, "the child runs");
  for (int i = 0; i < 20; ++i) {
    waiter.send(SIGUSR1);
    std::this_thread::sleep_for(1ms);
  }
  held.release();
  BOOST_TEST(waiter.wait() == 0);
}

BOOST_FIXTURE_TEST_CASE(nobody_is_inside_beside_an_exclusive_holder, TempDir) {
  struct Inside {
    std::atomic<int> readers{0};
    std::atomic<int> writers{0};
  };
  Shared<Inside> inside;
  const std::string name = *this / "x.lock";
  std::vector<Child> children;
  for (int child = 0; child < 4; ++child) {
    children.emplace_back([&, child] {
      for (int i = 0; i < 200; ++i) {
        const bool writes = (i + child) % 3 == 0;
        const FileLock held = FileLock::acquire(name, writes ? LockMode::exclusive : LockMode::shared);
        if (writes) {
          expect(++inside->writers == 1, "one writer");
          expect(inside->readers == 0, "no reader beside a writer");
          --inside->writers;
        } else {
          ++inside->readers;
          expect(inside->writers == 0, "no writer beside a reader");
          --inside->readers;
        }
      }
    });
  }
  for (Child& child : children) BOOST_TEST(child.wait() == 0);
}

// A reader leaves only while another is inside, so that without the gate the lock is never free and the writer never
// gets in. With it newcomers queue behind the writer: the readers inside wait for another in vain, for a while.
BOOST_FIXTURE_TEST_CASE(a_writer_gets_in_among_readers_who_never_rest, TempDir) {
  constexpr int kReaders = 6;
  struct State {
    std::atomic<bool> written{false};
    std::atomic<int> inside{0};
    std::atomic<std::uint64_t> reads{0};

    bool leave_if_another_is_inside() {
      int count = inside;
      while (count >= 2) {
        if (inside.compare_exchange_weak(count, count - 1)) return true;
      }
      return false;
    }
  };
  Shared<State> state;
  const std::string name = *this / "x.lock";
  std::vector<Child> readers;
  for (int i = 0; i < kReaders; ++i) {
    readers.emplace_back([&] {
      const auto deadline = std::chrono::steady_clock::now() + 60s;
      while (!state->written) {
        const FileLock held = FileLock::acquire(name, LockMode::shared);
        ++state->inside;
        ++state->reads;
        const auto patience = std::chrono::steady_clock::now() + 300ms;
        while (!state->leave_if_another_is_inside()) {
          if (std::chrono::steady_clock::now() > patience) {
            --state->inside;
            break;
          }
          std::this_thread::sleep_for(200us);
        }
        expect(std::chrono::steady_clock::now() < deadline, "the writer got in within a minute");
      }
    });
  }
  wait_until([&] { return state->reads > 20 * kReaders && state->inside >= 2; }, "the readers overlap");
  const std::uint64_t before = state->reads;
  {
    const FileLock held = FileLock::acquire(name, LockMode::exclusive);
    BOOST_TEST(state->inside.load() == 0);
    state->written = true;
    // A handful with the gate; tens of thousands without, until the readers happen to be held up all at once.
    BOOST_TEST(state->reads - before < 1000U);
  }
  for (Child& reader : readers) BOOST_TEST(reader.wait() == 0);
}

BOOST_FIXTURE_TEST_CASE(threads_of_one_process_are_fair_to_each_other_too, TempDir) {
  const std::string name = *this / "x.lock";
  std::atomic<bool> written{false};
  std::atomic<int> reads{0};
  {
    std::vector<std::jthread> readers;
    for (int i = 0; i < 4; ++i) {
      readers.emplace_back([&] {
        while (!written) {
          const FileLock held = FileLock::acquire(name, LockMode::shared);
          ++reads;
          std::this_thread::sleep_for(1ms);
        }
      });
    }
    wait_until([&] { return reads > 40; }, "the readers run");
    const FileLock held = FileLock::acquire(name, LockMode::exclusive);
    written = true;
  }
  BOOST_TEST(written.load());
}

BOOST_FIXTURE_TEST_CASE(a_descriptor_can_be_locked_without_waiting, TempDir) {
  const std::string name = *this / "file";
  const Fd first(::open(name.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666));
  const Fd second(::open(name.c_str(), O_RDONLY | O_CLOEXEC));
  BOOST_TEST(try_lock_fd(first.get(), LockMode::exclusive));
  BOOST_TEST(!try_lock_fd(second.get(), LockMode::shared));
  BOOST_CHECK_THROW(static_cast<void>(try_lock_fd(-1, LockMode::shared)), SystemError);
}

// As a deduplicator of equal files might make them.
BOOST_AUTO_TEST_CASE(a_lock_that_is_its_own_gate_is_refused) {
  const TempDir dir;
  static_cast<void>(std::ofstream(dir / "lock"));
  std::filesystem::create_hard_link(dir / "lock", dir / "lock.gate");
  BOOST_CHECK_EXCEPTION(static_cast<void>(FileLock::acquire(dir / "lock", LockMode::shared)), Error,
                        [](const Error& error) { return error.message().find("are one file") != std::string::npos; });
}

BOOST_AUTO_TEST_CASE(no_link_is_followed_to_where_a_lock_would_be_made) {
  const TempDir dir;
  std::filesystem::create_symlink(dir / "elsewhere", dir / "lock");
  BOOST_CHECK_THROW(static_cast<void>(FileLock::acquire(dir / "lock", LockMode::shared)), SystemError);
  BOOST_TEST(!std::filesystem::exists(dir / "elsewhere"));
}

BOOST_AUTO_TEST_SUITE_END()
