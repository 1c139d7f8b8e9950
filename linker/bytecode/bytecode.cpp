#include "linker/bytecode/bytecode.hpp"

#include <fmt/format.h>

#include "linker/bytecode/compiler_pool.hpp"
#include "store/base/error.hpp"
#include "store/base/failpoint.hpp"
#include "store/base/timing.hpp"
#include "store/damage.hpp"
#include "store/object_check.hpp"
#include "store/objects/layout.hpp"
#include "store/sys/file.hpp"

namespace cas {
namespace {

// Where the sources lie, for the compiler to read. An empty one is read from /dev/null.
std::vector<std::string> source_paths(const Store& store, std::span<const BytecodeSource> sources,
                                      const std::vector<std::size_t>& chosen) {
  std::vector<std::string> paths;
  paths.reserve(chosen.size());
  store.index().read([&](const ReadTxn& txn, const Schema& schema) {
    paths.clear();
    for (const std::size_t i : chosen) {
      if (sources[i].size == 0) {
        paths.emplace_back("/dev/null");
        continue;
      }
      const auto row = schema.objects.get(txn, sources[i].object);
      if (!row) {
        throw Corruption("the index does not have the object " + sources[i].object.file_name(), "run `cas verify`");
      }
      paths.push_back(store.layout().object(row->segment, sources[i].object));
    }
  });
  return paths;
}

// Bytecode is known by its source's digest from then on, so it must not be made of other bytes. Hashing takes a hundredth of what compiling takes.
void refuse_changed_sources(const Store& store, std::span<const BytecodeSource> sources,
                            const std::vector<std::size_t>& chosen, const std::vector<std::string>& paths) {
  for (std::size_t i = 0; i < chosen.size(); ++i) {
    const BytecodeSource& source = sources[chosen[i]];
    if (source.size == 0) continue;
    check_interrupt();
    const Fd file = try_open_read_at(kCurrentDirectory, paths[i]);
    if (file && digest_of_file(file.get(), paths[i]) == source.object.digest) continue;
    throw Corruption(fmt::format("compiling a module: its object {} {}", source.object.file_name(),
                                 file ? "was changed in place" : "is missing"),
                     object_remedy(store, source.object));
  }
}

// What the base store has of these sources; together, or where that fails, because some of it is damaged, one by one.
std::vector<std::optional<BytecodeRow>> take_over(const Store& base, std::span<const Sha256Digest> sources,
                                                  const std::string& identity, unsigned threads, BytecodeBatch& batch) {
  auto rows = find_bytecode(base, sources, identity);
  std::vector<ObjectId> objects;
  for (const auto& row : rows) {
    if (row && row->size > 0) objects.push_back(row->object);
  }
  const bool together = batch.take_over(base, objects, threads);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (!rows[i]) continue;
    if (together) {
      batch.note(sources[i], *rows[i]);
    } else if (!batch.take_over(base, sources[i], *rows[i])) {
      rows[i].reset();
    }
  }
  return rows;
}

}  // namespace

ObtainedBytecode obtain_bytecode(const Store& store, const std::string& interpreter, const std::string& identity,
                                 std::span<const BytecodeSource> sources, unsigned threads, Progress& progress) {
  const Timer timer("bytecode");
  const auto format = parse_bytecode_identity(identity);
  if (!format) throw Corruption("'" + identity + "' names no bytecode");
  ObtainedBytecode result;
  result.batch = std::make_unique<BytecodeBatch>(store, identity);

  std::vector<Sha256Digest> digests;
  digests.reserve(sources.size());
  for (const BytecodeSource& source : sources) digests.push_back(source.object.digest);
  const auto known = find_bytecode(store, digests, identity);
  std::vector<std::size_t> unknown;
  const auto take = [&](const BytecodeRow& row) {
    if (row.size > 0) result.files[row.source] = {row.object, row.size};
    if (row.size == 0) ++result.refused;
  };
  for (std::size_t i = 0; i < sources.size(); ++i) {
    if (!known[i]) {
      unknown.push_back(i);
      continue;
    }
    take(*known[i]);
    if (known[i]->size > 0) {
      ++result.found;
      result.batch->link(known[i]->object);
    }
  }
  for (const Store& base : store.bases()) {
    std::vector<Sha256Digest> wanted;
    for (const std::size_t i : unknown) wanted.push_back(digests[i]);
    const auto rows = take_over(base, wanted, identity, threads, *result.batch);
    std::vector<std::size_t> left;
    for (std::size_t i = 0; i < rows.size(); ++i) {
      if (!rows[i]) {
        left.push_back(unknown[i]);
        continue;
      }
      take(*rows[i]);
      if (rows[i]->size > 0) ++result.found;
    }
    unknown = std::move(left);
  }
  if (unknown.empty()) return result;

  progress.phase("compiling", unknown.size());
  CompilerOptions options;
  options.interpreter = interpreter;
  options.magic = format->magic;
  options.cache_tag = format->cache_tag;
  options.workers = threads;
  std::string bytes;
  const std::vector<std::string> paths = source_paths(store, sources, unknown);
  refuse_changed_sources(store, sources, unknown, paths);
  compile_sources(options, paths, [&](std::size_t request, std::optional<std::string_view> code) {
    const BytecodeSource& source = sources[unknown[request]];
    if (code) {
      bytes = bytecode_header(*format, canonical_mtime(source.object.digest), source.size);
      bytes += *code;
      take(result.batch->put(source.object.digest, bytes));
      ++result.compiled;
    } else {
      take(result.batch->put_refused(source.object.digest));
    }
    progress.advance(1);
  });
  failpoint("bytecode-compiled");
  return result;
}

}  // namespace cas
