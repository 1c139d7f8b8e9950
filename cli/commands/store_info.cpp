// cas store info: where the store is and what it can do.
#include <fmt/format.h>

#include <optional>

#include "cli/commands/commands.hpp"
#include "cli/json_output.hpp"
#include "cli/words.hpp"
#include "store/base/error.hpp"
#include "store/base/relpath.hpp"
#include "store/base/text.hpp"
#include "store/packages/packages.hpp"
#include "store/sys/file.hpp"
#include "store/sys/probe.hpp"
#include "store/usage.hpp"

namespace cas {
namespace {

struct BaseStore {
  std::string path;
  FilesystemInfo filesystem;
  std::size_t packages = 0;
};

struct StoreInfo {
  FilesystemInfo store_filesystem, target_filesystem;
  std::string target;
  std::optional<LinkAbilities> abilities;  // nullopt: nobody may try
  StoreUsage usage;
  IndexStats index;
  bool index_read_only = false;
  std::vector<BaseStore> bases;
};

StoreInfo look(const Store& store, const std::string& target) {
  StoreInfo info;
  info.target = absolute_path(target);
  info.target_filesystem = filesystem_of(info.target);
  info.store_filesystem = filesystem_of(store.layout().root());
  // A store that is only read links nothing.
  if (!store.looking_only() && !store.index().read_only())
    info.abilities = probe_link_abilities(store.layout().staging(), info.target);
  for (const Store& base : store.bases()) {
    const std::string& path = base.layout().root();
    info.bases.push_back({path, filesystem_of(path), list_packages(base.index()).size()});
  }
  info.usage = measure_store(store);
  info.index = store.index().stats();
  info.index_read_only = store.index().read_only();
  return info;
}

std::string_view durability_name(Durability durability) {
  switch (durability) {
    case Durability::none:
      return "none";
    case Durability::batch:
      return "batch";
    case Durability::strict:
      return "strict";
  }
  return "unknown";
}

std::string filesystem_text(const FilesystemInfo& filesystem) {
  return fmt::format("{}{}, {} of {} free{}", filesystem.type, filesystem.network ? " (network)" : "",
                     format_size(filesystem.free_bytes), format_size(filesystem.total_bytes),
                     filesystem.read_only ? ", read-only" : "");
}

std::string abilities_text(const LinkAbilities& abilities) {
  std::vector<std::string> ways;
  if (abilities.hardlink) ways.emplace_back("hardlink");
  if (abilities.reflink) ways.emplace_back("reflink");
  if (abilities.copy) ways.emplace_back("copy");
  return ways.empty() ? "none" : joined(ways);
}

std::string access_text(const Store& store) {
  const auto group = store.ownership().group();
  std::string text = fmt::format("of user {}{}", store.ownership().owner(),
                                 group ? fmt::format(", shared with group {}", *group) : "");
  if (store.ownership().trust() == Trust::given) text += ", trusted by CAS_TRUST_STORE";
  if (store.looking_only()) text += "; not for you to change: " + store.looking_only()->reason;
  for (const std::string& directory : open_directories_above(store.layout().root()))
    text += fmt::format("; every user can rename what is in {}", printable(directory));
  return text;
}

std::string bases_text(const std::vector<BaseStore>& bases) {
  std::string text;
  for (const BaseStore& base : bases) {
    text += fmt::format("base store   {}, {}{}, {}\n", printable(base.path), base.filesystem.type,
                        base.filesystem.read_only ? ", read-only" : "", counted(base.packages, "package"));
  }
  return text;
}

std::string text_report(const Store& store, const StoreInfo& info) {
  return fmt::format(
      "store        {}\n"
      "access       {}\n"
      "filesystem   {}\n"
      "to           {}\n"
      "filesystem   {}\n"
      "link modes   {}\n"
      "objects      {}, {}\n"
      "packages     {}, {} of wheels\n"
      "environments {}\n"
      "index        {}, {} used of {}{}\n"
      "durability   {}\n{}",
      printable(store.layout().root()), access_text(store), filesystem_text(info.store_filesystem),
      printable(info.target), filesystem_text(info.target_filesystem),
      info.abilities ? abilities_text(*info.abilities) : "cannot be tried", grouped(info.usage.objects),
      format_size(info.usage.object_bytes), grouped(info.usage.packages), format_size(info.usage.artifact_bytes),
      grouped(info.usage.environments), printable(store.index_directory()), format_size(info.index.used_bytes),
      format_size(info.index.file_bytes), info.index_read_only ? ", read-only" : "",
      durability_name(store.durability()), bases_text(info.bases));
}

Json json_filesystem(const FilesystemInfo& filesystem) {
  return {{"type", filesystem.type},
          {"network", filesystem.network},
          {"read_only", filesystem.read_only},
          {"total_bytes", filesystem.total_bytes},
          {"free_bytes", filesystem.free_bytes}};
}

std::string json_report(const Store& store, const StoreInfo& info) {
  Json document = json_document("store info");
  document["path"] = store.layout().root();
  document["filesystem"] = json_filesystem(info.store_filesystem);
  document["target"] = {{"path", info.target},
                        {"filesystem", json_filesystem(info.target_filesystem)},
                        {"hardlink", info.abilities ? Json(info.abilities->hardlink) : Json(nullptr)},
                        {"reflink", info.abilities ? Json(info.abilities->reflink) : Json(nullptr)},
                        {"copy", info.abilities ? Json(info.abilities->copy) : Json(nullptr)}};
  const auto group = store.ownership().group();
  document["access"] = {{"owner", store.ownership().owner()},
                        {"group", group ? Json(*group) : Json(nullptr)},
                        {"trusted", store.ownership().trust() == Trust::given},
                        {"writable", !store.looking_only()}};
  document["objects"] = info.usage.objects;
  document["object_bytes"] = info.usage.object_bytes;
  document["packages"] = info.usage.packages;
  document["artifact_bytes"] = info.usage.artifact_bytes;
  document["environments"] = info.usage.environments;
  document["index"] = {{"path", store.index_directory()},
                       {"file_bytes", info.index.file_bytes},
                       {"used_bytes", info.index.used_bytes},
                       {"map_bytes", info.index.map_bytes},
                       {"read_only", info.index_read_only}};
  document["base_stores"] = Json::array();
  for (const BaseStore& base : info.bases) {
    document["base_stores"].push_back(
        {{"path", base.path}, {"filesystem", json_filesystem(base.filesystem)}, {"packages", base.packages}});
  }
  document["durability"] = durability_name(store.durability());
  return json_text(document);
}

int run(const Context& context) {
  const auto& operands = context.arguments.operands();
  if (operands.size() > 1) throw UsageError("name at most one directory", "cas store info [DIR]");
  const Store store = context.open_store();
  const StoreInfo info = look(store, operands.empty() ? "." : operands.front());
  context.print(context.global.json ? json_report(store, info) : text_report(store, info));
  return static_cast<int>(ExitStatus::success);
}

}  // namespace

const Command kStoreInfoCommand = {"store info", "where the store is and what it can do", {}, run};

}  // namespace cas
