#include "store/requirement/format_control.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "store/base/error.hpp"
#include "store/base/relpath.hpp"
#include "store/base/text.hpp"
#include "store/source/wheel_name.hpp"

namespace cas {
namespace {

using Names = std::set<std::string, std::less<>>;

constexpr std::string_view kAll = ":all:";

void take(std::string_view value, Names& names, Names& others, std::string_view option) {
  while (!value.empty()) {
    const std::size_t comma = std::min(value.find(','), value.size());
    const std::string_view name = trimmed(value.substr(0, comma), " \t");
    value.remove_prefix(std::min(comma + 1, value.size()));
    if (name == kAll) {
      names = {std::string(kAll)};
      others.clear();
    } else if (name == ":none:") {
      names.clear();
    } else if (is_project_name(name)) {
      const std::string normalized = normalize_name(name);
      names.insert(normalized);
      others.erase(normalized);
    } else {
      throw UsageError(
          fmt::format("{} takes names of packages, ':all:' or ':none:', not '{}'", option, printable(name)));
    }
  }
}

}  // namespace

void FormatControl::no_binary(std::string_view value) {
  take(value, no_binary_, only_binary_, "--no-binary");
  no_build_ = no_build_ && only_binary_.contains(kAll);
}
void FormatControl::only_binary(std::string_view value) {
  take(value, only_binary_, no_binary_, "--only-binary");
  no_build_ = no_build_ && only_binary_.contains(kAll);
}
void FormatControl::no_build() {
  only_binary(kAll);
  no_build_ = true;
}

bool FormatControl::allows_wheel(std::string_view name) const {
  return !no_binary_.contains(name) && (only_binary_.contains(name) || !no_binary_.contains(kAll));
}

bool FormatControl::allows_build(std::string_view name, SourceOrigin origin) const {
  if (origin == SourceOrigin::editable) return true;
  if (origin == SourceOrigin::named && !no_build_) return true;
  return !only_binary_.contains(name) && (no_binary_.contains(name) || !only_binary_.contains(kAll));
}

bool FormatControl::forbids_builds() const { return only_binary_.contains(kAll) && no_binary_.empty(); }

FormatControl FormatControl::of_builders() const {
  FormatControl format;
  if (no_build_) {
    format.no_build();
  } else if (forbids_builds()) {
    format.only_binary(kAll);
  }
  return format;
}

}  // namespace cas
