#include "linker/build/project_source.hpp"

#include <fmt/format.h>

#include <boost/filesystem.hpp>

#include "linker/build/git_checkout.hpp"
#include "store/artifact_identity.hpp"
#include "store/base/error.hpp"
#include "store/base/progress.hpp"
#include "store/base/relpath.hpp"
#include "store/package_index/download.hpp"
#include "store/source_archive/unpack.hpp"
#include "store/sys/file.hpp"

namespace cas {
namespace {

constexpr std::size_t kBlockBytes = 1 << 20;

// The archive's path, with the digest that it must have.
std::string obtain_archive(PackageNetwork& network, const ProjectSource& source, const StagingDirectory& scratch,
                           Progress& progress) {
  if (!source.path.empty()) {
    refuse_other_content(source.path, source.hashes);
    return source.path;
  }
  if (network.offline() && !source.url.starts_with("file:")) {
    throw NotFound(source.file_name + " is not in the store, and the network may not be asked (--offline)",
                   "run the command once without --offline");
  }
  progress.downloads(1, 0);
  DownloadRequest request;
  request.url = source.url;
  request.name = source.file_name;
  request.sha256 = source.sha256;
  request.hashes = source.hashes;
  request.label = source.label();
  const std::string directory = scratch.path() + "/download";
  make_directory_at(scratch.fd(), "download", 0700);
  return download_files(network.client(), {directory}, {request}, progress).at(0).path;
}

std::string unpack(const Store& store, PackageNetwork& network, const ProjectSource& source,
                   const StagingDirectory& scratch, Progress& progress) {
  if (!is_source_archive_name(source.file_name)) {
    throw InvalidInput(printable(source.file_name) + " is not the file of a source archive",
                       "source archives end in .tar.gz, .zip, .tar.bz2 or .tar.xz");
  }
  const std::string path = obtain_archive(network, source, scratch, progress);
  const Fd file = open_user_file(path);
  if (source.sha256) {
    // Of the very file that is unpacked: somebody may replace its name.
    const Sha256Digest digest = identify_artifact(file.get(), path, store.index()).digest;
    if (digest != *source.sha256) {
      throw InvalidInput(
          fmt::format("{} has SHA-256 {}, and {} is expected", printable(path), digest.hex(), source.sha256->hex()),
          "look where the file comes from, or lock it again");
    }
  }
  make_directory_at(scratch.fd(), "source", 0700);
  const std::string root = scratch.path() + "/source";
  const Fd directory = open_directory(root);
  const UnpackedArchive unpacked = unpack_archive(file.get(), directory.get(), source.file_name);
  return unpacked.top.empty() ? root : root + "/" + unpacked.top;
}

}  // namespace

std::optional<std::string> content_problem(const std::string& path, const ContentHashes& hashes) {
  if (hashes.empty()) return std::nullopt;
  ContentHashing hashing(hashes);
  const Fd file = open_user_file(path);
  std::string block(kBlockBytes, '\0');
  for (std::uint64_t at = 0;;) {
    check_interrupt();
    const std::size_t count = pread_full(file.get(), block.data(), block.size(), at, path);
    if (count == 0) break;
    at += count;
    hashing.update(std::string_view(block).substr(0, count));
  }
  return hashing.mismatch();
}

void refuse_other_content(const std::string& path, const ContentHashes& hashes) {
  if (const auto problem = content_problem(path, hashes))
    throw InvalidInput(printable(path) + " " + *problem, "look where the file comes from, or lock it again");
}

std::string obtain_tree(const Store& store, PackageNetwork& network, const ProjectSource& source,
                        const StagingDirectory& scratch, std::chrono::seconds limit, Progress& progress) {
  std::string tree;
  switch (source.kind) {
    case SourceKind::archive:
      tree = unpack(store, network, source, scratch, progress);
      break;
    case SourceKind::directory:
      tree = source.path;
      break;
    case SourceKind::git:
      tree = check_out(network, source, scratch.path(), limit, progress);
      break;
  }
  if (source.subdirectory.empty()) return tree;
  if (const auto problem = relative_path_problem(source.subdirectory)) {
    throw InvalidInput(fmt::format("the subdirectory '{}' {}", printable(source.subdirectory), *problem));
  }
  const std::string directory = tree + "/" + source.subdirectory;
  // A link in a checkout may lead anywhere. What the user named as a directory is the user's own.
  boost::system::error_code error;
  std::string real = boost::filesystem::canonical(directory, error).string();
  if (error)
    throw InvalidInput(
        fmt::format("{}: there is no subdirectory '{}'", source.label(), printable(source.subdirectory)));
  if (source.kind != SourceKind::directory && !real.starts_with(boost::filesystem::canonical(tree).string() + "/")) {
    throw InvalidInput(
        fmt::format("{}: the subdirectory '{}' leads out of it", source.label(), printable(source.subdirectory)));
  }
  return real;
}

}  // namespace cas
