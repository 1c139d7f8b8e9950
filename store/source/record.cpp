#include "store/source/record.hpp"

#include <algorithm>
#include <charconv>

#include "store/source/fault.hpp"

namespace cas {
namespace {

class Parser {
 public:
  explicit Parser(std::string& text) : text_(text) {}

  std::vector<RecordRow> rows() {
    std::vector<RecordRow> rows;
    rows.reserve(static_cast<std::size_t>(std::count(text_.begin(), text_.end(), '\n')) + 1);
    for (; at_ < text_.size(); ++line_) {
      if (take_newline()) continue;
      RecordRow row;
      row.path = field();
      comma();
      row.hash = field();
      comma();
      row.size = size(field());
      if (at_ < text_.size() && !take_newline()) fail("has more than three fields, or a stray character");
      rows.push_back(row);
    }
    return rows;
  }

 private:
  [[noreturn]] void fail(std::string_view problem) const { throw_fault(fmt::format("RECORD line {}", line_), problem); }

  bool take_newline() {
    const std::string_view rest = std::string_view(text_).substr(at_);
    const std::size_t length = rest.starts_with("\r\n") ? 2 : rest.starts_with('\n') ? 1 : 0;
    at_ += length;
    return length != 0;
  }

  void comma() {
    if (at_ >= text_.size() || text_[at_] != ',') fail("does not have three fields");
    ++at_;
  }

  std::string_view field() {
    if (at_ < text_.size() && text_[at_] == '"') return quoted_field();
    const std::size_t begin = at_;
    at_ = std::min(text_.find_first_of(",\r\n\"", begin), text_.size());
    if (at_ < text_.size() && text_[at_] == '"') fail("has a quote inside an unquoted field");
    return std::string_view(text_).substr(begin, at_ - begin);
  }

  std::string_view quoted_field() {
    const std::size_t begin = ++at_;
    std::size_t end = begin;
    while (true) {
      if (at_ >= text_.size()) fail("has a quoted field without end");
      if (text_[at_] == '"') {
        ++at_;
        if (at_ >= text_.size() || text_[at_] != '"') break;
      }
      text_[end++] = text_[at_++];
    }
    return std::string_view(text_).substr(begin, end - begin);
  }

  std::optional<std::uint64_t> size(std::string_view digits) const {
    if (digits.empty()) return std::nullopt;
    std::uint64_t value = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    if (error != std::errc{} || end != digits.data() + digits.size()) fail("has a size that is not a number");
    return value;
  }

  std::string& text_;
  std::size_t at_ = 0;
  std::size_t line_ = 1;
};

void append_field(std::string& out, std::string_view field) {
  if (field.find_first_of(",\"\r\n") == std::string_view::npos) {
    out += field;
    return;
  }
  out += '"';
  for (const char c : field) {
    if (c == '"') out += '"';
    out += c;
  }
  out += '"';
}

}  // namespace

std::vector<RecordRow> parse_record(std::string& text) { return Parser(text).rows(); }

std::string record_hash(const Sha256Digest& digest) { return "sha256=" + base64url_encode(digest.raw()); }

std::string record_row(std::string_view path, std::string_view hash, std::optional<std::uint64_t> size) {
  std::string row;
  row.reserve(path.size() + hash.size() + 16);
  append_field(row, path);
  row += ',';
  append_field(row, hash);
  row += ',';
  if (size) row += std::to_string(*size);
  row += '\n';
  return row;
}

}  // namespace cas
