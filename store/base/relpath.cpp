#include "store/base/relpath.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "store/base/secrets.hpp"

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

namespace {

// The bytes of the UTF-8 character at the start of `text` if a terminal obeys it (C1 controls) or shows what follows in another order or
// on another line (Unicode's direction marks, embeddings, overrides and isolates, its line and paragraph separators); else 0.
std::size_t misleading_character(std::string_view text) {
  const auto byte = [&](std::size_t i) { return i < text.size() ? static_cast<unsigned char>(text[i]) : 0; };
  if (byte(0) == 0xC2 && byte(1) < 0xA0) return 2;
  if (byte(0) != 0xE2) return 0;
  const bool marks = byte(1) == 0x80 && (byte(2) == 0x8E || byte(2) == 0x8F || (byte(2) >= 0xA8 && byte(2) <= 0xAE));
  const bool isolates = byte(1) == 0x81 && byte(2) >= 0xA6 && byte(2) <= 0xA9;
  return marks || isolates ? 3 : 0;
}

}  // namespace

std::string escaped(std::string_view text, std::string_view kept) {
  const bool utf8 = is_valid_utf8(text);
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    const auto byte = static_cast<unsigned char>(text[at]);
    std::size_t count = utf8 ? misleading_character(text.substr(at)) : 0;
    const bool control = (byte < 0x20 && kept.find(text[at]) == std::string_view::npos) || byte == 0x7F;
    if (count == 0 && (control || (!utf8 && byte >= 0x80))) count = 1;
    for (const char c : text.substr(at, count)) out += fmt::format("\\x{:02x}", static_cast<unsigned char>(c));
    if (count == 0) out += text[at];
    at += std::max<std::size_t>(count, 1);
  }
  return out;
}

std::string printable(std::string_view text) {
  constexpr std::size_t kMost = 200;
  const std::string shown = without_secrets(text);
  text = shown;
  if (text.size() <= kMost) return escaped(text);
  return escaped(text.substr(0, kMost / 2)) + "..." + escaped(text.substr(text.size() - kMost / 2));
}

}  // namespace cas
