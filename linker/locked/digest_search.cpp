#include "linker/locked/digest_search.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <set>
#include <vector>

#include "linker/build/project_source.hpp"
#include "linker/locked/locked_selection.hpp"
#include "linker/locked/marker_facts.hpp"
#include "linker/locked/promised_hashes.hpp"
#include "store/artifact_identity.hpp"
#include "store/base/content_hash.hpp"
#include "store/base/error.hpp"
#include "store/base/relpath.hpp"
#include "store/net/url.hpp"
#include "store/package_index/download.hpp"
#include "store/sys/file.hpp"
#include "store/sys/system_name.hpp"
#include "store/take_over.hpp"

namespace cas {
namespace {

constexpr const char* kRemedy = "look at the versions and hashes, or at the index (--index-url)";

struct Search {
  LockedFile* file = nullptr;
  std::string label;  // "foo 1.0"
};

bool is_open(const LockedFile& file) { return !file.sha256() || !file.one_of.empty(); }

bool has_open_files(const LockedPackage& package) {
  return std::ranges::any_of(package.wheels, is_open) || (package.sdist && is_open(*package.sdist)) ||
         (package.archive && is_open(*package.archive));
}

// nullptr: its sources are no file.
LockedFile* file_of(LockedPackage& package, const LockedChoice& choice) {
  for (LockedFile& wheel : package.wheels) {
    if (choice.wheel == &wheel) return &wheel;
  }
  if (package.archive) return &*package.archive;
  return package.sdist && !package.vcs && !package.directory ? &*package.sdist : nullptr;
}

std::vector<Search> open_files(LockSource& source, const InterpreterFacts& facts, WeakHashes weak) {
  std::vector<Search> open;
  std::vector<LockedPackage>& packages = source.lock.packages;
  if (std::ranges::none_of(packages, has_open_files)) return open;
  const MarkerEnvironment environment = marker_environment(facts, system_name());
  for (const LockedChoice& choice : select_locked(source.lock, facts, environment, source.wishes, source.place)) {
    LockedPackage& package = packages[static_cast<std::size_t>(choice.package - packages.data())];
    LockedFile* const file = file_of(package, choice);
    if (file == nullptr || !is_open(*file)) continue;
    if (weak == WeakHashes::nothing && !has_strong_hash(file->hashes)) continue;
    open.push_back({file, package.version.empty() ? package.name : package.name + " " + package.version});
  }
  return open;
}

// "" : it is not of this machine.
std::string local_path_of(const LockedFile& file, const std::string& directory) {
  if (!file.path.empty()) return file.path.starts_with('/') ? file.path : directory + "/" + file.path;
  const auto url = try_parse_url(file.url);
  return url && url->is_file() ? file_path(*url) : std::string();
}

Sha256Digest memo_key(const std::string& algorithm, const std::string& digits) {
  return sha256("content " + algorithm + ":" + digits);
}

std::optional<Sha256Digest> remembered_digest(const Store& store, const std::string& algorithm,
                                              const std::string& digits) {
  return first_remembered(store, memo_key(algorithm, digits),
                          [](const std::string& value) { return Sha256Digest::from_hex(value); });
}

// What was once right for a strong hash is what is meant by it.
std::optional<Sha256Digest> remembered_digest(const Store& store, const LockedFile& file) {
  if (!file.one_of.empty()) {
    for (const auto& [algorithm, digits] : file.one_of) {
      const auto digest = remembered_digest(store, algorithm, digits);
      // Where the index tells another digest it is another file, about which there will be something to say.
      if (digest && (!file.sha256() || file.sha256() == digest)) return digest;
    }
    return std::nullopt;
  }
  std::optional<Sha256Digest> all;
  for (const auto& [algorithm, digits] : further_strong_hashes(file.hashes)) {
    const auto digest = remembered_digest(store, algorithm, digits);
    if (!digest || (all && all != digest)) return std::nullopt;
    all = digest;
  }
  return all;
}

// REQUIRES: its hashes were compared with its content.
void remember_digest(const Store& store, const LockedFile& file) {
  const ContentHashes strong = further_strong_hashes(file.hashes);
  if (strong.empty() || store.index().read_only()) return;
  store.index().write([&](WriteTxn& txn, const Schema& schema) {
    for (const auto& [algorithm, digits] : strong)
      schema.memo.put(txn, memo_key(algorithm, digits), file.sha256()->hex());
  });
}

// The content of `path` is what the file must be; it gets its hashes.
void settle(const std::string& path, const Sha256Digest& digest, LockedFile& file) {
  if (!file.one_of.empty()) {
    const auto right = std::ranges::find_if(file.one_of, [&](const auto& hash) {
      return hash.first == "sha256" ? hash.second == digest.hex() : has_hash(path, {hash.first, hash.second});
    });
    if (right == file.one_of.end()) {
      throw InvalidInput(fmt::format("{} has none of the hashes given: its SHA-256 is {}",
                                     file.url.empty() ? printable(path) : redacted_url(file.url), digest.hex()),
                         kRemedy);
    }
    file.hashes.insert(*right);
    file.one_of.clear();
  }
  file.hashes.insert_or_assign("sha256", digest.hex());
}

void refuse_offline(const std::vector<Search>& searches) {
  std::string text = "the SHA-256 of these files is not known, and the network may not be asked (--offline):";
  for (const Search& search : searches) text += "\n  " + printable(search.file->name);
  throw NotFound(text, "run the command once without --offline");
}

// Those with different names together: each keeps its own.
void fetch(PackageNetwork& network, std::vector<Search> searches, FetchedFiles& fetched, Progress& progress,
           const std::function<void(const Search&, const DownloadedFile&)>& on_file) {
  std::uint64_t total = 0;
  for (const Search& search : searches) total += search.file->size.value_or(0);
  progress.downloads(searches.size(), total);
  for (int round = 0; !searches.empty(); ++round) {
    std::set<std::string> names;
    std::vector<Search> now, later;
    std::vector<DownloadRequest> requests;
    for (const Search& search : searches) {
      const LockedFile& file = *search.file;
      if (!names.insert(file.name).second) {
        later.push_back(search);
        continue;
      }
      now.push_back(search);
      requests.push_back({.url = file.url,
                          .name = file.name,
                          .sha256 = file.sha256(),
                          .hashes = checkable_hashes(file.hashes),
                          .size = file.size,
                          .label = search.label});
    }
    const std::string name = std::to_string(round);
    make_directory_at(fetched.directory().fd(), name, 0700);
    const std::string directory = fetched.directory().path() + "/" + name;
    const auto files = download_files(network.client(), {directory}, requests, progress);
    for (std::size_t i = 0; i < files.size(); ++i) on_file(now[i], files[i]);
    searches = std::move(later);
  }
}

}  // namespace

std::string FetchedFiles::path_of(const Sha256Digest& digest) const {
  const auto found = paths_.find(digest.hex());
  return found == paths_.end() ? std::string() : found->second;
}

void search_digests(const Store& store, PackageNetwork& network, const InterpreterFacts& facts, WeakHashes weak,
                    LockSource& source, Progress& progress) {
  std::vector<Search> remote;
  for (const Search& search : open_files(source, facts, weak)) {
    LockedFile& file = *search.file;
    const std::string path = local_path_of(file, source.directory);
    if (!path.empty()) {
      settle(path, identify_artifact(open_user_file(path).get(), path, store.index()).digest, file);
    } else if (const auto known = remembered_digest(store, file)) {
      file.hashes.insert_or_assign("sha256", known->hex());
      file.one_of.clear();
    } else {
      remote.push_back(search);
    }
  }
  if (remote.empty()) return;
  if (network.offline()) refuse_offline(remote);
  const auto fetched = std::make_shared<FetchedFiles>(store);
  fetch(network, remote, *fetched, progress, [&](const Search& search, const DownloadedFile& done) {
    settle(done.path, done.sha256, *search.file);
    remember_digest(store, *search.file);
    fetched->add(done.sha256, done.path);
  });
  source.fetched = fetched;
}

void drop_unvouched(Pylock& lock) {
  const auto unvouched = [](const LockedFile& file) { return !has_strong_hash(file.hashes); };
  for (LockedPackage& package : lock.packages) {
    std::erase_if(package.wheels, unvouched);
    if (package.sdist && unvouched(*package.sdist)) package.sdist.reset();
  }
  std::erase_if(lock.packages, [](const LockedPackage& package) {
    return package.wheels.empty() && !package.sdist && !package.archive && !package.vcs && !package.directory;
  });
}

}  // namespace cas
