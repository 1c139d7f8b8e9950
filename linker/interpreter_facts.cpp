// The remembered form of InterpreterFacts.
#include "linker/interpreter.hpp"
#include "store/base/codec.hpp"
#include "store/base/error.hpp"

namespace cas {
namespace {

constexpr std::string_view kMagic = "casfacts";
constexpr std::uint8_t kVersion = 3;

// Every field in the order of its encoding, for writing and reading alike.
template <class Facts, class Visitor>
void visit(Facts& facts, Visitor&& field) {
  field(facts.executable);
  field(facts.base_prefix);
  field(facts.implementation);
  field(facts.version);
  field(facts.major);
  field(facts.minor);
  field(facts.micro);
  field(facts.soabi);
  field(facts.platform);
  field(facts.libc);
  field(facts.libc_major);
  field(facts.libc_minor);
  field(facts.free_threaded);
  field(facts.debug);
  field(facts.pointer_bits);
  field(facts.library_name);
  field(facts.binary_name);
  field(facts.layout.site_packages);
  field(facts.layout.scripts);
  field(facts.layout.headers);
  field(facts.base_exec_prefix);
  field(facts.stdlib);
  field(facts.platstdlib);
  field(facts.shared_library);
  field(facts.installed_library);
  field(facts.bytecode_magic);
  field(facts.cache_tag);
  field(facts.externally_managed);
  field(facts.patched_schemes);
}

struct Writer {
  ByteWriter& out;
  void operator()(const std::string& text) { out.string(text); }
  void operator()(const std::uint32_t& number) { out.u32(number); }
  void operator()(const bool& flag) { out.u8(flag ? 1 : 0); }
};

struct Reader {
  ByteReader& in;
  void operator()(std::string& text) { text = in.string(); }
  void operator()(std::uint32_t& number) { number = in.u32(); }
  void operator()(bool& flag) {
    const std::uint8_t value = in.u8();
    if (value > 1) throw Corruption("interpreter facts hold a flag that is none");
    flag = value == 1;
  }
};

}  // namespace

std::string encode_facts(const InterpreterFacts& facts) {
  std::string text;
  ByteWriter writer(text);
  writer.raw(kMagic);
  writer.u8(kVersion);
  visit(facts, Writer{writer});
  // LMDB has no checksums, and one bit here is an environment for a Python that there is not.
  writer.u64(fingerprint(text).low);
  return text;
}

std::optional<InterpreterFacts> decode_facts(std::string_view text) {
  try {
    ByteReader reader(text);
    if (reader.raw(kMagic.size()) != kMagic || reader.u8() != kVersion) return std::nullopt;
    InterpreterFacts facts;
    visit(facts, Reader{reader});
    const std::string_view checked = text.substr(0, text.size() - reader.remaining());
    if (reader.u64() != fingerprint(checked).low || !reader.at_end()) return std::nullopt;
    return facts;
  } catch (const Corruption&) {
    return std::nullopt;  // a memo: the interpreter is asked again
  }
}

}  // namespace cas
