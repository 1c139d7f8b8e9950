// Stores as large as one likes, for measuring collections. See benchmarks/gc.
//
//   cas_gc_store make STORE OBJECTS          a new store of so many objects in packages of 1,000, half of which environments use
//   cas_gc_store waits STORE LOOPERS BATCHES how long creators wait for the lock while a collection takes so many batches
//
// Objects hold a few bytes each, and nothing is synchronised: some 30 us an object.
#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <charconv>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <thread>
#include <vector>

#include "store/base/clock.hpp"
#include "store/base/crc32.hpp"
#include "store/gc.hpp"
#include "store/ingest_commit.hpp"
#include "store/objects/object_batch.hpp"
#include "store/packages/manifest.hpp"
#include "store/packages/packages.hpp"
#include "store/roots.hpp"
#include "store/sys/file.hpp"
#include "store/sys/publish.hpp"
#include "store/sys/tree.hpp"

namespace {

constexpr std::size_t kPackageFiles = 1000;
constexpr std::size_t kEnvironmentPackages = 20;
constexpr std::size_t kBatchObjects = 512;  // of a collection: store/sweep.cpp

std::size_t number(const char* text) {
  std::size_t value = 0;
  const std::string_view all(text);
  if (std::from_chars(all.data(), all.data() + all.size(), value).ptr != all.data() + all.size() || value == 0) {
    fmt::print(stderr, "not a number: {}\n", text);
    std::exit(2);
  }
  return value;
}

cas::Sha256Digest make_package(const cas::Store& store, std::size_t package) {
  cas::ObjectBatch batch(store.layout(), store.index(), cas::Durability::none);
  cas::Manifest manifest;
  manifest.metadata.name = manifest.metadata.normalized_name = fmt::format("package-{}", package);
  manifest.metadata.version = "1.0";
  manifest.metadata.file_name = fmt::format("package_{}-1.0-py3-none-any.whl", package);
  manifest.metadata.dist_info = fmt::format("package_{}-1.0.dist-info", package);
  manifest.artifact = cas::sha256(manifest.metadata.file_name);
  cas::PackageRow row;
  for (std::size_t i = 0; i < kPackageFiles; ++i) {
    const std::string content = fmt::format("file {} of package {}", i, package);
    const cas::Sha256Digest digest = cas::sha256(content);
    cas::Crc32 crc;
    crc.update(content);
    const auto produce = [&](const cas::ObjectBatch::Sink& sink) {
      sink(content);
      return digest;
    };
    cas::PackageFile file;
    file.path = fmt::format("package_{}/module_{}.py", package, i);
    file.object = batch.put(produce, cas::Executable::no, crc.value(), digest);
    file.size = content.size();
    row.content_bytes += file.size;
    manifest.files.push_back(std::move(file));
  }
  batch.synchronise();
  const std::string bytes = cas::encode_manifest(manifest);
  row.manifest = cas::sha256(bytes);
  row.files = kPackageFiles;
  row.added_at = row.used_at = cas::now_seconds() - package;
  row.name = row.normalized_name = manifest.metadata.name;
  row.version = manifest.metadata.version;
  row.file_name = manifest.metadata.file_name;
  const cas::FileLock lock = store.lock_gc(cas::LockMode::shared);
  cas::publish_file(store.layout().manifests(), row.manifest.hex(), bytes, 0444, cas::Durability::none);
  store.index().write([&](cas::WriteTxn& txn, const cas::Schema& schema) {
    batch.begin_rows();
    for (const cas::PackageFile& file : manifest.files) static_cast<void>(batch.commit_row(txn, schema, file.object));
    row.sequence = cas::next_sequence(txn, schema);
    schema.packages.put(txn, manifest.artifact, row);
  });
  batch.committed();
  return manifest.artifact;
}

// Returns its anchor's id.
std::string make_environment(const cas::Store& store, const std::string& target,
                             const std::vector<cas::Sha256Digest>& artifacts) {
  cas::Anchor anchor;
  anchor.id = cas::random_name();
  anchor.target = target;
  anchor.link_mode = "hardlink";
  for (const cas::Sha256Digest& artifact : artifacts) anchor.packages.push_back({artifact, "package", "1.0", true, ""});
  cas::PendingRoot root(store, anchor, "");
  root.publish();
  cas::make_directories(target + "/" + cas::kAnchorDirectory);
  root.attach(cas::open_directory(target + "/" + cas::kAnchorDirectory).get(), "anchor");
  root.finish();
  return anchor.id;
}

cas::Store open(const char* path) { return cas::Store::open({cas::absolute_path(path), "", cas::Durability::none}); }

int make(const char* path, std::size_t objects) {
  const cas::Store store = open(path);
  std::vector<cas::Sha256Digest> used;
  std::size_t environments = 0;
  for (std::size_t package = 0; package * kPackageFiles < objects; ++package) {
    const cas::Sha256Digest artifact = make_package(store, package);
    if (package % 2 == 0) used.push_back(artifact);
    if (used.size() < kEnvironmentPackages) continue;
    static_cast<void>(
        make_environment(store, fmt::format("{}-environments/{}", store.layout().root(), environments++), used));
    used.clear();
  }
  if (!used.empty()) {
    static_cast<void>(
        make_environment(store, fmt::format("{}-environments/{}", store.layout().root(), environments), used));
  }
  return 0;
}

// Environments of one package that come and go without a pause; what each waited for the lock.
std::vector<double> loop(const cas::Store& store, const std::string& target, const cas::Sha256Digest& artifact,
                         const std::atomic<bool>& stop) {
  std::vector<double> waits;
  while (!stop) {
    const auto start = std::chrono::steady_clock::now();
    {
      const cas::FileLock lock = store.lock_gc(cas::LockMode::shared);
      waits.push_back(std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start).count());
    }
    const std::string id = make_environment(store, target, {artifact});
    static_cast<void>(cas::remove_tree_at(cas::kCurrentDirectory, target));
    cas::remove_file_quietly_at(cas::kCurrentDirectory, store.layout().roots() + "/" + id);
  }
  return waits;
}

double at(const std::vector<double>& sorted, double share) {
  return sorted.empty() ? 0 : sorted[static_cast<std::size_t>(share * static_cast<double>(sorted.size() - 1))];
}

int waits(const char* path, std::size_t loopers, std::size_t batches) {
  const cas::Store store = open(path);
  const std::vector<cas::Package> packages = cas::list_packages(store.index());
  if (packages.empty()) {
    fmt::print(stderr, "no packages in {}\n", path);
    return 1;
  }
  std::atomic<bool> stop = false;
  std::vector<std::vector<double>> all(loopers);
  std::vector<std::thread> threads;
  for (std::size_t i = 0; i < loopers; ++i) {
    threads.emplace_back([&, i] {
      all[i] = loop(store, fmt::format("{}-loopers/{}", store.layout().root(), i), packages.front().artifact, stop);
    });
  }
  cas::GcOptions options;
  options.max_freed = batches * kBatchObjects * 20;  // a file has some 25 bytes
  cas::SilentProgress silent;
  const auto start = std::chrono::steady_clock::now();
  const cas::GcResult result = cas::collect_garbage(store, options, silent);
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  stop = true;
  for (std::thread& thread : threads) thread.join();
  std::vector<double> sorted;
  for (const auto& one : all) sorted.insert(sorted.end(), one.begin(), one.end());
  std::ranges::sort(sorted);
  fmt::print("{} {} {:.2f} {} {:.2f} {:.2f} {:.2f} {:.2f}\n", loopers, result.batches, seconds, sorted.size(),
             at(sorted, 0.5), at(sorted, 0.95), at(sorted, 0.99), at(sorted, 1.0));
  return 0;
}

}  // namespace

int main(int count, char** words) {
  try {
    const std::string command = count > 1 ? words[1] : "";
    if (command == "make" && count == 4) return make(words[2], number(words[3]));
    if (command == "waits" && count == 5) return waits(words[2], number(words[3]), number(words[4]));
  } catch (const std::exception& error) {
    fmt::print(stderr, "cas_gc_store: {}\n", error.what());
    return 1;
  }
  fmt::print(stderr, "usage: cas_gc_store make STORE OBJECTS | waits STORE LOOPERS BATCHES\n");
  return 2;
}
