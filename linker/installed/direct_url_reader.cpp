#include "linker/installed/direct_url_reader.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <string>

#include "store/base/digest.hpp"
#include "store/base/text.hpp"

namespace cas {
namespace {

using Json = nlohmann::json;

// Throws Json::exception where `object` is none, or the field is no text, or text that could be taken for more than one word.
std::string text_field(const Json& object, const char* key) {
  if (!object.is_object()) throw Json::type_error::create(302, "no object", &object);
  const auto field = object.find(key);
  if (field == object.end() || field->is_null()) return {};
  auto text = field->get<std::string>();
  const auto ends_word = [](char c) { return static_cast<unsigned char>(c) <= ' ' || c == 0x7F; };
  if (std::ranges::any_of(text, ends_word))
    throw Json::other_error::create(501, "a blank or control character", &object);
  return text;
}

std::string sha256_of(const Json& info, std::string_view hash) {
  constexpr std::string_view kPrefix = "sha256=";
  std::string digits;
  if (const auto hashes = info.find("hashes"); hashes != info.end()) digits = text_field(*hashes, "sha256");
  if (digits.empty() && hash.starts_with(kPrefix)) digits = hash.substr(kPrefix.size());
  digits = lower_case(digits);
  return Sha256Digest::from_hex(digits) ? digits : std::string();
}

DirectUrl read(const Json& document) {
  DirectUrl result;
  result.url = text_field(document, "url");
  result.subdirectory = text_field(document, "subdirectory");
  if (const auto archive = document.find("archive_info"); archive != document.end()) {
    result.kind = DirectUrl::Kind::archive;
    result.hash = text_field(*archive, "hash");
    result.sha256 = sha256_of(*archive, result.hash);
  } else if (const auto vcs = document.find("vcs_info"); vcs != document.end()) {
    result.kind = DirectUrl::Kind::version_control;
    result.vcs = text_field(*vcs, "vcs");
    result.requested_revision = text_field(*vcs, "requested_revision");
    result.commit_id = text_field(*vcs, "commit_id");
  } else {
    const Json& directory = document.at("dir_info");
    result.kind = DirectUrl::Kind::directory;
    if (const auto editable = directory.find("editable"); editable != directory.end())
      result.editable = editable->get<bool>();
  }
  return result;
}

}  // namespace

std::optional<DirectUrl> parse_direct_url(std::string_view text) {
  try {
    DirectUrl result = read(Json::parse(text));
    const bool has_commit = !result.vcs.empty() && !result.commit_id.empty();
    if (result.url.empty() || (result.kind == DirectUrl::Kind::version_control && !has_commit)) return std::nullopt;
    return result;
  } catch (const Json::exception&) {
    return std::nullopt;
  }
}

}  // namespace cas
