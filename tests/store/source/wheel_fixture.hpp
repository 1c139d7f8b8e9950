// What the tests of wheels share.
#pragma once

#include <boost/test/unit_test.hpp>

#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>

#include "store/base/error.hpp"
#include "store/source/record.hpp"
#include "store/source/wheel.hpp"
#include "tests/support/wheel_builder.hpp"

namespace cas::test {

inline WheelBuilder demo() {
  WheelBuilder wheel;
  wheel.add("demo/__init__.py", "");
  wheel.add("demo/core.py", "print('hello')\n");
  return wheel;
}

struct OpenWheel {
  explicit OpenWheel(const WheelBuilder& builder, RecordPolicy policy = RecordPolicy::strict)
      : file(builder.bytes()), source(cas::open_wheel(file.fd(), builder.file_name, policy)) {}

  [[nodiscard]] std::string content(std::size_t index) const {
    std::string out;
    const cas::Sha256Digest digest = source->read(index, [&](std::string_view piece) { out += piece; });
    BOOST_TEST((digest == cas::sha256(out)));
    return out;
  }
  [[nodiscard]] std::size_t index_of(std::string_view path) const {
    for (std::size_t i = 0; i < source->entries().size(); ++i) {
      if (source->entries()[i].path == path) return i;
    }
    throw std::logic_error("no entry " + std::string(path));
  }
  [[nodiscard]] const cas::SourceEntry& entry(std::string_view path) const { return source->entries()[index_of(path)]; }

  MemoryFile file;
  std::unique_ptr<cas::Source> source;
};

// The message of the first fault when opening and reading everything.
inline std::string problem_of(const WheelBuilder& builder, RecordPolicy policy = RecordPolicy::strict) {
  try {
    const OpenWheel wheel(builder, policy);
    for (std::size_t i = 0; i < wheel.source->entries().size(); ++i) (void)wheel.content(i);
  } catch (const cas::InvalidInput& error) {
    return error.message();
  }
  return "accepted";
}

inline std::string row(const std::string& path, const std::string& content) {
  return cas::record_row(path, cas::record_hash(cas::sha256(content)), content.size());
}

// Replaces the first occurrence of `from` in the RECORD that was made.
inline std::function<void(std::string&)> replace(std::string from, std::string to) {
  return [from = std::move(from), to = std::move(to)](std::string& rows) {
    const std::size_t at = rows.find(from);
    if (at == std::string::npos) throw std::logic_error("the test's RECORD has no " + from);
    rows.replace(at, from.size(), to);
  };
}

}  // namespace cas::test
