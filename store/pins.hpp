// Pins: packages that stay in the store although no environment uses them, because somebody asked for it.
//
// A pin is a file `pins/<id>` in the store, JSON, so a rebuild of the index keeps it. It names packages by the digests of what they came
// in: what was meant when it was made, and nothing that comes later. A pin is never changed in place; another one for the same thing
// takes its place.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "store/base/digest.hpp"
#include "store/store.hpp"

namespace cas {

enum class PinKind { package, lock, environment };

struct PinnedPackage {
  Sha256Digest artifact;
  std::string name;  // as METADATA spells it
  std::string version;
};

struct Pin {
  std::string id;  // 32 hexadecimal digits, random; the file's name
  PinKind kind = PinKind::package;
  std::string what;              // "numpy==2.4.6"; the absolute path of a lock or environment
  std::uint64_t created_at = 0;  // seconds since the epoch
  std::vector<PinnedPackage> packages;
};

// "package", "lock", "environment".
[[nodiscard]] std::string_view pin_kind_name(PinKind kind);

[[nodiscard]] std::string encode_pin(const Pin& pin);
// Throws Corruption.
[[nodiscard]] Pin decode_pin(const std::string& text);

// By kind, then `what`. Unreadable ones are named in `unreadable`: nobody knows what they keep.
[[nodiscard]] std::vector<Pin> list_pins(const Store& store, std::vector<std::string>* unreadable = nullptr);
// nullopt: there is none any more. Throws Corruption.
[[nodiscard]] std::optional<Pin> read_pin(const Store& store, const std::string& id);

// Makes a pin with a new id, instead of those that are there for the same thing. Throws NotFound where a package is not in the store
// (any more).
Pin add_pin(const Store& store, Pin pin);
void remove_pin(const Store& store, const Pin& pin);

}  // namespace cas
