#include "linker/materialise.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <mutex>
#include <random>
#include <thread>

#include "linker/inode_holders.hpp"
#include "linker/object_linker.hpp"
#include "linker/placed_file.hpp"
#include "linker/plan_paths.hpp"
#include "linker/plan_record.hpp"
#include "linker/scripts.hpp"
#include "store/base/error.hpp"
#include "store/base/failpoint.hpp"
#include "store/base/pool.hpp"
#include "store/base/progress.hpp"
#include "store/base/relpath.hpp"
#include "store/base/timing.hpp"
#include "store/damage.hpp"
#include "store/object_check.hpp"
#include "store/object_users.hpp"
#include "store/sys/file.hpp"

namespace cas {
namespace {

// How many linked objects are looked at in every creation: some 16 µs that find in-place edits sooner or later. All, where there are
// few.
constexpr std::size_t kSampledObjects = 16;
constexpr std::size_t kFewObjects = 64;
// Descriptors that linking may need at once, beside one for each segment.
constexpr int kDescriptors = 256;

void create_empty(int directory, const PlanEmptyFile& file) {
  static const std::int64_t mtime = canonical_mtime(empty_digest());
  create_empty_file_at(directory, file.name, canonical_mode(file.executable), mtime);
}

// The files of one directory are a contiguous run: where each run begins.
template <class Item>
std::vector<std::size_t> run_starts(const std::vector<Item>& items, std::size_t directories) {
  std::vector<std::size_t> starts(directories + 1, 0);
  for (const Item& item : items) ++starts[item.directory + 1];
  for (std::size_t d = 0; d < directories; ++d) starts[d + 1] += starts[d];
  return starts;
}

// Directories first, each once, by worker 0 in the plan's order; the files of those that exist already are linked by
// the others at the same time, and by worker 0 when it is done with the directories.
class TreeFiller {
 public:
  TreeFiller(const Store& store, const Plan& plan, int root, const MaterialiseOptions& options)
      : plan_(plan),
        root_(root),
        options_(options),
        linker_(store, plan, options.mode),
        files_(run_starts(plan.files, plan.directories.size())),
        empty_(run_starts(plan.empty_files, plan.directories.size())) {}

  LinkCounts fill() {
    grow_descriptor_table(kDescriptors);
    run_workers(options_.threads, [&](unsigned worker, const std::atomic<bool>& stop) {
      try {
        work(worker, stop);
      } catch (...) {
        failed_.store(true, std::memory_order_release);
        throw;
      }
    });
    return counts_;
  }

 private:
  void work(unsigned worker, const std::atomic<bool>& stop) {
    if (worker == 0) make_directories_in_order(stop);
    LinkCounts counts;
    for (std::size_t d = next_.fetch_add(1); d < plan_.directories.size(); d = next_.fetch_add(1)) {
      while (made_.load(std::memory_order_acquire) <= d) {
        if (failed_.load(std::memory_order_acquire)) return;
        std::this_thread::yield();
      }
      if (stop.load(std::memory_order_relaxed)) return;
      check_interrupt();
      fill_directory(d, counts);
    }
    const std::lock_guard lock(mutex_);
    counts_.hardlinked += counts.hardlinked;
    counts_.reflinked += counts.reflinked;
    counts_.copied += counts.copied;
    counts_.created += counts.created;
    counts_.forbidden += counts.forbidden;
    counts_.elsewhere += counts.elsewhere;
  }

  void make_directories_in_order(const std::atomic<bool>& stop) {
    made_.store(1, std::memory_order_release);  // the root
    for (std::size_t d = 1; d < plan_.directories.size(); ++d) {
      if (stop.load(std::memory_order_relaxed)) return;
      try_make_directory_at(root_, plan_.directories[d], options_.directory_mode);
      made_.store(d + 1, std::memory_order_release);
    }
  }

  void fill_directory(std::size_t d, LinkCounts& counts) {
    if (files_[d] == files_[d + 1] && empty_[d] == empty_[d + 1]) return;
    Fd opened;
    if (d != 0) opened = open_directory_handle_at(root_, plan_.directories[d]);
    const int directory = d == 0 ? root_ : opened.get();
    for (std::size_t i = files_[d]; i < files_[d + 1]; ++i) {
      linker_.place(plan_.files[i], directory, plan_.files[i].name.c_str(), counts);
    }
    for (std::size_t i = empty_[d]; i < empty_[d + 1]; ++i) create_empty(directory, plan_.empty_files[i]);
    counts.created += empty_[d + 1] - empty_[d];
    failpoint("directory-filled");
  }

  const Plan& plan_;
  int root_;
  const MaterialiseOptions& options_;
  ObjectLinker linker_;
  std::vector<std::size_t> files_;  // plan.files[files_[d]] .. is the run of directory d
  std::vector<std::size_t> empty_;
  std::atomic<std::size_t> made_{0};
  std::atomic<std::size_t> next_{0};
  std::atomic<bool> failed_{false};
  std::mutex mutex_;
  LinkCounts counts_;
};

std::string path_of(const Plan& plan, const PlanFile& file) {
  const std::string& directory = plan.directories[file.directory];
  return directory.empty() ? file.name : directory + "/" + file.name;
}

// Other bytes must not get into an environment, nor a file that somebody else could change; another mode alone, or root's ownership, is
// worth a warning.
void check_object(const Store& store, const Plan& plan, int root, const PlanFile& file,
                  const MaterialiseOptions& options, Materialised& result) {
  const std::string path = path_of(plan, file);
  const PlacedLook look =
      look_at_placed_file(root, path, file.object, file.size, store.ownership(), PlacedDepth::metadata);
  if (look.state == PlacedState::right) return;
  const ObjectUsers users = users_of_objects(store, {file.object}).at(file.object);
  std::string what = fmt::format("{}: its object {} was changed in place: it {}", path, file.object.file_name(),
                                 look.state == PlacedState::missing ? "has vanished" : look.detail);
  // Copies have inodes of their own: then it is the store's file that was changed.
  const auto changed =
      look.info && look.info->st_nlink > 1 ? look.info : stat_path(store.layout().object(file.segment, file.object));
  const std::vector<std::string> others =
      changed ? environments_sharing(store, users.environments, options.environment, {}, path, inode_of(*changed))
              : std::vector<std::string>();
  what += also_seen_by(others);
  std::string remedy = object_remedy(store, users);
  const bool other_bytes = !look.info || static_cast<std::uint64_t>(look.info->st_size) != file.size ||
                           look.info->st_mtim.tv_sec != canonical_mtime(file.object.digest);
  const bool exposed = look.info && !store.ownership().exposure(*look.info).empty();
  if (options.check_every_object || other_bytes || exposed) throw Corruption(what, std::move(remedy));
  result.warnings.push_back(what + "; " + remedy);
}

void check_objects(const Store& store, const Plan& plan, int root, const MaterialiseOptions& options,
                   Materialised& result) {
  if (options.check_every_object || plan.files.size() <= kFewObjects) {
    for (const PlanFile& file : plan.files) check_object(store, plan, root, file, options, result);
    return;
  }
  std::minstd_rand random{std::random_device{}()};
  for (std::size_t i = 0; i < kSampledObjects; ++i) {
    check_object(store, plan, root, plan.files[random() % plan.files.size()], options, result);
  }
}

std::string script_text(const Store& store, const PlanScript& script, const std::string& head) {
  if (script.kind == PlanScript::Kind::entry_point) return entry_point_script(head, script.entry);
  const Fd source = open_object(store, script.source);
  return rewrite_python_script(head, read_fd(source.get(), script.source_size, script.name));
}

// Symbolic links of an interpreter.
void make_links(const Store& store, const Plan& plan, int root, Materialised& result) {
  constexpr std::size_t kMaxTargetBytes = 4096;
  for (const PlanLink& link : plan.links) {
    const std::string target = read_fd(open_object(store, link.object).get(), kMaxTargetBytes, link.name);
    const std::string& directory = plan.directories[link.directory];
    if (link_leads_out(directory, target)) {
      throw Corruption(
          fmt::format("{}: the link {} leads out of the environment, to {}", directory, link.name, printable(target)),
          "run `cas verify --contents`");
    }
    make_symlink_at(target, root, join_path(directory, link.name));
  }
  result.counts.created += plan.links.size();
}

// Scripts, and the RECORDs that name them: the only files with an environment's own path in them.
void write_scripts(const Store& store, const Plan& plan, int root, const MaterialiseOptions& options,
                   Materialised& result) {
  const std::vector<WrittenText> texts = written_texts(store, plan, options.scripts, options.environment);
  for (std::size_t i = 0; i < texts.size(); ++i) {
    write_new_file_at(root, texts[i].path, texts[i].text, i < plan.scripts.size() ? 0777 : 0666);
    result.written.push_back(texts[i].path);
  }
  result.counts.created += texts.size();
}

}  // namespace

std::vector<WrittenText> written_texts(const Store& store, const Plan& plan, ScriptStyle style,
                                       const std::string& environment) {
  const std::string head = style == ScriptStyle::relocatable
                               ? relocatable_script_head()
                               : script_head(environment + "/" + plan.scripts_directory + "/python");
  std::vector<WrittenText> texts;
  texts.reserve(plan.scripts.size() + plan.records.size());
  for (const PlanScript& script : plan.scripts) {
    texts.push_back({join_path(plan.scripts_directory, script.name), script_text(store, script, head)});
  }
  for (const PlanRecord& record : plan.records) {
    std::string text = record.rows;
    for (const std::uint32_t script : record.scripts) {
      text += script_record_row(plan, record, plan.scripts[script], texts[script].text);
    }
    texts.push_back({record.path, std::move(text)});
  }
  return texts;
}

Materialised materialise(const Store& store, const Plan& plan, int root, const MaterialiseOptions& options) {
  Materialised result;
  {
    const Timer timer("directories and links");
    result.counts = TreeFiller(store, plan, root, options).fill();
  }
  failpoint("linked");
  const Timer timer("scripts and checks");
  make_links(store, plan, root, result);
  write_scripts(store, plan, root, options, result);
  check_objects(store, plan, root, options, result);
  return result;
}

}  // namespace cas
