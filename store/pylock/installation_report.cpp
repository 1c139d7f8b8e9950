#include "store/pylock/installation_report.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "store/base/error.hpp"
#include "store/base/relpath.hpp"
#include "store/base/text.hpp"
#include "store/net/url.hpp"
#include "store/source/version.hpp"
#include "store/source/wheel_name.hpp"

namespace cas {
namespace {

using nlohmann::json;

constexpr std::size_t kMostReportBytes = std::size_t{256} << 20;

class ReportReader {
 public:
  explicit ReportReader(std::string_view place) : place_(place) {}

  Pylock read(const json& document) const {
    if (text(document, "version") != "1") fail("is no installation report of version 1");
    Pylock lock;
    lock.created_by = "pip";
    for (const json& item : field(document, "install", json::value_t::array)) lock.packages.push_back(package_of(item));
    return lock;
  }

  [[noreturn]] void fail(std::string_view what) const {
    throw InvalidInput(fmt::format("{} {}", place_, what),
                       "use another pip (22.2 or later), or uv: leave --resolver out");
  }

 private:
  const json& field(const json& object, const char* key, json::value_t type) const {
    const auto found = object.is_object() ? object.find(key) : object.end();
    if (!object.is_object() || found == object.end() || found->type() != type) {
      fail(fmt::format("has no {} where one must be", key));
    }
    return *found;
  }

  std::string text(const json& object, const char* key) const {
    return field(object, key, json::value_t::string).get<std::string>();
  }

  LockedPackage package_of(const json& item) const {
    const json& metadata = field(item, "metadata", json::value_t::object);
    const json& download = field(item, "download_info", json::value_t::object);
    const std::string name = text(metadata, "name");
    const std::string version = text(metadata, "version");
    if (!is_project_name(name)) fail(fmt::format("calls a package '{}'", printable(name)));
    if (!Version::parse(version)) fail(fmt::format("gives {} the version '{}'", name, printable(version)));
    LockedPackage package;
    package.name = normalize_name(name);
    package.version = version;
    if (!download.contains("archive_info")) {
      fail(fmt::format("takes {} from version control or a directory, and nothing is built", name));
    }
    LockedFile file = file_of(download, name);
    const bool direct = item.contains("is_direct") && item.at("is_direct") == true;
    if (direct) {
      package.archive = std::move(file);
    } else if (file.name.ends_with(".whl")) {
      package.wheels.push_back(std::move(file));
    } else {
      package.sdist = std::move(file);
    }
    return package;
  }

  LockedFile file_of(const json& download, const std::string& package) const {
    const auto url = try_parse_url(text(download, "url"));
    if (!url) fail(fmt::format("has an address of {} that is none", package));
    LockedFile file;
    file.name = url_file_name(*url);
    if (file.name.empty() || component_problem(file.name))
      fail(fmt::format("has an address of {} without a file", package));
    (url->is_file() ? file.path : file.url) = url->is_file() ? file_path(*url) : url->text();
    const json& archive = field(download, "archive_info", json::value_t::object);
    if (archive.contains("hashes")) {
      for (const auto& [algorithm, digits] : field(archive, "hashes", json::value_t::object).items()) {
        add_hash(file, algorithm, digits.is_string() ? digits.get<std::string>() : std::string(), package);
      }
    } else {
      const std::string both = text(archive, "hash");
      const std::size_t equals = std::min(both.find('='), both.size());
      add_hash(file, both.substr(0, equals), both.substr(std::min(equals + 1, both.size())), package);
    }
    return file;
  }

  void add_hash(LockedFile& file, const std::string& algorithm, const std::string& digits,
                const std::string& package) const {
    const std::string hex = lower_case(digits);
    const bool is_hash = !algorithm.empty() && !hex.empty() &&
                         algorithm.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_") == std::string::npos &&
                         hex.find_first_not_of("0123456789abcdef") == std::string::npos &&
                         (algorithm != "sha256" || Sha256Digest::from_hex(hex));
    if (!is_hash) fail(fmt::format("has a hash of {} that is none", package));
    file.hashes.emplace(algorithm, hex);
  }

  std::string_view place_;
};

}  // namespace

Pylock parse_installation_report(std::string_view text, std::string_view place) {
  const ReportReader reader(place);
  if (text.size() > kMostReportBytes) reader.fail(fmt::format("has {}", format_size(text.size())));
  const json document = json::parse(text, nullptr, false);
  if (document.is_discarded()) reader.fail("is not JSON");
  return reader.read(document);
}

}  // namespace cas
