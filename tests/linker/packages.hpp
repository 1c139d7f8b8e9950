// Packages that exist only as descriptions.
#pragma once

#include <fmt/format.h>

#include <string>
#include <vector>

#include "linker/plan.hpp"

namespace cas::test {

inline const EnvironmentLayout kLayout{"lib/python3.12/site-packages", "bin", "include/site/python3.12"};

inline ObjectId object_of(std::string_view content, Executable executable = Executable::no) {
  return {sha256(content), executable};
}

inline PackageFile file(Scheme scheme, const std::string& path, std::string_view content,
                        FileKind kind = FileKind::regular) {
  const Executable executable = scheme == Scheme::scripts ? Executable::yes : Executable::no;
  return {scheme, kind, path, object_of(content, executable), content.size()};
}

inline EntryPoint console(const std::string& name, const std::string& module) {
  EntryPoint entry;
  entry.name = name;
  entry.module = module;
  entry.attribute = "main";
  return entry;
}

inline PlannedPackage package(const std::string& name, std::vector<PackageFile> files,
                              std::vector<EntryPoint> entry_points = {}) {
  PlannedPackage result;
  result.artifact = sha256("wheel of " + name);
  result.metadata.name = name;
  result.metadata.normalized_name = name;
  result.metadata.version = "1.0";
  result.metadata.file_name = name + "-1.0-py3-none-any.whl";
  result.metadata.dist_info = name + "-1.0.dist-info";
  result.metadata.entry_points = std::move(entry_points);
  result.files = std::move(files);
  return result;
}

}  // namespace cas::test
