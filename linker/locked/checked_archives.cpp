#include "linker/locked/checked_archives.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "linker/locked/promised_hashes.hpp"
#include "store/base/error.hpp"
#include "store/base/relpath.hpp"
#include "store/net/url.hpp"
#include "store/package_index/download.hpp"
#include "store/sys/publish.hpp"

namespace cas {
namespace {

// Its hashes are all beside its address, which is that of a source archive of the network.
bool is_open_archive(const ListedRequirement& listed) {
  const auto url = try_parse_url(listed.requirement.url);
  if (!url || url->is_file() || listed.editable || url->path.ends_with(".whl") || listed.hashes.empty()) return false;
  return listed.accepted_hashes().size() == listed.hashes.size();
}

}  // namespace

std::string url_with_hash(const ListedRequirement& listed) {
  const std::string& url = listed.requirement.url;
  if (!is_open_archive(listed) || listed.hashes.size() != 1) return url;
  const RequirementHash& hash = listed.hashes.front();
  return fmt::format("{}{}{}={}", url, url.find('#') == std::string::npos ? '#' : '&', hash.algorithm, hash.hex);
}

RequirementFiles with_checked_archives(const Store& store, PackageNetwork& network, RequirementFiles files,
                                       const MarkerEnvironment& environment, Progress& progress) {
  std::vector<ListedRequirement*> open;
  for (ListedRequirement& listed : files.requirements) {
    if (listed.requirement.applies(environment) && listed.hashes.size() > 1 && is_open_archive(listed))
      open.push_back(&listed);
  }
  if (open.empty()) return files;
  if (network.offline()) {
    throw NotFound(fmt::format("{}: {} may not be fetched (--offline)", open.front()->place.text(),
                               redacted_url(open.front()->requirement.url)),
                   "run the command once without --offline");
  }
  const StagingDirectory staging(store.layout().staging());
  std::vector<DownloadRequest> requests;
  for (const ListedRequirement* const listed : open) {
    DownloadRequest& request = requests.emplace_back();
    request.url = listed->requirement.url;
    request.name = std::to_string(requests.size());
    request.label = listed->requirement.name.empty() ? url_file_name(parse_url(request.url)) : listed->requirement.name;
  }
  progress.downloads(requests.size(), 0);
  const auto archives = download_files(network.client(), {staging.path()}, requests, progress);
  for (std::size_t i = 0; i < open.size(); ++i) {
    ListedRequirement& listed = *open[i];
    const auto is_right = [&](const RequirementHash& hash) { return has_hash(archives[i].path, hash); };
    if (std::ranges::none_of(listed.hashes, is_right)) {
      throw InvalidInput(fmt::format("{}: {} has none of the hashes given: its SHA-256 is {}", listed.place.text(),
                                     redacted_url(listed.requirement.url), archives[i].sha256.hex()),
                         "look where the file comes from, or correct the hashes");
    }
    listed.hashes.assign({{"sha256", archives[i].sha256.hex()}});
  }
  return files;
}

}  // namespace cas
