#include "store/artifact_identity.hpp"

#include <chrono>
#include <vector>

#include "store/base/codec.hpp"
#include "store/base/progress.hpp"
#include "store/sys/file.hpp"

namespace cas {
namespace {

// Timestamps have the granularity of the kernel's tick: a file changed within the last moments could change again without
// its times changing.
constexpr std::chrono::milliseconds kTooYoung{200};

std::int64_t nanoseconds(const struct timespec& time) {
  return static_cast<std::int64_t>(time.tv_sec) * 1'000'000'000 + time.tv_nsec;
}

std::string facts_of(const struct stat& info) {
  std::string text;
  ByteWriter out(text);
  out.u64(static_cast<std::uint64_t>(info.st_size));
  out.u64(static_cast<std::uint64_t>(nanoseconds(info.st_mtim)));
  out.u64(static_cast<std::uint64_t>(nanoseconds(info.st_ctim)));
  return text;
}

Sha256Digest hash_file(int fd, const std::string& shown, std::uint64_t& bytes) {
  std::vector<char> buffer(std::size_t{256} << 10);
  Sha256 hasher;
  bytes = 0;
  while (const std::size_t got = pread_full(fd, buffer.data(), buffer.size(), bytes, shown)) {
    hasher.update({buffer.data(), got});
    bytes += got;
    check_interrupt();
  }
  return hasher.finish();
}

}  // namespace

Sha256Digest assembled_identity(const Sha256Digest& wheel, const ListingDigests& listing) {
  std::string text = "cas assembled wheel 1\n";
  ByteWriter out(text);
  out.digest(wheel);
  out.digest(listing.record);
  out.digest(listing.directory);
  return sha256(text);
}

ArtifactIdentity identify_artifact(int fd, const std::string& shown, Index& index) {
  const struct stat info = stat_fd(fd, shown);
  std::string description = "artifact file";
  ByteWriter out(description);
  out.u64(info.st_dev);
  out.u64(info.st_ino);

  ArtifactIdentity identity;
  identity.memo_key = sha256(description);
  const std::string facts = facts_of(info);
  const auto known =
      index.read([&](const ReadTxn& txn, const Schema& schema) { return schema.memo.get(txn, identity.memo_key); });
  if (known && known->size() == facts.size() + 32 && known->starts_with(facts)) {
    identity.digest = Sha256Digest::from_raw(std::string_view(*known).substr(facts.size()));
    identity.bytes = static_cast<std::uint64_t>(info.st_size);
    return identity;
  }

  identity.digest = hash_file(fd, shown, identity.bytes);
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  const auto changed = std::chrono::nanoseconds(nanoseconds(info.st_ctim));
  const bool unchanged = facts_of(stat_fd(fd, shown)) == facts;
  if (unchanged && now - changed > kTooYoung) identity.memo_row = facts + std::string(identity.digest.raw());
  return identity;
}

}  // namespace cas
