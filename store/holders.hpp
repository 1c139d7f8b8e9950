// Who holds what: everything that keeps packages and objects in the store, by name.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "store/packages/packages.hpp"
#include "store/pins.hpp"
#include "store/roots.hpp"
#include "store/store.hpp"

namespace cas {

enum class HolderKind { environment, pin, revision, interpreter };

// "environment", "pin", "revision", "interpreter".
[[nodiscard]] std::string_view holder_kind_name(HolderKind kind);

struct Holder {
  HolderKind kind = HolderKind::environment;
  std::string name;          // path of an environment, what was pinned, name of an interpreter's directory
  std::string id;            // of an environment or a pin; "" else
  std::optional<Root> root;  // of an environment
  std::uint64_t number = 0;  // of a revision
  Sha256Digest plan;         // of an environment or a revision
  std::unordered_set<Sha256Digest> packages;  // their artifacts
};

// In the order of their kinds and names. What cannot be read is named in `warnings`: it holds everything.
[[nodiscard]] std::vector<Holder> list_holders(const Store& store, std::vector<std::string>& warnings);

// Which packages have an object, and which plans brought it (bytecode, generated files).
struct ObjectUsers {
  struct OfPackage {
    Package package;
    std::vector<std::string> paths;  // in it
  };
  std::vector<OfPackage> packages;
  std::unordered_map<Sha256Digest, std::string> plans;  // their keys -> artifacts, as in PlanRow
};
// Reads every manifest: a second for a million files.
[[nodiscard]] ObjectUsers users_of_object(const Store& store, const ObjectId& id);

// Those that keep one of these plans, by PlanHolds's rule.
[[nodiscard]] std::vector<const Holder*> holders_of_plans(const std::vector<Holder>& holders,
                                                          const std::unordered_map<Sha256Digest, std::string>& plans);

// The object that a file is: by its name, where it lies among the store's, else by its content. Throws NotFound where there is no such
// file, Error where it is none that could be one.
[[nodiscard]] ObjectId object_of_file(const Store& store, const std::string& path);

}  // namespace cas
