// Version specifiers; the versions themselves are in version.cpp.
#include <algorithm>

#include "store/base/text.hpp"
#include "store/source/version.hpp"

namespace cas {
namespace {

constexpr std::string_view kBlanks = " \t\r\n";

}  // namespace

// Longer signs first.
const std::array<Specifier::Spelling, 8> Specifier::kSpellings{{{"===", Operator::arbitrary},
                                                                {"~=", Operator::compatible},
                                                                {"==", Operator::equal},
                                                                {"!=", Operator::not_equal},
                                                                {"<=", Operator::less_equal},
                                                                {">=", Operator::greater_equal},
                                                                {"<", Operator::less},
                                                                {">", Operator::greater}}};

std::optional<Specifier> Specifier::parse(std::string_view text) {
  text = trimmed(text, kBlanks);
  const auto spelling = std::find_if(kSpellings.begin(), kSpellings.end(),
                                     [text](const Spelling& s) { return text.starts_with(s.sign); });
  if (spelling == kSpellings.end()) return std::nullopt;
  Specifier specifier;
  specifier.operator_ = spelling->meaning;
  std::string_view rest = trimmed(text.substr(spelling->sign.size()), kBlanks);
  specifier.version_text_ = rest;
  const bool equality = spelling->meaning == Operator::equal || spelling->meaning == Operator::not_equal;
  if (spelling->meaning == Operator::arbitrary) {
    if (rest.empty() || rest.find_first_of(" \t\r\n") != std::string_view::npos) return std::nullopt;
    specifier.arbitrary_ = lower_case(rest);
    return specifier;
  }
  if (equality && rest.ends_with(".*")) {
    specifier.prefix_ = true;
    rest.remove_suffix(2);
  }
  std::optional<Version> version = Version::parse(rest);
  if (!version) return std::nullopt;
  // Local parts have no order to speak of; only equality may name one.
  if (version->has_local() && (!equality || specifier.prefix_)) return std::nullopt;
  if (specifier.prefix_ && version->dev_) return std::nullopt;
  if (spelling->meaning == Operator::compatible && version->release().size() < 2) return std::nullopt;
  specifier.version_ = std::move(*version);
  return specifier;
}

bool Specifier::matches_prefix(const Version& version) const {
  std::vector<std::string> prefix = version_.components(0);
  if (operator_ == Operator::compatible)
    prefix.resize(version_.release().size());  // epoch, and all but the last number
  const std::vector<std::string> parts = version.components(version_.release().size());
  return parts.size() >= prefix.size() && std::equal(prefix.begin(), prefix.end(), parts.begin());
}

bool Specifier::matches_exactly(const Version& version) const {
  return version_ == (version_.has_local() ? version : version.without_local());
}

// "<1.0" does not mean 1.0a1, nor "<1.0.post1" 1.0.post1.dev1: the first development release is where it ends.
bool Specifier::is_less(const Version& version) const {
  if (version_.is_prerelease()) return version < version_;
  Version first = version_;
  first.dev_ = VersionNumber{};
  return version < first;
}

// ">1.0" means neither 1.0+local nor 1.0.post1; ">1.0.post1" means 1.0.post2.
bool Specifier::is_greater(const Version& version) const {
  if (version <= version_ || version.without_local() == version_) return false;
  if (version_.post_ || version_.dev_) return true;
  return version.base() != version_.base() || version.pre_ != version_.pre_;
}

bool Specifier::contains(const Version& version) const {
  switch (operator_) {
    case Operator::arbitrary:
      return lower_case(version.text()) == arbitrary_;
    case Operator::compatible:
      return version.without_local() >= version_ && matches_prefix(version);
    case Operator::equal:
      return prefix_ ? matches_prefix(version) : matches_exactly(version);
    case Operator::not_equal:
      return !(prefix_ ? matches_prefix(version) : matches_exactly(version));
    case Operator::less_equal:
      return version.without_local() <= version_;
    case Operator::greater_equal:
      return version.without_local() >= version_;
    case Operator::less:
      return is_less(version);
    case Operator::greater:
      return is_greater(version);
  }
  return false;
}

bool Specifier::names_prerelease() const {
  if (operator_ == Operator::not_equal) return false;
  if (operator_ != Operator::arbitrary) return version_.is_prerelease();
  const std::optional<Version> version = Version::parse(arbitrary_);
  return version && version->is_prerelease();
}

std::string_view Specifier::sign() const {
  return std::find_if(kSpellings.begin(), kSpellings.end(),
                      [this](const Spelling& s) { return s.meaning == operator_; })
      ->sign;
}

std::string Specifier::text() const { return std::string(sign()) + version_text_; }

std::optional<Version> Specifier::exact_version() const {
  if (operator_ == Operator::arbitrary) return Version::parse(arbitrary_);
  if (operator_ != Operator::equal || prefix_) return std::nullopt;
  return version_;
}

bool Specifier::operator==(const Specifier& other) const {
  if (operator_ != other.operator_ || prefix_ != other.prefix_) return false;
  if (operator_ == Operator::arbitrary || prefix_) return version_text_ == other.version_text_;
  // "~=1.0" and "~=1.0.0" allow different versions.
  if (operator_ == Operator::compatible) return version_.text() == other.version_.text();
  return version_ == other.version_;
}

std::optional<SpecifierSet> SpecifierSet::parse(std::string_view text) {
  SpecifierSet set;
  while (true) {
    const std::size_t comma = text.find(',');
    const std::string_view clause = trimmed(text.substr(0, comma), kBlanks);
    if (!clause.empty()) {
      std::optional<Specifier> specifier = Specifier::parse(clause);
      if (!specifier) return std::nullopt;
      set.clauses_.push_back(std::move(*specifier));
    }
    if (comma == std::string_view::npos) return set;
    text.remove_prefix(comma + 1);
  }
}

bool SpecifierSet::contains(const Version& version, Prereleases prereleases) const {
  if (prereleases == Prereleases::unless_named && version.is_prerelease() &&
      std::none_of(clauses_.begin(), clauses_.end(), [](const Specifier& s) { return s.names_prerelease(); })) {
    return false;
  }
  return std::all_of(clauses_.begin(), clauses_.end(), [&](const Specifier& s) { return s.contains(version); });
}

std::string SpecifierSet::text() const {
  std::vector<const Specifier*> sorted;
  for (const Specifier& clause : clauses_) sorted.push_back(&clause);
  std::sort(sorted.begin(), sorted.end(), [](const Specifier* a, const Specifier* b) { return a->text() < b->text(); });
  std::string out;
  std::vector<const Specifier*> written;
  for (const Specifier* clause : sorted) {
    if (std::any_of(written.begin(), written.end(), [clause](const Specifier* w) { return *w == *clause; })) continue;
    written.push_back(clause);
    if (!out.empty()) out += ',';
    out += clause->text();
  }
  return out;
}

std::optional<Version> SpecifierSet::exact_version() const {
  return clauses_.size() == 1 ? clauses_.front().exact_version() : std::nullopt;
}

}  // namespace cas
