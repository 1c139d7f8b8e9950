#include "store/source/wheel_record.hpp"

#include "store/source/fault.hpp"

namespace cas {
namespace {

constexpr std::uint32_t kNoRow = 0xFFFFFFFF;

// RECORD cannot contain its own hash, and signatures of it come into being after it.
bool may_lack_row(std::string_view name, std::string_view record_name) {
  if (!name.starts_with(record_name)) return false;
  const std::string_view suffix = name.substr(record_name.size());
  return suffix.empty() || suffix == ".jws" || suffix == ".p7s";
}

void check_row_path(std::string_view path) {
  std::string_view name = path;
  if (name.ends_with('/')) name.remove_suffix(1);
  if (const auto problem = relative_path_problem(name))
    throw_fault(path, fmt::format("this path in RECORD {}", *problem));
}

}  // namespace

MemberIndex::MemberIndex(std::span<const ZipMember> members) {
  by_name_.reserve(members.size());
  for (std::size_t i = 0; i < members.size(); ++i) {
    if (!by_name_.emplace(members[i].name, static_cast<std::uint32_t>(i)).second) {
      throw_fault(members[i].name, "is in the archive twice");
    }
  }
  for (const ZipMember& member : members) {
    if (member.type != ZipType::directory) continue;
    if (find(member.name.substr(0, member.name.size() - 1))) {
      throw_fault(member.name, "is in the archive as a file and as a directory");
    }
  }
}

std::optional<std::size_t> MemberIndex::find(std::string_view name) const {
  const auto found = by_name_.find(name);
  if (found == by_name_.end()) return std::nullopt;
  return found->second;
}

RecordedContents match_record(std::string text, std::string_view record_name, std::span<const ZipMember> members,
                              const MemberIndex& index, RecordPolicy policy,
                              const std::function<void(std::string)>& warn) {
  const std::vector<RecordRow> rows = parse_record(text);
  std::vector<std::uint32_t> row_of(members.size(), kNoRow);
  RecordedContents result;
  result.members.resize(members.size());
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const RecordRow& row = rows[i];
    check_row_path(row.path);
    if (row.path.ends_with('/')) continue;
    const std::optional<std::size_t> found = index.find(row.path);
    if (!found) throw_fault(row.path, "is in RECORD but not in the archive");
    if (row_of[*found] != kNoRow) {
      const RecordRow& other = rows[row_of[*found]];
      if (other.hash != row.hash || other.size != row.size) throw_fault(row.path, "has two different rows in RECORD");
      continue;
    }
    row_of[*found] = static_cast<std::uint32_t>(i);
    if (row.path == record_name) continue;  // what RECORD says about itself can hardly be right

    RecordedContent& content = result.members[*found];
    if (row.size && *row.size != members[*found].size) {
      std::string problem =
          fault_text(row.path, fmt::format("has {} bytes, RECORD says {}", members[*found].size, *row.size));
      if (policy == RecordPolicy::strict) throw InvalidInput(std::move(problem));
      warn(std::move(problem));
      content.wrong = true;
    }
    if (row.hash.empty()) {
      if (may_lack_row(row.path, record_name)) continue;
      throw_fault(row.path, "has no hash in RECORD");
    }
    RecordHash hash = with_context(printable(row.path), [&] { return parse_record_hash(row.hash); });
    if (hash.algorithm == HashAlgorithm::sha256) {
      content.sha256 = Sha256Digest::from_raw(hash.digest);
    } else {
      result.longer.emplace(*found, std::move(hash));
    }
  }
  for (std::size_t i = 0; i < members.size(); ++i) {
    if (row_of[i] == kNoRow && members[i].type == ZipType::file && !may_lack_row(members[i].name, record_name)) {
      throw_fault(members[i].name, "is in the archive but not in RECORD");
    }
  }
  return result;
}

}  // namespace cas
