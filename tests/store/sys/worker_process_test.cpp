#include "store/sys/worker_process.hpp"

#include <array>
#include <boost/test/unit_test.hpp>

#include "store/base/error.hpp"

namespace {

using namespace std::chrono_literals;
using cas::WorkerProcess;

constexpr std::uint64_t kMemory = std::uint64_t{1} << 30;

// Everything until the worker ends, or has said `bytes` bytes.
std::string said(WorkerProcess& worker, std::size_t bytes = std::string::npos) {
  std::string text;
  while (text.size() < bytes) {
    const std::array<int, 1> descriptors{worker.descriptor()};
    static_cast<void>(cas::wait_for_workers(descriptors, 20s));
    if (worker.receive(text, 1000) == WorkerProcess::Received::end) break;
  }
  return text;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(worker_process_tests)

BOOST_AUTO_TEST_CASE(it_answers_what_it_is_sent) {
  WorkerProcess worker({"/bin/cat"}, {}, kMemory);
  BOOST_TEST(worker.send("one"));
  BOOST_TEST(said(worker, 3) == "one");
  BOOST_TEST(worker.send("two"));
  BOOST_TEST(said(worker, 3) == "two");
  std::string nothing;
  BOOST_TEST((worker.receive(nothing, 10) == WorkerProcess::Received::nothing));
}

BOOST_AUTO_TEST_CASE(its_end_is_seen_and_sending_to_it_is_no_signal) {
  WorkerProcess worker({"/bin/sh", "-c", "echo out; echo err >&2; exit 3"}, {}, kMemory);
  BOOST_TEST(said(worker) == "out\n");
  BOOST_TEST(!worker.send("too late"));
}

BOOST_AUTO_TEST_CASE(more_than_it_takes_is_refused_without_waiting) {
  WorkerProcess worker({"/bin/sleep", "1000"}, {}, kMemory);
  BOOST_TEST(!worker.send(std::string(std::size_t{32} << 20, 'x')));
}

BOOST_AUTO_TEST_CASE(memory_is_limited_and_there_are_no_core_files) {
  // What is set from outside may arrive after the shell's start: it waits for a word.
  WorkerProcess worker({"/bin/sh", "-c", "read word; ulimit -v; ulimit -c"}, {}, kMemory);
  BOOST_TEST(worker.send("go\n"));
  BOOST_TEST(said(worker) == "1048576\n0\n");
}

BOOST_AUTO_TEST_CASE(waiting_tells_who_is_ready) {
  WorkerProcess silent({"/bin/sleep", "1000"}, {}, kMemory);
  WorkerProcess loud({"/bin/echo", "here"}, {}, kMemory);
  const std::array<int, 2> descriptors{silent.descriptor(), loud.descriptor()};
  std::vector<bool> ready;
  do {
    ready = cas::wait_for_workers(descriptors, 20s);
  } while (!ready[1]);
  BOOST_TEST(!ready[0]);
}

BOOST_AUTO_TEST_CASE(a_program_that_is_not_there_is_an_error) {
  BOOST_CHECK_THROW(WorkerProcess({"/nonexistent/program"}, {}, kMemory), cas::SystemError);
}

BOOST_AUTO_TEST_SUITE_END()
