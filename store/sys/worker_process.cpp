#include "store/sys/worker_process.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "store/base/error.hpp"
#include "store/sys/spawn.hpp"

namespace cas {

struct WorkerProcess::Running {
  Running(Fd end, pid_t pid) : socket(std::move(end)), child(pid) {}
  Fd socket;
  Child child;
};

namespace {

struct SocketPair {
  Fd ours;
  Fd theirs;
};

SocketPair make_socket_pair() {
  std::array<int, 2> ends{};
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) != 0) throw_errno("creating", "a socket");
  Fd second(ends[1]);
  SocketPair pair;
  pair.ours = above_standard(ends[0]);
  pair.theirs = above_standard(second.release());
  return pair;
}

// A worker that could not be limited works all the same: it is bounded in time and in what it may answer.
void limit_resources(pid_t pid, std::uint64_t memory_bytes) {
  const rlimit memory{memory_bytes, memory_bytes};
  const rlimit core{0, 0};
  static_cast<void>(::prlimit(pid, RLIMIT_AS, &memory, nullptr));
  static_cast<void>(::prlimit(pid, RLIMIT_CORE, &core, nullptr));
}

}  // namespace

WorkerProcess::WorkerProcess(const std::vector<std::string>& command, const std::vector<std::string>& environment,
                             std::uint64_t memory_bytes) {
  SocketPair pair = make_socket_pair();
  const pid_t pid = spawn(command, environment, {pair.theirs.get(), pair.theirs.get(), -1});
  running_ = std::make_unique<Running>(std::move(pair.ours), pid);
  limit_resources(pid, memory_bytes);
}

WorkerProcess::~WorkerProcess() = default;

int WorkerProcess::descriptor() const { return running_->socket.get(); }

bool WorkerProcess::send(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = ::send(running_->socket.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent < 0 && errno == EINTR) continue;
    if (sent < 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

WorkerProcess::Received WorkerProcess::receive(std::string& into, std::size_t most) {
  std::array<char, std::size_t{64} << 10> buffer;
  while (true) {
    const ssize_t got = ::recv(running_->socket.get(), buffer.data(), std::min(most, buffer.size()), MSG_DONTWAIT);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0 && errno == EAGAIN) return Received::nothing;
    if (got <= 0) return Received::end;  // ECONNRESET: it died with requests unread
    into.append(buffer.data(), static_cast<std::size_t>(got));
    return Received::some;
  }
}

std::vector<bool> wait_for_workers(std::span<const int> descriptors, std::chrono::milliseconds limit) {
  std::vector<pollfd> waiting;
  for (const int descriptor : descriptors) waiting.push_back({descriptor, POLLIN, 0});
  const auto milliseconds = std::clamp<std::chrono::milliseconds::rep>(limit.count(), 0, 3'600'000);
  const int ready = ::poll(waiting.data(), waiting.size(), static_cast<int>(milliseconds));
  if (ready < 0 && errno != EINTR) throw_errno("waiting for", "worker processes");
  std::vector<bool> result(descriptors.size(), false);
  if (ready <= 0) return result;
  for (std::size_t i = 0; i < waiting.size(); ++i) result[i] = waiting[i].revents != 0;
  return result;
}

}  // namespace cas
