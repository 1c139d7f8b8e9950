#include "store/take_over.hpp"

#include <deque>
#include <vector>

#include "store/base/failpoint.hpp"
#include "store/base/timing.hpp"
#include "store/extract.hpp"
#include "store/ingest_commit.hpp"
#include "store/object_taker.hpp"

namespace cas {
namespace {

constexpr int kMaxRounds = 10;
// As in ingest: what is committed together ends there.
constexpr std::size_t kGroupFiles = 16000;

std::vector<Sha256Digest> lacking(const Store& store, std::span<const Sha256Digest> artifacts) {
  return store.index().read([&](const ReadTxn& txn, const Schema& schema) {
    std::vector<Sha256Digest> missing;
    for (const Sha256Digest& artifact : artifacts) {
      if (!schema.packages.has(txn, artifact)) missing.push_back(artifact);
    }
    return missing;
  });
}

// As if it had just been extracted. nullopt: it is not there, or not whole.
std::optional<ExtractedWheel> read_package(const Store& store, const Store& base, const Sha256Digest& artifact) {
  const auto package = find_package(base.index(), artifact);
  if (!package) return std::nullopt;
  try {
    Manifest manifest = read_manifest(base.layout(), package->row.manifest);
    if (manifest.artifact != artifact) {
      throw Corruption("the manifest " + base.layout().manifest(package->row.manifest) + " is another package's",
                       "run `cas index rebuild` in that store");
    }
    return as_extracted(std::move(manifest));
  } catch (const Error& error) {
    store.warn("not taken over from " + base.layout().root() + ": " + error.message());
    return std::nullopt;
  }
}

// Takes packages from one base, a group at a time.
class PackageTaker {
 public:
  PackageTaker(const Store& store, const Store& base, unsigned threads)
      : store_(store), base_(base), threads_(threads) {}

  // Returns those whose files were collected in the store while they were taken over: they have to be looked at again.
  std::vector<Sha256Digest> run(std::span<const Sha256Digest> artifacts) {
    for (const Sha256Digest& artifact : artifacts) {
      auto wheel = read_package(store_, base_, artifact);
      if (!wheel) continue;
      if (files_ > 0 && files_ + wheel->files.size() > kGroupFiles) commit();
      add(std::move(*wheel));
    }
    commit();
    return std::move(again_);
  }

 private:
  void add(ExtractedWheel wheel) {
    if (!batch_) batch_ = std::make_unique<ObjectBatch>(store_.layout(), store_.index(), store_.durability());
    std::vector<ObjectId> objects;
    for (const PackageFile& file : wheel.files) {
      if (file.size > 0) objects.push_back(file.object);
    }
    const auto taken = take_objects(store_, base_, *batch_, objects, threads_);
    if (!taken) return;
    taken_ += *taken;
    ++taken_.packages;
    files_ += wheel.files.size();
    wheel.request = wheels_.size();
    wheels_.push_back(std::move(wheel));
  }

  void commit() {
    if (wheels_.empty()) return;
    std::vector<IngestResult> results(wheels_.size());
    const std::vector<std::size_t> lost = commit_group(store_, *batch_, wheels_, results);
    for (const std::size_t number : lost) again_.push_back(wheels_[number].identity.digest);
    taken_.packages -= lost.size();
    store_.note_from_bases(std::exchange(taken_, {}));
    wheels_.clear();
    batch_.reset();
    files_ = 0;
  }

  const Store& store_;
  const Store& base_;
  unsigned threads_;
  std::unique_ptr<ObjectBatch> batch_;
  std::deque<ExtractedWheel> wheels_;
  std::size_t files_ = 0;
  FromBases taken_;
  std::vector<Sha256Digest> again_;
};

}  // namespace

void take_over_packages(const Store& store, std::span<const Sha256Digest> artifacts, unsigned threads) {
  std::vector<Sha256Digest> missing = lacking(store, artifacts);
  if (missing.empty() || store.bases().empty()) return;
  const Timer timer("take over packages");
  for (const Store& base : store.bases()) {
    std::vector<Sha256Digest> wanted = missing;
    for (int round = 0; !wanted.empty(); ++round) {
      if (round == kMaxRounds) {
        throw Error("taking packages over into " + store.layout().root() +
                        ": their files are collected again and again meanwhile",
                    "wait for `cas gc` to finish");
      }
      wanted = PackageTaker(store, base, threads).run(wanted);
    }
    missing = lacking(store, missing);
    if (missing.empty()) return;
  }
}

std::optional<Package> obtain_package(const Store& store, const Sha256Digest& artifact) {
  if (auto found = find_whole_package(store.layout(), store.index(), artifact)) return found;
  take_over_packages(store, {&artifact, 1}, 1);
  return find_whole_package(store.layout(), store.index(), artifact);
}

std::optional<Package> find_package_anywhere(const Store& store, const Sha256Digest& artifact) {
  auto found = find_whole_package(store.layout(), store.index(), artifact);
  for (const Store& base : store.bases()) {
    if (found) break;
    found = find_package(base.index(), artifact);
  }
  return found;
}

}  // namespace cas
