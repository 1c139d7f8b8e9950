#include <fmt/format.h>

#include <cstdio>

#include "cli/command.hpp"
#include "cli/words.hpp"
#include "store/base/error.hpp"
#include "store/base/relpath.hpp"
#include "store/base/timing.hpp"
#include "store/sys/file.hpp"
#include "store/unsynced.hpp"

namespace cas {
namespace {

// What was written without waiting for the disk is looked at once after the machine was started again.
Store opened(const Context& context, StoreOptions options) {
  options.warn = [&printer = context.printer](const std::string& message) { printer.warning(message); };
  const bool is_new = !stat_path(options.path + "/version");
  Store store = Store::open(options);
  if (is_new) {
    for (const std::string& directory : open_directories_above(store.layout().root())) {
      context.printer.warning(
          fmt::format("every user can rename what is in {} (it is writable for all, and not sticky): one could put "
                      "another store in the place of {}",
                      printable(directory), printable(store.layout().root())));
    }
  }
  if (store.index().read_only() || store.looking_only()) return store;
  const Distrusted distrusted = distrust_unsynced(store, boot_id(), 0);
  if (distrusted.objects_lost > 0 || !distrusted.packages.empty()) {
    context.printer.warning(fmt::format(
        "the machine stopped before all was on disk that had been written with --durability none: {} forgotten{}",
        counted(distrusted.objects_lost, "file"),
        distrusted.packages.empty()
            ? ""
            : fmt::format(", and with them {}; add them again, and make anew the environments that have them",
                          joined(distrusted.packages))));
  }
  return store;
}

}  // namespace

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
  return opened(*this, options);
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
  Store store = opened(*this, store_options(global));
  // A wrong base store is told before anything is made, not when something happens to be missing.
  static_cast<void>(store.bases());
  return store;
}

Store Context::open_store_to_change() const {
  Store store = open_store();
  if (!arguments.has("dry-run")) store.require_writable();
  return store;
}

Store Context::open_or_make_store_to_change() const {
  Store store = open_or_make_store();
  if (!arguments.has("dry-run")) store.require_writable();
  return store;
}

}  // namespace cas
