#include "store/holders.hpp"

#include <algorithm>
#include <tuple>

#include "store/base/codec.hpp"
#include "store/base/progress.hpp"
#include "store/base/relpath.hpp"
#include "store/history.hpp"
#include "store/interpreters.hpp"
#include "store/lost_interpreters.hpp"
#include "store/plan_holds.hpp"
#include "store/sys/file.hpp"

namespace cas {
namespace {

constexpr std::size_t kReadBytes = std::size_t{256} << 10;

std::unordered_set<Sha256Digest> artifacts_of(const Anchor& anchor) {
  std::unordered_set<Sha256Digest> artifacts;
  for (const AnchoredPackage& package : anchor.packages) artifacts.insert(package.artifact);
  return artifacts;
}

}  // namespace

std::string_view holder_kind_name(HolderKind kind) {
  switch (kind) {
    case HolderKind::environment:
      return "environment";
    case HolderKind::pin:
      return "pin";
    case HolderKind::revision:
      return "revision";
    case HolderKind::interpreter:
      return "interpreter";
  }
  return "";
}

std::vector<Holder> list_holders(const Store& store, std::vector<std::string>& warnings) {
  std::vector<Holder> holders;
  const std::vector<Root> roots = list_roots(store, &warnings);
  for (const Root& root : roots) {
    if (root.state == AnchorState::dead) continue;
    Holder& holder = holders.emplace_back();
    holder.name = root.anchor.target;
    holder.id = root.anchor.id;
    holder.root = root;
    holder.plan = root.anchor.plan;
    holder.packages = artifacts_of(root.anchor);
  }
  for (const Pin& pin : list_pins(store, &warnings)) {
    Holder& holder = holders.emplace_back();
    holder.kind = HolderKind::pin;
    holder.name = pin.what;
    holder.id = pin.id;
    for (const PinnedPackage& package : pin.packages) holder.packages.insert(package.artifact);
  }
  for_each_held_revision(store, roots, warnings, [&](const Anchor& anchor, std::uint64_t number) {
    Holder& holder = holders.emplace_back();
    holder.kind = HolderKind::revision;
    holder.name = anchor.target;
    holder.number = number;
    holder.plan = anchor.plan;
    holder.packages = artifacts_of(anchor);
  });
  const auto hold_interpreter = [&](const std::string& name, const Sha256Digest& artifact) {
    Holder& holder = holders.emplace_back();
    holder.kind = HolderKind::interpreter;
    holder.name = name;
    holder.packages.insert(artifact);
  };
  for (const StoredInterpreter& interpreter : list_interpreters(store, &warnings)) {
    hold_interpreter(interpreter.name, interpreter.artifact);
  }
  for (const LostInterpreter& lost : list_lost_interpreters(store, roots)) hold_interpreter(lost.name, lost.artifact);
  std::ranges::stable_sort(holders, {}, [](const Holder& one) { return std::tuple(one.kind, one.name, one.number); });
  return holders;
}

ObjectUsers users_of_object(const Store& store, const ObjectId& id) {
  ObjectUsers users;
  for (Package& package : list_packages(store.index())) {
    check_interrupt();
    std::vector<std::string> paths;
    for (const PackageFile& file : read_manifest(store.layout(), package.row.manifest).files) {
      if (file.size > 0 && file.object == id) paths.push_back(file.path);
    }
    if (!paths.empty()) users.packages.push_back({std::move(package), std::move(paths)});
  }
  store.index().read([&](const ReadTxn& txn, const Schema& schema) {
    schema.plans.for_each_raw(txn, [&](const Sha256Digest& key, std::string_view row) {
      ByteReader objects(PlanRowCodec::decode_needs(row).objects);
      while (!objects.at_end()) {
        if (objects.object() != id) continue;
        users.plans.emplace(key, PlanRowCodec::decode_needs(row).artifacts);
        return;
      }
    });
  });
  return users;
}

std::vector<const Holder*> holders_of_plans(const std::vector<Holder>& holders,
                                            const std::unordered_map<Sha256Digest, std::string>& plans) {
  PlanHolds by_packages;  // together: each of them may have a part
  const auto holds_packages = [](const Holder& holder) {
    return holder.root ? holder.root->state == AnchorState::running : holder.kind != HolderKind::revision;
  };
  for (const Holder& holder : holders) {
    if (!holds_packages(holder)) continue;
    for (const Sha256Digest& artifact : holder.packages) by_packages.add_package(artifact);
  }
  std::vector<const Holder*> found;
  for (const Holder& holder : holders) {
    const bool holds = std::ranges::any_of(plans, [&](const auto& plan) {
      const auto& [key, artifacts] = plan;
      if (holder.kind == HolderKind::environment || holder.kind == HolderKind::revision) {
        if (holder.plan == key) return true;
      }
      if (!holds_packages(holder) || !by_packages.holds(key, artifacts)) return false;
      ByteReader reader(artifacts);
      while (!reader.at_end()) {
        if (holder.packages.contains(reader.digest())) return true;
      }
      return false;
    });
    if (holds) found.push_back(&holder);
  }
  return found;
}

ObjectId object_of_file(const Store& store, const std::string& path) {
  const std::string absolute = absolute_path(path);
  if (absolute.starts_with(store.layout().objects() + "/")) {
    if (const auto id = ObjectId::from_file_name(name_of(absolute))) return *id;
  }
  if (!leads_to_file(absolute)) throw NotFound(path + " does not exist");
  const Fd file = open_user_file(absolute);
  const struct stat info = stat_fd(file.get(), path);
  if (!S_ISREG(info.st_mode))
    throw Error(path + " is no regular file", "objects are files; `cas why NAME` is about packages");
  std::vector<char> buffer(kReadBytes);
  Sha256 hash;
  std::uint64_t offset = 0;
  while (const std::size_t got = pread_full(file.get(), buffer.data(), buffer.size(), offset, path)) {
    check_interrupt();
    hash.update({buffer.data(), got});
    offset += got;
  }
  return {hash.finish(), (info.st_mode & 0111) != 0 ? Executable::yes : Executable::no};
}

}  // namespace cas
