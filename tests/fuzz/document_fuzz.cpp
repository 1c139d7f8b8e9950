// Documents that linker and cli read: direct_url.json, cas.toml. The first byte says which one.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "cli/settings.hpp"
#include "linker/direct_url.hpp"
#include "linker/installed/direct_url_reader.hpp"
#include "store/base/error.hpp"
#include "store/base/relpath.hpp"

namespace {

void require(bool condition) {
  if (!condition) std::abort();
}

bool is_one_word(const std::string& text) {
  return std::ranges::none_of(text, [](char c) { return static_cast<unsigned char>(c) <= ' ' || c == 0x7F; });
}

// What is read becomes part of lines that pip reads.
void fuzz_direct_url(const std::string& text) {
  const auto read = cas::parse_direct_url(text);
  if (!read) return;
  for (const std::string& field :
       {read->url, read->subdirectory, read->hash, read->vcs, read->requested_revision, read->commit_id}) {
    require(is_one_word(field));
  }
  require(!read->url.empty());
  require(read->sha256.empty() || cas::Sha256Digest::from_hex(read->sha256));
  if (read->kind == cas::DirectUrl::Kind::version_control) require(!read->vcs.empty() && !read->commit_id.empty());
}

// What cas writes it reads, unless there are blanks in it, and never with a password.
void fuzz_written(const std::string& text) {
  const std::size_t middle = std::min(text.find('\n'), text.size());
  const std::string url = "https://u:secret@example.org/" + text.substr(0, middle);
  const std::string revision = text.substr(std::min(middle + 1, text.size()));
  const auto read = cas::parse_direct_url(cas::git_direct_url(url, revision, "c0ffee", ""));
  if (read) {
    require(read->commit_id == "c0ffee" && (read->requested_revision == revision || !cas::is_valid_utf8(revision)));
    require(!read->url.starts_with("https://u:"));
  } else {
    require(!is_one_word(url) || !is_one_word(revision));
  }
}

// A project's file must not say what only the user may.
void fuzz_settings(const std::string& text) {
  for (const cas::SettingsOwner owner : {cas::SettingsOwner::user, cas::SettingsOwner::project}) {
    try {
      for (const cas::FileSetting& setting : cas::parse_settings(text, "cas.toml", "/project", owner)) {
        require(setting.owner == owner && setting.place.starts_with("cas.toml:"));
        if (owner == cas::SettingsOwner::project) {
          require(setting.name != "store" && setting.name != "resolver" && setting.name != "trusted-host");
          if (setting.name == "python") require(setting.value.find('/') == std::string::npos);
        }
        if (setting.name == "find-links") {
          require(setting.value.starts_with('/') || setting.value.find("://") != std::string::npos);
        }
      }
    } catch (const cas::Error&) {
    }
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string text(reinterpret_cast<const char*>(data) + 1, size - 1);
  switch (data[0] % 3) {
    case 0:
      fuzz_direct_url(text);
      break;
    case 1:
      fuzz_written(text);
      break;
    default:
      fuzz_settings(text);
      break;
  }
  return 0;
}
