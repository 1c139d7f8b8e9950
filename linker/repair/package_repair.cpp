#include "linker/repair/package_repair.hpp"

#include <algorithm>

#include "store/base/error.hpp"
#include "store/base/relpath.hpp"
#include "store/import_package.hpp"
#include "store/ingest.hpp"
#include "store/object_check.hpp"
#include "store/sys/file.hpp"
#include "store/sys/publish.hpp"

namespace cas {
namespace {

class PackageRepair {
 public:
  PackageRepair(const Store& store, std::vector<PackageNeed> needs, RepairRun run, Progress& progress,
                std::vector<std::string>& warnings)
      : store_(store), needs_(std::move(needs)), run_(run), progress_(progress), warnings_(warnings) {}

  std::map<Sha256Digest, std::string> run(const std::vector<std::string>& stores, WheelSources& sources) {
    for (const std::string& other : stores) take_from_store(other);
    if (!needs_.empty()) read_again(sources.at_hand(wanted()), {});
    std::erase_if(needs_, [](const PackageNeed& need) { return need.is_interpreter; });
    if (needs_.empty() || run_ == RepairRun::dry) return std::move(found_);
    const StagingDirectory staging(store_.layout().staging());
    read_again(sources.fetch(wanted(), staging.path()), "the package index, ");
    return std::move(found_);
  }

 private:
  std::vector<WantedWheel> wanted() const {
    std::vector<WantedWheel> wheels;
    for (const PackageNeed& need : needs_) wheels.push_back(need.wanted);
    return wheels;
  }

  void take_from_store(const std::string& other) {
    std::erase_if(needs_, [&](const PackageNeed& need) {
      const auto source = need.manifest ? take_manifest(other, *need.manifest) : take_package(other, need);
      if (source) found_[need.wanted.artifact] = *source;
      return source.has_value();
    });
  }

  std::optional<std::string> take_manifest(const std::string& other, const Sha256Digest& digest) {
    const std::string path = other_store(other).manifest(digest);
    const auto bytes = try_read_file_at(kCurrentDirectory, path, kMaxManifestBytes);
    if (!bytes || sha256(*bytes) != digest) return std::nullopt;
    if (run_ == RepairRun::real) {
      publish_file(store_.layout().manifests(), digest.hex(), *bytes, 0444, store_.durability());
    }
    return path;
  }

  std::optional<std::string> take_package(const std::string& other, const PackageNeed& need) {
    const bool has = run_ == RepairRun::real ? import_package(store_, other, need.wanted.artifact)
                                             : may_import_package(other, need.wanted.artifact);
    return has ? std::optional(other_store(other).root()) : std::nullopt;
  }

  void read_again(const std::vector<std::string>& wheels, const std::string& from) {
    std::erase_if(needs_, [&](const PackageNeed& need) {
      return std::ranges::any_of(wheels, [&](const std::string& wheel) {
        if (!is_wheel_of(std::string(name_of(wheel)), need.wanted) || !read(wheel, need.wanted.artifact)) return false;
        found_[need.wanted.artifact] = from.empty() ? wheel : from + std::string(name_of(wheel));
        return true;
      });
    });
  }

  bool read(const std::string& wheel, const Sha256Digest& artifact) {
    const Fd file = open_user_file(wheel);
    if (digest_of_file(file.get(), wheel) != artifact) return false;
    if (run_ == RepairRun::dry) return true;
    IngestOptions how;
    how.known = KnownWheels::looked_after;
    const std::vector<WheelRequest> request{{wheel, artifact}};
    const IngestResult ingested = ingest_wheels(store_, request, how, progress_).front();
    if (!ingested.error.empty()) warnings_.push_back(ingested.error);
    return ingested.error.empty();
  }

  const Store& store_;
  std::vector<PackageNeed> needs_;
  const RepairRun run_;
  Progress& progress_;
  std::vector<std::string>& warnings_;
  std::map<Sha256Digest, std::string> found_;
};

}  // namespace

std::map<Sha256Digest, std::string> repair_packages(const Store& store, std::vector<PackageNeed> needs,
                                                    const std::vector<std::string>& stores, WheelSources& sources,
                                                    RepairRun run, Progress& progress,
                                                    std::vector<std::string>& warnings) {
  return PackageRepair(store, std::move(needs), run, progress, warnings).run(stores, sources);
}

}  // namespace cas
