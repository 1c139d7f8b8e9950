// Requirement files, as pip reads them ("Requirements File Format" of its documentation).
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "store/requirement/option_words.hpp"
#include "store/requirement/requirement.hpp"
#include "store/requirement/requirement_text.hpp"

namespace cas {

struct RequirementPlace {
  std::string file;                        // as it was named, or reached from the one that names it
  std::size_t line = 0;                    // 0: no file's, and `file` says what it is
  [[nodiscard]] std::string text() const;  // "file:line"; "file"
};

struct RequirementHash {
  std::string algorithm;  // "sha256", "sha384", "sha512"
  std::string hex;        // lower case, of the algorithm's length
  bool operator==(const RequirementHash&) const = default;
};

struct ListedRequirement {
  RequirementPlace place;
  Requirement requirement;  // without a name: a location (requirement_location.hpp)
  bool editable = false;
  bool constraint = false;              // limits the versions of a package that something else asks for
  std::vector<RequirementHash> hashes;  // of --hash
  std::vector<std::pair<std::string, std::string>> config_settings;  // in order; a key may come twice

  // Those of --hash, and the one in the URL ("#sha256=…"): an archive with any of them is right.
  [[nodiscard]] std::vector<RequirementHash> accepted_hashes() const;
  // Those of its URL that vouch for nothing (md5, sha1, sha224), where it has no other: they show that the transfer went well.
  [[nodiscard]] std::vector<RequirementHash> weak_hashes() const;
  // Names one archive's content: one version or a URL, and a hash.
  [[nodiscard]] bool is_pinned() const;
};

// A global option: every kind but those of a file and of one requirement.
struct ListedOption {
  RequirementPlace place;
  RequirementOptionKind kind = RequirementOptionKind::pre;
  std::string value;  // as it was written: a relative --find-links is looked for beside `place.file` first
};

struct RequirementFiles {
  std::vector<ListedRequirement> requirements;  // in the order of reading
  std::vector<ListedOption> options;            // in the order of reading: what comes later replaces or adds
  std::vector<std::string> warnings;            // "file:line: …": what was written and has no effect, as in pip
};

// Where files and variables come from.
struct RequirementReader {
  // The bytes of a file, and of a URL (http, https). What they throw leaves read_requirement_files, with the place in
  // front that names the file. They may refuse what is too large early; beyond 16 MiB it is refused in any case.
  std::function<std::string(const std::string& path)> read;
  std::function<std::string(const std::string& url)> fetch;  // empty: URLs are refused
  VariableLookup variable;                                   // empty: no variable is set
};

enum class RequirementRole { requirements, constraints };
struct RequirementFileName {
  std::string path;  // or URL
  RequirementRole role = RequirementRole::requirements;
};

// Reads the files, and those that they name with -r and -c, relative to where that stands. A file may be read several
// times, but not name itself, also by way of others.
// Throws UsageError with "file:line: " in front for what pip refuses; beyond that for: a digest that is not one, an
// option's value that is missing; URLs without `fetch`; too much of everything (64 files in each other, 1,000 files,
// 16 MiB in one).
[[nodiscard]] RequirementFiles read_requirement_files(const std::vector<RequirementFileName>& files,
                                                      const RequirementReader& reader);

}  // namespace cas
