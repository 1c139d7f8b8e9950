#include "linker/change_journal.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "store/base/codec.hpp"
#include "store/base/error.hpp"
#include "store/base/failpoint.hpp"
#include "store/base/relpath.hpp"
#include "store/roots.hpp"
#include "store/sys/file.hpp"
#include "store/sys/tree.hpp"

namespace cas {
namespace {

constexpr std::string_view kMagic = "casJ1";
constexpr std::size_t kMaxJournalBytes = std::size_t{256} << 20;
constexpr const char* kJournal = ".cas/journal";
constexpr std::string_view kStagingPrefix = "new-";

void write_paths(ByteWriter& out, const std::vector<std::string>& paths) {
  out.u32(static_cast<std::uint32_t>(paths.size()));
  for (const std::string& path : paths) out.string(path);
}

std::vector<std::string> read_paths(ByteReader& in) {
  std::vector<std::string> paths;
  for (std::uint32_t n = in.u32(); n > 0; --n) {
    paths.emplace_back(in.string());
    // The journal lies in the environment, where others may write: no path of it may lead out.
    if (const auto problem = relative_path_problem(paths.back())) {
      throw Corruption(fmt::format("its path '{}' {}", printable(paths.back()), *problem));
    }
  }
  return paths;
}

}  // namespace

std::string encode_change(const Change& change) {
  std::string bytes;
  ByteWriter out(bytes);
  out.raw(kMagic);
  out.string(change.staging);
  write_paths(out, change.keep);
  write_paths(out, change.remove);
  write_paths(out, change.place);
  return bytes;
}

Change decode_change(std::string_view bytes) {
  ByteReader in(bytes);
  if (in.raw(kMagic.size()) != kMagic) throw Corruption("it was not written by this version of cas");
  Change change;
  change.staging = in.string();
  if (!change.staging.starts_with(kStagingPrefix) || component_problem(change.staging)) {
    throw Corruption(fmt::format("it names '{}', which is no staging directory", printable(change.staging)));
  }
  change.keep = read_paths(in);
  change.remove = read_paths(in);
  change.place = read_paths(in);
  if (!in.at_end()) throw Corruption("it goes on after its end");
  return change;
}

namespace {

Change decode_journal(std::string_view bytes, const std::string& environment) {
  try {
    return decode_change(bytes);
  } catch (const Error& error) {
    throw Corruption(
        fmt::format("{}/{}, the journal of a change of this environment that was interrupted, is damaged, and the "
                    "change cannot be finished: {}",
                    printable(environment), kJournal, error.message()),
        fmt::format("remove {0}/{1} and {0}/.cas/{2}*, then run `cas doctor --fix {0}`", printable(environment),
                    kJournal, kStagingPrefix));
  }
}

// Creates the parents of `path` below `root`.
void make_parents(int root, const std::string& path) {
  for (std::size_t slash = path.find('/'); slash != std::string::npos; slash = path.find('/', slash + 1)) {
    try_make_directory_at(root, path.substr(0, slash), 0777);
  }
}

// Removes the directories that became empty, upwards, as far as that is possible: one that stays is in nobody's way, or what is placed
// there says so.
void prune_parents(int root, const std::string& path) {
  try {
    for (std::string_view parent = parent_of(path); !parent.empty(); parent = parent_of(parent)) {
      if (!remove_directory_at(root, std::string(parent))) return;
    }
  } catch (const SystemError&) {
    return;
  }
}

void move_if_there(int from_root, const std::string& from, int to_root, const std::string& to) {
  if (!stat_at(from_root, from)) return;  // done before the interruption
  make_parents(to_root, to);
  rename_at(from_root, from, to_root, to);
}

// Nothing is done through a symbolic link: the environment may belong to somebody else than who runs this.
void refuse_links(int root, const std::string& path) {
  for (std::size_t slash = path.find('/'); slash != std::string::npos; slash = path.find('/', slash + 1)) {
    const std::string parent = path.substr(0, slash);
    const auto info = stat_at(root, parent);
    if (!info) return;
    if (S_ISLNK(info->st_mode)) {
      throw Error("finishing the change of the environment: " + printable(parent) + " is a symbolic link",
                  "remove the link");
    }
  }
}

void apply(int environment, const Change& change) {
  const std::string staging = ".cas/" + change.staging;
  for (const std::string& path : change.keep) {
    const std::string kept = ".cas/kept/" + change.staging + "/" + path;
    refuse_links(environment, path);
    refuse_links(environment, kept);
    if (!stat_at(environment, kept)) move_if_there(environment, path, environment, kept);
    failpoint("change-kept");
  }
  for (const std::string& path : change.remove) {
    // A directory by now: it was removed, and something new was placed, before the interruption.
    refuse_links(environment, path);
    const auto info = stat_at(environment, path);
    if (info && !S_ISDIR(info->st_mode)) remove_file_at(environment, path);
    prune_parents(environment, path);
    failpoint("change-removed");
  }
  for (const std::string& path : change.place) {
    refuse_links(environment, path);
    refuse_links(environment, staging + "/" + kStagedTree + "/" + path);
    move_if_there(environment, staging + "/" + kStagedTree + "/" + path, environment, path);
    failpoint("change-placed");
  }
  move_if_there(environment, staging + "/" + kStagedAnchor, environment, kAnchorPath);
  failpoint("change-anchored");
}

// The staged anchor, or the one that is in place already, is a root of this store: so this store's program wrote the journal.
void refuse_foreign_journal(int environment, const Change& change, const std::string& roots) {
  const std::string id = change.staging.substr(kStagingPrefix.size());
  const auto root = component_problem(id) ? std::nullopt : stat_path(roots + "/" + id);
  for (const std::string& path : {".cas/" + change.staging + "/" + kStagedAnchor, std::string(kAnchorPath)}) {
    const auto info = stat_at(environment, path);
    if (!root || !info) continue;
    if (info->st_dev == root->st_dev && info->st_ino == root->st_ino) return;
    // Across filesystems the anchor is a copy: then its text has to be the same, and the environment the caller's own.
    const auto text = try_read_file_at(environment, path, kMaxJournalBytes);
    if (text && text == try_read_file_at(kCurrentDirectory, roots + "/" + id, kMaxJournalBytes)) return;
  }
  throw Error("the environment's journal was not written by a command on this store",
              "name its store with --store or CAS_STORE; or remove .cas/journal and .cas/new-*");
}

}  // namespace

void commit_change(int environment, const Change& change) {
  const std::string draft = ".cas/" + change.staging + "/journal";
  {
    const Fd file = create_file_at(environment, draft, 0644);
    write_all(file.get(), encode_change(change), draft);
    sync_fd(file.get(), draft);
  }
  failpoint("before-journal");
  rename_at(environment, draft, environment, kJournal);
}

bool finish_change(int environment, const std::string& path, const std::string& roots) {
  const auto bytes = try_read_file_at(environment, kJournal, kMaxJournalBytes);
  if (bytes) {
    const Change change = decode_journal(*bytes, path);
    refuse_foreign_journal(environment, change, roots);
    try {
      apply(environment, change);
      remove_file_at(environment, kJournal);
    } catch (Error& error) {
      error.add_context(
          fmt::format("{0}: a change of it was begun and is not finished. {0}/{1} says what is left: put right what "
                      "follows, then `cas doctor --fix {0}`, or the command again, finishes it",
                      printable(path), kJournal));
      throw;
    }
    failpoint("journal-removed");
  }
  const Fd own = try_open_directory_at(environment, kAnchorDirectory);
  if (!own) return false;
  std::vector<std::string> stagings;
  list_directory(own.get(), kAnchorDirectory, [&](const std::string& name, unsigned char) {
    if (name.starts_with(kStagingPrefix)) stagings.push_back(name);
  });
  for (const std::string& name : stagings) remove_tree_at(own.get(), name);
  return bytes.has_value();
}

}  // namespace cas
