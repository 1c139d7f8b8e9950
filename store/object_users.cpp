#include "store/object_users.hpp"

#include <algorithm>

#include "store/base/codec.hpp"
#include "store/base/error.hpp"
#include "store/roots.hpp"

namespace cas {
namespace {

using Users = std::unordered_map<ObjectId, ObjectUsers>;
// A package, or a plan, by its digest -> the objects in question that it has.
using Holders = std::unordered_map<Sha256Digest, std::vector<ObjectId>>;

Holders package_holders(const Store& store, const std::unordered_set<ObjectId>& objects, Users& users) {
  Holders holders;
  for (const Package& package : list_packages(store.index())) {
    try {
      for_each_object(read_manifest(store.layout(), package.row.manifest), [&](const ObjectId& id, std::uint64_t) {
        if (!objects.contains(id)) return;
        std::vector<ObjectId>& held = holders[package.artifact];
        if (std::ranges::find(held, id) != held.end()) return;
        held.push_back(id);
        users[id].packages.push_back(package);
      });
    } catch (const Error&) {  // a damaged manifest names nothing
    }
  }
  return holders;
}

// What plans alone keep: bytecode, and files that were generated.
Holders plan_holders(const Store& store, const std::unordered_set<ObjectId>& objects) {
  Holders holders;
  store.index().read([&](const ReadTxn& txn, const Schema& schema) {
    schema.plans.for_each(txn, [&](const Sha256Digest& key, const PlanRow& row) {
      ByteReader kept(row.objects);
      while (!kept.at_end()) {
        const ObjectId id = kept.object();
        if (objects.contains(id)) holders[key].push_back(id);
      }
    });
  });
  return holders;
}

}  // namespace

Users users_of_objects(const Store& store, const std::unordered_set<ObjectId>& objects) {
  Users users;
  for (const ObjectId& id : objects) users[id];
  if (objects.empty()) return users;
  const Holders packages = package_holders(store, objects, users);
  const Holders plans = plan_holders(store, objects);
  for (const Root& root : list_environments(store)) {
    const Anchor& anchor = root.anchor;
    if (root.state == AnchorState::dead || anchor.link_mode == "reflink" || anchor.link_mode == "copy") continue;
    const auto note = [&](const Holders& holders, const Sha256Digest& key) {
      const auto held = holders.find(key);
      if (held == holders.end()) return;
      for (const ObjectId& id : held->second) users[id].environments.push_back(anchor.target);
    };
    for (const AnchoredPackage& package : anchor.packages) note(packages, package.artifact);
    note(plans, anchor.plan);
  }
  for (auto& [id, user] : users) {
    std::ranges::sort(user.environments);
    user.environments.erase(std::unique(user.environments.begin(), user.environments.end()), user.environments.end());
  }
  return users;
}

}  // namespace cas
