// cas: the one place where errors end and become an exit status.
#include <malloc.h>

#include <csignal>
#include <exception>
#include <new>
#include <string>
#include <vector>

#include "cli/run.hpp"
#include "store/base/error.hpp"
#include "store/sys/terminal.hpp"

namespace {

// glibc keeps what large buffers leave behind, and more of it the larger they were: adding three wheels of 65,000 files took
// 92 MB at its peak, with these limits 64; and the time did not change.
void give_memory_back() {
#ifdef __GLIBC__
  constexpr int kMapFrom = 256 << 10;  // bytes
  constexpr int kTrimFrom = 1 << 20;
  mallopt(M_MMAP_THRESHOLD, kMapFrom);
  mallopt(M_TRIM_THRESHOLD, kTrimFrom);
  mallopt(M_ARENA_MAX, 1);
#endif
}

}  // namespace

int main(int argc, char** argv) {
  using cas::ExitStatus;
  cas::open_standard_streams();
  give_memory_back();
  // Where it is ignored (some supervisors start programs so) the kernel keeps no child's exit status.
  std::signal(SIGCHLD, SIG_DFL);
  std::vector<std::string> words;
  ExitStatus status = ExitStatus::failure;
  try {
    words.assign(argv + (argc > 0 ? 1 : 0), argv + argc);
    return cas::run_program(words);
  } catch (const cas::Interrupted& interrupted) {
    cas::report_failure(words, "interrupted", interrupted.what(), {});
    status = ExitStatus::interrupted;
  } catch (const cas::Error& error) {
    cas::report_failure(words, error.kind(), error.message(), error.hint());
    status = error.exit_status();
  } catch (const std::bad_alloc&) {
    cas::report_failure(words, "system", "out of memory", "try fewer --threads");
  } catch (const std::exception& error) {
    cas::report_failure(words, "internal", error.what(), "this is a defect of cas: please report it");
  }
  return cas::failure_status(words, status);
}
