#include "store/sys/process.hpp"

#include <signal.h>
#include <unistd.h>

#include <boost/test/unit_test.hpp>
#include <cstdlib>
#include <fstream>
#include <thread>

#include "store/base/error.hpp"
#include "tests/support/child.hpp"
#include "tests/support/temp_dir.hpp"

namespace {

using namespace std::chrono_literals;

cas::ProcessResult shell(const std::string& script, const std::vector<std::string>& environment = {},
                         std::chrono::milliseconds limit = 20s) {
  return cas::run_process({"/bin/sh", "-c", script}, environment, limit);
}

// Not even as a zombie that nobody has waited for.
bool is_running(pid_t pid) {
  std::ifstream status("/proc/" + std::to_string(pid) + "/stat");
  std::string number, name, state;
  return status >> number >> name >> state && state != "Z" && state != "X";
}

}  // namespace

BOOST_AUTO_TEST_SUITE(process_tests)

BOOST_AUTO_TEST_CASE(output_errors_and_status_come_back) {
  const cas::ProcessResult run = shell("echo out; echo err >&2; exit 7");
  BOOST_TEST(run.output == "out\n");
  BOOST_TEST(run.errors == "err\n");
  BOOST_TEST(run.exit_status == 7);
  BOOST_TEST(!run.timed_out);
}

BOOST_AUTO_TEST_CASE(a_signal_gives_128_and_its_number) {
  BOOST_TEST(shell("kill -9 $$").exit_status == 128 + SIGKILL);
}

BOOST_AUTO_TEST_CASE(arguments_are_passed_as_they_are) {
  const cas::ProcessResult run =
      cas::run_process({"/bin/sh", "-c", "printf '<%s>' \"$@\"", "x", "a b", "", "\"'$"}, {}, 20s);
  BOOST_TEST(run.output == "<a b><><\"'$>");
}

BOOST_AUTO_TEST_CASE(standard_input_is_empty) { BOOST_TEST(shell("cat; echo end").output == "end\n"); }

BOOST_AUTO_TEST_CASE(settings_are_added_replaced_and_removed) {
  ::setenv("CAS_TEST_A", "old", 1);
  ::setenv("CAS_TEST_B", "old", 1);
  const cas::ProcessResult run =
      shell("echo $CAS_TEST_A ${CAS_TEST_B-unset} $CAS_TEST_C", {"CAS_TEST_A=new", "CAS_TEST_B", "CAS_TEST_C=x=y"});
  ::unsetenv("CAS_TEST_A");
  ::unsetenv("CAS_TEST_B");
  BOOST_TEST(run.output == "new unset x=y\n");
}

BOOST_AUTO_TEST_CASE(a_missing_program_is_a_system_error) {
  BOOST_CHECK_EXCEPTION((void)cas::run_process({"/no/such/program"}, {}, 1s), cas::SystemError,
                        [](const cas::SystemError& error) { return error.is(ENOENT); });
}

BOOST_AUTO_TEST_CASE(too_long_a_run_is_killed_with_its_children) {
  const auto start = std::chrono::steady_clock::now();
  const cas::ProcessResult run = shell("echo begun; sleep 100 & sleep 100", {}, 300ms);
  BOOST_TEST(run.timed_out);
  BOOST_TEST(run.output == "begun\n");
  BOOST_TEST((std::chrono::steady_clock::now() - start < 10s));
}

// Orphans in sessions of their own, of which the second comes from the first: their numbers are in the file.
std::string daemons(const std::string& file) {
  return "setsid sh -c 'echo $$ >>" + file + "; setsid sh -c \"echo \\$\\$ >>" + file +
         "; exec sleep 100\" & exec sleep 100' >/dev/null 2>&1 & while [ $(wc -l <" + file +
         ") -lt 2 ]; do sleep 0.01; done; ";
}

void check_gone(const std::string& file) {
  std::ifstream pids(file);
  int count = 0;
  for (pid_t pid = 0; pids >> pid; ++count) BOOST_TEST(!is_running(pid));
  BOOST_TEST(count == 2);
}

BOOST_AUTO_TEST_CASE(all_descendants_end_with_the_program) {
  const cas::test::TempDir dir;
  const std::string file = dir / "pids";
  std::ofstream(file).flush();
  const cas::ProcessResult run =
      cas::run_process({"/bin/sh", "-c", daemons(file) + "echo done; exit 7"}, {}, 20s, {}, cas::Descendants::all);
  BOOST_TEST(run.output == "done\n");
  BOOST_TEST(run.exit_status == 7);
  BOOST_TEST(!run.timed_out);
  check_gone(file);
}

BOOST_AUTO_TEST_CASE(all_descendants_are_killed_with_the_program) {
  const cas::test::TempDir dir;
  const std::string file = dir / "pids";
  std::ofstream(file).flush();
  const auto start = std::chrono::steady_clock::now();
  const cas::ProcessResult run =
      cas::run_process({"/bin/sh", "-c", daemons(file) + "sleep 100"}, {}, 2s, {}, cas::Descendants::all);
  BOOST_TEST(run.timed_out);
  BOOST_TEST(run.exit_status == 128 + SIGKILL);
  BOOST_TEST((std::chrono::steady_clock::now() - start < 15s));
  check_gone(file);
}

BOOST_AUTO_TEST_CASE(with_all_descendants_ends_and_failures_are_the_same) {
  const auto run = [](const std::string& script) {
    return cas::run_process({"/bin/sh", "-c", script}, {}, 20s, {}, cas::Descendants::all).exit_status;
  };
  BOOST_TEST(run("exit 0") == 0);
  BOOST_TEST(run("kill -TERM $$") == 128 + SIGTERM);
  BOOST_CHECK_EXCEPTION((void)cas::run_process({"/no/such/program"}, {}, 1s, {}, cas::Descendants::all),
                        cas::SystemError, [](const cas::SystemError& error) { return error.is(ENOENT); });
}

BOOST_AUTO_TEST_CASE(a_process_left_behind_is_not_waited_for) {
  const auto start = std::chrono::steady_clock::now();
  const cas::ProcessResult run = shell("sleep 3 & echo done");
  BOOST_TEST(run.output == "done\n");
  BOOST_TEST(!run.timed_out);
  BOOST_TEST((std::chrono::steady_clock::now() - start < 2500ms));
}

BOOST_AUTO_TEST_CASE(what_a_program_leaves_behind_ends_with_it) {
  const cas::ProcessResult run = shell("sleep 100 & echo $!; exit 3");
  BOOST_TEST(run.exit_status == 3);
  const pid_t left = std::stoi(run.output);
  for (int tries = 0; is_running(left) && tries < 1000; ++tries) std::this_thread::sleep_for(10ms);
  BOOST_TEST(!is_running(left));
}

BOOST_AUTO_TEST_CASE(more_output_than_wanted_is_dropped) {
  const cas::ProcessResult run = shell("head -c 3000000 /dev/zero; head -c 300000 /dev/zero >&2; exit 3");
  BOOST_TEST(run.output.size() == 1u << 20);
  BOOST_TEST(run.errors.size() == 64u << 10);
  BOOST_TEST(run.exit_status == 3);
}

BOOST_AUTO_TEST_CASE(a_program_ends_with_whoever_waits_for_it) {
  const cas::test::TempDir directory;
  const std::string file = directory / "pid";
  cas::test::Child waiting(
      [&] { (void)shell("echo $$ > " + file + ".new; mv " + file + ".new " + file + "; exec sleep 200", {}, 200s); });
  pid_t pid = 0;
  for (int tries = 0; pid == 0 && tries < 2000; ++tries) {
    std::ifstream(file) >> pid;
    std::this_thread::sleep_for(10ms);
  }
  BOOST_REQUIRE(pid > 0);
  BOOST_TEST(is_running(pid));
  waiting.send(SIGKILL);
  BOOST_TEST(waiting.wait() == 128 + SIGKILL);
  for (int tries = 0; is_running(pid) && tries < 1000; ++tries) std::this_thread::sleep_for(10ms);
  BOOST_TEST(!is_running(pid));
}

BOOST_AUTO_TEST_CASE(the_end_of_other_threads_ends_no_program) {
  std::string output;
  std::thread waiting([&] { output = shell("sleep 0.3; echo done").output; });
  std::thread([] { (void)shell("true"); }).join();
  waiting.join();
  BOOST_TEST(output == "done\n");
}

// In a process of its own: the settings would stay.
BOOST_AUTO_TEST_CASE(works_where_sigchld_is_ignored_and_standard_descriptors_are_closed) {
  BOOST_TEST(cas::test::run_in_child([] {
               ::signal(SIGCHLD, SIG_IGN);
               ::close(0);
               ::close(1);
               const cas::ProcessResult run = shell("echo out; echo err >&2");
               cas::test::expect(run.output == "out\n", "output");
               cas::test::expect(run.errors == "err\n", "errors");
             }) == 0);
}

BOOST_AUTO_TEST_CASE(programs_are_found_in_path_also_by_a_link) {
  const cas::test::TempDir dir;
  std::ofstream(dir / "text") << "x";
  BOOST_TEST(::symlink("/bin/sh", (dir / "cas-test-shell").c_str()) == 0);
  BOOST_TEST(::symlink("nowhere", (dir / "cas-test-gone").c_str()) == 0);
  BOOST_TEST(cas::is_program(dir / "cas-test-shell"));
  BOOST_TEST(!cas::is_program(dir / "text"));
  BOOST_TEST(!cas::is_program(dir.path()));
  const std::string before = std::getenv("PATH");
  ::setenv("PATH", ("relative::/nowhere:" + dir.path()).c_str(), 1);
  const std::string found = cas::find_program("cas-test-shell");
  const std::string gone = cas::find_program("cas-test-gone");
  ::setenv("PATH", before.c_str(), 1);
  BOOST_TEST(found == dir / "cas-test-shell");
  BOOST_TEST(gone.empty());
}

BOOST_AUTO_TEST_SUITE_END()
