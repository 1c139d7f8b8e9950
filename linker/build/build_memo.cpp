#include "linker/build/build_memo.hpp"

#include "store/base/codec.hpp"
#include "store/base/error.hpp"
#include "store/packages/packages.hpp"
#include "store/sys/system_name.hpp"
#include "store/take_over.hpp"

namespace cas {
namespace {

// Bumped when cas itself would build otherwise.
constexpr std::uint32_t kBuildVersion = 1;

}  // namespace

Sha256Digest build_key(const ProjectSource& source, const std::string& identity, const InterpreterFacts& facts,
                       const BuildOptions& options, const std::string& place) {
  std::string text = "build";
  ByteWriter out(text);
  out.u32(kBuildVersion);
  out.u8(static_cast<std::uint8_t>(source.kind));
  out.u8(source.editable ? 1 : 0);
  const SystemName system = system_name();
  for (const std::string& part : {source.name, identity, source.subdirectory, facts.implementation, facts.version,
                                  facts.soabi, facts.platform, facts.libc, system.machine}) {
    out.string(part);
  }
  out.u32(facts.libc_major);
  out.u32(facts.libc_minor);
  const ConfigSettings settings = options.settings_for(source.name);
  out.u64(settings.size());
  for (const auto& [key, value] : settings) {
    out.string(key);
    out.string(value);
  }
  for (const ListedRequirement& constraint : options.constraints) out.string(constraint.requirement.text());
  if (!place.empty()) out.string(place);
  return sha256(text);
}

std::optional<BuiltWheel> remembered_build(const Store& store, const Sha256Digest& key) {
  return first_remembered(store, key, [&](const std::string& value) -> std::optional<BuiltWheel> {
    try {
      ByteReader reader(value);
      BuiltWheel wheel;
      wheel.artifact = reader.digest();
      wheel.version = reader.string();
      return find_package_anywhere(store, wheel.artifact) ? std::optional(wheel) : std::nullopt;
    } catch (const Corruption&) {
      return std::nullopt;
    }
  });
}

void remember_build(const Store& store, const Sha256Digest& key, const BuiltWheel& wheel) {
  if (store.index().read_only()) return;
  std::string value;
  ByteWriter out(value);
  out.digest(wheel.artifact);
  out.string(wheel.version);
  store.index().write([&](WriteTxn& txn, const Schema& schema) { schema.memo.put(txn, key, value); });
}

}  // namespace cas
