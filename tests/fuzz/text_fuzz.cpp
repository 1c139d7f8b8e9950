// The parsers of foreign text. The first byte says which one.
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "store/base/error.hpp"
#include "store/base/ini.hpp"
#include "store/base/relpath.hpp"
#include "store/interpreters.hpp"
#include "store/net/cache_entry.hpp"
#include "store/net/credentials.hpp"
#include "store/net/http_headers.hpp"
#include "store/package_index/project_page.hpp"
#include "store/pylock/installation_report.hpp"
#include "store/pylock/pylock.hpp"
#include "store/requirement/pip_config.hpp"
#include "store/requirement/project_file.hpp"
#include "store/requirement/requirement_file.hpp"
#include "store/requirement/requirement_location.hpp"
#include "store/requirement/script_block.hpp"
#include "store/requirement/uv_config.hpp"
#include "store/source/elf_dynamic.hpp"
#include "store/source/entry_points.hpp"
#include "store/source/metadata_headers.hpp"
#include "store/source/python_rewrite.hpp"
#include "store/source/record.hpp"
#include "store/source/reserved.hpp"
#include "store/source/version.hpp"
#include "store/source/wheel_name.hpp"

namespace {

void require(bool condition) {
  if (!condition) std::abort();
}

void fuzz_record(std::string text) {
  for (const cas::RecordRow& row : cas::parse_record(text)) {
    std::string again = cas::record_row(row.path, row.hash, row.size);
    const auto rows = cas::parse_record(again);
    require(rows.size() == 1 && rows[0].path == row.path && rows[0].hash == row.hash && rows[0].size == row.size);
  }
}

void fuzz_hash(std::string_view text) {
  if (const auto bytes = cas::base64url_decode(text)) require(cas::base64url_encode(*bytes) == text);
  require(cas::parse_record_hash(text).text() == text);
}

void fuzz_entry_points(std::string_view text) {
  for (const cas::EntryPoint& entry : cas::parse_entry_points(text, "entry_points.txt")) {
    require(!cas::component_problem(entry.name) && !cas::reserved_problem(cas::Scheme::scripts, entry.name));
    require(!entry.module.empty() && !entry.attribute.empty());
    // They become part of a script's source text.
    for (const std::string& code : {entry.module, entry.attribute}) {
      require(code.find_first_of(" \t\r\n;:()\"'\\#") == std::string::npos);
    }
  }
}

void fuzz_headers(std::string_view text) {
  const auto headers = cas::MetadataHeaders::parse(text, "METADATA");
  if (const auto name = headers.first("Name")) require(name->find('\n') == std::string_view::npos);
}

void fuzz_version(std::string_view text) {
  const std::size_t middle = text.find('\n');
  const auto a = cas::Version::parse(text.substr(0, middle));
  if (a) require(cas::Version::parse(a->text()) == a && cas::Version::parse(a->text())->text() == a->text());
  if (middle == std::string_view::npos) return;
  const auto b = cas::Version::parse(text.substr(middle + 1));
  if (a && b) require(((*a <=> *b) == 0) == ((*b <=> *a) == 0) && ((*a < *b) == (*b > *a)));
  const auto set = cas::SpecifierSet::parse(text.substr(middle + 1));
  if (a && set && set->contains(*a, cas::Prereleases::unless_named)) {
    require(set->contains(*a, cas::Prereleases::allowed));
  }
}

void fuzz_name(const std::string& text) {
  const cas::WheelName name = cas::parse_wheel_name(text);
  require(!cas::component_problem(name.distribution) && cas::normalize_name(name.normalized) == name.normalized);
}

void fuzz_interpreter(const std::string& text) {
  require(cas::encode_interpreter(cas::decode_interpreter("x", text)) == text);
}

void fuzz_python_texts(const std::string& text) {
  const cas::PythonPlaces own{"/opt/py", {"lib/python3.12"}, false};
  const cas::PythonPlaces shared{"/usr", {"lib/python3.12", "include/python3.12"}, true};
  for (const char* path : {"lib/python3.12/_sysconfigdata_x.py", "lib/pkgconfig/python-3.12.pc",
                           "bin/python3.12-config", "lib/python3.12/config-3.12/Makefile",
                           "lib/python3.12/config-3.12/python-config.py", "lib/python3.12/sysconfig.py"}) {
    for (const cas::PythonPlaces* places : {&own, &shared}) {
      const auto rewritten = cas::rewritten_python_file(path, text, *places);
      // The data stays what it was; only something is added to it.
      if (std::string_view(path).find("_sysconfigdata") != std::string_view::npos) {
        require(rewritten && rewritten->starts_with(text));
      }
    }
  }
}

void fuzz_elf(const std::string& text) {
  const int fd = memfd_create("elf", MFD_CLOEXEC);
  if (fd < 0) return;
  // The headers' magic, so that the fuzzer need not find it.
  const std::string bytes =
      "\x7f"
      "ELF\x02\x01" +
      text;
  if (write(fd, bytes.data(), bytes.size()) == static_cast<ssize_t>(bytes.size())) {
    const cas::ElfDynamic found = cas::read_elf_dynamic(cas::InputFile(fd, "elf"));
    require(!found.runpath || found.runpath->offset + found.runpath->text.size() < bytes.size());
  }
  close(fd);
}

void fuzz_requirement(const std::string& text) {
  const std::string written = cas::parse_requirement(text).text();
  require(cas::parse_requirement(written).text() == written);
  // A path or URL is taken as it is, so only what has a name is known to read the same again.
  const cas::Requirement located = cas::parse_requirement_or_location(text);
  if (located.url.empty()) require(located.text() == written);
}

void fuzz_marker(const std::string& text) {
  const cas::Marker marker = cas::Marker::parse(text);
  const std::string written = marker.text();
  const cas::Marker again = cas::Marker::parse(written);
  require(again.text() == written);
  cas::MarkerEnvironment environment;
  environment.os_name = "posix";
  environment.python_version = "3.11";
  environment.python_full_version = "3.11.2+";
  environment.extras.emplace();
  require(marker.evaluate(environment) == again.evaluate(environment));
}

void fuzz_requirement_file(const std::string& text) {
  // What follows the first "\0" is the nested file, whatever it is called.
  const std::size_t middle = text.find('\0');
  cas::RequirementReader reader;
  reader.read = [&](const std::string& path) {
    if (path == "r.txt") return text.substr(0, middle);
    return middle == std::string::npos ? std::string() : text.substr(middle + 1);
  };
  reader.fetch = reader.read;
  reader.variable = [](const std::string& name) { return std::optional(name.size() > 2 ? name : "${A}${AB} #x\\"); };
  for (const cas::ListedRequirement& listed : cas::read_requirement_files({{"r.txt"}}, reader).requirements) {
    require(listed.place.line > 0 && !(listed.requirement.name.empty() && listed.requirement.url.empty()));
    if (listed.is_pinned()) require(!listed.accepted_hashes().empty());
  }
}

void fuzz_page(const std::string& text, const char* type) {
  const cas::Url base = cas::parse_url("https://index.example/simple/x/");
  for (const cas::IndexFile& file : cas::parse_project_page(text, type, base).files) {
    require(!cas::component_problem(file.name));
    const auto url = cas::try_parse_url(file.url);
    require(url && !url->is_file() && !url->has_credentials && url->text() == file.url);
  }
}

void fuzz_http_headers(const std::string& text) {
  cas::HttpHeaders headers;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    headers.add_line(std::string_view(text).substr(at, end - at));
    at = end + 1;
  }
  const auto range = cas::parse_content_range(headers.first("content-range").value_or(""));
  require(!range || (range->first <= range->last && (!range->total || range->last < *range->total)));
  const cas::CacheControl control = cas::parse_cache_control(headers.joined("cache-control"));
  require(!control.max_age || control.max_age->count() >= 0);
  static_cast<void>(cas::netrc_credentials(text, "one.example"));
}

// With a right digest, so that the fields are reached.
void fuzz_cache_entry(const std::string& text) {
  const std::string bytes = "cas-http-cache 1 " + cas::sha256(text).hex() + "\n" + text;
  if (const auto entry = cas::decode_cache_entry(bytes)) require(cas::encode_cache_entry(*entry) == bytes);
}

void fuzz_url(const std::string& text) {
  require(cas::redacted_url(text).find('\n') == std::string::npos);
  const auto base = cas::try_parse_url("https://user:secret@a.example/b/c?d");
  if (const auto url = cas::try_parse_url(text)) {
    // What is written without credentials is read as the same place.
    const auto again = cas::try_parse_url(url->text());
    require(again && again->text() == url->text() && again->origin() == url->origin());
  }
  if (const auto url = cas::resolve_url(*base, text)) {
    const auto again = cas::try_parse_url(url->text());
    require(again && again->text() == url->text());
    require(cas::redacted_url(url->text()).find("secret") == std::string::npos ||
            text.find("secret") != std::string::npos);
  }
}

// What is written is read as the same lock.
void fuzz_pylock(const std::string& text) {
  const std::string written = cas::pylock_text(cas::parse_pylock(text, "fuzz"));
  require(cas::pylock_text(cas::parse_pylock(written, "again")) == written);
}

void fuzz_project(const std::string& text) {
  const cas::ProjectFile project = cas::parse_project_file(text, "fuzz");
  cas::ProjectChoice choice;
  choice.all_extras = true;
  for (const auto& [name, entries] : project.groups) choice.groups.push_back(name);
  for (const cas::ListedRequirement& listed : cas::project_requirements(project, choice)) {
    require(listed.place.line > 0 && !listed.requirement.name.empty());
    require(listed.requirement.normalized != project.name || !listed.requirement.url.empty() || project.name.empty());
  }
}

// Behind a first fence, so that it need not be found.
void fuzz_script(const std::string& text) {
  static_cast<void>(cas::parse_script(text, "fuzz"));
  if (const auto metadata = cas::parse_script("# /// script\n" + text, "fuzz")) {
    for (const cas::ListedRequirement& listed : metadata->dependencies) {
      require(listed.place.line > 1 && !listed.requirement.name.empty());
    }
  }
}

// What pip says is a lock that can be written and read.
void fuzz_report(const std::string& text) {
  const std::string written = cas::pylock_text(cas::parse_installation_report(text, "fuzz"));
  require(cas::pylock_text(cas::parse_pylock(written, "again")) == written);
}

bool is_known(const cas::ToolSetting& setting) {
  return std::any_of(cas::kKnownSettings.begin(), cas::kKnownSettings.end(),
                     [&](const cas::KnownSetting& known) { return known.name == setting.name; });
}

void fuzz_pip_config(const std::string& text) {
  for (const cas::IniSetting& setting : cas::parse_ini(text, "fuzz")) {
    require(setting.line > 0 && !setting.key.empty() && setting.value.find('\0') == std::string::npos);
  }
  cas::PipConfig config;
  config.add_file(text, "fuzz", cas::SettingLevel::machine);
  config.add_file("[global]\npre = 1\n" + text, "again", cas::SettingLevel::user);
  for (const cas::ToolSetting& setting : config.settings()) {
    require(is_known(setting) && !setting.value.empty() && !setting.place.empty());
  }
}

void fuzz_uv_config(const std::string& text) {
  for (const cas::UvFile kind : {cas::UvFile::uv_toml, cas::UvFile::pyproject}) {
    const auto config = cas::parse_uv_config(text, "fuzz", kind, "/p", cas::SettingLevel::project);
    if (!config) continue;
    for (const cas::ToolSetting& setting : config->settings) {
      require(is_known(setting) && !setting.value.empty());
      require(setting.name != "trusted-host" && setting.name != "keyring-provider");
    }
  }
}

// A value of every variable at once.
void fuzz_tool_variables(const std::string& text) {
  const auto variable = [&](const char*) { return std::optional(text); };
  for (const cas::ToolSetting& setting : cas::uv_variables(variable)) require(is_known(setting));
  for (const cas::ToolSetting& setting : cas::pip_variables(variable)) require(is_known(setting));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string text(reinterpret_cast<const char*>(data) + 1, size - 1);
  try {
    switch (data[0] % 24) {
      case 0:
        fuzz_record(text);
        break;
      case 1:
        fuzz_hash(text);
        break;
      case 2:
        fuzz_entry_points(text);
        break;
      case 3:
        fuzz_headers(text);
        break;
      case 4:
        fuzz_version(text);
        break;
      case 6:
        fuzz_interpreter(text);
        break;
      case 7:
        fuzz_python_texts(text);
        break;
      case 8:
        fuzz_elf(text);
        break;
      case 9:
        fuzz_requirement(text);
        break;
      case 10:
        fuzz_marker(text);
        break;
      case 11:
        fuzz_requirement_file(text);
        break;
      case 12:
        fuzz_page(text, "application/vnd.pypi.simple.v1+json");
        break;
      case 13:
        fuzz_page(text, "text/html");
        break;
      case 14:
        fuzz_http_headers(text);
        break;
      case 15:
        fuzz_cache_entry(text);
        break;
      case 16:
        fuzz_url(text);
        break;
      case 17:
        fuzz_pylock(text);
        break;
      case 18:
        fuzz_project(text);
        break;
      case 19:
        fuzz_script(text);
        break;
      case 20:
        fuzz_report(text);
        break;
      case 21:
        fuzz_pip_config(text);
        break;
      case 22:
        fuzz_uv_config(text);
        break;
      case 23:
        fuzz_tool_variables(text);
        break;
      default:
        fuzz_name(text);
        break;
    }
  } catch (const cas::Error&) {
  }
  return 0;
}
