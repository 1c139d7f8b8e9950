// Versions and version specifiers (PyPA "Version specifiers", PEP 440).
#pragma once

#include <array>
#include <compare>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace cas {

// A number of any length: decimal digits without leading zeros ("0" for zero). The specification sets no
// limit, and versions made from dates and commit counts exceed 64 bits.
struct VersionNumber {
  std::string digits = "0";
  bool operator==(const VersionNumber&) const = default;
  std::strong_ordering operator<=>(const VersionNumber& other) const;
};

class Version {
 public:
  // Accepts every spelling of the specification's appendix B: upper case, "v", separators, "alpha", "rev",
  // "1.0-1", surrounding blanks. nullopt: not a version.
  [[nodiscard]] static std::optional<Version> parse(std::string_view text);

  // The normalised spelling: "1!2.0a1.post2.dev3+local.4".
  [[nodiscard]] std::string text() const;
  // The same without "+local".
  [[nodiscard]] std::string public_text() const;

  [[nodiscard]] bool is_prerelease() const { return pre_.has_value() || dev_.has_value(); }
  [[nodiscard]] bool is_postrelease() const { return post_.has_value(); }
  [[nodiscard]] bool has_local() const { return !local_.empty(); }
  [[nodiscard]] const std::vector<VersionNumber>& release() const { return release_; }

  // Without local part; without everything but epoch and release.
  [[nodiscard]] Version without_local() const;
  [[nodiscard]] Version base() const;

  // The order of the specification: 1.0.dev1 < 1.0a1 < 1.0 < 1.0+local < 1.0.post1; 1.0 == 1.0.0.
  std::strong_ordering operator<=>(const Version& other) const;
  bool operator==(const Version& other) const { return (*this <=> other) == 0; }

 private:
  friend class VersionParser;
  friend class Specifier;

  enum class PreKind { alpha, beta, candidate };
  struct Pre {
    PreKind kind = PreKind::alpha;
    VersionNumber number;
    auto operator<=>(const Pre&) const = default;
  };

  [[nodiscard]] std::string pre_text() const;
  // Epoch, release numbers (at least `release_length`, filled up with 0), "a1", "post1", "dev1": what a
  // prefix match compares.
  [[nodiscard]] std::vector<std::string> components(std::size_t release_length) const;

  VersionNumber epoch_;
  std::vector<VersionNumber> release_;
  std::optional<Pre> pre_;
  std::optional<VersionNumber> post_;
  std::optional<VersionNumber> dev_;
  std::vector<std::string> local_;  // lower case, numbers without leading zeros
};

enum class Prereleases {
  unless_named,  // only where a specifier of the set names one itself (the specification's default)
  allowed        // as every other version (what Requires-Python is checked with)
};

// One clause: "~=1.4.2", "==1.*", "!=2", "<=", ">=", "<", ">", "===text".
class Specifier {
 public:
  [[nodiscard]] static std::optional<Specifier> parse(std::string_view text);
  // Pre-releases are judged by their order alone.
  [[nodiscard]] bool contains(const Version& version) const;
  // The clause asks for pre-releases by naming one.
  [[nodiscard]] bool names_prerelease() const;

  // "==", and "1.*" with the version as it was spelled, without blanks; both together.
  [[nodiscard]] std::string_view sign() const;
  [[nodiscard]] const std::string& version_text() const { return version_text_; }
  [[nodiscard]] std::string text() const;
  // The one version that the clause means: of "==1.0" and "===1.0". nullopt: "==1.*", another operator, or text after
  // "===" that is no version.
  [[nodiscard]] std::optional<Version> exact_version() const;

  // Both mean the same versions: trailing zeros do not matter ("==1.0" and "==1.0.0", but not "~=").
  bool operator==(const Specifier& other) const;

 private:
  enum class Operator { compatible, equal, not_equal, less_equal, greater_equal, less, greater, arbitrary };
  struct Spelling {
    std::string_view sign;
    Operator meaning;
  };
  static const std::array<Spelling, 8> kSpellings;

  [[nodiscard]] bool matches_prefix(const Version& version) const;
  [[nodiscard]] bool matches_exactly(const Version& version) const;
  [[nodiscard]] bool is_less(const Version& version) const;
  [[nodiscard]] bool is_greater(const Version& version) const;

  Operator operator_ = Operator::equal;
  Version version_;        // not for `arbitrary`
  bool prefix_ = false;    // ended in ".*"
  std::string arbitrary_;  // lower case
  std::string version_text_;
};

// Clauses separated by commas, all of which must hold. The empty set contains every version; empty clauses
// (">=3,") are passed over, as pip does.
class SpecifierSet {
 public:
  [[nodiscard]] static std::optional<SpecifierSet> parse(std::string_view text);
  SpecifierSet() = default;
  explicit SpecifierSet(std::vector<Specifier> clauses) : clauses_(std::move(clauses)) {}

  [[nodiscard]] bool contains(const Version& version, Prereleases prereleases) const;

  [[nodiscard]] bool empty() const { return clauses_.empty(); }
  // In the order in which they were written.
  [[nodiscard]] const std::vector<Specifier>& clauses() const { return clauses_; }
  // The clauses sorted by their text, each meaning once: "!=1.5,>=1.0".
  [[nodiscard]] std::string text() const;
  // Where the set is one single clause that means one version.
  [[nodiscard]] std::optional<Version> exact_version() const;

 private:
  std::vector<Specifier> clauses_;
};

}  // namespace cas
