// A wheel's RECORD held against its members.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "store/source/record.hpp"
#include "store/source/wheel.hpp"
#include "store/source/zip_directory.hpp"

namespace cas {

// The members by name. Throws InvalidInput where a name occurs twice (also as a file and a directory).
class MemberIndex {
 public:
  explicit MemberIndex(std::span<const ZipMember> members);
  [[nodiscard]] std::optional<std::size_t> find(std::string_view name) const;

 private:
  std::unordered_map<std::string_view, std::uint32_t> by_name_;
};

// What RECORD says about one member.
struct RecordedContent {
  std::optional<Sha256Digest> sha256;
  bool wrong = false;  // is known not to be true (RecordPolicy::artifact_pinned only)
};

struct RecordedContents {
  std::vector<RecordedContent> members;                // by index of the member
  std::unordered_map<std::size_t, RecordHash> longer;  // sha384 and sha512, by index
};

// Every file has one row (only RECORD and its signatures may be without) and every row, but those that end
// in '/', has its file; rows other than RECORD's own and its signatures' have a strong hash; the same row
// twice is accepted. A size that differs from the member's is an error, or with artifact_pinned a warning.
// Throws InvalidInput. `text` is used up.
[[nodiscard]] RecordedContents match_record(std::string text, std::string_view record_name,
                                            std::span<const ZipMember> members, const MemberIndex& index,
                                            RecordPolicy policy, const std::function<void(std::string)>& warn);

}  // namespace cas
