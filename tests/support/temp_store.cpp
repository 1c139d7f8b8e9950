#include "tests/support/temp_store.hpp"

#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <stdexcept>

#include "store/sys/file.hpp"

namespace cas::test {
namespace fs = std::filesystem;

WheelBuilder make_wheel(const std::string& name, const std::string& version, const Files& files) {
  WheelBuilder wheel;
  wheel.file_name = wheel_name(name, version);
  wheel.dist_info = name + "-" + version + ".dist-info";
  wheel.metadata = "Metadata-Version: 2.1\nName: " + name + "\nVersion: " + version + "\n";
  for (const auto& [path, content] : files) wheel.add(path, content);
  return wheel;
}

std::string wheel_name(const std::string& name, const std::string& version) {
  return name + "-" + version + "-py3-none-any.whl";
}

bool exists(const std::string& path) { return fs::symlink_status(path).type() != fs::file_type::not_found; }

std::string slurp(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) throw std::runtime_error("cannot read " + path);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

void overwrite(const std::string& path, std::string_view bytes) {
  struct stat info {};
  if (::stat(path.c_str(), &info) != 0) throw std::runtime_error("no file to overwrite: " + path);
  ::chmod(path.c_str(), 0600);
  write_test_file(path, bytes);
  ::chmod(path.c_str(), info.st_mode & 07777);
}

void set_file_mtime(const std::string& path, std::int64_t seconds) { set_mtime(open_read(path).get(), seconds, path); }

std::uint64_t links_of(const std::string& path) {
  const auto info = stat_path(path);
  if (!info) throw std::runtime_error("no such file: " + path);
  return info->st_nlink;
}

std::vector<std::string> names_in(const std::string& directory) {
  std::vector<std::string> names;
  if (!exists(directory)) return names;
  for (const auto& entry : fs::directory_iterator(directory)) names.push_back(entry.path().filename().string());
  std::sort(names.begin(), names.end());
  return names;
}

std::map<std::string, std::string> snapshot(const std::string& directory) {
  std::map<std::string, std::string> all;
  for (const auto& entry : fs::recursive_directory_iterator(directory)) {
    const auto info = stat_path(entry.path().string());
    if (!info) continue;
    std::string what = fmt::format("mode {:o}", info->st_mode);
    // A directory's time says only that a file came and went.
    if (!S_ISDIR(info->st_mode)) what += fmt::format(" time {}.{}", info->st_mtim.tv_sec, info->st_mtim.tv_nsec);
    if (S_ISREG(info->st_mode)) what += " content " + slurp(entry.path().string());
    if (S_ISLNK(info->st_mode)) what += " to " + fs::read_symlink(entry.path()).string();
    all.emplace(fs::relative(entry.path(), directory).string(), what);
  }
  return all;
}

std::map<std::string, std::string> snapshot_content(const Store& store) {
  auto all = snapshot(store.layout().root());
  std::erase_if(all,
                [](const auto& item) { return item.first.starts_with("index") || item.first.starts_with("locks"); });
  return all;
}

TempStore::TempStore(Durability durability) : store(Store::open({dir / "store", "", durability})) {
  fs::create_directory(dir / "wheels");
}

std::string TempStore::write_wheel(const WheelBuilder& wheel) const {
  std::string path = dir / "wheels/" + wheel.file_name;
  // A file of its own: the same inode with other bytes would be another thing to test.
  fs::remove(path);
  write_test_file(path, wheel.bytes());
  return path;
}

IngestResult TempStore::ingest(const WheelBuilder& wheel, const IngestOptions& options) {
  const WheelRequest request{write_wheel(wheel), std::nullopt};
  return ingest_wheels(store, {&request, 1}, options, silent).at(0);
}

IngestResult TempStore::ingest_pinned(const WheelBuilder& wheel, const IngestOptions& options) {
  const WheelRequest request{write_wheel(wheel), sha256(wheel.bytes())};
  return ingest_wheels(store, {&request, 1}, options, silent).at(0);
}

Sha256Digest TempStore::add(const WheelBuilder& wheel) {
  const IngestResult result = ingest(wheel);
  BOOST_REQUIRE_MESSAGE(result.error.empty(), result.error);
  return result.artifact;
}

GcResult TempStore::collect(const GcOptions& options) { return collect_garbage(store, options, silent); }

VerifyResult TempStore::verify(VerifyDepth depth) {
  VerifyOptions options;
  options.depth = depth;
  options.threads = 2;
  return verify_store(store, options, silent);
}

std::vector<std::string> TempStore::problems(VerifyDepth depth) {
  std::vector<std::string> all;
  for (const Problem& problem : verify(depth).problems) {
    all.push_back(std::string(problem_kind_name(problem.kind)) + ": " + problem.what);
  }
  return all;
}

bool TempStore::has_package(const Sha256Digest& artifact) const {
  return find_package(store.index(), artifact).has_value();
}

bool TempStore::has_content(std::string_view content, Executable executable) const {
  return find_object(store, {sha256(content), executable}).has_value();
}

std::string TempStore::object_path(std::string_view content, Executable executable) const {
  const ObjectId id{sha256(content), executable};
  const auto row = find_object(store, id);
  if (!row) throw std::runtime_error("the index does not have the object of '" + std::string(content) + "'");
  return store.layout().object(row->segment, id);
}

std::vector<std::string> TempStore::object_files() const {
  std::vector<std::string> files;
  for (const std::string& segment : names_in(store.layout().objects())) {
    for (const std::string& name : names_in(store.layout().objects() + "/" + segment))
      files.push_back(segment + "/" + name);
  }
  return files;
}

std::uint64_t TempStore::object_rows() const {
  std::uint64_t rows = 0;
  store.index().read([&](const ReadTxn& txn, const Schema& schema) {
    schema.objects.for_each(txn, [&](const ObjectId&, const ObjectRow&) { ++rows; });
  });
  return rows;
}

Anchor TempStore::anchor_for(const std::string& target, const std::vector<Sha256Digest>& artifacts,
                             const Sha256Digest& plan) const {
  Anchor anchor;
  anchor.id = random_name();
  anchor.target = target;
  anchor.link_mode = "hardlink";
  anchor.site_packages = "lib/python3.12/site-packages";
  anchor.scripts = "bin";
  anchor.headers = "include/site/python3.12";
  anchor.plan = plan;
  for (const Sha256Digest& artifact : artifacts) anchor.packages.push_back({artifact, "demo", "1.0", true, ""});
  return anchor;
}

Anchor TempStore::make_rooted_directory(const std::string& target, const std::vector<Sha256Digest>& artifacts,
                                        const Sha256Digest& plan) {
  PendingRoot root(store, anchor_for(target, artifacts, plan), "");
  root.publish();
  make_directories(target + "/" + kAnchorDirectory);
  root.attach(open_directory(target + "/" + kAnchorDirectory).get(), "anchor");
  root.finish();
  return root.anchor();
}

}  // namespace cas::test
