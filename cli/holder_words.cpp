#include "cli/holder_words.hpp"

#include <fmt/format.h>

#include "cli/environments.hpp"
#include "store/base/relpath.hpp"

namespace cas {

std::string holder_line(const Holder& holder) {
  const std::string name = printable(holder.name);
  switch (holder.kind) {
    case HolderKind::environment:
      return fmt::format("environment {} ({})", name, state_word(*holder.root));
    case HolderKind::revision:
      return fmt::format("revision {} of {}", holder.number, name);
    default:
      return fmt::format("{} {}", holder_kind_name(holder.kind), name);
  }
}

Json json_holder(const Holder& holder) {
  return {{"kind", holder_kind_name(holder.kind)},
          {"name", holder.name},
          {"id", holder.id.empty() ? Json(nullptr) : Json(holder.id)},
          {"state", holder.root ? Json(state_word(*holder.root)) : Json(nullptr)},
          {"revision", holder.number > 0 ? Json(holder.number) : Json(nullptr)}};
}

}  // namespace cas
