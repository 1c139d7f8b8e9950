#include "linker/python/python_request.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "store/base/error.hpp"
#include "store/base/relpath.hpp"
#include "store/base/text.hpp"

namespace cas {
namespace {

constexpr std::string_view kBlanks = " \t\r\n";
constexpr std::string_view kForms =
    "a version (3, 3.12, 3.12.1), specifiers ('>=3.10,<3.13'), an implementation with or without one (cpython3.12, "
    "pypy), 't' behind it for a free-threaded build (3.13t), a path, or a name in PATH";

// Numbers beyond the last that Python ever gave a release within a minor version; names with fewer numbers stand for all of these.
constexpr int kMostMicro = 99;
constexpr int kMostPrerelease = 15;  // alphas, betas, candidates

bool is_digit(char c) { return c >= '0' && c <= '9'; }

bool take_end(std::string_view& text, std::string_view end) {
  if (!text.ends_with(end)) return false;
  text.remove_suffix(end.size());
  return true;
}

struct Word {
  std::string_view spelling;
  std::string_view implementation;
  bool alone;  // means something without a version, too ("cp" is a program)
};
// Longer spellings first.
constexpr std::array<Word, 8> kWords{{{"graalpython", "graalpy", true},
                                      {"cpython", "cpython", true},
                                      {"graalpy", "graalpy", true},
                                      {"python", "", true},
                                      {"pypy", "pypy", true},
                                      {"cp", "cpython", false},
                                      {"pp", "pypy", false},
                                      {"py", "", false}}};

const Word* take_word(std::string_view& text) {
  const auto* word =
      std::ranges::find_if(kWords, [&](const Word& candidate) { return text.starts_with(candidate.spelling); });
  if (word == kWords.end()) return nullptr;
  text.remove_prefix(word->spelling.size());
  return word;
}

// "+freethreaded", "t" and the like, from the end.
void take_build(std::string_view& text, PythonRequest& request) {
  while (true) {
    if (take_end(text, "+freethreaded")) {
      request.free_threaded = true;
    } else if (take_end(text, "+gil")) {
      request.free_threaded = false;
    } else if (take_end(text, "+debug")) {
      request.debug = true;
    } else {
      break;
    }
  }
  const auto letter = [&](char which) {
    // Behind a digit (or the other letter): "rc1t", not a word's end.
    if (text.size() < 2 || text.back() != which || !is_digit(text[text.size() - 2])) return false;
    text.remove_suffix(1);
    return true;
  };
  if (text.size() > 2 && text.ends_with("td") && is_digit(text[text.size() - 3])) {
    text.remove_suffix(2);
    request.free_threaded = request.debug = true;
  } else if (letter('t')) {
    request.free_threaded = true;
  } else if (letter('d')) {
    request.debug = true;
  }
}

void take_bits(std::string_view& text, PythonRequest& request) {
  if (text.size() > 3 && take_end(text, "-64")) request.pointer_bits = 64;
  if (text.size() > 3 && take_end(text, "-32")) request.pointer_bits = 32;
}

// "3.12" for a version of two numbers; "312" is 3.12, too.
std::optional<std::string> dotted(std::string_view text) {
  const std::size_t end = std::min(text.find_first_not_of("0123456789"), text.size());
  if (end < 2 || (end < text.size() && text[end] == '.')) return std::string(text);
  if (end > 3) return std::nullopt;
  return fmt::format("{}.{}", text.front(), text.substr(1));
}

// Fills in `versions`; false: not a version.
bool read_version(std::string_view text, PythonRequest& request) {
  if (take_end(text, ".*") && text.find_first_not_of("0123456789.") != std::string_view::npos) return false;
  if (text.empty() || !is_digit(text.front()) || text.find_first_not_of("0123456789.abrc") != std::string_view::npos) {
    return false;
  }
  const auto spelled = dotted(text);
  const auto version = spelled ? Version::parse(*spelled) : std::nullopt;
  if (!version || version->is_postrelease() || version->release().size() > 3) return false;
  const auto& release = version->release();
  request.short_version = release[0].digits;
  if (release.size() > 1) request.short_version += "." + release[1].digits;
  const bool prefix = release.size() < 3 && !version->is_prerelease();
  request.versions = SpecifierSet::parse("==" + version->text() + (prefix ? ".*" : "")).value();
  return true;
}

bool read_specifiers(std::string_view text, PythonRequest& request) {
  auto versions = SpecifierSet::parse(text);
  if (!versions) return false;
  request.versions = std::move(*versions);
  return true;
}

bool starts_specifier(std::string_view text) {
  return !text.empty() && std::string_view("<>=!~").find(text.front()) != std::string_view::npos;
}

// "-linux-x86_64-gnu" at the end of uv's keys, or as much of it as is there. false: it is something else.
bool take_platform(std::string_view& text, PythonRequest& request) {
  constexpr std::string_view kSystem = "-linux";
  const std::size_t start = text.find(kSystem);
  if (start == std::string_view::npos) return true;
  std::string_view rest = text.substr(start + kSystem.size());
  text = text.substr(0, start);
  if (rest.empty()) return true;
  if (rest.front() != '-') return false;
  rest.remove_prefix(1);
  const std::size_t dash = std::min(rest.find('-'), rest.size());
  std::string_view machine = rest.substr(0, dash);
  const std::string_view libc = rest.substr(std::min(dash + 1, rest.size()));
  // Levels of x86-64 differ in speed alone. Others have two names.
  if (machine.starts_with("x86_64_v")) machine = "x86_64";
  if (machine == "x86") machine = "i686";
  if (machine == "armv7") machine = "armv7l";
  if (machine.empty() || machine.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_") != std::string_view::npos) {
    return false;
  }
  request.platform = fmt::format("linux-{}", machine);
  if (libc.starts_with("gnu")) request.libc = "glibc";
  if (libc.starts_with("musl")) request.libc = "musl";
  return dash == rest.size() || !request.libc.empty();
}

// Why `text`, which starts like a version or a set of specifiers, is none.
std::string_view problem_of(std::string_view text) {
  const auto all_of = [&](std::string_view characters) {
    return text.find_first_not_of(characters) == std::string_view::npos;
  };
  const bool has_comma = text.find(',') != std::string_view::npos;
  if (starts_specifier(text)) {
    const bool apart =
        !has_comma && text.find_first_of("<>=!~", text.find_first_of("0123456789")) != std::string_view::npos;
    return apart ? "specifiers are separated by a comma: '>=3.10,<3.13'" : "not a set of version specifiers";
  }
  if (has_comma) return "only one version can be named; a range is '>=3.11,<3.13'";
  if (all_of("0123456789.") && std::ranges::count(text, '.') > 2)
    return "a version of Python has at most three numbers";
  return "not a version of Python";
}

[[noreturn]] void refuse(std::string_view text, std::string_view problem) {
  throw UsageError(fmt::format("--python '{}': {}", printable(text), problem), fmt::format("it is {}", kForms));
}

// What is preferred asked for its kind of build itself.
Misgivings with_preference(const PythonRequest& request, const InterpreterFacts& facts, Misgivings misgivings) {
  constexpr Misgivings kNotPreferred = 10;
  if (request.preferred.empty()) return misgivings;
  for (const PythonRequest& preferred : request.preferred) {
    if (const auto found = judge_python(preferred, facts)) return *found;
  }
  return misgivings + kNotPreferred;
}

}  // namespace

PythonRequest parse_python_request(const std::optional<std::string>& text) {
  PythonRequest request;
  if (!text) return request;
  request.text = *text;
  if (text->find('/') != std::string::npos) {
    request.kind = PythonRequest::Kind::path;
    return request;
  }
  const std::string lower = lower_case(trimmed(*text, kBlanks));
  if (lower.empty()) refuse(*text, "names nothing");

  std::string_view rest = lower;
  const Word* word = take_word(rest);
  request.kind = PythonRequest::Kind::version;
  if (word != nullptr) {
    request.implementation = word->implementation;
    if (rest.empty() && word->alone) {
      if (request.implementation.empty()) request.kind = PythonRequest::Kind::any;
      return request;
    }
  }
  const bool separated = word != nullptr && rest.size() > 1 && (rest.front() == '@' || rest.front() == '-');
  if (separated) rest.remove_prefix(1);
  const bool may_be_version = word == nullptr || take_platform(rest, request);
  take_bits(rest, request);
  take_build(rest, request);
  request.names_prerelease = rest.find_first_of("abc") != std::string_view::npos;
  if (starts_specifier(rest)) {
    if (!read_specifiers(rest, request)) refuse(*text, problem_of(rest));
    return request;
  }
  if (may_be_version && read_version(rest, request)) return request;
  if (word == nullptr && is_digit(lower.front())) refuse(*text, problem_of(lower));
  if (lower.find('@') != std::string::npos) refuse(*text, "not an implementation and a version");
  PythonRequest name;
  name.kind = PythonRequest::Kind::name;
  name.text = *text;
  return name;
}

std::optional<Misgivings> judge_python(const PythonRequest& request, const InterpreterFacts& facts) {
  using Kind = PythonRequest::Kind;
  if (request.kind == Kind::path || request.kind == Kind::name) return Misgivings{0};
  if (!request.implementation.empty() && facts.implementation != request.implementation) return std::nullopt;
  if (request.free_threaded.value_or(facts.free_threaded) != facts.free_threaded) return std::nullopt;
  if (request.debug.value_or(facts.debug) != facts.debug) return std::nullopt;
  if (request.pointer_bits.value_or(facts.pointer_bits) != facts.pointer_bits) return std::nullopt;
  if (!request.platform.empty() && facts.platform != request.platform) return std::nullopt;
  if (!request.libc.empty() && facts.libc != request.libc) return std::nullopt;
  const auto version = Version::parse(facts.version);
  if (!version || !request.versions.contains(*version, Prereleases::allowed)) return std::nullopt;
  Misgivings misgivings = 0;
  if (facts.free_threaded && !request.free_threaded) ++misgivings;
  if (facts.debug && !request.debug) ++misgivings;
  if (!request.versions.contains(*version, Prereleases::unless_named)) ++misgivings;
  if (unsupported_reason(facts)) misgivings += 100;
  return with_preference(request, facts, misgivings);
}

std::optional<PythonName> parse_python_name(std::string_view name) {
  PythonName result;
  std::string_view rest = name;
  const Word* word = take_word(rest);
  if (word != nullptr && !word->alone) return std::nullopt;
  if (word != nullptr) result.implementation = word->implementation;
  if (word != nullptr && rest.starts_with('-')) rest.remove_prefix(1);
  const std::size_t end = std::min(rest.find_first_not_of("0123456789."), rest.size());
  std::string_view numbers = rest.substr(0, end);
  std::string_view tail = rest.substr(end);
  // What may stand behind the numbers: nothing, the letters of a build, a pre-release, or what a directory adds.
  const std::size_t letters = std::min(tail.find_first_not_of("tdmu"), tail.size());
  if (!tail.empty() && is_digit(tail.back()) && tail.find_first_not_of("abrc0123456789") == std::string_view::npos) {
    numbers = rest;
    tail = {};
  } else {
    tail.remove_prefix(letters);
  }
  const bool ends_well = tail.empty() || (word != nullptr && (tail.front() == '-' || tail.front() == '+'));
  auto version = Version::parse(numbers);
  if (!ends_well || !version || numbers.front() == 'v' || version->release().size() > 3) return std::nullopt;
  // "312" and the like are nobody's custom in file names.
  if (version->release().size() == 1 && version->release().front().digits.size() > 1) return std::nullopt;
  result.complete = version->release().size() == 3 || version->is_prerelease();
  result.version = std::move(*version);
  return result;
}

bool name_may_fit(const PythonRequest& request, std::string_view name) {
  const auto told = parse_python_name(name);
  if (!told || request.kind != PythonRequest::Kind::version) return true;
  if (!told->implementation.empty() && !request.implementation.empty() &&
      told->implementation != request.implementation) {
    return false;
  }
  if (told->complete) return request.versions.contains(told->version, Prereleases::allowed);
  const auto& release = told->version.release();
  // "python3" tells too little to ask about each of its versions.
  if (release.size() < 2) {
    return request.short_version.empty() || request.short_version.starts_with(release[0].digits);
  }
  const auto contains = [&](const std::string& text) {
    const auto version = Version::parse(text);
    return version && request.versions.contains(*version, Prereleases::allowed);
  };
  const std::string both = release[0].digits + "." + release[1].digits;
  for (int micro = 0; micro <= kMostMicro; ++micro) {
    if (contains(fmt::format("{}.{}", both, micro))) return true;
  }
  if (!request.names_prerelease) return contains(both + ".0a1");
  for (const std::string_view kind : {"a", "b", "rc"}) {
    for (int number = 0; number <= kMostPrerelease; ++number) {
      for (const int micro : {0, 1, 2}) {
        if (contains(fmt::format("{}.{}{}{}", both, micro, kind, number))) return true;
      }
    }
  }
  return false;
}

}  // namespace cas
