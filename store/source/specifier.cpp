// Version specifiers; the versions themselves are in version.cpp.
#include <algorithm>
#include <array>

#include "store/base/text.hpp"
#include "store/source/version.hpp"

namespace cas {
namespace {

constexpr std::string_view kBlanks = " \t\r\n";

}  // namespace

std::optional<Specifier> Specifier::parse(std::string_view text) {
  struct Spelling {
    std::string_view sign;
    Operator meaning;
  };
  // Longer signs first.
  static constexpr std::array<Spelling, 8> kSpellings{{{"===", Operator::arbitrary},
                                                       {"~=", Operator::compatible},
                                                       {"==", Operator::equal},
                                                       {"!=", Operator::not_equal},
                                                       {"<=", Operator::less_equal},
                                                       {">=", Operator::greater_equal},
                                                       {"<", Operator::less},
                                                       {">", Operator::greater}}};
  text = trimmed(text, kBlanks);
  const auto spelling = std::find_if(kSpellings.begin(), kSpellings.end(),
                                     [text](const Spelling& s) { return text.starts_with(s.sign); });
  if (spelling == kSpellings.end()) return std::nullopt;
  Specifier specifier;
  specifier.operator_ = spelling->meaning;
  std::string_view rest = trimmed(text.substr(spelling->sign.size()), kBlanks);
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
      // "<1.0" does not mean 1.0a1.
      return version < version_ &&
             !(!version_.is_prerelease() && version.is_prerelease() && version.base() == version_.base());
    case Operator::greater:
      // ">1.0" means neither 1.0.post1 nor 1.0+local.
      return version > version_ && !(version.base() == version_.base() &&
                                     ((!version_.is_postrelease() && version.is_postrelease()) || version.has_local()));
  }
  return false;
}

bool Specifier::names_prerelease() const {
  if (operator_ == Operator::not_equal) return false;
  if (operator_ != Operator::arbitrary) return version_.is_prerelease();
  const std::optional<Version> version = Version::parse(arbitrary_);
  return version && version->is_prerelease();
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

}  // namespace cas
