#include <cstdio>

#include "cli/command.hpp"
#include "store/base/error.hpp"
#include "store/base/timing.hpp"

namespace cas {

void Context::print(std::string_view text) const {
  printer.finish();  // both may be the same terminal
  // Errors stay in the stream's state and are looked at once, when the program ends (run.cpp).
  std::fwrite(text.data(), 1, text.size(), stdout);
}

void Context::say(std::string_view line) const {
  if (global.quiet || global.json) return;
  print(line);
  print("\n");
}

Store Context::open_store() const {
  const Timer timer("open the store");
  StoreOptions options = store_options(global);
  options.must_exist = true;
  return Store::open(options);
}

std::optional<Store> Context::open_store_if_any() const {
  try {
    return open_store();
  } catch (const NotFound&) {
  } catch (const UsageError&) {
    if (global.store) throw;  // else: neither CAS_STORE nor HOME is set
  }
  return std::nullopt;
}

Store Context::open_or_make_store() const {
  const Timer timer("open the store");
  return Store::open(store_options(global));
}

}  // namespace cas
