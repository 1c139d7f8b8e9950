#include "cli/python_output.hpp"

#include <fmt/format.h>

#include "linker/python/capture.hpp"
#include "store/base/error.hpp"

namespace cas {
namespace {

Json or_null(const std::string& text) { return text.empty() ? Json(nullptr) : Json(text); }

std::string libc_text(const InterpreterFacts& facts) {
  return facts.libc.empty() ? std::string() : fmt::format("{} {}.{}", facts.libc, facts.libc_major, facts.libc_minor);
}

}  // namespace

PythonRequest python_request_of(const Context& context, std::string_view usage) {
  const auto& operands = context.arguments.operands();
  if (operands.size() > 1) throw UsageError("name at most one interpreter", std::string(usage));
  return operands.empty() ? PythonRequest{} : parse_python_request(operands.front());
}

std::string single_operand(const Context& context, std::string_view usage) {
  const auto& operands = context.arguments.operands();
  if (operands.size() != 1) throw UsageError("name one interpreter", std::string(usage));
  return operands.front();
}

PythonSurroundings surroundings_with(const Store* store) {
  PythonSurroundings surroundings = process_surroundings();
  if (store != nullptr) surroundings.captured = [store] { return captured_executables(*store); };
  return surroundings;
}

std::string platform_text(const InterpreterFacts& facts) {
  const std::string libc = libc_text(facts);
  return libc.empty() ? facts.platform : facts.platform + ", " + libc;
}

Json json_python(const FoundPython& python) {
  const InterpreterFacts& facts = python.facts;
  Json json;
  json["executable"] = facts.executable;
  json["implementation"] = facts.implementation;
  json["version"] = facts.version;
  json["free_threaded"] = facts.free_threaded;
  json["debug"] = facts.debug;
  json["platform"] = facts.platform;
  json["bits"] = facts.pointer_bits;
  json["libc"] = or_null(libc_text(facts));
  json["prefix"] = facts.base_prefix;
  json["stdlib"] = facts.stdlib;
  json["shared_library"] = or_null(facts.shared_library);
  json["cache_tag"] = or_null(facts.cache_tag);
  json["bytecode_magic"] = or_null(facts.bytecode_magic);
  json["externally_managed"] = facts.externally_managed;
  json["source"] = source_word(python.candidate.source);
  json["found_at"] = python.candidate.path;
  json["selected_by"] = or_null(python.candidate.told_by);
  json["unusable"] = or_null(unsupported_reason(facts).value_or(""));
  return json;
}

Json json_stored_interpreter(const Store& store, const StoredInterpreter& interpreter) {
  return {
      {"name", interpreter.name},
      {"implementation", interpreter.implementation},
      {"version", interpreter.version},
      {"sha256", interpreter.artifact.hex()},
      {"origin", interpreter.origin},
      {"outdated", origin_state(interpreter) == OriginState::unknown ? Json(nullptr) : Json(is_outdated(interpreter))},
      {"captured", json_time(static_cast<std::int64_t>(interpreter.captured_at))},
      {"tree", store.layout().interpreter(interpreter.name)}};
}

Json json_broken_python(const BrokenPython& python) {
  return {{"path", python.candidate.path},
          {"source", source_word(python.candidate.source)},
          {"selected_by", or_null(python.candidate.told_by)},
          {"reason", python.reason}};
}

}  // namespace cas
