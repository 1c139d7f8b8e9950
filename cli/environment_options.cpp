#include "cli/environment_options.hpp"

#include <fmt/format.h>

#include <cstdlib>

#include "store/base/error.hpp"
#include "store/base/relpath.hpp"
#include "store/sys/file.hpp"

namespace cas {

std::optional<BaseKind> read_base(const Arguments& arguments) {
  std::optional<std::string> name = arguments.value("base");
  if (arguments.has("standalone")) {
    if (name && *name != "standalone")
      throw UsageError("--standalone and --base " + printable(*name) + " exclude each other");
    name = "standalone";
  }
  if (arguments.has("system-site-packages")) {
    if (name && *name != "system") {
      throw UsageError("--system-site-packages needs --base system",
                       "packages of the system's Python are seen only from an environment over it");
    }
    return BaseKind::system;
  }
  if (!name) {
    const char* variable = std::getenv("CAS_BASE");
    if (variable == nullptr || *variable == '\0') return std::nullopt;
    name = variable;
  }
  const auto kind = parse_base_kind(*name);
  if (!kind) {
    throw UsageError(fmt::format("--base is 'store', 'system' or 'standalone', not '{}'", printable(*name)));
  }
  return kind;
}

LinkMode read_link_mode(const Arguments& arguments) {
  const FileSetting* const setting = arguments.setting("link-mode");
  const std::string mode = arguments.value("link-mode").value_or(setting == nullptr ? "auto" : setting->value);
  if (mode == "auto") return LinkMode::automatic;
  if (mode == "hardlink") return LinkMode::hardlink;
  if (mode == "reflink") return LinkMode::reflink;
  if (mode == "copy") return LinkMode::copy;
  throw UsageError(fmt::format("--link-mode is 'auto', 'hardlink', 'reflink' or 'copy', not '{}'", mode));
}

std::string read_prompt(const std::string& value) {
  // As venv has it: the name of the project's folder.
  return value == "." ? std::string(name_of(absolute_path("."))) : value;
}

void refuse_both(const Arguments& arguments, std::string_view a, std::string_view b) {
  if (arguments.has(a) && arguments.has(b)) throw UsageError(fmt::format("--{} and --{} exclude each other", a, b));
}

}  // namespace cas
