#include "store/verify.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <map>
#include <mutex>
#include <random>
#include <unordered_set>

#include "store/base/pool.hpp"
#include "store/base/timing.hpp"
#include "store/damage.hpp"
#include "store/interpreters.hpp"
#include "store/lost_interpreters.hpp"
#include "store/object_check.hpp"
#include "store/object_users.hpp"
#include "store/packages/packages.hpp"
#include "store/roots.hpp"
#include "store/sys/file.hpp"

namespace cas {
namespace {

using Clock = std::chrono::steady_clock;

struct Listed {
  ObjectId id;
  ObjectRow row;
};
struct SegmentWork {
  std::uint32_t number = 0;
  std::size_t rows = 0;         // of the index
  std::vector<Listed> objects;  // to look at
};

class Verification {
 public:
  Verification(const Store& store, const VerifyOptions& options, Progress& progress)
      : store_(store), options_(options), progress_(progress) {
    if (options.max_duration) end_ = Clock::now() + *options.max_duration;
  }

  VerifyResult run() {
    check_packages();
    count_orphans(check_objects());
    check_interpreters();
    name_users();
    return std::move(result_);
  }

  VerifyResult run_objects() {
    static_cast<void>(check_objects());
    name_users();
    return std::move(result_);
  }

 private:
  Problem& report(Problem problem) {
    const std::lock_guard lock(mutex_);
    return result_.problems.emplace_back(std::move(problem));
  }

  void report_object(ProblemKind kind, std::string what, const ObjectId& id) {
    Problem problem{kind, std::move(what), {}};
    problem.object = id;
    report(std::move(problem));
  }

  bool time_is_over() {
    if (!end_ || Clock::now() < *end_) return false;
    late_.store(true, std::memory_order_relaxed);
    return true;
  }

  // Every manifest is what its name says, and every object that it names is in the index.
  void check_packages() {
    const Timer timer("check packages");
    const std::vector<Package> packages = list_packages(store_.index());
    progress_.phase("checking packages", packages.size());
    for (const Package& package : packages) {
      check_interrupt();
      check_package(package);
      ++result_.packages;
      progress_.advance(1);
    }
  }

  void check_package(const Package& package) {
    const std::string name = package.row.name + " " + package.row.version;
    const auto of_package = [&](ProblemKind kind, std::string what) {
      Problem problem{kind, std::move(what), {name}};
      problem.artifact = package.artifact;
      problem.remedy = remedy_of_package(package);
      report(std::move(problem));
    };
    try {
      const Manifest manifest = read_manifest(store_.layout(), package.row.manifest);
      std::vector<ObjectId> missing;
      store_.index().read([&](const ReadTxn& txn, const Schema& schema) {
        for_each_object(manifest, [&](const ObjectId& id, std::uint64_t size) {
          const auto row = schema.objects.get(txn, id);
          if (!row || row->size != size) missing.push_back(id);
        });
      });
      for (const ObjectId& id : missing) {
        if (!still_there(package.artifact)) return;
        of_package(ProblemKind::package, fmt::format("{}: its file {} is not in the index", name, id.file_name()));
      }
    } catch (const Error& error) {
      if (still_there(package.artifact)) of_package(ProblemKind::manifest, error.message());
    }
  }

  std::string remedy_of_package(const Package& package) {
    for (const StoredInterpreter& interpreter : list_interpreters(store_)) {
      if (interpreter.artifact == package.artifact)
        return "`cas repair`, or `cas python add " + interpreter.origin + "`";
    }
    if (package.row.normalized_name.starts_with('@')) return "`cas repair`";
    return fmt::format("`cas repair`, or `cas add {}`", package.row.file_name);
  }

  // A collector may have taken it since it was listed.
  bool still_there(const Sha256Digest& artifact) { return find_package(store_.index(), artifact).has_value(); }

  std::vector<SegmentWork> list_objects() {
    std::map<std::uint32_t, SegmentWork> segments;
    std::map<std::uint32_t, std::uint32_t> counted;
    store_.index().read([&](const ReadTxn& txn, const Schema& schema) {
      schema.objects.for_each(txn, [&](const ObjectId& id, const ObjectRow& row) {
        SegmentWork& segment = segments[row.segment];
        ++segment.rows;
        ++result_.all_objects;
        result_.all_bytes += row.size;
        if (!options_.share.has(id)) return;
        segment.objects.push_back({id, row});
        ++chosen_objects_;
        chosen_bytes_ += row.size;
      });
      schema.segments.for_each(txn,
                               [&](std::uint32_t number, const SegmentRow& row) { counted[number] = row.objects; });
    });
    std::vector<SegmentWork> work;
    for (auto& [number, segment] : segments) {
      segment.number = number;
      if (counted[number] != segment.rows) {
        report({ProblemKind::index,
                fmt::format("segment {} is counted with {} objects, but {} lie there", segment_name(number),
                            counted[number], segment.rows),
                {},
                "`cas index rebuild`"});
      }
      work.push_back(std::move(segment));
    }
    return work;
  }

  std::vector<SegmentWork> check_objects() {
    const Timer timer("check objects");
    std::vector<SegmentWork> work = list_objects();
    if (end_) std::shuffle(work.begin(), work.end(), std::minstd_rand(std::random_device{}()));
    progress_.phase(by_bytes() ? "reading objects" : "checking objects", by_bytes() ? chosen_bytes_ : chosen_objects_);
    const unsigned threads = options_.threads == 0 ? available_cpus() : options_.threads;
    parallel_for(work.size(), threads, [&](std::size_t i) { check_segment(work[i]); });
    result_.objects = looked_at_.load();
    result_.bytes = looked_bytes_.load();
    result_.in_time = !late_.load();
    return work;
  }

  [[nodiscard]] bool by_bytes() const { return options_.depth != VerifyDepth::metadata; }

  void check_segment(const SegmentWork& segment) {
    const Fd directory = try_open_directory_at(kCurrentDirectory, store_.layout().segment(segment.number));
    for (const Listed& object : segment.objects) {
      check_interrupt();
      if (time_is_over() || !check_object(directory.get(), segment.number, object)) return;
      looked_at_.fetch_add(1, std::memory_order_relaxed);
      looked_bytes_.fetch_add(object.row.size, std::memory_order_relaxed);
      progress_.advance(by_bytes() ? object.row.size : 1);
    }
  }

  // false: the time was over while it was read.
  bool check_object(int directory, std::uint32_t number, const Listed& object) {
    const std::string name = object.id.file_name();
    const std::string shown = "objects/" + segment_name(number) + "/" + name;
    const auto info = directory < 0 ? std::nullopt : stat_at(directory, name);
    if (!info) {
      const auto row = find_object(store_, object.id);
      if (row && row->segment == number) {
        report_object(ProblemKind::object_missing, shown + ": is missing", object.id);
      }
      return true;
    }
    const ObjectLook look = look_at_object(*info, object.id, object.row.size, store_.ownership());
    if (look.state == ObjectState::content) {
      report_object(ProblemKind::object_content, shown + ": " + look.what, object.id);
      return true;
    }
    if (by_bytes()) {
      const ReadOutcome outcome = read(directory, name, object);
      if (outcome == ReadOutcome::stopped) return false;
      if (outcome == ReadOutcome::wrong) {
        report_object(ProblemKind::object_content, shown + ": its content is not what its name says", object.id);
        return true;
      }
    }
    if (look.state == ObjectState::metadata) {
      report_object(ProblemKind::object_metadata, shown + ": " + look.what, object.id);
    }
    return true;
  }

  ReadOutcome read(int directory, const std::string& name, const Listed& object) {
    const Fd file = try_open_read_at(directory, name);
    if (!file) return ReadOutcome::right;  // collected meanwhile
    return read_object(file.get(), object.id, object.row,
                       options_.depth == VerifyDepth::contents ? Reading::digest : Reading::fingerprint,
                       [&] { return time_is_over(); });
  }

  void check_interpreters() {
    std::vector<std::string> unreadable;
    for (const StoredInterpreter& interpreter : list_interpreters(store_, &unreadable)) {
      check_interrupt();
      check_interpreter(interpreter);
    }
    for (const std::string& what : unreadable) {
      report_interpreter(
          what,
          "`cas python add` with the Python that it was captured from makes it anew, `cas python remove` "
          "with the directory's name takes it away",
          {});
    }
    for (const LostInterpreter& lost : list_lost_interpreters(store_, roots())) {
      report_interpreter(fmt::format("python/{}: is missing", lost.name),
                         "`cas repair`, or `cas python add` with the Python that it was captured from", lost.name);
    }
  }

  void check_interpreter(const StoredInterpreter& interpreter) {
    const std::string remedy = "`cas repair`, or `cas python add " + interpreter.origin + "`";
    try {
      for (const TreeProblem& problem : tree_problems(store_, interpreter)) {
        report_interpreter(fmt::format("python/{}/{}: {}", interpreter.name, problem.path,
                                       problem.missing ? "is missing" : "is not as it was captured"),
                           remedy, interpreter.name);
      }
    } catch (const Error& error) {
      // Its package's damage is said already.
      const auto of_package = [&](const Problem& problem) { return problem.artifact == interpreter.artifact; };
      if (std::ranges::any_of(result_.problems, of_package)) return;
      if (stat_path(store_.layout().interpreter(interpreter.name)))
        report_interpreter(error.message(), remedy, interpreter.name);
    }
  }

  const std::vector<Root>& roots() {
    if (!roots_) roots_ = list_environments(store_);
    return *roots_;
  }

  // Those that stand on the tree.
  std::vector<std::string> environments_over(const std::string& interpreter) {
    std::vector<std::string> paths;
    for (const Root& root : roots()) {
      const bool over = root.anchor.interpreter.starts_with(store_.layout().interpreter(interpreter) + "/");
      if (over && root.state != AnchorState::dead) paths.push_back(root.anchor.target);
    }
    std::ranges::sort(paths);
    return paths;
  }

  void report_interpreter(std::string what, std::string remedy, std::string name) {
    Problem problem{ProblemKind::interpreter, std::move(what), {}, std::move(remedy)};
    if (!name.empty()) problem.environments = environments_over(name);
    problem.interpreter = std::move(name);
    report(std::move(problem));
  }

  // Only counted: a file without a row is never believed, and may be about to get one.
  void count_orphans(const std::vector<SegmentWork>& segments) {
    const Fd objects = open_directory(store_.layout().objects());
    list_directory(objects.get(), store_.layout().objects(), [&](const std::string& name, unsigned char) {
      const auto number = parse_segment_name(name);
      const Fd segment = number ? try_open_directory_at(objects.get(), name) : Fd();
      if (!segment) return;
      std::size_t files = 0;
      list_directory(segment.get(), name, [&](const std::string&, unsigned char) { ++files; });
      const auto known = std::ranges::find(segments, *number, &SegmentWork::number);
      const std::size_t rows = known == segments.end() ? 0 : known->rows;
      if (files > rows) result_.orphans += files - rows;
    });
  }

  // Which packages and environments hold the damaged objects.
  void name_users() {
    std::unordered_set<ObjectId> damaged;
    for (const Problem& problem : result_.problems) {
      if (problem.object) damaged.insert(*problem.object);
    }
    if (damaged.empty()) return;
    const auto users = users_of_objects(store_, damaged);
    for (Problem& problem : result_.problems) {
      if (!problem.object) continue;
      const ObjectUsers& user = users.at(*problem.object);
      for (const Package& package : user.packages)
        problem.packages.push_back(package.row.name + " " + package.row.version);
      problem.environments = user.environments;
      problem.remedy = remedy_of(user.packages, *problem.object);
    }
  }

  std::string remedy_of(const std::vector<Package>& packages, const ObjectId& id) {
    // Made for environments, and made again when one needs it.
    if (packages.empty()) return "`cas repair`";
    const Package& package = packages.front();
    std::string how = package.row.normalized_name.starts_with('@')
                          ? "`cas python add` with the Python that it was captured from"
                          : fmt::format("`cas add {}`", package.row.file_name);
    for (const StoredInterpreter& interpreter : list_interpreters(store_)) {
      if (interpreter.artifact == package.artifact) how = "`cas python add " + interpreter.origin + "`";
    }
    // Adding looks at objects, but reads none.
    return object_damage(store_, id).empty() ? "`cas repair --contents`, or `cas index rebuild` and then " + how
                                             : "`cas repair`, or " + how;
  }

  const Store& store_;
  const VerifyOptions& options_;
  Progress& progress_;
  std::optional<Clock::time_point> end_;
  std::uint64_t chosen_objects_ = 0, chosen_bytes_ = 0;
  std::atomic<std::uint64_t> looked_at_{0}, looked_bytes_{0};
  std::atomic<bool> late_{false};
  std::mutex mutex_;
  std::optional<std::vector<Root>> roots_;
  VerifyResult result_;
};

}  // namespace

int exit_bit(ProblemKind kind) {
  switch (kind) {
    case ProblemKind::object_metadata:
      return 4;
    case ProblemKind::object_missing:
    case ProblemKind::object_content:
      return 8;
    case ProblemKind::manifest:
    case ProblemKind::package:
    case ProblemKind::index:
      return 16;
    case ProblemKind::interpreter:
      return 32;
  }
  return 16;
}

std::string_view problem_kind_name(ProblemKind kind) {
  switch (kind) {
    case ProblemKind::object_missing:
      return "object-missing";
    case ProblemKind::object_metadata:
      return "object-metadata";
    case ProblemKind::object_content:
      return "object-content";
    case ProblemKind::manifest:
      return "manifest";
    case ProblemKind::package:
      return "package";
    case ProblemKind::index:
      return "index";
    case ProblemKind::interpreter:
      return "interpreter";
  }
  return "index";
}

VerifyResult verify_store(const Store& store, const VerifyOptions& options, Progress& progress) {
  return Verification(store, options, progress).run();
}

VerifyResult glance_at_objects(const Store& store, std::chrono::nanoseconds max_duration) {
  VerifyOptions options;
  options.max_duration = max_duration;
  SilentProgress silent;
  return Verification(store, options, silent).run_objects();
}

}  // namespace cas
