#include "store/pins.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <tuple>

#include "store/base/clock.hpp"
#include "store/base/failpoint.hpp"
#include "store/json_field.hpp"
#include "store/path_text.hpp"
#include "store/roots.hpp"
#include "store/sys/file.hpp"
#include "store/sys/group_access.hpp"
#include "store/sys/own_directory.hpp"
#include "store/sys/publish.hpp"

namespace cas {
namespace {

constexpr std::uint64_t kPinFormat = 1;
constexpr std::size_t kMostPinBytes = std::size_t{16} << 20;
constexpr std::string_view kKindNames[] = {"package", "lock", "environment"};

PinKind kind_field(const std::string& name) {
  const auto* const found = std::ranges::find(kKindNames, name);
  if (found == std::end(kKindNames)) throw Corruption("a pin is of an unknown kind");
  return static_cast<PinKind>(found - std::begin(kKindNames));
}

// All of them are in the index now.
void require_packages(const Store& store, const Pin& pin) {
  store.index().read([&](const ReadTxn& txn, const Schema& schema) {
    for (const PinnedPackage& package : pin.packages) {
      if (schema.packages.has(txn, package.artifact)) continue;
      throw NotFound(fmt::format("{} {} is not in the store any more", package.name, package.version),
                     "add it again, and pin it then");
    }
  });
}

}  // namespace

std::string_view pin_kind_name(PinKind kind) { return kKindNames[static_cast<std::size_t>(kind)]; }

std::string encode_pin(const Pin& pin) {
  nlohmann::ordered_json document;
  document["cas-pin"] = kPinFormat;
  document["id"] = pin.id;
  document["kind"] = pin_kind_name(pin.kind);
  document["what"] = escape_path(pin.what);
  document["created"] = pin.created_at;
  auto& packages = document["packages"] = nlohmann::ordered_json::array();
  for (const PinnedPackage& package : pin.packages) {
    packages.push_back({{"artifact", package.artifact.hex()}, {"name", package.name}, {"version", package.version}});
  }
  return document.dump(1) + "\n";
}

Pin decode_pin(const std::string& text) {
  try {
    const auto document = nlohmann::json::parse(text);
    const std::uint64_t format = number_field(document.at("cas-pin"));
    if (format != kPinFormat) {
      throw Error(fmt::format("a pin has format {}, this program reads format {}", format, kPinFormat),
                  "use the version of cas that made it, or a newer one");
    }
    Pin pin;
    pin.id = document.at("id").get<std::string>();
    pin.kind = kind_field(document.at("kind").get<std::string>());
    pin.what = unescape_path(document.at("what").get<std::string>());
    pin.created_at = number_field(document.at("created"));
    for (const auto& item : document.at("packages")) {
      pin.packages.push_back({digest_field(item.at("artifact")), item.at("name").get<std::string>(),
                              item.at("version").get<std::string>()});
    }
    return pin;
  } catch (const nlohmann::json::exception& error) {
    throw Corruption(std::string("a pin cannot be read: ") + error.what());
  }
}

std::optional<Pin> read_pin(const Store& store, const std::string& id) {
  const std::string path = store.layout().pins() + "/" + id;
  const auto text = try_read_file_at(kCurrentDirectory, path, kMostPinBytes);
  if (!text) return std::nullopt;
  Pin pin = decode_pin(*text);
  if (pin.id != id) throw Corruption("a pin names itself " + pin.id);
  return pin;
}

std::vector<Pin> list_pins(const Store& store, std::vector<std::string>* unreadable) {
  std::vector<Pin> pins;
  const std::string path = store.layout().pins();
  const Fd directory = open_own_directory_if_any(path);
  if (!directory) return pins;
  std::vector<std::string> ids;
  list_directory(directory.get(), path, [&](const std::string& name, unsigned char) {
    if (is_anchor_id(name)) ids.push_back(name);
  });
  for (const std::string& id : ids) {
    try {
      if (auto pin = read_pin(store, id)) pins.push_back(std::move(*pin));
    } catch (const Error& error) {
      if (unreadable != nullptr) unreadable->push_back(fmt::format("{}/{}: {}", path, id, error.message()));
    }
  }
  std::ranges::sort(pins, {}, [](const Pin& pin) { return std::tie(pin.kind, pin.what, pin.id); });
  return pins;
}

Pin add_pin(const Store& store, Pin pin) {
  pin.id = random_name();
  pin.created_at = now_seconds();
  try_make_store_directory(store.layout().pins());
  const std::vector<Pin> before = list_pins(store);
  {
    // What is there now no collector takes before it has seen the pin.
    const FileLock lock = store.lock_gc(LockMode::shared);
    require_packages(store, pin);
    publish_file(store.layout().pins(), pin.id, encode_pin(pin), 0444, store.durability());
    failpoint("pin-published");
  }
  for (const Pin& other : before) {
    if (other.kind == pin.kind && other.what == pin.what) remove_pin(store, other);
  }
  return pin;
}

void remove_pin(const Store& store, const Pin& pin) {
  remove_file_at(kCurrentDirectory, store.layout().pins() + "/" + pin.id);
}

}  // namespace cas
