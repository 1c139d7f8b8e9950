// The text files of a wheel's .dist-info directory, checked against its file name.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "store/base/package_model.hpp"
#include "store/source/wheel_name.hpp"

namespace cas {

using WarningSink = std::function<void(std::string)>;

// Checks WHEEL: Wheel-Version 1.x (a newer minor version is a warning), Root-Is-Purelib. Returns the scheme
// of what stands outside of .data. `file` is the member's name. Throws InvalidInput.
[[nodiscard]] Scheme parse_wheel_file(std::string_view text, std::string_view file, const WarningSink& warn);

// Fills in everything but dist_info and entry_points. Throws InvalidInput unless METADATA has one Name and
// one Version, which mean what the file name says.
[[nodiscard]] PackageMetadata parse_metadata(std::string_view text, std::string_view file, const WheelName& name,
                                             const WarningSink& warn);

}  // namespace cas
