// What the store and its environments keep: a store may be somebody else's (a base store, a copy, one that a group shares), and a disk
// gives back what it likes. The first byte says which form. What is read is what would be written, and leads nowhere else.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "linker/change_journal.hpp"
#include "linker/interpreter.hpp"
#include "linker/own_copies.hpp"
#include "linker/plan.hpp"
#include "store/base/codec.hpp"
#include "store/base/error.hpp"
#include "store/base/relpath.hpp"
#include "store/index/schema.hpp"
#include "store/ownership.hpp"
#include "store/packages/manifest.hpp"
#include "store/pins.hpp"
#include "store/roots.hpp"

namespace {

void require(bool condition) {
  if (!condition) std::abort();
}

void fuzz_manifest(const std::string& text) {
  const std::string written = cas::encode_manifest(cas::decode_manifest(text));
  for (const cas::PackageFile& file : cas::decode_manifest(written).files)
    require(!cas::relative_path_problem(file.path));
  // An older version is written as the newest.
  if (text.size() > 5 && text[5] == 2) require(written == text);
}

// The check at its end would let nothing through that was not written as a plan.
void fuzz_plan(std::string text) {
  const cas::Fingerprint check = cas::fingerprint(text);
  cas::ByteWriter out(text);
  out.u64(check.high);
  out.u64(check.low);
  if (const auto plan = cas::decode_plan(text)) require(cas::encode_plan(*plan) == text);
}

void fuzz_own_copies(const std::string& text) {
  const cas::OwnCopies copies = cas::decode_own_copies(text);
  for (const auto& [path, object] : copies) require(!cas::relative_path_problem(path));
  require(cas::decode_own_copies(cas::encode_own_copies(copies)) == copies);
}

void fuzz_journal(const std::string& text) {
  const cas::Change change = cas::decode_change(text);
  require(!cas::component_problem(change.staging));
  for (const auto* paths : {&change.keep, &change.remove, &change.place}) {
    for (const std::string& path : *paths) require(!cas::relative_path_problem(path));
  }
  require(cas::encode_change(change) == text);
}

void fuzz_anchor(const std::string& text) {
  const std::string written = cas::encode_anchor(cas::decode_anchor(text));
  require(cas::encode_anchor(cas::decode_anchor(written)) == written);
}

void fuzz_pin(const std::string& text) {
  const std::string written = cas::encode_pin(cas::decode_pin(text));
  require(cas::encode_pin(cas::decode_pin(written)) == written);
}

void fuzz_facts(std::string text) {
  const cas::Fingerprint check = cas::fingerprint(text);
  cas::ByteWriter(text).u64(check.low);
  const auto facts = cas::decode_facts(text);
  if (facts) require(cas::encode_facts(*facts) == text);
}

void fuzz_sharing(const std::string& text) {
  const auto group = cas::decode_sharing(text);
  if (group) require(cas::encode_sharing(*group) == text);
}

template <class Codec>
void fuzz_row(const std::string& text) {
  const std::string written = Codec::encode(Codec::decode(text));
  require(Codec::encode(Codec::decode(written)) == written && written.size() == text.size());
}

void fuzz_rows(const std::string& text) {
  const std::string row = text.substr(std::min<std::size_t>(1, text.size()));
  switch (text.empty() ? 0 : text[0] % 5) {
    case 0:
      return fuzz_row<cas::ObjectRowCodec>(row);
    case 1:
      return fuzz_row<cas::SegmentRowCodec>(row);
    case 2:
      return fuzz_row<cas::PackageRowCodec>(row);
    case 3:
      return fuzz_row<cas::PlanRowCodec>(row);
    default:
      return fuzz_row<cas::BytecodeRowCodec>(row);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string text(reinterpret_cast<const char*>(data) + 1, size - 1);
  try {
    switch (data[0] % 9) {
      case 0:
        fuzz_manifest(text);
        break;
      case 1:
        fuzz_plan(text);
        break;
      case 2:
        fuzz_own_copies(text);
        break;
      case 3:
        fuzz_journal(text);
        break;
      case 4:
        fuzz_anchor(text);
        break;
      case 5:
        fuzz_pin(text);
        break;
      case 6:
        fuzz_facts(text);
        break;
      case 7:
        fuzz_sharing(text);
        break;
      default:
        fuzz_rows(text);
        break;
    }
  } catch (const cas::Error&) {
  }
  return 0;
}
