#include "store/requirement/requirement_file.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>

#include "store/base/error.hpp"
#include "store/base/relpath.hpp"
#include "store/base/text.hpp"
#include "store/requirement/requirement_location.hpp"
#include "store/requirement/url_path.hpp"

namespace cas {
namespace {

using Kind = RequirementOptionKind;

constexpr std::size_t kMaxNesting = 64;
constexpr std::size_t kMaxFiles = 1'000;
constexpr std::size_t kMaxFileBytes = 16 << 20;

struct HashAlgorithm {
  std::string_view name;
  std::size_t hex_digits;
};
// Those that pip accepts: others are broken.
constexpr std::array<HashAlgorithm, 3> kHashAlgorithms{{{"sha256", 64}, {"sha384", 96}, {"sha512", 128}}};

constexpr std::array<HashAlgorithm, 3> kWeakAlgorithms{{{"md5", 32}, {"sha1", 40}, {"sha224", 56}}};

using HashAlgorithms = std::array<HashAlgorithm, 3>;

std::optional<RequirementHash> hash_of(const HashAlgorithms& algorithms, std::string_view algorithm,
                                       std::string_view digest) {
  const auto known = std::ranges::find(algorithms, algorithm, &HashAlgorithm::name);
  std::string hex = lower_case(digest);
  if (known == algorithms.end() || hex.size() != known->hex_digits ||
      hex.find_first_not_of("0123456789abcdef") != std::string::npos) {
    return std::nullopt;
  }
  return RequirementHash{std::string(algorithm), std::move(hex)};
}

// Of its fragment: "#sha256=…", "#egg=x&sha256=…".
std::vector<RequirementHash> hashes_in(const std::string& url, const HashAlgorithms& algorithms) {
  std::vector<RequirementHash> found;
  for (const HashAlgorithm& algorithm : algorithms) {
    for (const char mark : {'#', '&'}) {
      const std::string key = fmt::format("{}{}=", mark, algorithm.name);
      const std::size_t at = url.find(key);
      if (at == std::string::npos) continue;
      std::string_view digest = std::string_view(url).substr(at + key.size());
      digest = digest.substr(0, digest.find('&'));
      if (auto hash = hash_of(algorithms, algorithm.name, digest)) found.push_back(std::move(*hash));
    }
  }
  return found;
}

RequirementHash parse_hash(std::string_view value) {
  const std::size_t colon = std::min(value.find(':'), value.size());
  std::optional<RequirementHash> hash =
      hash_of(kHashAlgorithms, value.substr(0, colon), value.substr(std::min(colon + 1, value.size())));
  if (!hash) {
    throw UsageError(fmt::format("--hash={} is not a digest", printable(value)),
                     "write --hash=sha256: and 64 hexadecimal digits (or sha384 and 96, sha512 and 128)");
  }
  return std::move(*hash);
}

// What an option may do where it stands.
bool is_global(Kind kind) {
  switch (kind) {
    case Kind::requirements:
    case Kind::constraints:
    case Kind::editable:
    case Kind::hash:
    case Kind::config_setting:
      return false;
    default:
      return true;
  }
}

// pip notes these while it reads them, so that they count also behind a requirement.
bool counts_anywhere(Kind kind) {
  return kind == Kind::no_binary || kind == Kind::only_binary || kind == Kind::all_releases || kind == Kind::only_final;
}

// Up to the first word that begins with "-", and from there on. Only blanks separate them here.
std::pair<std::string_view, std::string_view> requirement_and_options(std::string_view line) {
  std::size_t begin = 0;
  while (begin < line.size() && line[begin] != '-') {
    const std::size_t blank = line.find(' ', begin);
    begin = blank == std::string_view::npos ? line.size() : blank + 1;
  }
  return {trimmed(line.substr(0, begin), " "), line.substr(begin)};
}

// How a file is known: its path without dots, also for a file: URL, or another URL.
std::string file_name(const std::string& written) {
  if (const auto path = file_url_path(written)) return normal_path(*path);
  return is_url(written) ? written : normal_path(written);
}

// What `file` calls `written`.
std::string nested_name(const std::string& file, const std::string& written) {
  if (is_url(file)) return joined_url(file, written);
  if (is_url(written) || written.starts_with('/')) return file_name(written);
  return normal_path(fmt::format("{}{}", std::string_view(file).substr(0, file.rfind('/') + 1), written));
}

class Reading {
 public:
  explicit Reading(const RequirementReader& reader) : reader_(reader) {}

  void read(const std::string& name, RequirementRole role) { read(name, role, content(name)); }

  RequirementFiles take() { return std::move(result_); }

 private:
  void read(const std::string& name, RequirementRole role, const std::string& bytes) {
    const auto lines =
        with_context(printable(name), [&] { return logical_lines(decode_requirement_file(bytes), reader_.variable); });
    open_.push_back(name);
    for (const LogicalLine& line : lines) {
      const RequirementPlace place{name, line.number};
      const std::optional<RequirementFileName> nested =
          with_context(place.text(), [&] { return read_line(line.text, place, role); });
      if (!nested) continue;
      // Only that it cannot be read is this line's fault; inside it names its own lines.
      read(nested->path, nested->role, with_context(place.text(), [&] { return content(nested->path); }));
    }
    open_.pop_back();
  }

  std::string content(const std::string& name) {
    std::string bytes = found(name);
    if (bytes.size() > kMaxFileBytes) {
      throw UsageError(fmt::format("{} has {}, more than {}", printable(name), format_size(bytes.size()),
                                   format_size(kMaxFileBytes)));
    }
    return bytes;
  }

  std::string found(const std::string& name) {
    if (++files_ > kMaxFiles)
      throw UsageError(fmt::format("more than {} requirement files name each other", kMaxFiles));
    if (!is_url(name)) return reader_.read(name);
    const std::string scheme = url_scheme(name);
    if (scheme != "http" && scheme != "https") {
      throw UsageError(fmt::format("{} is neither a file of this machine nor to be fetched", printable(name)));
    }
    if (!reader_.fetch) {
      throw UsageError(fmt::format("{}: requirement files are not fetched", printable(name)),
                       "download it, and name the file");
    }
    return reader_.fetch(name);
  }

  void warn(const RequirementPlace& place, std::string_view what) {
    result_.warnings.push_back(fmt::format("{}: {}", place.text(), what));
  }

  // The file to read next, if the line names one.
  std::optional<RequirementFileName> read_line(std::string_view line, const RequirementPlace& place,
                                               RequirementRole role) {
    const auto [written, option_text] = requirement_and_options(line);
    const OptionWords words = parse_option_words(option_text);
    for (const std::string& word : words.others) {
      warn(place, fmt::format("'{}' has no effect behind an option", printable(word)));
    }
    const auto editable = std::find_if(words.options.begin(), words.options.end(),
                                       [](const OptionWord& option) { return option.kind == Kind::editable; });
    if (!written.empty() || editable != words.options.end()) {
      if (!written.empty() && editable != words.options.end()) {
        throw UsageError(fmt::format("'{}' stands before -e", printable(written)), "write two lines");
      }
      read_requirement(written.empty() ? std::string_view(editable->value) : written, words, place, role);
      return std::nullopt;
    }
    return read_options(words, place);
  }

  void read_requirement(std::string_view written, const OptionWords& words, const RequirementPlace& place,
                        RequirementRole role) {
    ListedRequirement listed;
    listed.place = place;
    listed.constraint = role == RequirementRole::constraints;
    for (const OptionWord& option : words.options) {
      if (option.kind == Kind::editable && !listed.editable) {
        listed.editable = true;
      } else if (option.kind == Kind::config_setting) {
        listed.config_settings.push_back(parse_setting(option.value));
      } else if (option.kind == Kind::hash) {
        listed.hashes.push_back(parse_hash(option.value));
      } else if (counts_anywhere(option.kind)) {
        result_.options.push_back({place, option.kind, option.value});
      } else {
        warn(place, fmt::format("{} has no effect behind a requirement; write it on a line of its own",
                                option_name(option.kind)));
      }
    }
    listed.requirement = listed.editable ? parse_editable(written) : parse_requirement_or_location(written);
    if (listed.editable && !listed.hashes.empty()) {
      listed.hashes.clear();
      warn(place, "--hash has no effect on what is editable");
    }
    if (listed.constraint) check_constraint(listed);
    result_.requirements.push_back(std::move(listed));
  }

  static std::pair<std::string, std::string> parse_setting(const std::string& value) {
    const std::size_t equals = value.find('=');
    if (equals == std::string::npos) {
      throw UsageError(fmt::format("--config-settings {} has no '='", printable(value)), "write KEY=VALUE");
    }
    return {value.substr(0, equals), value.substr(equals + 1)};
  }

  static void check_constraint(const ListedRequirement& listed) {
    const Requirement& requirement = listed.requirement;
    constexpr const char* kRemedy = "make it a requirement, or name the package and its versions only";
    if (listed.editable) throw UsageError("a constraint cannot be editable", kRemedy);
    if (!requirement.extras.empty()) throw UsageError("a constraint cannot have extras", kRemedy);
    // A wheel's name tells the package's.
    const bool wheel = requirement.url.substr(0, requirement.url.find_first_of("?#")).ends_with(".whl");
    if (requirement.name.empty() && !wheel) throw UsageError("a constraint must name its package", kRemedy);
  }

  std::optional<RequirementFileName> read_options(const OptionWords& words, const RequirementPlace& place) {
    // pip looks at the first -r, else at the first -c, and then at nothing else.
    auto file = std::find_if(words.options.begin(), words.options.end(),
                             [](const OptionWord& option) { return option.kind == Kind::requirements; });
    if (file == words.options.end()) {
      file = std::find_if(words.options.begin(), words.options.end(),
                          [](const OptionWord& option) { return option.kind == Kind::constraints; });
    }
    const bool names_file = file != words.options.end();
    bool has_links = false;
    for (auto option = words.options.begin(); option != words.options.end(); ++option) {
      if (option == file) continue;
      // What is wrong is a fault also where it has no effect.
      if (option->kind == Kind::hash) static_cast<void>(parse_hash(option->value));
      if (option->kind == Kind::config_setting) static_cast<void>(parse_setting(option->value));
      const bool links = option->kind == Kind::find_links;
      if (counts_anywhere(option->kind) || (is_global(option->kind) && !names_file && !(links && has_links))) {
        result_.options.push_back({place, option->kind, option->value});
      } else if (option->kind == Kind::hash || option->kind == Kind::config_setting) {
        warn(place, fmt::format("{} has no effect without a requirement", option_name(option->kind)));
      } else {
        warn(place, fmt::format("{} has no effect behind another option on its line", option_name(option->kind)));
      }
      has_links = has_links || links;
    }
    if (!names_file) return std::nullopt;
    RequirementFileName nested{nested_name(place.file, file->value), file->kind == Kind::requirements
                                                                         ? RequirementRole::requirements
                                                                         : RequirementRole::constraints};
    if (file->value.empty()) throw UsageError(fmt::format("{} names no file", option_name(file->kind)));
    if (std::find(open_.begin(), open_.end(), nested.path) != open_.end()) {
      throw UsageError(fmt::format("{} names itself, perhaps by way of others", printable(nested.path)));
    }
    if (open_.size() >= kMaxNesting) throw UsageError(fmt::format("more than {} files in each other", kMaxNesting));
    return nested;
  }

  const RequirementReader& reader_;
  RequirementFiles result_;
  std::vector<std::string> open_;  // the files that name the current one, and itself
  std::size_t files_ = 0;
};

}  // namespace

std::string RequirementPlace::text() const {
  return line == 0 ? printable(file) : fmt::format("{}:{}", printable(file), line);
}

std::vector<RequirementHash> ListedRequirement::accepted_hashes() const {
  std::vector<RequirementHash> accepted = hashes;
  std::ranges::move(hashes_in(requirement.url, kHashAlgorithms), std::back_inserter(accepted));
  return accepted;
}

std::vector<RequirementHash> ListedRequirement::weak_hashes() const {
  return accepted_hashes().empty() ? hashes_in(requirement.url, kWeakAlgorithms) : std::vector<RequirementHash>();
}

bool ListedRequirement::is_pinned() const {
  const bool one_archive = !requirement.url.empty() || requirement.specifiers.exact_version().has_value();
  return !editable && one_archive && !accepted_hashes().empty();
}

RequirementFiles read_requirement_files(const std::vector<RequirementFileName>& files,
                                        const RequirementReader& reader) {
  Reading reading(reader);
  for (const RequirementFileName& file : files) reading.read(file_name(file.path), file.role);
  return reading.take();
}

}  // namespace cas
