#include "linker/bytecode/compiler_pool.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <deque>
#include <memory>

#include "linker/bytecode/worker_program.hpp"
#include "store/base/codec.hpp"
#include "store/base/error.hpp"
#include "store/base/progress.hpp"
#include "store/base/relpath.hpp"
#include "store/sys/worker_process.hpp"

namespace cas {
namespace {

using Clock = std::chrono::steady_clock;

// The next request waits in the worker's socket while it compiles.
constexpr std::size_t kRequestsAhead = 2;
constexpr std::size_t kMostGreeting = 200;
constexpr std::size_t kResponseHead = 5;
constexpr std::size_t kReceiveAtOnce = std::size_t{1} << 20;
constexpr int kDeathsPerFile = 2;
// So many without one answer between them: the interpreter is to blame, not the files.
constexpr int kDeathsInARow = 50;
// A compiler that keeps its limit itself is killed by its own alarm first; ours is for one that does not.
constexpr std::chrono::seconds kGrace{2};
constexpr const char* kHint = "--no-compile-bytecode leaves compiling to Python";

enum class Outcome : std::uint8_t { compiled = 0, refused = 1, unreadable = 2 };

class Pool {
 public:
  Pool(const CompilerOptions& options, std::span<const std::string> paths, const CompileDone& done)
      : options_(options), paths_(paths), done_(done), deaths_(paths.size(), 0) {
    const std::size_t useful = std::min<std::size_t>(std::max(1U, options.workers), paths.size());
    workers_.resize(useful);
  }

  void run() {
    while (finished_ < paths_.size()) {
      check_interrupt();
      for (Worker& worker : workers_) supply(worker);
      wait();
    }
  }

 private:
  struct Worker {
    std::unique_ptr<WorkerProcess> process;
    bool greeted = false;
    std::deque<std::size_t> requests;  // sent and not answered; it is at the first
    std::string received;
    Clock::time_point deadline;
    std::uint32_t served = 0;
  };

  [[nodiscard]] std::optional<std::size_t> next_request() {
    if (!again_.empty()) {
      const std::size_t request = again_.front();
      again_.pop_front();
      return request;
    }
    if (next_ == paths_.size()) return std::nullopt;
    return next_++;
  }

  [[nodiscard]] bool has_requests() const { return !again_.empty() || next_ < paths_.size(); }

  void start(Worker& worker) {
    std::vector<std::string> command = options_.command;
    if (command.empty()) {
      command = {options_.interpreter,
                 "-E",
                 "-s",
                 "-S",
                 "-B",
                 "-W",
                 "ignore",
                 "-c",
                 std::string(kWorkerProgram),
                 std::to_string(options_.limit.count())};
    }
    worker = Worker{};
    worker.process = std::make_unique<WorkerProcess>(command, std::vector<std::string>{}, options_.memory_bytes);
    worker.deadline = Clock::now() + options_.start_limit;
  }

  void supply(Worker& worker) {
    if (worker.process && worker.requests.empty() && worker.served >= options_.files_per_worker) worker.process.reset();
    while (worker.requests.size() < kRequestsAhead && has_requests()) {
      if (worker.process && worker.served + worker.requests.size() >= options_.files_per_worker) return;
      if (!worker.process) start(worker);
      const std::size_t request = *next_request();
      std::string bytes;
      ByteWriter(bytes).string(paths_[request]);
      worker.requests.push_back(request);
      if (worker.greeted && worker.requests.size() == 1) set_deadline(worker);
      // One that is gone is noticed when it is received from.
      static_cast<void>(worker.process->send(bytes));
    }
  }

  void set_deadline(Worker& worker) const { worker.deadline = Clock::now() + options_.limit + kGrace; }

  void wait() {
    std::vector<Worker*> busy;
    std::vector<int> descriptors;
    Clock::time_point deadline = Clock::now() + std::chrono::seconds(1);
    for (Worker& worker : workers_) {
      if (!worker.process || worker.requests.empty()) continue;
      busy.push_back(&worker);
      descriptors.push_back(worker.process->descriptor());
      deadline = std::min(deadline, worker.deadline);
    }
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - Clock::now());
    const std::vector<bool> ready = wait_for_workers(descriptors, std::max(left, std::chrono::milliseconds(0)));
    for (std::size_t i = 0; i < busy.size(); ++i) {
      if (ready[i]) {
        receive(*busy[i]);
      } else if (Clock::now() >= busy[i]->deadline) {
        timed_out(*busy[i]);
      }
    }
  }

  void receive(Worker& worker) {
    const auto received = worker.process->receive(worker.received, kReceiveAtOnce);
    if (received == WorkerProcess::Received::end) {
      died(worker);
    } else if (received == WorkerProcess::Received::some) {
      if (!worker.greeted && !take_greeting(worker)) return;
      while (worker.process && take_response(worker)) {
      }
    }
  }

  // false: not complete yet.
  bool take_greeting(Worker& worker) {
    const std::size_t end = worker.received.find('\n');
    const std::string expected = fmt::format("{}{} {}", kWorkerGreeting, options_.magic, options_.cache_tag);
    if (end == std::string::npos && worker.received.size() <= kMostGreeting) return false;
    const std::string greeting = worker.received.substr(0, std::min(end, kMostGreeting));
    if (greeting != expected) {
      throw Error(fmt::format("{} does not compile as it should: it said '{}', not '{}'",
                              printable(options_.interpreter), printable(greeting), expected),
                  kHint);
    }
    worker.received.erase(0, end + 1);
    worker.greeted = true;
    set_deadline(worker);
    return true;
  }

  // false: not complete yet, or the worker was given up.
  bool take_response(Worker& worker) {
    if (worker.received.size() < kResponseHead) {
      if (worker.received.empty() || !worker.requests.empty()) return false;
      died(worker);  // answers what nobody asked
      return false;
    }
    ByteReader reader(worker.received);
    const std::uint8_t outcome = reader.u8();
    const std::size_t size = reader.u32();
    if (outcome > static_cast<std::uint8_t>(Outcome::unreadable) || size > options_.most_code_bytes ||
        (outcome == 0) != (size > 0) || worker.requests.empty()) {
      died(worker);
      return false;
    }
    if (worker.received.size() < kResponseHead + size) return false;
    const std::size_t request = worker.requests.front();
    if (static_cast<Outcome>(outcome) == Outcome::unreadable) {
      throw Error(fmt::format("compiling {}: the interpreter {} cannot read it", paths_[request],
                              printable(options_.interpreter)),
                  kHint);
    }
    worker.requests.pop_front();
    ++worker.served;
    deaths_in_a_row_ = 0;
    set_deadline(worker);
    const std::string_view code = std::string_view(worker.received).substr(kResponseHead, size);
    finish(request, outcome == 0 ? std::optional(code) : std::nullopt);
    worker.received.erase(0, kResponseHead + size);
    return true;
  }

  void finish(std::size_t request, std::optional<std::string_view> code) {
    ++finished_;
    done_(request, code);
  }

  // What it was at is tried once more: it may have been killed by somebody who needed its memory.
  void died(Worker& worker) {
    if (!worker.greeted) fail_to_start();
    if (++deaths_in_a_row_ == kDeathsInARow) {
      throw Error(printable(options_.interpreter) + " crashes again and again while it compiles", kHint);
    }
    give_up(worker, [&](std::size_t at) { return ++deaths_[at] >= kDeathsPerFile; });
  }

  void timed_out(Worker& worker) {
    if (!worker.greeted) fail_to_start();
    give_up(worker, [](std::size_t) { return true; });
  }

  [[noreturn]] void fail_to_start() const {
    throw Error(printable(options_.interpreter) + " does not start as a compiler", kHint);
  }

  template <class IsHopeless>
  void give_up(Worker& worker, IsHopeless&& is_hopeless) {
    worker.process.reset();
    std::deque<std::size_t> requests = std::move(worker.requests);
    worker = Worker{};
    if (requests.empty()) return;
    const std::size_t at = requests.front();
    const bool hopeless = is_hopeless(at);
    if (hopeless) requests.pop_front();
    again_.insert(again_.begin(), requests.begin(), requests.end());
    if (hopeless) finish(at, std::nullopt);
  }

  const CompilerOptions& options_;
  std::span<const std::string> paths_;
  const CompileDone& done_;
  std::vector<Worker> workers_;
  std::deque<std::size_t> again_;
  std::vector<int> deaths_;
  std::size_t next_ = 0;
  std::size_t finished_ = 0;
  int deaths_in_a_row_ = 0;
};

}  // namespace

void compile_sources(const CompilerOptions& options, std::span<const std::string> paths, const CompileDone& done) {
  if (paths.empty()) return;
  Pool(options, paths, done).run();
}

}  // namespace cas
