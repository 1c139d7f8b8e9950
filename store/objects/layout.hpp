// Every file name in a store, made and parsed here; nothing else concatenates such paths.
//
//   <store>/
//     version                     "cas store 1\n"
//     objects/<segment>/<digest>[x]   segment: 8 hexadecimal digits; x: executable
//     objects/<segment>/.taking-over  only while files of base stores are linked there
//     manifests/<digest>
//     roots/<id>                  anchors (store/roots.hpp)
//     pins/<id>                   what users asked to keep (store/pins.hpp)
//     running/<id>                held by flock while an environment is being made
//     python/<name>/              captured interpreters (store/interpreters.hpp)
//     staging/<random>/           scratch of living processes
//     cache/pages/                documents of package indexes (store/net/http_cache.hpp)
//     cache/resolver/             what the resolver keeps for itself
//     tools/<name>-<version>      programs that cas fetched for its own use
//     bases/<digest of path>      base stores from which files were linked (store/linked_bases.hpp)
//     shared                      only where a group shares it (store/ownership.hpp)
//     locks/gc.lock               and gc.lock.gate
//     index/                      unless placed elsewhere by --index-dir
//     rebuilding                  only while the index is being rebuilt
//     reserve                     blocks that gc gives back first when the disk is full
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "store/base/digest.hpp"

namespace cas {

inline constexpr std::string_view kStoreVersionText = "cas store 1\n";

// What an object's file looks like in store and environments: it follows from its identity alone.
[[nodiscard]] constexpr std::uint32_t canonical_mode(Executable executable) {
  return executable == Executable::yes ? 0555 : 0444;
}
// Seconds since the epoch, between 1990 and 2020, derived from the digest: equal content has equal time on every
// machine, so timestamp-checked bytecode stays valid; different content has different time. Order means nothing.
[[nodiscard]] std::int64_t canonical_mtime(const Sha256Digest& digest);

class StoreLayout {
 public:
  explicit StoreLayout(std::string root) : root_(std::move(root)) {}

  [[nodiscard]] const std::string& root() const { return root_; }
  [[nodiscard]] std::string version_file() const { return root_ + "/version"; }
  [[nodiscard]] std::string objects() const { return root_ + "/objects"; }
  [[nodiscard]] std::string segment(std::uint32_t number) const;
  [[nodiscard]] std::string object(std::uint32_t segment_number, const ObjectId& id) const;
  [[nodiscard]] std::string manifests() const { return root_ + "/manifests"; }
  [[nodiscard]] std::string manifest(const Sha256Digest& digest) const;
  [[nodiscard]] std::string roots() const { return root_ + "/roots"; }
  [[nodiscard]] std::string history() const { return root_ + "/history"; }
  [[nodiscard]] std::string pins() const { return root_ + "/pins"; }
  // Held by whoever collects because the disk is nearly full; and a file whose time says when that was in vain.
  [[nodiscard]] std::string automatic_lock() const { return root_ + "/locks/automatic"; }
  [[nodiscard]] std::string automatic_in_vain() const { return root_ + "/locks/automatic.in-vain"; }
  [[nodiscard]] std::string running() const { return root_ + "/running"; }
  [[nodiscard]] std::string interpreters() const { return root_ + "/python"; }
  [[nodiscard]] std::string interpreter(std::string_view name) const { return root_ + "/python/" + std::string(name); }
  [[nodiscard]] std::string staging() const { return root_ + "/staging"; }
  [[nodiscard]] std::string caches() const { return root_ + "/cache"; }
  // In a shared store each user has caches of his own, cache/<user>/: they hold what others may not see, and programs that know
  // nothing of sharing write there.
  void set_cache_user(std::uint32_t user) { own_cache_ = "/cache/" + std::to_string(user); }
  [[nodiscard]] std::string page_cache() const { return root_ + own_cache_ + "/pages"; }
  [[nodiscard]] std::string resolver_cache() const { return root_ + own_cache_ + "/resolver"; }
  [[nodiscard]] std::string tools() const { return root_ + "/tools"; }
  [[nodiscard]] std::string gc_lock() const { return root_ + "/locks/gc.lock"; }
  [[nodiscard]] std::string locks() const { return root_ + "/locks"; }
  [[nodiscard]] std::string default_index() const { return root_ + "/index"; }
  // Exists while a rebuild of the index has not come to its end.
  [[nodiscard]] std::string rebuilding() const { return root_ + "/rebuilding"; }
  [[nodiscard]] std::string reserve() const { return root_ + "/reserve"; }
  [[nodiscard]] std::string quarantine() const { return root_ + "/quarantine"; }
  [[nodiscard]] std::string linked_bases() const { return root_ + "/bases"; }
  [[nodiscard]] std::string sharing() const { return root_ + "/shared"; }
  // Every directory that lies directly in the store, whether it is there yet or not.
  [[nodiscard]] std::vector<std::string> own_directories() const;

 private:
  std::string root_;
  std::string own_cache_ = "/cache";
};

// Lies in a segment while files of other stores are linked into it: should that be killed, its orphans have other names elsewhere, and
// are none that an environment holds.
inline constexpr const char* kTakeOverMark = ".taking-over";

[[nodiscard]] std::string segment_name(std::uint32_t number);
[[nodiscard]] std::optional<std::uint32_t> parse_segment_name(std::string_view name);

}  // namespace cas
