// The text of RECORD for a package in an environment.
#pragma once

#include <string>
#include <string_view>

#include "linker/plan.hpp"

namespace cas {

// Collects rows. Paths are relative to site-packages.
class RecordText {
 public:
  void reserve(std::size_t rows) { text_.reserve(rows * 120); }
  void add(std::string_view path, const Sha256Digest& digest, std::uint64_t size);
  // A row without hash and size: RECORD's own.
  void add_unhashed(std::string_view path);
  [[nodiscard]] std::string take() { return std::move(text_); }

 private:
  std::string text_;
};

// The row that completes `record` for one of its scripts, once that script's text is known.
[[nodiscard]] std::string script_record_row(const Plan& plan, const PlanRecord& record, const PlanScript& script,
                                            std::string_view text);

}  // namespace cas
