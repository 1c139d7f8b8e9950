#include <fmt/format.h>

#include "store/pylock/pylock.hpp"

namespace cas {
namespace {

// A basic string of TOML 1.0.
std::string quoted(std::string_view text) {
  std::string result = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      result += '\\';
      result += c;
    } else if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) {
      result += fmt::format("\\u{:04x}", static_cast<unsigned>(static_cast<unsigned char>(c)));
    } else {
      result += c;
    }
  }
  return result + '"';
}

std::string array(const std::vector<std::string>& texts) {
  std::string result = "[";
  for (const std::string& text : texts) {
    if (result.size() > 1) result += ", ";
    result += quoted(text);
  }
  return result + "]";
}

void add(std::string& fields, std::string_view key, const std::string& value) {
  if (value.empty()) return;
  if (!fields.empty()) fields += ", ";
  fields += fmt::format("{} = {}", key, value);
}

void add_text(std::string& fields, std::string_view key, const std::string& text) {
  if (!text.empty()) add(fields, key, quoted(text));
}

std::string inline_table(const LockedFile& file) {
  std::string fields, hashes;
  add_text(fields, "name", file.name);
  add(fields, "upload-time", file.upload_time);
  add_text(fields, "url", file.url);
  add_text(fields, "path", file.path);
  if (file.size) add(fields, "size", std::to_string(*file.size));
  for (const auto& [algorithm, digits] : file.hashes) add_text(hashes, algorithm, digits);
  add(fields, "hashes", "{" + hashes + "}");
  add_text(fields, "subdirectory", file.subdirectory);
  return "{" + fields + "}";
}

std::string inline_table(const LockedVcs& vcs) {
  std::string fields;
  add_text(fields, "type", vcs.type);
  add_text(fields, "url", vcs.url);
  add_text(fields, "path", vcs.path);
  add_text(fields, "requested-revision", vcs.requested_revision);
  add_text(fields, "commit-id", vcs.commit_id);
  add_text(fields, "subdirectory", vcs.subdirectory);
  return "{" + fields + "}";
}

std::string inline_table(const LockedDirectory& directory) {
  std::string fields;
  add_text(fields, "path", directory.path);
  if (directory.editable) add(fields, "editable", "true");
  add_text(fields, "subdirectory", directory.subdirectory);
  return "{" + fields + "}";
}

void line(std::string& text, std::string_view key, const std::string& value) {
  text += fmt::format("{} = {}\n", key, value);
}

void text_line(std::string& text, std::string_view key, const std::string& value) {
  if (!value.empty()) line(text, key, quoted(value));
}

void array_line(std::string& text, std::string_view key, const std::vector<std::string>& values) {
  if (!values.empty()) line(text, key, array(values));
}

void add_listings(std::string& text, const LockedListings& listings) {
  std::string records, directories;
  for (const auto& [name, listing] : listings) {
    add_text(records, quoted(name), listing.record.hex());
    add_text(directories, quoted(name), listing.directory.hex());
  }
  text += "\n[packages.tool.cas]\n";
  line(text, "record-sha256", "{" + records + "}");
  line(text, "directory-sha256", "{" + directories + "}");
}

void add_package(std::string& text, const LockedPackage& package) {
  text += "\n[[packages]]\n";
  text_line(text, "name", package.name);
  text_line(text, "version", package.version);
  text_line(text, "marker", package.marker);
  text_line(text, "requires-python", package.requires_python);
  if (!package.dependencies.empty()) {
    std::string tables;
    for (const std::string& name : package.dependencies) add(tables, "{name", quoted(name) + "}");
    line(text, "dependencies", "[" + tables + "]");
  }
  text_line(text, "index", package.index);
  if (package.vcs) line(text, "vcs", inline_table(*package.vcs));
  if (package.directory) line(text, "directory", inline_table(*package.directory));
  if (package.archive) line(text, "archive", inline_table(*package.archive));
  if (package.sdist) line(text, "sdist", inline_table(*package.sdist));
  if (!package.wheels.empty()) {
    text += "wheels = [\n";
    for (const LockedFile& wheel : package.wheels) text += "  " + inline_table(wheel) + ",\n";
    text += "]\n";
  }
  if (!package.listings.empty()) add_listings(text, package.listings);
}

}  // namespace

std::string pylock_text(const Pylock& lock) {
  std::string text;
  text_line(text, "lock-version", lock.lock_version);
  array_line(text, "environments", lock.environments);
  text_line(text, "requires-python", lock.requires_python);
  array_line(text, "extras", lock.extras);
  array_line(text, "dependency-groups", lock.dependency_groups);
  array_line(text, "default-groups", lock.default_groups);
  text_line(text, "created-by", lock.created_by);
  for (const LockedPackage& package : lock.packages) add_package(text, package);
  if (lock.requested || !lock.made_for.empty()) text += "\n[tool.cas]\n";
  text_line(text, "python", lock.made_for);
  if (lock.requested) line(text, "requested", array({lock.requested->begin(), lock.requested->end()}));
  return text;
}

}  // namespace cas
