#include "cli/store_question.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "cli/holder_words.hpp"
#include "cli/json_output.hpp"
#include "cli/words.hpp"
#include "linker/find_links.hpp"
#include "store/base/error.hpp"
#include "store/base/relpath.hpp"
#include "store/base/text.hpp"
#include "store/holders.hpp"
#include "store/packages/packages.hpp"
#include "store/sys/file.hpp"

namespace cas {
namespace {

constexpr std::size_t kShownPaths = 3;  // of an object in a package

struct HeldPackage {
  Package package;
  std::vector<std::string> paths;  // of the object, where one is asked for
  std::vector<const Holder*> holders;
};

struct Answer {
  std::optional<ObjectId> object;
  std::uint64_t bytes = 0,
                names = 0;  // of the object's file: its size, and how many names it has on disk, the store's included
  std::vector<HeldPackage> packages;
  std::size_t plans = 0;                    // that brought the object
  std::vector<const Holder*> plan_holders;  // who keeps one

  [[nodiscard]] bool is_held() const {
    return !plan_holders.empty() ||
           std::ranges::any_of(packages, [](const HeldPackage& package) { return !package.holders.empty(); });
  }
};

HeldPackage held(Package package, std::vector<std::string> paths, const std::vector<Holder>& holders) {
  HeldPackage one{std::move(package), std::move(paths), {}};
  for (const Holder& holder : holders) {
    if (holder.packages.contains(one.package.artifact)) one.holders.push_back(&holder);
  }
  return one;
}

bool is_in_store(const Store& store, const ObjectId& id) { return find_object(store, id).has_value(); }

// The object that a word or a file means; nullopt: neither.
std::optional<ObjectId> object_meant(const Store& store, const std::string& operand) {
  if (operand.find('/') != std::string::npos) return object_of_file(store, operand);
  auto id = ObjectId::from_file_name(operand);
  // Without the "x" the other one counts, too, where this one is not there.
  if (id && id->executable == Executable::no && !is_in_store(store, *id)) {
    const ObjectId other{id->digest, Executable::yes};
    if (is_in_store(store, other)) id = other;
  }
  return id;
}

Answer about_object(const Store& store, const ObjectId& id, const std::vector<Holder>& holders) {
  const auto row = find_object(store, id);
  if (!row) throw NotFound("the store has no object " + id.file_name(), "`cas why NAME` is about packages");
  Answer answer;
  answer.object = id;
  answer.bytes = row->size;
  const auto info = stat_path(store.layout().object(row->segment, id));
  answer.names = info ? info->st_nlink : 0;
  ObjectUsers users = users_of_object(store, id);
  for (ObjectUsers::OfPackage& one : users.packages) {
    answer.packages.push_back(held(std::move(one.package), std::move(one.paths), holders));
  }
  answer.plans = users.plans.size();
  answer.plan_holders = holders_of_plans(holders, users.plans);
  return answer;
}

Answer about_packages(const Store& store, const std::string& operand, const std::vector<Holder>& holders) {
  const NameRequirement wanted = parse_name_requirement(operand);
  Answer answer;
  for (Package& package : list_packages(store.index())) {
    if (package.row.normalized_name != wanted.normalized_name) continue;
    if (!wanted.version.empty() && package.row.version != wanted.version) continue;
    answer.packages.push_back(held(std::move(package), {}, holders));
  }
  if (answer.packages.empty()) {
    throw NotFound(fmt::format("no package '{}' in the store", printable(operand)),
                   "`cas why ENV NAME` says who needs a package of an environment");
  }
  return answer;
}

Answer answer_of(const Store& store, const std::string& operand, const std::vector<Holder>& holders) {
  if (const auto artifact = Sha256Digest::from_hex(operand)) {
    if (auto package = find_package(store.index(), *artifact)) {
      Answer answer;
      answer.packages.push_back(held(std::move(*package), {}, holders));
      return answer;
    }
  }
  if (const auto id = object_meant(store, operand)) return about_object(store, *id, holders);
  return about_packages(store, operand, holders);
}

std::string text_of(const Answer& answer) {
  std::string text;
  if (answer.object) {
    text += fmt::format("object {}: {}, {} on disk\n", answer.object->file_name(), format_size(answer.bytes),
                        counted(answer.names, "name"));
  }
  for (const HeldPackage& one : answer.packages) {
    text += fmt::format("{} {}, {}\n", printable(one.package.row.name), printable(one.package.row.version),
                        printable(one.package.row.file_name));
    for (std::size_t i = 0; i < one.paths.size() && i < kShownPaths; ++i) {
      text += fmt::format("  has it as {}\n", printable(one.paths[i]));
    }
    if (one.paths.size() > kShownPaths) text += fmt::format("  and {} more\n", one.paths.size() - kShownPaths);
    for (const Holder* holder : one.holders) text += fmt::format("  {}\n", holder_line(*holder));
    if (one.holders.empty()) text += "  nothing holds it: `cas gc` takes it\n";
  }
  if (answer.plans > 0) text += "bytecode, or a file made for environments\n";
  for (const Holder* holder : answer.plan_holders) text += fmt::format("  {}\n", holder_line(*holder));
  if (answer.plans > 0 && answer.plan_holders.empty()) {
    text += answer.is_held()   ? "  no environment was made with it\n"
            : answer.names > 1 ? "  no environment was made with it; it stays for its other names on disk\n"
                               : "  no environment was made with it: `cas gc` takes it\n";
  }
  if (answer.object && answer.packages.empty() && answer.plans == 0) {
    text += answer.names > 1 ? "no package has it; it stays for its other names on disk\n"
                             : "no package has it: `cas gc` takes it\n";
  }
  return text;
}

Json json_holders(const std::vector<const Holder*>& holders) {
  Json list = Json::array();
  for (const Holder* holder : holders) list.push_back(json_holder(*holder));
  return list;
}

Json json_of(const Answer& answer) {
  Json document = json_document("why");
  document["object"] = answer.object ? Json{{"name", answer.object->file_name()},
                                            {"bytes", answer.bytes},
                                            {"names", answer.names},
                                            {"plans", answer.plans},
                                            {"holders", json_holders(answer.plan_holders)}}
                                     : Json(nullptr);
  document["packages"] = Json::array();
  for (const HeldPackage& one : answer.packages) {
    document["packages"].push_back({{"name", one.package.row.name},
                                    {"version", one.package.row.version},
                                    {"file_name", one.package.row.file_name},
                                    {"sha256", one.package.artifact.hex()},
                                    {"paths", one.paths},
                                    {"holders", json_holders(one.holders)}});
  }
  return document;
}

}  // namespace

bool answer_store_question(const Context& context, const Store& store, const std::string& operand) {
  std::vector<std::string> warnings;
  const std::vector<Holder> holders = list_holders(store, warnings);
  for (const std::string& warning : warnings) context.printer.warning(warning);
  const Answer answer = answer_of(store, operand, holders);
  context.print(context.global.json ? json_text(json_of(answer)) : text_of(answer));
  return answer.is_held();
}

}  // namespace cas
