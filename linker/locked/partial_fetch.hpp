// Of wheels whose RECORD a lock vouches for, only the members that the store does not have.
//
// First the file's end, with the central directory; then, where they are not in it, .dist-info and scripts; then what is missing.
// Everything is held against the lock's two digests (ListingDigests) and RECORD; whatever is odd, and whatever does not pay, is left to
// be fetched as a whole.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "linker/locked/artifact_fetch.hpp"
#include "store/base/byte_ranges.hpp"
#include "store/package_index/parts_download.hpp"
#include "store/source/source.hpp"
#include "store/store.hpp"

namespace cas {

// A wheel's file with holes where the store has what belongs there.
struct PartialWheel {
  std::string path;
  ByteRanges parts;
  std::uint64_t size = 0;
  std::uint64_t fetched = 0;  // bytes
};

// What to fetch of what `source` lacks (SourceEntry::absent), with gaps that are cheaper than another request filled.
[[nodiscard]] std::vector<ByteRange> needed_parts(const Store& store, const Source& source);

// Whether fetching `needed` instead of all `size` bytes spares enough.
[[nodiscard]] bool pays(const std::vector<ByteRange>& needed, std::uint64_t size);

class PartialFetch {
 public:
  // Called from the client's run(), with the number that add() was given.
  using Ready = std::function<void(std::size_t number, const PartialWheel& wheel)>;
  using Declined = std::function<void(std::size_t number)>;

  // Files are made in `directory`, and are the caller's when they are ready. `store`, `client` and `progress` outlive it.
  PartialFetch(const Store& store, HttpClient& client, std::string directory, PartialDownloads how, Progress& progress,
               Ready ready, Declined declined);
  ~PartialFetch();
  PartialFetch(const PartialFetch&) = delete;
  PartialFetch& operator=(const PartialFetch&) = delete;

  // Whether it is worth asking the server: the lock has the digests, it is an address on the network, and, unless it is always
  // wanted, the wheel is large and the store has some wheel of the project.
  [[nodiscard]] bool suits(const WantedArtifact& wanted) const;
  // `wanted` outlives it. Either function is called once for each.
  void add(std::size_t number, const WantedArtifact& wanted);
  [[nodiscard]] std::size_t pending() const { return waiting_.size() + running_.size(); }

 private:
  struct Wheel;
  enum class Next { wait, ready, decline };

  void start_waiting();
  void advance(Wheel& wheel, const std::exception_ptr& problem);
  [[nodiscard]] Next work_on(Wheel& wheel);
  [[nodiscard]] Next try_to_work_on(Wheel& wheel);
  [[nodiscard]] Next fetch(Wheel& wheel, const std::vector<ByteRange>& ranges);
  void decline(Wheel& wheel);
  void finish(Wheel& wheel);
  std::size_t forget(const Wheel& wheel);

  const Store& store_;
  HttpClient& client_;
  std::string directory_;
  PartialDownloads how_;
  Progress& progress_;
  Ready ready_;
  Declined declined_;
  std::set<std::string, std::less<>> projects_;  // that the store has wheels of
  std::deque<std::unique_ptr<Wheel>> waiting_;
  std::vector<std::unique_ptr<Wheel>> running_;
};

}  // namespace cas
