#include "linker/tags.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

#include "linker/platform_tags.hpp"
#include "store/base/relpath.hpp"
#include "store/source/version.hpp"

namespace cas {
namespace {

// "cp312", "cp36m", "cp313t", "cp312d" and "cp312": debug builds from 3.8 on load normal extension modules, too.
std::vector<std::string> cpython_abis(const InterpreterFacts& facts, const std::string& nodot) {
  const std::string plain = fmt::format("cp{}{}", nodot, facts.free_threaded ? "t" : "");
  if (facts.major == 3 && facts.minor < 8) {
    // "cpython-36m-...": m is pymalloc, d debug.
    const std::string_view soabi = facts.soabi;
    const std::size_t dash = soabi.find('-');
    const std::string_view flags = dash == std::string_view::npos ? soabi : soabi.substr(dash + 1);
    const bool pymalloc = flags.substr(0, flags.find('-')).find('m') != std::string_view::npos;
    return {fmt::format("{}{}{}", plain, facts.debug ? "d" : "", pymalloc ? "m" : "")};
  }
  if (facts.debug) return {plain + "d", plain};
  return {plain};
}

// "pypy310-pp73-x86_64-linux-gnu" -> "pypy310_pp73".
std::string generic_abi(const InterpreterFacts& facts) {
  std::string abi = facts.soabi;
  std::size_t parts = facts.implementation == "graalpy" ? 3 : 2;
  for (std::size_t i = 0; i < abi.size(); ++i) {
    if (abi[i] == '-' && --parts == 0) abi.resize(i);
  }
  for (char& c : abi) {
    if (c == '-' || c == '.' || c == ' ') c = '_';
  }
  return abi;
}

class TagList {
 public:
  explicit TagList(std::vector<std::string> platforms) : platforms_(std::move(platforms)) {}
  void add(std::string_view python, std::string_view abi, std::string_view platform) {
    tags_.push_back(fmt::format("{}-{}-{}", python, abi, platform));
  }
  void add_platforms(std::string_view python, std::string_view abi) {
    for (const std::string& platform : platforms_) add(python, abi, platform);
  }
  std::vector<std::string> take() { return std::move(tags_); }

 private:
  std::vector<std::string> platforms_;
  std::vector<std::string> tags_;
};

void add_cpython(TagList& tags, const InterpreterFacts& facts, const std::string& nodot) {
  const std::string python = "cp" + nodot;
  const bool stable_abi = !facts.free_threaded;
  for (const std::string& abi : cpython_abis(facts, nodot)) tags.add_platforms(python, abi);
  if (stable_abi) tags.add_platforms(python, "abi3");
  tags.add_platforms(python, "none");
  if (!stable_abi) return;
  for (std::uint32_t minor = facts.minor; minor-- > 2;)
    tags.add_platforms(fmt::format("cp{}{}", facts.major, minor), "abi3");
}

void add_pure(TagList& tags, const InterpreterFacts& facts, const std::string& nodot, const std::string& interpreter) {
  std::vector<std::string> pythons{"py" + nodot, fmt::format("py{}", facts.major)};
  for (std::uint32_t minor = facts.minor; minor-- > 0;) pythons.push_back(fmt::format("py{}{}", facts.major, minor));
  for (const std::string& python : pythons) tags.add_platforms(python, "none");
  if (!interpreter.empty()) tags.add(interpreter, "none", "any");
  for (const std::string& python : pythons) tags.add(python, "none", "any");
}

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  while (true) {
    const std::size_t at = text.find(separator);
    parts.push_back(text.substr(0, at));
    if (at == std::string_view::npos) return parts;
    text.remove_prefix(at + 1);
  }
}

}  // namespace

std::vector<std::string> supported_tags(const InterpreterFacts& facts) {
  const std::string nodot = fmt::format("{}{}", facts.major, facts.minor);
  TagList tags(platform_tags(facts));
  if (facts.implementation == "cpython") {
    add_cpython(tags, facts, nodot);
    add_pure(tags, facts, nodot, "cp" + nodot);
  } else {
    const bool pypy = facts.implementation == "pypy";
    const std::string python = (pypy ? "pp" : facts.implementation) + nodot;
    const std::string abi = generic_abi(facts);
    if (!abi.empty()) tags.add_platforms(python, abi);
    tags.add_platforms(python, "none");
    add_pure(tags, facts, nodot, pypy ? "pp3" : "");
  }
  return tags.take();
}

TagSet::TagSet(const InterpreterFacts& facts) {
  std::vector<std::string> tags = supported_tags(facts);
  ranks_.resize(tags.size());
  std::iota(ranks_.begin(), ranks_.end(), std::size_t{0});
  std::ranges::stable_sort(ranks_, {}, [&](std::size_t rank) -> const std::string& { return tags[rank]; });
  sorted_.reserve(tags.size());
  for (const std::size_t rank : ranks_) sorted_.push_back(std::move(tags[rank]));
}

std::optional<std::size_t> TagSet::rank(const PackageMetadata& wheel) const {
  return rank(wheel.python_tags, wheel.abi_tags, wheel.platform_tags);
}

std::optional<std::size_t> TagSet::rank(std::string_view python_tags, std::string_view abi_tags,
                                        std::string_view platform_tags) const {
  std::optional<std::size_t> best;
  for (const std::string_view python : split(python_tags, '.')) {
    for (const std::string_view abi : split(abi_tags, '.')) {
      for (const std::string_view platform : split(platform_tags, '.')) {
        std::string tag = fmt::format("{}-{}-{}", python, abi, platform);
        for (char& c : tag) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
        const auto found = std::ranges::lower_bound(sorted_, tag);
        if (found == sorted_.end() || *found != tag) continue;
        const std::size_t rank = ranks_[static_cast<std::size_t>(found - sorted_.begin())];
        if (!best || rank < *best) best = rank;
      }
    }
  }
  return best;
}

std::optional<std::string> misfit(const PackageMetadata& wheel, const InterpreterFacts& facts, const TagSet& tags) {
  if (!tags.rank(wheel)) {
    std::string system = facts.platform;
    if (!facts.libc.empty()) system += fmt::format(" with {} {}.{}", facts.libc, facts.libc_major, facts.libc_minor);
    return fmt::format("{} does not fit {} on {}: it is for {}-{}-{}", printable(wheel.file_name), python_label(facts),
                       system, printable(wheel.python_tags), printable(wheel.abi_tags), printable(wheel.platform_tags));
  }
  if (wheel.requires_python.empty()) return std::nullopt;
  const auto wanted = SpecifierSet::parse(wheel.requires_python);
  const auto version = Version::parse(facts.version);
  // An unreadable demand is passed over, as pip does.
  if (!wanted || !version || wanted->contains(*version, Prereleases::allowed)) return std::nullopt;
  return fmt::format("{} requires Python {}, and this is {}", printable(wheel.file_name),
                     printable(wheel.requires_python), python_label(facts));
}

}  // namespace cas
