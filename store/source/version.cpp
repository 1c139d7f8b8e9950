#include "store/source/version.hpp"

#include <algorithm>
#include <array>

#include "store/base/text.hpp"

namespace cas {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_lower(char c) { return c >= 'a' && c <= 'z'; }
bool is_separator(char c) { return c == '-' || c == '_' || c == '.'; }
bool is_blank(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

VersionNumber number_of(std::string_view digits) {
  const std::size_t first = std::min(digits.find_first_not_of('0'), digits.size() - 1);
  return {std::string(digits.substr(first))};
}

bool all_digits(std::string_view text) { return std::all_of(text.begin(), text.end(), is_digit); }

}  // namespace

std::strong_ordering VersionNumber::operator<=>(const VersionNumber& other) const {
  if (digits.size() != other.digits.size()) return digits.size() <=> other.digits.size();
  return digits.compare(other.digits) <=> 0;
}

// Reads the grammar of appendix B from left to right; each part is optional and none needs to look back.
class VersionParser {
 public:
  explicit VersionParser(std::string text) : text_(std::move(text)), rest_(text_) {}

  std::optional<Version> parse() {
    take("v");
    if (!release()) return std::nullopt;
    pre();
    post();
    dev();
    if (!local() || !rest_.empty()) return std::nullopt;
    return std::move(version_);
  }

 private:
  bool take(std::string_view word) {
    if (!rest_.starts_with(word)) return false;
    rest_.remove_prefix(word.size());
    return true;
  }
  std::optional<VersionNumber> number() {
    std::size_t length = 0;
    while (length < rest_.size() && is_digit(rest_[length])) ++length;
    if (length == 0) return std::nullopt;
    VersionNumber value = number_of(rest_.substr(0, length));
    rest_.remove_prefix(length);
    return value;
  }
  // [-_.]? word [-_.]? number?, with 0 for a missing number. nullopt: nothing taken. The second separator
  // may be taken from the next part, whose own is optional.
  template <class Words>
  std::optional<std::pair<std::size_t, VersionNumber>> marker(const Words& words) {
    const std::string_view before = rest_;
    if (!rest_.empty() && is_separator(rest_.front())) rest_.remove_prefix(1);
    for (std::size_t i = 0; i < words.size(); ++i) {
      if (!take(words[i])) continue;
      if (!rest_.empty() && is_separator(rest_.front())) rest_.remove_prefix(1);
      return std::pair{i, number().value_or(VersionNumber{})};
    }
    rest_ = before;
    return std::nullopt;
  }
  bool release() {
    std::optional<VersionNumber> first = number();
    if (!first) return false;
    if (take("!")) {
      version_.epoch_ = std::move(*first);
      first = number();
      if (!first) return false;
    }
    version_.release_.push_back(std::move(*first));
    while (rest_.size() >= 2 && rest_[0] == '.' && is_digit(rest_[1])) {
      rest_.remove_prefix(1);
      version_.release_.push_back(*number());
    }
    return true;
  }
  void pre() {
    static constexpr std::array<std::string_view, 8> kWords{"alpha", "a", "beta", "b", "preview", "pre", "c", "rc"};
    static constexpr std::array kKinds{Version::PreKind::alpha,     Version::PreKind::alpha,
                                       Version::PreKind::beta,      Version::PreKind::beta,
                                       Version::PreKind::candidate, Version::PreKind::candidate,
                                       Version::PreKind::candidate, Version::PreKind::candidate};
    if (auto found = marker(kWords)) version_.pre_ = Version::Pre{kKinds[found->first], std::move(found->second)};
  }
  void post() {
    if (rest_.size() >= 2 && rest_[0] == '-' && is_digit(rest_[1])) {
      rest_.remove_prefix(1);
      version_.post_ = number();
      return;
    }
    static constexpr std::array<std::string_view, 3> kWords{"post", "rev", "r"};
    if (auto found = marker(kWords)) version_.post_ = std::move(found->second);
  }
  void dev() {
    static constexpr std::array<std::string_view, 1> kWords{"dev"};
    if (auto found = marker(kWords)) version_.dev_ = std::move(found->second);
  }
  bool local() {
    if (!take("+")) return true;
    while (true) {
      std::size_t length = 0;
      while (length < rest_.size() && (is_digit(rest_[length]) || is_lower(rest_[length]))) ++length;
      if (length == 0) return false;
      const std::string_view part = rest_.substr(0, length);
      version_.local_.push_back(all_digits(part) ? number_of(part).digits : std::string(part));
      rest_.remove_prefix(length);
      if (rest_.empty() || !is_separator(rest_.front())) return true;
      rest_.remove_prefix(1);
    }
  }

  std::string text_;
  std::string_view rest_;
  Version version_;
};

std::optional<Version> Version::parse(std::string_view text) {
  while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
  return VersionParser(lower_case(text)).parse();
}

std::string Version::pre_text() const {
  static constexpr std::array<std::string_view, 3> kNames{"a", "b", "rc"};
  return pre_ ? std::string(kNames[static_cast<std::size_t>(pre_->kind)]) + pre_->number.digits : std::string();
}

std::string Version::public_text() const {
  std::string out;
  if (epoch_.digits != "0") out = epoch_.digits + "!";
  for (std::size_t i = 0; i < release_.size(); ++i) {
    if (i > 0) out += '.';
    out += release_[i].digits;
  }
  out += pre_text();
  if (post_) out += ".post" + post_->digits;
  if (dev_) out += ".dev" + dev_->digits;
  return out;
}

std::string Version::text() const {
  std::string out = public_text();
  for (std::size_t i = 0; i < local_.size(); ++i) {
    out += i == 0 ? '+' : '.';
    out += local_[i];
  }
  return out;
}

Version Version::without_local() const {
  Version version = *this;
  version.local_.clear();
  return version;
}

Version Version::base() const {
  Version version;
  version.epoch_ = epoch_;
  version.release_ = release_;
  return version;
}

std::vector<std::string> Version::components(std::size_t release_length) const {
  std::vector<std::string> parts{epoch_.digits};
  for (const VersionNumber& number : release_) parts.push_back(number.digits);
  for (std::size_t i = release_.size(); i < release_length; ++i) parts.emplace_back("0");
  if (pre_) parts.push_back(pre_text());
  if (post_) parts.push_back("post" + post_->digits);
  if (dev_) parts.push_back("dev" + dev_->digits);
  return parts;
}

std::strong_ordering Version::operator<=>(const Version& other) const {
  if (const auto order = epoch_ <=> other.epoch_; order != 0) return order;
  static const VersionNumber kZero;
  for (std::size_t i = 0; i < std::max(release_.size(), other.release_.size()); ++i) {
    const VersionNumber& mine = i < release_.size() ? release_[i] : kZero;
    const VersionNumber& theirs = i < other.release_.size() ? other.release_[i] : kZero;
    if (const auto order = mine <=> theirs; order != 0) return order;
  }
  // A development release of the release itself comes before its pre-releases; those come before it.
  const auto pre_rank = [](const Version& v) { return v.pre_ ? 1 : (!v.post_ && v.dev_) ? 0 : 2; };
  if (const auto order = pre_rank(*this) <=> pre_rank(other); order != 0) return order;
  if (const auto order = pre_ <=> other.pre_; order != 0) return order;
  if (const auto order = post_ <=> other.post_; order != 0) return order;  // none is less than any
  if (dev_.has_value() != other.dev_.has_value()) {
    return dev_ ? std::strong_ordering::less : std::strong_ordering::greater;
  }
  if (const auto order = dev_ <=> other.dev_; order != 0) return order;
  for (std::size_t i = 0; i < std::min(local_.size(), other.local_.size()); ++i) {
    const bool number = all_digits(local_[i]);
    if (number != all_digits(other.local_[i])) {
      return number ? std::strong_ordering::greater : std::strong_ordering::less;
    }
    const auto order =
        number ? VersionNumber{local_[i]} <=> VersionNumber{other.local_[i]} : local_[i].compare(other.local_[i]) <=> 0;
    if (order != 0) return order;
  }
  return local_.size() <=> other.local_.size();
}

}  // namespace cas
