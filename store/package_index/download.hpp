// Files fetched into a folder. Hashed as they arrive; none has a name before its size and SHA-256 were found right.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "store/base/content_hash.hpp"
#include "store/base/digest.hpp"
#include "store/base/progress.hpp"
#include "store/net/http_client.hpp"
#include "store/sys/durability.hpp"

namespace cas {

struct DownloadRequest {
  std::string url;                       // https, http or file; may hold credentials
  std::string name;                      // the file's name in the folder: one safe path component
  std::optional<Sha256Digest> sha256{};  // what it must have
  ContentHashes hashes{};                // the same: others, all of them strong
  std::optional<std::uint64_t> size{};   // the same
  std::string label{};                   // what progress calls it; "": its name
  std::uint64_t max_bytes = std::uint64_t{8} << 30;
};

struct DownloadedFile {
  std::string path;
  Sha256Digest sha256;
  std::uint64_t size = 0;
};

struct DownloadTarget {
  std::string directory;  // exists
  Durability durability = Durability::none;
};

// Fetches all, several at once, and returns them in the order of the requests. `on_file` (if there is one) is called, in this thread,
// for each as soon as it is complete; it may hand it to another thread. The first failure (InvalidInput for a wrong size or hash)
// ends the rest; what was complete stays. Bodies that are cut are resumed, as HttpClient does. `progress` hears of each from its first
// byte on.
std::vector<DownloadedFile> download_files(
    HttpClient& client, const DownloadTarget& target, const std::vector<DownloadRequest>& requests, Progress& progress,
    const std::function<void(std::size_t index, const DownloadedFile&)>& on_file = {});

}  // namespace cas
