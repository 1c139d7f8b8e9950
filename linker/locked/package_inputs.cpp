#include "linker/locked/package_inputs.hpp"

#include "store/base/relpath.hpp"
#include "store/sys/file.hpp"

namespace cas {
namespace {

constexpr std::size_t kMostLockBytes = std::size_t{256} << 20;

}  // namespace

LockSource read_lock(const std::string& path, const LockWishes& wishes) {
  LockSource source;
  source.place = absolute_path(path);
  source.directory = std::string(parent_of(source.place));
  const Fd file = open_user_file(path);
  source.lock = parse_pylock(read_fd(file.get(), kMostLockBytes, path), source.place);
  source.wishes = wishes;
  return source;
}

LockedSupply::Locks find_locks(const PackageInputs& inputs, PackageNetwork& network) {
  return [&inputs, &network](const Store& store, const InterpreterFacts& facts, Progress& progress) {
    std::vector<LockSource> sources;
    for (const std::string& path : inputs.locks) sources.push_back(read_lock(path, inputs.wishes));
    if (!inputs.requirements.requirements.empty()) {
      sources.push_back(resolve(store, network, inputs.requirements, facts, inputs.resolve, progress));
    }
    return sources;
  };
}

}  // namespace cas
