#include <fmt/format.h>

#include <algorithm>
#include <sstream>

#include "store/base/error.hpp"
#include "store/base/relpath.hpp"
#include "store/base/text.hpp"
#include "store/base/toml.hpp"
#include "store/net/url.hpp"
#include "store/pylock/pylock.hpp"
#include "store/source/wheel_name.hpp"

namespace cas {
namespace {

// A lock of 10,000 packages with 40 files each is below that.
constexpr std::size_t kMostLockBytes = std::size_t{256} << 20;

// One table of the file, with where it is: "packages[3].wheels[0]".
class Reader {
 public:
  Reader(const toml::table& table, std::string_view place, std::string key)
      : table_(table), place_(place), key_(std::move(key)) {}

  [[nodiscard]] std::string required_text(std::string_view key) const {
    const toml::node* node = table_.get(key);
    if (node == nullptr) fail(table_, fmt::format("{} is missing", name(key)));
    return text_of(*node, key);
  }

  [[nodiscard]] std::string text(std::string_view key) const {
    const toml::node* node = table_.get(key);
    return node == nullptr ? std::string() : text_of(*node, key);
  }

  [[nodiscard]] bool flag(std::string_view key) const {
    const toml::node* node = table_.get(key);
    if (node == nullptr) return false;
    const auto* value = node->as_boolean();
    if (value == nullptr) fail(*node, fmt::format("{} is not true or false", name(key)));
    return value->get();
  }

  [[nodiscard]] std::optional<std::uint64_t> size(std::string_view key) const {
    const toml::node* node = table_.get(key);
    if (node == nullptr) return std::nullopt;
    const auto* value = node->as_integer();
    if (value == nullptr || value->get() < 0) fail(*node, fmt::format("{} is not a number of bytes", name(key)));
    return static_cast<std::uint64_t>(value->get());
  }

  // A date and time, or text.
  [[nodiscard]] std::string time(std::string_view key) const {
    const toml::node* node = table_.get(key);
    if (node == nullptr) return {};
    const auto* value = node->as_date_time();
    if (value == nullptr) fail(*node, fmt::format("{} is not a date and time", name(key)));
    std::ostringstream out;
    out << value->get();
    return out.str();
  }

  [[nodiscard]] std::vector<std::string> texts(std::string_view key) const {
    std::vector<std::string> result;
    const toml::array* array = array_of(key);
    if (array == nullptr) return result;
    for (const toml::node& node : *array) result.push_back(text_of(node, key));
    return result;
  }

  // Calls f(Reader) for each table of an array of tables.
  template <class F>
  void tables(std::string_view key, F&& f) const {
    const toml::array* array = array_of(key);
    if (array == nullptr) return;
    std::size_t number = 0;
    for (const toml::node& node : *array) {
      const toml::table* table = node.as_table();
      const std::string inner = fmt::format("{}[{}]", name(key), number++);
      if (table == nullptr) fail(node, inner + " is not a table");
      f(Reader(*table, place_, inner));
    }
  }

  [[nodiscard]] std::optional<Reader> table(std::string_view key) const {
    const toml::node* node = table_.get(key);
    if (node == nullptr) return std::nullopt;
    const toml::table* table = node->as_table();
    if (table == nullptr) fail(*node, fmt::format("{} is not a table", name(key)));
    return Reader(*table, place_, name(key));
  }

  // Where nothing is required of what stands there: nullopt, or "", for anything else, too.
  [[nodiscard]] std::optional<Reader> optional_table(std::string_view key) const {
    const toml::node* node = table_.get(key);
    const toml::table* table = node == nullptr ? nullptr : node->as_table();
    return table == nullptr ? std::nullopt : std::optional<Reader>(Reader(*table, place_, name(key)));
  }

  [[nodiscard]] std::string optional_text(std::string_view key) const {
    const toml::node* node = table_.get(key);
    const auto* value = node == nullptr ? nullptr : node->as_string();
    return value == nullptr ? std::string() : value->get();
  }

  // nullopt: no array of text is there.
  [[nodiscard]] std::optional<std::vector<std::string>> optional_texts(std::string_view key) const {
    const toml::node* node = table_.get(key);
    const toml::array* array = node == nullptr ? nullptr : node->as_array();
    if (array == nullptr) return std::nullopt;
    std::vector<std::string> result;
    for (const toml::node& one : *array) {
      const auto* value = one.as_string();
      if (value == nullptr) return std::nullopt;
      result.push_back(value->get());
    }
    return result;
  }

  // Calls f(key, text) for each key.
  template <class F>
  void each_text(F&& f) const {
    for (const auto& [key, node] : table_) f(std::string(key.str()), text_of(node, key.str()));
  }

  [[noreturn]] void fail(const std::string& what) const { fail(table_, fmt::format("{}: {}", key_, what)); }

 private:
  [[nodiscard]] std::string name(std::string_view key) const {
    const std::string shown = printable(key);
    return key_.empty() ? shown : key_ + "." + shown;
  }

  [[nodiscard]] const toml::array* array_of(std::string_view key) const {
    const toml::node* node = table_.get(key);
    if (node == nullptr) return nullptr;
    if (node->as_array() == nullptr) fail(*node, fmt::format("{} is not an array", name(key)));
    return node->as_array();
  }

  [[nodiscard]] std::string text_of(const toml::node& node, std::string_view key) const {
    const auto* value = node.as_string();
    if (value == nullptr) fail(node, fmt::format("{} is not text", name(key)));
    return value->get();
  }

  [[noreturn]] void fail(const toml::node& node, const std::string& what) const {
    throw InvalidInput(fmt::format("{}:{}: {}", place_, node.source().begin.line, what),
                       "lock again with the tool that made it, or correct the line");
  }

  const toml::table& table_;
  std::string_view place_;
  std::string key_;
};

// What its path or URL ends in.
std::string last_component(const LockedFile& file) {
  if (!file.path.empty()) return std::string(name_of(file.path));
  const auto url = try_parse_url(file.url);
  return url ? url_file_name(*url) : std::string();
}

bool is_hexadecimal(std::string_view text) {
  return !text.empty() && text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

// TOML's: letters, digits, "_" and "-".
bool is_bare_key(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
  });
}

LockedFile read_file(const Reader& reader) {
  LockedFile file;
  file.url = reader.text("url");
  file.path = reader.text("path");
  if (file.url.empty() && file.path.empty()) reader.fail("has neither url nor path");
  file.name = reader.text("name");
  if (file.name.empty()) file.name = last_component(file);
  if (!file.name.empty()) {
    if (const auto problem = component_problem(file.name)) {
      reader.fail(fmt::format("the file name '{}' {}", printable(file.name), *problem));
    }
  }
  file.size = reader.size("size");
  file.upload_time = reader.time("upload-time");
  const auto hashes = reader.table("hashes");
  if (!hashes) reader.fail("has no hashes");
  hashes->each_text([&](const std::string& algorithm, const std::string& digits) {
    const std::string lower = lower_case(digits);
    if (!is_bare_key(algorithm)) hashes->fail(fmt::format("'{}' is no algorithm", printable(algorithm)));
    if (!is_hexadecimal(lower)) hashes->fail("holds something else than hexadecimal digits");
    if (lower_case(algorithm) == "sha256" && !Sha256Digest::from_hex(lower)) hashes->fail("sha256 has not 64 digits");
    file.hashes.emplace(lower_case(algorithm), lower);
  });
  if (file.hashes.empty()) hashes->fail("is empty");
  file.subdirectory = reader.text("subdirectory");
  return file;
}

LockedVcs read_vcs(const Reader& reader) {
  LockedVcs vcs;
  vcs.type = reader.required_text("type");
  vcs.url = reader.text("url");
  vcs.path = reader.text("path");
  if (vcs.url.empty() && vcs.path.empty()) reader.fail("has neither url nor path");
  vcs.requested_revision = reader.text("requested-revision");
  vcs.commit_id = reader.required_text("commit-id");
  vcs.subdirectory = reader.text("subdirectory");
  return vcs;
}

LockedDirectory read_directory(const Reader& reader) {
  LockedDirectory directory;
  directory.path = reader.required_text("path");
  directory.editable = reader.flag("editable");
  directory.subdirectory = reader.text("subdirectory");
  return directory;
}

// Of the wheels that `package` has; whatever else a tool wrote there is passed over.
LockedListings read_listings(const Reader& reader, const LockedPackage& package) {
  LockedListings listings;
  const auto tool = reader.optional_table("tool");
  const auto own = tool ? tool->optional_table("cas") : std::nullopt;
  const auto records = own ? own->optional_table("record-sha256") : std::nullopt;
  const auto directories = own ? own->optional_table("directory-sha256") : std::nullopt;
  if (!records || !directories) return listings;
  for (const LockedFile& wheel : package.wheels) {
    const auto record = Sha256Digest::from_hex(records->optional_text(wheel.name));
    const auto directory = Sha256Digest::from_hex(directories->optional_text(wheel.name));
    if (record && directory) listings.emplace(wheel.name, ListingDigests{*record, *directory});
  }
  return listings;
}

// Hints: whatever else stands there is passed over.
void read_own_table(const Reader& reader, Pylock& lock) {
  const auto tool = reader.optional_table("tool");
  const auto own = tool ? tool->optional_table("cas") : std::nullopt;
  if (!own) return;
  lock.made_for = own->optional_text("python");
  const auto names = own->optional_texts("requested");
  if (!names) return;
  lock.requested.emplace();
  for (const std::string& name : *names) lock.requested->insert(normalize_name(name));
}

std::string read_name(const Reader& reader) {
  const std::string name = reader.required_text("name");
  if (!is_project_name(name)) reader.fail(fmt::format("'{}' is no name of a package", printable(name)));
  return normalize_name(name);
}

LockedPackage read_package(const Reader& reader) {
  LockedPackage package;
  package.name = read_name(reader);
  package.version = reader.text("version");
  if (!package.version.empty() && !Version::parse(package.version)) {
    reader.fail(fmt::format("'{}' is no version", printable(package.version)));
  }
  package.marker = reader.text("marker");
  package.requires_python = reader.text("requires-python");
  package.index = reader.text("index");
  reader.tables("dependencies",
                [&](const Reader& dependency) { package.dependencies.push_back(read_name(dependency)); });
  reader.tables("wheels", [&](const Reader& wheel) {
    package.wheels.push_back(read_file(wheel));
    if (!package.wheels.back().name.ends_with(".whl")) wheel.fail("is not the file of a wheel");
  });
  if (const auto sdist = reader.table("sdist")) package.sdist = read_file(*sdist);
  if (const auto archive = reader.table("archive")) package.archive = read_file(*archive);
  if (const auto vcs = reader.table("vcs")) package.vcs = read_vcs(*vcs);
  if (const auto directory = reader.table("directory")) package.directory = read_directory(*directory);
  package.listings = read_listings(reader, package);
  const bool files = package.sdist || !package.wheels.empty();
  const int sources = (files ? 1 : 0) + (package.archive ? 1 : 0) + (package.vcs ? 1 : 0) + (package.directory ? 1 : 0);
  if (sources == 0) reader.fail("says nowhere what to install (wheels, sdist, archive, vcs or directory)");
  if (sources > 1) reader.fail("says more than one of wheels or sdist, archive, vcs, directory");
  return package;
}

void check_version(const Reader& reader, const std::string& text) {
  const std::size_t dot = text.find('.');
  const bool number = dot != std::string::npos && dot > 0 &&
                      text.find_first_not_of("0123456789", dot + 1) == std::string::npos && dot + 1 < text.size();
  if (!number || text.substr(0, dot) != "1") {
    reader.fail(fmt::format("lock-version is '{}', and this program reads version 1", printable(text)));
  }
}

}  // namespace

std::optional<Sha256Digest> LockedFile::sha256() const {
  const auto found = hashes.find("sha256");
  return found == hashes.end() ? std::nullopt : Sha256Digest::from_hex(found->second);
}

bool is_pylock_name(std::string_view file_name) {
  constexpr std::string_view kStart = "pylock.", kEnd = ".toml";
  if (file_name == "pylock.toml") return true;
  if (!file_name.starts_with(kStart) || !file_name.ends_with(kEnd)) return false;
  file_name.remove_prefix(kStart.size());
  if (file_name.size() <= kEnd.size()) return false;
  file_name.remove_suffix(kEnd.size());
  return file_name.find('.') == std::string_view::npos;
}

Pylock parse_pylock(std::string_view text, std::string_view place) {
  if (text.size() > kMostLockBytes) {
    throw InvalidInput(fmt::format("{}: {} are no lock file", place, format_size(text.size())));
  }
  const toml::table table = parse_toml(text, place);
  const Reader reader(table, place, "");
  Pylock lock;
  lock.lock_version = reader.required_text("lock-version");
  check_version(reader, lock.lock_version);
  lock.created_by = reader.required_text("created-by");
  lock.requires_python = reader.text("requires-python");
  lock.environments = reader.texts("environments");
  lock.extras = reader.texts("extras");
  lock.dependency_groups = reader.texts("dependency-groups");
  lock.default_groups = reader.texts("default-groups");
  reader.tables("packages", [&](const Reader& package) { lock.packages.push_back(read_package(package)); });
  read_own_table(reader, lock);
  return lock;
}

}  // namespace cas
