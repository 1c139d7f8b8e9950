#include "linker/locked/script_input.hpp"

#include <fmt/format.h>
#include <sys/stat.h>

#include <iterator>

#include "store/base/codec.hpp"
#include "store/base/error.hpp"
#include "store/base/relpath.hpp"
#include "store/requirement/script_block.hpp"
#include "store/requirement/url_path.hpp"
#include "store/sys/file.hpp"

namespace cas {
namespace {

constexpr std::size_t kMostScriptBytes = std::size_t{16} << 20;
constexpr std::uint32_t kKeyVersion = 2;

std::string script_text(const std::string& path) {
  const Fd file = open_user_file(path);
  return read_fd(file.get(), kMostScriptBytes, path);
}

template <class Texts>
void add(ByteWriter& out, const Texts& texts) {
  out.u64(texts.size());
  for (const std::string& text : texts) out.string(text);
}

void add(ByteWriter& out, const ConfigSettings& settings) {
  out.u64(settings.size());
  for (const auto& [key, value] : settings) {
    out.string(key);
    out.string(value);
  }
}

std::string line_of(const ListedRequirement& listed) {
  Requirement requirement = listed.requirement;
  if (!requirement.url.empty() && url_scheme(requirement.url).empty()) requirement.url = absolute_path(requirement.url);
  std::string line = fmt::format("{} {} {}", listed.constraint, listed.editable, requirement.text());
  for (const RequirementHash& hash : listed.hashes) line += " " + hash.algorithm + ":" + hash.hex;
  return line;
}

}  // namespace

bool is_script_file(const std::string& path) {
  const auto info = stat_path(path);
  if (!info || !S_ISREG(info->st_mode)) return false;
  if (path.ends_with(".py")) return true;
  if (static_cast<std::size_t>(info->st_size) > kMostScriptBytes) return false;
  try {
    return parse_script(script_text(path), printable(path)).has_value();
  } catch (const SystemError&) {
    return false;  // what cannot be read says nothing
  } catch (const Error&) {
    return true;  // a faulty block is one, and its fault is told later
  }
}

std::vector<std::string> add_script(const std::string& path, PackageInputs& inputs) {
  const auto metadata = parse_script(script_text(path), printable(path));
  if (!metadata) return {};
  inputs.pythons.push_back({printable(path), metadata->requires_python});
  std::ranges::copy(metadata->dependencies, std::back_inserter(inputs.requirements.requirements));
  return metadata->others;
}

std::string environment_key(const PackageInputs& inputs, const std::optional<std::string>& python) {
  std::string text = "script environment";
  ByteWriter out(text);
  out.u32(kKeyVersion);
  out.string(python.value_or(""));
  out.string(inputs.python_versions());
  out.u64(inputs.requirements.requirements.size());
  for (const ListedRequirement& listed : inputs.requirements.requirements) add(out, listed.config_settings);
  std::vector<std::string> lines;
  for (const ListedRequirement& listed : inputs.requirements.requirements) lines.push_back(line_of(listed));
  for (const ListedOption& option : inputs.requirements.options) {
    lines.push_back(fmt::format("{} {}", option_name(option.kind), option.value));
  }
  for (const std::string& lock : inputs.locks) lines.push_back(sha256(script_text(lock)).hex());
  add(out, lines);
  const IndexPlaces& places = inputs.network.places;
  add(out, places.indexes);
  add(out, places.find_links);
  out.u8(places.no_index ? 1 : 0);
  out.u8(static_cast<std::uint8_t>(places.strategy));
  out.u8(inputs.resolve.prereleases ? 1 : 0);
  const BuildOptions& build = inputs.wishes.build;
  add(out, build.format.without_wheels());
  add(out, build.format.without_builds());
  if (build.format.forbids_named_builds()) out.string("no build");
  add(out, build.settings);
  std::vector<std::string> constraints;
  for (const ListedRequirement& constraint : build.constraints) constraints.push_back(line_of(constraint));
  add(out, constraints);
  return sha256(text).hex().substr(0, 32);
}

}  // namespace cas
