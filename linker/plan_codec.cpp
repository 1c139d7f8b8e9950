// The stored form of a plan.
//
//   <plan>   ::= "casplan" u8(version) <string scripts-directory>
//                u32 { <string directory> }  u32 { <file> }  u32 { <empty> }  u32 { <link> }
//                u32 { <script> }  u32 { <record> }  u32 { <conflict> }  u64 u64 XXH3-128 of all before
//   <file>   ::= u32 directory, u32 segment, object, u64 size, string name
//   <empty>  ::= u32 directory, u8 executable, string name
//   <link>   ::= u32 directory, object, u64 size, string name
//   <script> ::= u8 kind, string name, ( u8 group, string module, string attribute, string entry name
//                                      | object, u64 size )
//   <record> ::= string path, string rows, u32 { u32 script }
//   <conflict> ::= string path, string loser, string winner
#include "linker/plan.hpp"
#include "store/base/codec.hpp"
#include "store/base/error.hpp"
#include "store/base/relpath.hpp"

namespace cas {
namespace {

constexpr std::string_view kMagic = "casplan";
constexpr std::uint8_t kVersion = 3;
constexpr std::size_t kCheckBytes = 16;

void write_count(ByteWriter& writer, std::size_t count) { writer.u32(static_cast<std::uint32_t>(count)); }

void write_script(ByteWriter& writer, const PlanScript& script) {
  writer.u8(static_cast<std::uint8_t>(script.kind));
  writer.string(script.name);
  if (script.kind == PlanScript::Kind::entry_point) {
    writer.u8(static_cast<std::uint8_t>(script.entry.group));
    writer.string(script.entry.module);
    writer.string(script.entry.attribute);
    writer.string(script.entry.name);
  } else {
    writer.object(script.source);
    writer.u64(script.source_size);
  }
}

[[noreturn]] void fail(const char* what) { throw Corruption(std::string("a stored plan ") + what); }

// Every item takes at least `least` bytes, so that a damaged count cannot ask for memory without end.
std::uint32_t read_count(ByteReader& reader, std::size_t least) {
  const std::uint32_t count = reader.u32();
  if (count > reader.remaining() / least) fail("holds an impossible count");
  return count;
}

std::uint8_t read_enum(ByteReader& reader, std::uint8_t last) {
  const std::uint8_t value = reader.u8();
  if (value > last) fail("holds an unknown kind");
  return value;
}

std::uint32_t read_index(ByteReader& reader, std::size_t count) {
  const std::uint32_t index = reader.u32();
  if (index >= count) fail("refers to what it does not hold");
  return index;
}

// Names go into system calls unchecked, so a damaged one must not lead out of the environment.
std::string_view read_name(ByteReader& reader) {
  const std::string_view name = reader.string();
  if (name.empty() || name == "." || name == ".." || name.find('/') != std::string_view::npos ||
      name.find('\0') != std::string_view::npos) {
    fail("holds a name that is not one");
  }
  return name;
}

std::string_view read_path(ByteReader& reader) {
  const std::string_view path = reader.string();
  if (relative_path_problem(path)) fail("holds a path that is not one");
  return path;
}

PlanScript read_script(ByteReader& reader) {
  PlanScript script;
  script.kind = static_cast<PlanScript::Kind>(read_enum(reader, 1));
  script.name = read_path(reader);
  if (script.kind == PlanScript::Kind::entry_point) {
    script.entry.group = static_cast<EntryPointGroup>(read_enum(reader, 1));
    script.entry.module = reader.string();
    script.entry.attribute = reader.string();
    script.entry.name = reader.string();
  } else {
    script.source = reader.object();
    script.source_size = reader.u64();
  }
  return script;
}

PlanRecord read_record(ByteReader& reader, std::size_t scripts) {
  PlanRecord record;
  record.path = read_path(reader);
  record.rows = reader.string();
  record.scripts.resize(read_count(reader, 4));
  for (std::uint32_t& script : record.scripts) script = read_index(reader, scripts);
  return record;
}

}  // namespace

std::string encode_plan(const Plan& plan) {
  std::string bytes;
  std::size_t expected = 1024;  // growing by doubling would cost twice the memory for a moment
  for (const std::string& directory : plan.directories) expected += directory.size() + 4;
  for (const PlanFile& file : plan.files) expected += file.name.size() + 53;
  for (const PlanRecord& record : plan.records) expected += record.path.size() + record.rows.size() + 16;
  bytes.reserve(expected);
  ByteWriter writer(bytes);
  writer.raw(kMagic);
  writer.u8(kVersion);
  writer.string(plan.scripts_directory);
  write_count(writer, plan.directories.size());
  for (const std::string& directory : plan.directories) writer.string(directory);
  write_count(writer, plan.files.size());
  for (const PlanFile& file : plan.files) {
    writer.u32(file.directory);
    writer.u32(file.segment);
    writer.object(file.object);
    writer.u64(file.size);
    writer.string(file.name);
  }
  write_count(writer, plan.empty_files.size());
  for (const PlanEmptyFile& file : plan.empty_files) {
    writer.u32(file.directory);
    writer.u8(static_cast<std::uint8_t>(file.executable));
    writer.string(file.name);
  }
  write_count(writer, plan.links.size());
  for (const PlanLink& link : plan.links) {
    writer.u32(link.directory);
    writer.object(link.object);
    writer.u64(link.size);
    writer.string(link.name);
  }
  write_count(writer, plan.scripts.size());
  for (const PlanScript& script : plan.scripts) write_script(writer, script);
  write_count(writer, plan.records.size());
  for (const PlanRecord& record : plan.records) {
    writer.string(record.path);
    writer.string(record.rows);
    write_count(writer, record.scripts.size());
    for (const std::uint32_t script : record.scripts) writer.u32(script);
  }
  write_count(writer, plan.conflicts.size());
  for (const PlanConflict& conflict : plan.conflicts) {
    writer.string(conflict.path);
    writer.string(conflict.loser);
    writer.string(conflict.winner);
  }
  const Fingerprint check = fingerprint(bytes);
  writer.u64(check.high);
  writer.u64(check.low);
  return bytes;
}

namespace {

// LMDB has no checksums: one bit of a name would otherwise be a file of another name.
std::string_view checked(std::string_view bytes) {
  if (bytes.size() < kCheckBytes) fail("ends too early");
  const std::string_view body = bytes.substr(0, bytes.size() - kCheckBytes);
  ByteReader check(bytes.substr(body.size()));
  const std::uint64_t high = check.u64();
  if (fingerprint(body) != Fingerprint{high, check.u64()}) fail("is damaged");
  return body;
}

}  // namespace

std::optional<Plan> decode_plan(std::string_view bytes) {
  ByteReader head(bytes);
  if (head.raw(kMagic.size()) != kMagic) fail("does not begin as one");
  if (head.u8() != kVersion) return std::nullopt;
  ByteReader reader(checked(bytes));
  reader.raw(kMagic.size() + 1);
  Plan plan;
  plan.scripts_directory = read_path(reader);
  plan.directories.resize(read_count(reader, 4));
  if (plan.directories.empty() || !reader.string().empty()) fail("does not begin with the root directory");
  for (std::size_t i = 1; i < plan.directories.size(); ++i) plan.directories[i] = read_path(reader);
  plan.files.resize(read_count(reader, 53));
  for (PlanFile& file : plan.files) {
    file.directory = read_index(reader, plan.directories.size());
    file.segment = reader.u32();
    file.object = reader.object();
    file.size = reader.u64();
    file.name = read_name(reader);
  }
  plan.empty_files.resize(read_count(reader, 9));
  for (PlanEmptyFile& file : plan.empty_files) {
    file.directory = read_index(reader, plan.directories.size());
    file.executable = static_cast<Executable>(read_enum(reader, 1));
    file.name = read_name(reader);
  }
  plan.links.resize(read_count(reader, 49));
  for (PlanLink& link : plan.links) {
    link.directory = read_index(reader, plan.directories.size());
    link.object = reader.object();
    link.size = reader.u64();
    link.name = read_name(reader);
  }
  const std::uint32_t scripts = read_count(reader, 5);
  plan.scripts.reserve(scripts);
  for (std::uint32_t i = 0; i < scripts; ++i) plan.scripts.push_back(read_script(reader));
  plan.records.resize(read_count(reader, 12));
  for (PlanRecord& record : plan.records) record = read_record(reader, plan.scripts.size());
  plan.conflicts.resize(read_count(reader, 12));
  for (PlanConflict& conflict : plan.conflicts) {
    conflict.path = reader.string();
    conflict.loser = reader.string();
    conflict.winner = reader.string();
  }
  if (!reader.at_end()) fail("is followed by something else");
  return plan;
}

}  // namespace cas
