#include "store/import_package.hpp"

#include <deque>
#include <optional>
#include <vector>

#include "store/base/crc32.hpp"
#include "store/base/error.hpp"
#include "store/base/progress.hpp"
#include "store/extract.hpp"
#include "store/ingest_commit.hpp"
#include "store/objects/object_batch.hpp"
#include "store/packages/packages.hpp"
#include "store/sys/file.hpp"

namespace cas {
namespace {

constexpr std::size_t kReadBytes = std::size_t{256} << 10;

std::optional<Manifest> manifest_of(const StoreLayout& other, const Sha256Digest& artifact) {
  std::vector<Sha256Digest> digests;
  const Fd directory = try_open_directory_at(kCurrentDirectory, other.manifests());
  if (!directory) return std::nullopt;
  list_directory(directory.get(), other.manifests(), [&](const std::string& name, unsigned char) {
    if (const auto digest = Sha256Digest::from_hex(name)) digests.push_back(*digest);
  });
  for (const Sha256Digest& digest : digests) {
    check_interrupt();
    try {
      Manifest manifest = read_manifest(other, digest);
      if (manifest.artifact == artifact) return manifest;
    } catch (const Corruption&) {  // it has damage of its own
    }
  }
  return std::nullopt;
}

// An object's file, in whichever segment it lies; an empty Fd: nowhere.
Fd open_object_of(const StoreLayout& other, const std::vector<std::string>& segments, const ObjectId& id) {
  for (const std::string& segment : segments) {
    Fd file = try_open_read_at(kCurrentDirectory, other.objects() + "/" + segment + "/" + id.file_name());
    if (file) return file;
  }
  return {};
}

template <class F>
void for_each_block(int file, const std::string& shown, F&& f) {
  std::vector<char> buffer(kReadBytes);
  std::uint64_t offset = 0;
  while (const std::size_t got = pread_full(file, buffer.data(), buffer.size(), offset, shown)) {
    check_interrupt();
    f(std::string_view(buffer.data(), got));
    offset += got;
  }
}

// false: what lies there is another's bytes.
bool copy_object(ObjectBatch& batch, int file, const ObjectId& id) {
  const std::string shown = id.file_name();
  Sha256 whole;
  Crc32 crc;
  for_each_block(file, shown, [&](std::string_view bytes) {
    whole.update(bytes);
    crc.update(bytes);
  });
  if (whole.finish() != id.digest) return false;
  const auto produce = [&](const ObjectBatch::Sink& sink) {
    Sha256 sha;
    for_each_block(file, shown, [&](std::string_view bytes) {
      sha.update(bytes);
      sink(bytes);
    });
    return sha.finish();
  };
  return batch.put(produce, id.executable, crc.value(), id.digest) == id;
}

bool copy_objects(const Store& store, const StoreLayout& other, const Manifest& manifest, ObjectBatch& batch) {
  std::vector<std::string> segments;
  list_directory(open_directory(other.objects()).get(), other.objects(), [&](const std::string& name, unsigned char) {
    if (parse_segment_name(name)) segments.push_back(name);
  });
  bool complete = true;
  for_each_object(manifest, [&](const ObjectId& id, std::uint64_t) {
    if (!complete || batch.find(id) || find_object(store, id)) return;
    const Fd file = open_object_of(other, segments, id);
    complete = file && copy_object(batch, file.get(), id);
  });
  return complete;
}

}  // namespace

StoreLayout other_store(const std::string& path) {
  StoreLayout layout(absolute_path(path));
  if (!stat_path(layout.version_file())) {
    throw NotFound("there is no store at " + layout.root(), "--from names the directory of another store");
  }
  return layout;
}

bool may_import_package(const std::string& other, const Sha256Digest& artifact) {
  return manifest_of(other_store(other), artifact).has_value();
}

bool import_package(const Store& store, const std::string& other, const Sha256Digest& artifact) {
  const StoreLayout layout = other_store(other);
  auto manifest = manifest_of(layout, artifact);
  if (!manifest) return false;
  ObjectBatch batch(store.layout(), store.index(), store.durability());
  if (!copy_objects(store, layout, *manifest, batch)) return false;
  std::deque<ExtractedWheel> wheels;
  wheels.push_back(as_extracted(std::move(*manifest)));
  std::vector<IngestResult> results(1);
  return commit_group(store, batch, wheels, results).empty();
}

}  // namespace cas
