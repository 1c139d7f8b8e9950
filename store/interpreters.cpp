#include "store/interpreters.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "store/base/codec.hpp"
#include "store/base/error.hpp"
#include "store/packages/packages.hpp"
#include "store/sys/file.hpp"
#include "store/sys/own_directory.hpp"

namespace cas {
namespace {

constexpr std::string_view kMagic = "casP";
constexpr std::uint16_t kVersion = 1;
constexpr std::size_t kMaxRecordBytes = std::size_t{1} << 20;

bool lies_right(const PackageFile& file, const struct stat& info) {
  if (file.kind == FileKind::symlink) {
    return S_ISLNK(info.st_mode) && static_cast<std::uint64_t>(info.st_size) == file.size;
  }
  const Sha256Digest& digest = file.size == 0 ? empty_digest() : file.object.digest;
  return S_ISREG(info.st_mode) && static_cast<std::uint64_t>(info.st_size) == file.size &&
         info.st_mtim.tv_sec == canonical_mtime(digest);
}

}  // namespace

std::string interpreter_name(const std::string& file_name, const Sha256Digest& artifact) {
  constexpr std::size_t kDigits = 16;
  return file_name + "-" + artifact.hex().substr(0, kDigits);
}

std::string encode_interpreter(const StoredInterpreter& interpreter) {
  std::string bytes;
  ByteWriter out(bytes);
  out.raw(kMagic);
  out.u16(kVersion);
  out.digest(interpreter.artifact);
  out.string(interpreter.implementation);
  out.string(interpreter.version);
  out.string(interpreter.origin);
  out.string(interpreter.facts);
  out.u64(interpreter.captured_at);
  out.u32(interpreter.rules);
  out.u32(static_cast<std::uint32_t>(interpreter.watched.size()));
  for (const WatchedPath& watched : interpreter.watched) {
    out.string(watched.path);
    out.u64(watched.inode);
    out.u64(watched.size);
    out.u64(watched.mtime_ns);
  }
  return bytes;
}

StoredInterpreter decode_interpreter(const std::string& name, std::string_view bytes) {
  ByteReader in(bytes);
  if (in.raw(kMagic.size()) != kMagic) throw Corruption("an interpreter's record does not begin with its magic bytes");
  const std::uint16_t version = in.u16();
  if (version != kVersion) {
    throw Error(fmt::format("an interpreter's record has version {}, this program reads {}", version, kVersion),
                "use the version of cas that captured it, or a newer one");
  }
  StoredInterpreter interpreter;
  interpreter.name = name;
  interpreter.artifact = in.digest();
  interpreter.implementation = in.string();
  interpreter.version = in.string();
  interpreter.origin = in.string();
  interpreter.facts = in.string();
  interpreter.captured_at = in.u64();
  interpreter.rules = in.u32();
  const std::uint32_t count = in.u32();
  for (std::uint32_t i = 0; i < count; ++i) {
    WatchedPath watched;
    watched.path = in.string();
    watched.inode = in.u64();
    watched.size = in.u64();
    watched.mtime_ns = in.u64();
    interpreter.watched.push_back(std::move(watched));
  }
  if (!in.at_end()) throw Corruption("an interpreter's record goes on after its end");
  return interpreter;
}

std::vector<StoredInterpreter> list_interpreters(const Store& store, std::vector<std::string>* unreadable) {
  std::vector<StoredInterpreter> found;
  const std::string path = store.layout().interpreters();
  const Fd directory = open_own_directory_if_any(path);
  if (!directory) return found;
  list_directory(directory.get(), path, [&](const std::string& name, unsigned char) {
    if (name.starts_with('.')) return;  // being made, or being removed
    try {
      const auto text = try_read_file_at(directory.get(), name + "/" + kInterpreterRecord, kMaxRecordBytes);
      if (!text) throw Corruption("it has no " + std::string(kInterpreterRecord));
      found.push_back(decode_interpreter(name, *text));
    } catch (const Error& error) {
      if (unreadable != nullptr) unreadable->push_back(path + "/" + name + ": " + error.message());
    }
  });
  std::ranges::sort(found, {}, &StoredInterpreter::name);
  return found;
}

std::vector<TreeProblem> tree_problems(const Store& store, const StoredInterpreter& interpreter) {
  const auto package = find_package(store.index(), interpreter.artifact);
  if (!package) {
    throw Corruption("the package of " + interpreter.name + " is not in the index",
                     "capture it again, `cas python add " + interpreter.origin + "`");
  }
  const Manifest manifest = read_manifest(store.layout(), package->row.manifest);
  const Fd tree = open_directory(store.layout().interpreter(interpreter.name));
  std::vector<TreeProblem> problems;
  for (const PackageFile& file : manifest.files) {
    const auto info = stat_at(tree.get(), file.path);
    if (info && lies_right(file, *info)) continue;
    problems.push_back({file.path, !info});
  }
  return problems;
}

std::optional<WatchedPath> watch(const std::string& path) {
  const auto info = stat_path(path);
  if (!info) return std::nullopt;
  constexpr std::uint64_t kNanoseconds = 1'000'000'000;
  return WatchedPath{path, info->st_ino, S_ISDIR(info->st_mode) ? 0 : static_cast<std::uint64_t>(info->st_size),
                     static_cast<std::uint64_t>(info->st_mtim.tv_sec) * kNanoseconds +
                         static_cast<std::uint64_t>(info->st_mtim.tv_nsec)};
}

OriginState origin_state(const StoredInterpreter& interpreter) {
  try {
    if (interpreter.watched.empty() || !stat_path(interpreter.watched.front().path)) return OriginState::gone;
    const bool changed = std::ranges::any_of(interpreter.watched,
                                             [](const WatchedPath& before) { return watch(before.path) != before; });
    return changed ? OriginState::changed : OriginState::same;
  } catch (const SystemError&) {
    // Another user's home, mostly. One interpreter must not make a whole list fail.
    return OriginState::unknown;
  }
}

bool is_outdated(const StoredInterpreter& interpreter) { return origin_state(interpreter) == OriginState::changed; }

}  // namespace cas
