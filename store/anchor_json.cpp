// The text of anchors. A file of its own, because it is the only one of the roots that needs the JSON library.
#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "store/json_field.hpp"
#include "store/path_text.hpp"
#include "store/roots.hpp"

namespace cas {
namespace {

constexpr std::uint64_t kAnchorFormat = 1;

std::optional<BuiltFrom> built_from(const nlohmann::json& package) {
  const auto origin = package.find("built-from");
  if (origin == package.end()) return std::nullopt;
  return BuiltFrom{unescape_path(origin->at("file").get<std::string>()),
                   unescape_path(origin->at("url").get<std::string>()), digest_field(origin->at("sha256"))};
}

}  // namespace

std::string encode_anchor(const Anchor& anchor) {
  nlohmann::ordered_json document;
  document["cas-anchor"] = kAnchorFormat;
  document["id"] = anchor.id;
  document["target"] = escape_path(anchor.target);
  document["linked"] = anchor.linked;
  if (!anchor.host.empty()) document["host"] = anchor.host;
  document["created"] = anchor.created_at;
  document["interpreter"] = escape_path(anchor.interpreter);
  document["python"] = anchor.python_version;
  document["base"] = anchor.base;
  document["link-mode"] = anchor.link_mode;
  document["plan"] = anchor.plan.hex();
  document["site-packages"] = anchor.site_packages;
  document["scripts"] = anchor.scripts;
  document["headers"] = anchor.headers;
  document["relocatable"] = anchor.relocatable;
  auto& packages = document["packages"] = nlohmann::ordered_json::array();
  for (const AnchoredPackage& package : anchor.packages) {
    auto& item = packages.emplace_back(nlohmann::ordered_json{{"artifact", package.artifact.hex()},
                                                              {"name", package.name},
                                                              {"version", package.version},
                                                              {"requested", package.requested},
                                                              {"direct-url", package.direct_url}});
    if (!package.built_from) continue;
    item["built-from"] = {{"file", escape_path(package.built_from->file_name)},
                          {"url", escape_path(package.built_from->url)},
                          {"sha256", package.built_from->sha256.hex()}};
  }
  if (!anchor.history.empty()) {
    document["history"] = anchor.history;
    document["revision"] = anchor.revision;
    document["replaces"] = anchor.replaces;
    document["command"] = anchor.command;
  }
  return document.dump(1) + "\n";
}

Anchor decode_anchor(const std::string& text) {
  try {
    const auto document = nlohmann::json::parse(text);
    const std::uint64_t format = number_field(document.at("cas-anchor"));
    if (format != kAnchorFormat) {
      throw Error(fmt::format("an anchor has format {}, this program reads format {}", format, kAnchorFormat),
                  "use the version of cas that made the environment, or a newer one");
    }
    Anchor anchor;
    anchor.id = document.at("id").get<std::string>();
    anchor.target = unescape_path(document.at("target").get<std::string>());
    anchor.linked = document.at("linked").get<bool>();
    anchor.host = document.value("host", "");
    anchor.created_at = number_field(document.at("created"));
    anchor.interpreter = unescape_path(document.at("interpreter").get<std::string>());
    anchor.python_version = document.at("python").get<std::string>();
    anchor.base = document.value("base", "system");  // anchors of the first version do not say
    anchor.link_mode = document.at("link-mode").get<std::string>();
    anchor.plan = digest_field(document.at("plan"));
    anchor.site_packages = document.at("site-packages").get<std::string>();
    anchor.scripts = document.at("scripts").get<std::string>();
    anchor.headers = document.at("headers").get<std::string>();
    anchor.relocatable = document.at("relocatable").get<bool>();
    for (const auto& item : document.at("packages")) {
      anchor.packages.push_back({digest_field(item.at("artifact")), item.at("name").get<std::string>(),
                                 item.at("version").get<std::string>(), item.at("requested").get<bool>(),
                                 item.at("direct-url").get<std::string>(), built_from(item)});
    }
    anchor.history = document.value("history", "");
    if (const auto revision = document.find("revision"); revision != document.end()) {
      anchor.revision = number_field(*revision);
    }
    anchor.replaces = document.value("replaces", "");
    anchor.command = document.value("command", "");
    // Names of files: nothing else is followed.
    if (!is_anchor_id(anchor.history)) anchor.history.clear();
    if (!is_anchor_id(anchor.replaces)) anchor.replaces.clear();
    return anchor;
  } catch (const nlohmann::json::exception& error) {
    throw Corruption(std::string("an anchor cannot be read: ") + error.what());
  }
}

}  // namespace cas
