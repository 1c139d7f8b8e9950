#include "store/verify.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <mutex>
#include <unordered_map>

#include "store/base/pool.hpp"
#include "store/base/timing.hpp"
#include "store/damage.hpp"
#include "store/interpreters.hpp"
#include "store/packages/packages.hpp"
#include "store/sys/file.hpp"

namespace cas {
namespace {

constexpr std::size_t kReadBytes = std::size_t{256} << 10;

struct Listed {
  ObjectId id;
  ObjectRow row;
};

class Verification {
 public:
  Verification(const Store& store, VerifyDepth depth, unsigned threads, Progress& progress)
      : store_(store), depth_(depth), threads_(threads), progress_(progress) {}

  VerifyResult run() {
    check_packages();
    check_objects();
    check_interpreters();
    name_packages();
    return std::move(result_);
  }

 private:
  void report(ProblemKind kind, std::string what, std::optional<ObjectId> object = std::nullopt,
              std::vector<std::string> packages = {}) {
    const std::lock_guard lock(mutex_);
    if (object) damaged_.emplace(*object, result_.problems.size());
    result_.problems.push_back({kind, std::move(what), std::move(packages), {}});
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
        report(ProblemKind::package, fmt::format("{}: its file {} is not in the index", name, id.file_name()),
               std::nullopt, {name});
      }
    } catch (const Error& error) {
      if (!still_there(package.artifact)) return;
      report(ProblemKind::manifest, error.message(), std::nullopt, {name});
      result_.problems.back().remedy = fmt::format("`cas add {}`", package.row.file_name);
    }
  }

  // A collector may have taken it since it was listed.
  bool still_there(const Sha256Digest& artifact) { return find_package(store_.index(), artifact).has_value(); }

  void check_objects() {
    const Timer timer("check objects");
    std::map<std::uint32_t, std::vector<Listed>> segments;
    std::map<std::uint32_t, std::uint32_t> counted;
    store_.index().read([&](const ReadTxn& txn, const Schema& schema) {
      schema.objects.for_each(txn, [&](const ObjectId& id, const ObjectRow& row) {
        segments[row.segment].push_back({id, row});
        result_.bytes += row.size;
        ++result_.objects;
      });
      schema.segments.for_each(txn,
                               [&](std::uint32_t number, const SegmentRow& row) { counted[number] = row.objects; });
    });
    for (const auto& [number, objects] : segments) {
      if (counted[number] != objects.size()) {
        report(ProblemKind::index, fmt::format("segment {} is counted with {} objects, but {} lie there",
                                               segment_name(number), counted[number], objects.size()));
      }
    }
    progress_.phase("checking objects", depth_ == VerifyDepth::metadata ? result_.objects : result_.bytes);
    std::vector<std::pair<std::uint32_t, const std::vector<Listed>*>> work;
    for (const auto& [number, objects] : segments) work.emplace_back(number, &objects);
    parallel_for(work.size(), threads_, [&](std::size_t i) { check_segment(work[i].first, *work[i].second); });
    count_orphans(segments);
  }

  void check_segment(std::uint32_t number, const std::vector<Listed>& objects) {
    const Fd directory = try_open_directory_at(kCurrentDirectory, store_.layout().segment(number));
    for (const Listed& object : objects) {
      check_interrupt();
      check_object(directory.get(), number, object);
      progress_.advance(depth_ == VerifyDepth::metadata ? 1 : object.row.size);
    }
  }

  void check_object(int directory, std::uint32_t number, const Listed& object) {
    const std::string name = object.id.file_name();
    const std::string shown = "objects/" + segment_name(number) + "/" + name;
    const auto info = directory < 0 ? std::nullopt : stat_at(directory, name);
    if (!info) {
      const auto row = find_object(store_, object.id);
      if (row && row->segment == number) report(ProblemKind::object_missing, shown + ": is missing", object.id);
      return;
    }
    if (!S_ISREG(info->st_mode) || static_cast<std::uint64_t>(info->st_size) != object.row.size) {
      report(ProblemKind::object_content,
             fmt::format("{}: has {} bytes, should have {}", shown, info->st_size, object.row.size), object.id);
      return;
    }
    if (depth_ != VerifyDepth::metadata && !content_is_right(directory, name, object)) {
      report(ProblemKind::object_content, shown + ": its content is not what its name says", object.id);
      return;
    }
    check_metadata(shown, object.id, *info);
  }

  void check_metadata(const std::string& shown, const ObjectId& id, const struct stat& info) {
    const std::uint32_t mode = canonical_mode(id.executable);
    std::string wrong;
    if ((info.st_mode & 07777) != mode)
      wrong = fmt::format("its mode is {:04o}, should be {:04o}", info.st_mode & 07777, mode);
    if (info.st_mtim.tv_sec != canonical_mtime(id.digest) || info.st_mtim.tv_nsec != 0) {
      wrong += fmt::format("{}its modification time was changed", wrong.empty() ? "" : ", ");
    }
    if (info.st_uid != owner()) {
      wrong += fmt::format("{}it belongs to user {}, the store to {}", wrong.empty() ? "" : ", ", info.st_uid, owner());
    }
    if (!wrong.empty()) report(ProblemKind::object_metadata, shown + ": " + wrong, id);
  }

  std::uint32_t owner() {
    static const std::uint32_t uid = stat_path(store_.layout().root())->st_uid;
    return uid;
  }

  bool content_is_right(int directory, const std::string& name, const Listed& object) {
    const Fd file = try_open_read_at(directory, name);
    if (!file) return true;  // collected meanwhile
    thread_local std::vector<char> buffer(kReadBytes);
    Sha256 sha;
    FingerprintHasher fingerprint;
    std::uint64_t offset = 0;
    while (const std::size_t got = pread_full(file.get(), buffer.data(), buffer.size(), offset, name)) {
      check_interrupt();
      const std::string_view bytes(buffer.data(), got);
      if (depth_ == VerifyDepth::contents) sha.update(bytes);
      fingerprint.update(bytes);
      offset += got;
    }
    if (fingerprint.finish() != object.row.fingerprint) return false;
    return depth_ != VerifyDepth::contents || sha.finish() == object.id.digest;
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
          "with the directory's name takes it away");
    }
  }

  void check_interpreter(const StoredInterpreter& interpreter) {
    const std::string remedy = "`cas python add " + interpreter.origin + "`";
    try {
      for (const TreeProblem& problem : tree_problems(store_, interpreter)) {
        report_interpreter(fmt::format("python/{}/{}: {}", interpreter.name, problem.path,
                                       problem.missing ? "is missing" : "is not as it was captured"),
                           remedy);
      }
    } catch (const Error& error) {
      if (stat_path(store_.layout().interpreter(interpreter.name))) report_interpreter(error.message(), remedy);
    }
  }

  void report_interpreter(std::string what, std::string remedy) {
    report(ProblemKind::interpreter, std::move(what));
    result_.problems.back().remedy = std::move(remedy);
  }

  // Only counted: a file without a row is never believed, and may be about to get one.
  void count_orphans(const std::map<std::uint32_t, std::vector<Listed>>& segments) {
    const Fd objects = open_directory(store_.layout().objects());
    list_directory(objects.get(), store_.layout().objects(), [&](const std::string& name, unsigned char) {
      const auto number = parse_segment_name(name);
      const Fd segment = number ? try_open_directory_at(objects.get(), name) : Fd();
      if (!segment) return;
      std::size_t files = 0;
      list_directory(segment.get(), name, [&](const std::string&, unsigned char) { ++files; });
      const auto known = segments.find(*number);
      const std::size_t rows = known == segments.end() ? 0 : known->second.size();
      if (files > rows) result_.orphans += files - rows;
    });
  }

  // Which packages hold the damaged objects.
  void name_packages() {
    if (damaged_.empty()) return;
    const auto no_remedy = [](const Problem& problem) { return problem.packages.empty() && problem.remedy.empty(); };
    for (const Package& package : list_packages(store_.index())) {
      try {
        const std::string name = package.row.name + " " + package.row.version;
        for_each_object(read_manifest(store_.layout(), package.row.manifest), [&](const ObjectId& id, std::uint64_t) {
          const auto found = damaged_.find(id);
          if (found == damaged_.end()) return;
          Problem& problem = result_.problems[found->second];
          if (!problem.packages.empty() && problem.packages.back() == name) return;
          problem.packages.push_back(name);
          if (problem.remedy.empty()) problem.remedy = remedy_by(package, id);
        });
      } catch (const Error&) {
        // Reported by check_packages().
      }
    }
    // Made for environments, and made again when one needs it.
    for (const auto& [id, problem] : damaged_) {
      if (no_remedy(result_.problems[problem])) result_.problems[problem].remedy = "`cas index rebuild`";
    }
  }

  // Adding looks at objects, but reads none.
  std::string remedy_by(const Package& package, const ObjectId& id) {
    std::string how = fmt::format("`cas add {}`", package.row.file_name);
    for (const StoredInterpreter& interpreter : list_interpreters(store_)) {
      if (interpreter.artifact == package.artifact) how = "`cas python add " + interpreter.origin + "`";
    }
    return object_damage(store_, id).empty() ? "`cas index rebuild`, then " + how : how;
  }

  const Store& store_;
  VerifyDepth depth_;
  unsigned threads_;
  Progress& progress_;
  std::mutex mutex_;
  VerifyResult result_;
  std::unordered_map<ObjectId, std::size_t> damaged_;
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

VerifyResult verify_store(const Store& store, VerifyDepth depth, unsigned threads, Progress& progress) {
  return Verification(store, depth, threads == 0 ? available_cpus() : threads, progress).run();
}

}  // namespace cas
