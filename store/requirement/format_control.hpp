// Which packages may come as wheels, and which may be built: pip's --no-binary and --only-binary, uv's --no-build.
//
// As with pip, --only-binary chooses among the files that indexes and folders have: sources that are named themselves, by a path or an address,
// are built. As with uv, --no-build forbids that, too, but for editable projects, which are nothing but sources.
#pragma once

#include <set>
#include <string>
#include <string_view>

namespace cas {

// How sources came to be asked for.
enum class SourceOrigin {
  index,    // by the name of their package
  named,    // by a path or an address
  editable  // a directory that is imported from where it lies
};

class FormatControl {
 public:
  // The value of an option: names separated by commas, ":all:" or ":none:" (which takes back what was said before). What is said
  // later about a name counts. Throws UsageError for what is no name.
  void no_binary(std::string_view value);
  void only_binary(std::string_view value);
  // only_binary(":all:"), and for named sources, too. A later no_binary() of a name allows them again, as --only-binary :none: does.
  void no_build();

  // `name` is normalized. What is said about the name goes before what is said about all.
  [[nodiscard]] bool allows_wheel(std::string_view name) const;
  [[nodiscard]] bool allows_build(std::string_view name, SourceOrigin origin = SourceOrigin::index) const;
  // Nothing of an index may be built, whatever it is called.
  [[nodiscard]] bool forbids_builds() const;
  // no_build() counts.
  [[nodiscard]] bool forbids_named_builds() const { return no_build_; }
  // For what builds packages: names that shall be built are the user's alone, and what builds them comes as wheels where it can.
  [[nodiscard]] FormatControl of_builders() const;

  // Normalized names, and ":all:".
  [[nodiscard]] const std::set<std::string, std::less<>>& without_wheels() const { return no_binary_; }
  [[nodiscard]] const std::set<std::string, std::less<>>& without_builds() const { return only_binary_; }

 private:
  std::set<std::string, std::less<>> no_binary_, only_binary_;
  bool no_build_ = false;
};

}  // namespace cas
