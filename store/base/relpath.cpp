#include "store/base/relpath.hpp"

#include <fmt/format.h>

namespace cas {

bool is_valid_utf8(std::string_view text) {
  std::size_t i = 0;
  while (i < text.size()) {
    const auto lead = static_cast<unsigned char>(text[i]);
    if (lead < 0x80) {
      ++i;
      continue;
    }
    std::size_t length = 0;
    std::uint32_t code = 0;
    if (lead >= 0xC2 && lead <= 0xDF) {
      length = 2;
      code = lead & 0x1F;
    } else if (lead >= 0xE0 && lead <= 0xEF) {
      length = 3;
      code = lead & 0x0F;
    } else if (lead >= 0xF0 && lead <= 0xF4) {
      length = 4;
      code = lead & 0x07;
    } else {
      return false;
    }
    if (i + length > text.size()) return false;
    for (std::size_t k = 1; k < length; ++k) {
      const auto next = static_cast<unsigned char>(text[i + k]);
      if ((next & 0xC0) != 0x80) return false;
      code = (code << 6) | (next & 0x3F);
    }
    const bool overlong = (length == 3 && code < 0x800) || (length == 4 && code < 0x10000);
    const bool surrogate = code >= 0xD800 && code <= 0xDFFF;
    if (overlong || surrogate || code > 0x10FFFF) return false;
    i += length;
  }
  return true;
}

std::optional<std::string> component_problem(std::string_view name) {
  if (name.empty()) return "has an empty component";
  if (name == ".") return "has the component '.'";
  if (name == "..") return "has the component '..'";
  if (name.size() > kMaxComponentBytes) {
    return fmt::format("has a component of {} bytes (at most {})", name.size(), kMaxComponentBytes);
  }
  for (std::size_t i = 0; i < name.size(); ++i) {
    const auto byte = static_cast<unsigned char>(name[i]);
    if (byte < 0x20 || byte == 0x7F) return fmt::format("contains the control character 0x{:02x}", byte);
    if (name[i] == '\\') return "contains a backslash";
    if (name[i] == '/') return "contains '/'";
    // U+0080 to U+009F: some terminals obey them as they obey ESC.
    if (byte == 0xC2 && i + 1 < name.size() && static_cast<unsigned char>(name[i + 1]) < 0xA0) {
      return fmt::format("contains the control character 0x{:02x}", static_cast<unsigned char>(name[i + 1]));
    }
  }
  if (!is_valid_utf8(name)) return "is not valid UTF-8";
  return std::nullopt;
}

std::optional<std::string> relative_path_problem(std::string_view path) {
  if (path.empty()) return "is empty";
  if (path.front() == '/') return "is absolute";
  if (path.size() > kMaxRelativePathBytes) {
    return fmt::format("is {} bytes long (at most {})", path.size(), kMaxRelativePathBytes);
  }
  std::string_view rest = path;
  while (true) {
    const std::size_t slash = rest.find('/');
    if (auto problem = component_problem(rest.substr(0, slash))) return problem;
    if (slash == std::string_view::npos) return std::nullopt;
    rest.remove_prefix(slash + 1);
  }
}

std::string_view parent_of(std::string_view path) {
  const std::size_t slash = path.rfind('/');
  return slash == std::string_view::npos ? std::string_view{} : path.substr(0, slash);
}

std::string_view name_of(std::string_view path) {
  const std::size_t slash = path.rfind('/');
  return slash == std::string_view::npos ? path : path.substr(slash + 1);
}

std::string printable(std::string_view text) {
  constexpr std::size_t kMost = 200;
  if (text.size() > kMost) {
    return printable(text.substr(0, kMost / 2)) + "..." + printable(text.substr(text.size() - kMost / 2));
  }
  const bool utf8 = is_valid_utf8(text);
  std::string out;
  for (char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte == 0x7F || (!utf8 && byte >= 0x80)) {
      out += fmt::format("\\x{:02x}", byte);
    } else {
      out += c;
    }
  }
  return out;
}

}  // namespace cas
