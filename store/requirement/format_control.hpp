// Which packages may come as wheels, and which may be built: pip's --no-binary and --only-binary.
#pragma once

#include <set>
#include <string>
#include <string_view>

namespace cas {

class FormatControl {
 public:
  // The value of an option: names separated by commas, ":all:" or ":none:" (which takes back what was said before). What is said
  // later about a name counts. Throws UsageError for what is no name.
  void no_binary(std::string_view value);
  void only_binary(std::string_view value);

  // `name` is normalized. What is said about the name goes before what is said about all.
  [[nodiscard]] bool allows_wheel(std::string_view name) const;
  [[nodiscard]] bool allows_build(std::string_view name) const;
  // Nothing may be built, whatever it is called.
  [[nodiscard]] bool forbids_builds() const;

  // Normalized names, and ":all:".
  [[nodiscard]] const std::set<std::string, std::less<>>& without_wheels() const { return no_binary_; }
  [[nodiscard]] const std::set<std::string, std::less<>>& without_builds() const { return only_binary_; }

 private:
  std::set<std::string, std::less<>> no_binary_, only_binary_;
};

}  // namespace cas
