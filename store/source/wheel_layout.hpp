// Which member of a wheel goes where: the .dist-info and .data directories and the schemes (PyPA "Binary
// distribution format").
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "store/base/package_model.hpp"
#include "store/source/wheel_name.hpp"
#include "store/source/zip_directory.hpp"

namespace cas {

struct Placement {
  Scheme scheme = Scheme::purelib;
  std::string_view path;  // inside the scheme; "" for the scheme's own directory
};

class WheelLayout {
 public:
  // Checks every name (relpath.hpp), and finds the one top-level "*.dist-info" directory and the "*.data"
  // directory, at most one; both must carry the wheel's name and version. Throws InvalidInput (without a subject where .dist-info is missing).
  WheelLayout(const WheelName& name, std::span<const ZipMember> members);

  [[nodiscard]] const std::string& dist_info() const { return dist_info_; }

  // The scheme and path of a member, `root` being the scheme of what stands outside of .data. nullopt for
  // the .data directory itself. Throws InvalidInput: an unknown scheme, a file directly in .data or in the
  // place of a scheme, something in another distribution's .dist-info, or in ours by way of .data what
  // only an installer writes.
  [[nodiscard]] std::optional<Placement> place(const ZipMember& member, Scheme root) const;

  // The names that an installer writes into .dist-info itself: RECORD, INSTALLER, REQUESTED, direct_url.json.
  [[nodiscard]] bool is_installers_own(std::string_view member_name) const;

 private:
  std::string dist_info_;
  std::string data_;  // "" where there is none
};

struct PlacedMember {
  const ZipMember* member = nullptr;
  Placement placement;
};

// Throws InvalidInput if two files would come to lie on one path, or a file where a directory is needed,
// once purelib and platlib are one directory and data is the environment itself.
void check_collisions(std::span<const PlacedMember> placed);

}  // namespace cas
