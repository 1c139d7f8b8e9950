#include "linker/build/build_system.hpp"

#include <fmt/format.h>

#include "store/base/error.hpp"
#include "store/base/relpath.hpp"
#include "store/base/toml.hpp"

namespace cas {
namespace {

constexpr std::string_view kPaths = "backend-path";

[[noreturn]] void fail(std::string_view place, std::string_view what) {
  throw InvalidInput(fmt::format("{}: build-system.{}", place, what), "whoever wrote the sources must correct that");
}

std::vector<std::string> texts(const toml::table& table, std::string_view key, std::string_view place) {
  std::vector<std::string> result;
  const toml::node* const node = table.get(key);
  if (node == nullptr) return result;
  const toml::array* const array = node->as_array();
  if (array == nullptr) fail(place, fmt::format("{} is not an array", key));
  for (const toml::node& element : *array) {
    const auto* const text = element.as_string();
    if (text == nullptr) fail(place, fmt::format("{} holds something else than text", key));
    result.push_back(text->get());
  }
  return result;
}

}  // namespace

BuildSystem legacy_build_system() { return {{"setuptools>=40.8.0"}, "setuptools.build_meta:__legacy__", {}}; }

BuildSystem parse_build_system(std::string_view pyproject, std::string_view place) {
  const toml::table document = parse_toml(pyproject, place);
  const toml::node* const node = document.get("build-system");
  if (node == nullptr) return legacy_build_system();
  const toml::table* const table = node->as_table();
  if (table == nullptr) throw InvalidInput(fmt::format("{}: build-system is not a table", place));
  if (!table->contains("requires")) fail(place, "requires is missing");
  BuildSystem system;
  system.requires_ = texts(*table, "requires", place);
  system.backend_path = texts(*table, kPaths, place);
  for (const std::string& path : system.backend_path) {
    if (path == ".") continue;
    if (const auto problem = relative_path_problem(path)) {
      fail(place, fmt::format("{} has '{}', which {}", kPaths, printable(path), *problem));
    }
  }
  const toml::node* const backend = table->get("build-backend");
  if (backend == nullptr) {
    if (!system.backend_path.empty()) fail(place, "backend-path is there without build-backend");
    system.backend = legacy_build_system().backend;
    return system;
  }
  const auto* const name = backend->as_string();
  if (name == nullptr || name->get().empty()) fail(place, "build-backend is no name");
  system.backend = name->get();
  return system;
}

}  // namespace cas
