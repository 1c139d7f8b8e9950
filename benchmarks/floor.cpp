// The floor of `cas create`: the same plan, the same number of threads, and nothing but the system calls.
//
//   cas_floor export STORE ENVIRONMENT FILE      writes down the calls that make the environment's tree
//   cas_floor run FILE TARGET THREADS            makes them
//
// `run` shares no code with the linker: it reads a flat list and calls mkdirat, linkat, mknodat, utimensat, write. It
// is what the machine allows; the ratio of `cas create` to it is what cas itself costs.
#include <fcntl.h>
#include <fmt/format.h>
#include <sched.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <set>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include "linker/environment_plan.hpp"
#include "linker/plan_paths.hpp"
#include "store/roots.hpp"

namespace {

// One line of the list: kind, number, text.
//   S <n> <path>      segment directory n
//   D <n> <path>      directory n of the environment
//   L <n> <segment> <object> <name>   link in directory n
//   E <n> <name>      empty file in directory n
//   W <size> <path>   file written with that many bytes
//   Y <target> <path> symbolic link
void export_plan(const std::string& store_path, const std::string& environment, const std::string& file) {
  const cas::Store store = cas::Store::open({store_path, "", cas::Durability::none});
  const auto anchor = cas::read_environment_anchor(environment);
  if (!anchor) throw cas::Error(environment + " is no environment of cas");
  const auto plan = cas::find_plan(store, anchor->plan);
  if (!plan) throw cas::Error("its plan is not in the index");
  std::ofstream out(file);
  std::set<std::uint32_t> segments;
  for (const auto& item : plan->files) segments.insert(item.segment);
  for (const std::uint32_t number : segments) out << "S " << number << ' ' << store.layout().segment(number) << '\n';
  for (std::size_t d = 0; d < plan->directories.size(); ++d) out << "D " << d << " ./" << plan->directories[d] << '\n';
  for (const auto& item : plan->files) {
    out << "L " << item.directory << ' ' << item.segment << ' ' << item.object.file_name() << ' ' << item.name << '\n';
  }
  for (const auto& item : plan->empty_files) out << "E " << item.directory << ' ' << item.name << '\n';
  const auto written = [&](const std::string& path) {
    struct stat info {};
    if (::stat((environment + "/" + path).c_str(), &info) == 0) out << "W " << info.st_size << ' ' << path << '\n';
  };
  for (const auto& script : plan->scripts) written(cas::join_path(plan->scripts_directory, script.name));
  for (const auto& record : plan->records) written(record.path);
}

struct Link {
  int segment;
  std::string object, name;
};

struct Directory {
  std::string path;
  std::vector<Link> links;
  std::vector<std::string> empty;
};

struct List {
  std::vector<std::string> segments;  // by number
  std::vector<Directory> directories;
  std::vector<std::pair<std::size_t, std::string>> writes;
};

List read_list(const char* file) {
  List list;
  std::ifstream in(file);
  std::string line;
  while (std::getline(in, line)) {
    std::istringstream words(line);
    std::string kind, text;
    std::size_t number = 0;
    words >> kind >> number;
    if (kind == "S") {
      words >> text;
      if (list.segments.size() <= number) list.segments.resize(number + 1);
      list.segments[number] = text;
    } else if (kind == "D") {
      words >> text;
      list.directories.push_back({text, {}, {}});
    } else if (kind == "L") {
      Link link;
      words >> link.segment >> link.object;
      words.get();
      std::getline(words, link.name);
      list.directories[number].links.push_back(link);
    } else if (kind == "E") {
      words.get();
      std::getline(words, text);
      list.directories[number].empty.push_back(text);
    } else if (kind == "W") {
      words.get();
      std::getline(words, text);
      list.writes.emplace_back(number, text);
    }
  }
  return list;
}

[[noreturn]] void fail(const std::string& what) {
  std::fprintf(stderr, "cas_floor: %s: %s\n", what.c_str(), std::strerror(errno));
  std::_Exit(1);
}

void pin(unsigned cpu) {
  cpu_set_t set;
  CPU_ZERO(&set);
  CPU_SET(cpu, &set);
  sched_setaffinity(0, sizeof set, &set);
}

void fill(const Directory& directory, const std::vector<int>& segments, int root) {
  const int fd = ::openat(root, directory.path.c_str(), O_PATH | O_DIRECTORY);
  if (fd < 0) fail(directory.path);
  for (const Link& link : directory.links) {
    if (::linkat(segments[static_cast<std::size_t>(link.segment)], link.object.c_str(), fd, link.name.c_str(), 0) !=
        0) {
      fail(link.name);
    }
  }
  for (const std::string& name : directory.empty) {
    const struct timespec times[2] = {{0, UTIME_OMIT}, {1'000'000'000, 0}};
    if (::mknodat(fd, name.c_str(), S_IFREG | 0444, 0) != 0 || ::utimensat(fd, name.c_str(), times, 0) != 0) fail(name);
  }
  ::close(fd);
}

void run_plan(const List& list, const char* target, unsigned threads) {
  ::mkdir(target, 0777);
  const int root = ::open(target, O_RDONLY | O_DIRECTORY);
  if (root < 0) fail(target);
  std::vector<int> segments(list.segments.size(), -1);
  for (std::size_t i = 0; i < segments.size(); ++i) {
    if (!list.segments[i].empty()) segments[i] = ::open(list.segments[i].c_str(), O_RDONLY | O_DIRECTORY);
  }
  ::dup2(root, 200);  // grows the descriptor table before there are threads
  std::atomic<std::size_t> made{1};
  std::atomic<std::size_t> next{0};
  const auto link_all = [&] {
    for (std::size_t d = next++; d < list.directories.size(); d = next++) {
      while (made.load(std::memory_order_acquire) <= d) sched_yield();
      if (!list.directories[d].links.empty() || !list.directories[d].empty.empty()) {
        fill(list.directories[d], segments, root);
      }
    }
  };
  std::vector<std::jthread> helpers;
  for (unsigned worker = 1; worker < threads; ++worker) {
    helpers.emplace_back([&, worker] {
      pin(worker);
      link_all();
    });
  }
  if (threads > 1) pin(0);
  for (std::size_t d = 1; d < list.directories.size(); ++d) {
    if (::mkdirat(root, list.directories[d].path.c_str(), 0777) != 0) fail(list.directories[d].path);
    made.store(d + 1, std::memory_order_release);
  }
  link_all();
  helpers.clear();
  const std::vector<char> bytes(1 << 20, 'x');
  for (const auto& [size, path] : list.writes) {
    const int fd = ::openat(root, path.c_str(), O_WRONLY | O_CREAT | O_EXCL, 0666);
    if (fd < 0 || ::write(fd, bytes.data(), std::min(size, bytes.size())) < 0) fail(path);
    ::close(fd);
  }
}

}  // namespace

int main(int argc, char** argv) {
  try {
    if (argc == 5 && std::strcmp(argv[1], "export") == 0) {
      export_plan(argv[2], argv[3], argv[4]);
      return 0;
    }
    if (argc == 5 && std::strcmp(argv[1], "run") == 0) {
      const List list = read_list(argv[2]);
      // Reading the list is not what is measured.
      const auto start = std::chrono::steady_clock::now();
      run_plan(list, argv[3], static_cast<unsigned>(std::atoi(argv[4])));
      const std::chrono::duration<double, std::milli> took = std::chrono::steady_clock::now() - start;
      std::printf("%.3f\n", took.count());
      return 0;
    }
  } catch (const cas::Error& error) {
    std::fprintf(stderr, "cas_floor: %s\n", error.what());
    return 1;
  }
  std::fprintf(stderr, "usage: cas_floor export STORE ENVIRONMENT FILE | cas_floor run FILE TARGET THREADS\n");
  return 2;
}
