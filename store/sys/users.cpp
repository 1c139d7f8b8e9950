#include "store/sys/users.hpp"

#include <fmt/format.h>
#include <grp.h>
#include <pwd.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <vector>

#include "store/base/relpath.hpp"

namespace cas {
namespace {

constexpr std::size_t kFirstBuffer = 4096;
constexpr std::size_t kMostBuffer = std::size_t{1} << 20;  // of one entry: a group with very many members

// Asks one of the *_r functions, with as much room as its answer needs. nullptr: not there, or nobody can tell.
template <class Entry, class Ask>
Entry* look_up(Entry& entry, std::vector<char>& buffer, Ask ask) {
  for (buffer.resize(kFirstBuffer); buffer.size() <= kMostBuffer; buffer.resize(buffer.size() * 4)) {
    Entry* found = nullptr;
    if (ask(&entry, buffer.data(), buffer.size(), &found) != ERANGE) return found;
  }
  return nullptr;
}

struct Person {
  std::string name;
  gid_t group;
};

std::optional<Person> find_user(uid_t user) {
  struct passwd entry {};
  std::vector<char> buffer;
  const auto* found = look_up(entry, buffer, [&](auto... rest) { return ::getpwuid_r(user, rest...); });
  if (found == nullptr) return std::nullopt;
  return Person{found->pw_name, found->pw_gid};
}

}  // namespace

uid_t effective_user() { return ::geteuid(); }

bool is_own_group(gid_t group) {
  if (::getegid() == group) return true;
  std::vector<gid_t> groups(static_cast<std::size_t>(std::max(0, ::getgroups(0, nullptr))));
  const int count = ::getgroups(static_cast<int>(groups.size()), groups.data());
  groups.resize(static_cast<std::size_t>(std::max(0, count)));
  return std::ranges::find(groups, group) != groups.end();
}

std::string user_label(uid_t user) {
  const auto person = find_user(user);
  return person ? fmt::format("user {} ({})", user, printable(person->name)) : fmt::format("user {}", user);
}

std::string group_label(gid_t group) {
  struct group entry {};
  std::vector<char> buffer;
  const auto* found = look_up(entry, buffer, [&](auto... rest) { return ::getgrgid_r(group, rest...); });
  if (found == nullptr) return fmt::format("group {}", group);
  return fmt::format("group {} ({})", group, printable(found->gr_name));
}

std::optional<gid_t> find_group(const std::string& name_or_number) {
  struct group entry {};
  std::vector<char> buffer;
  const auto* found =
      look_up(entry, buffer, [&](auto... rest) { return ::getgrnam_r(name_or_number.c_str(), rest...); });
  if (found != nullptr) return found->gr_gid;
  gid_t number = 0;
  const char* const end = name_or_number.data() + name_or_number.size();
  const auto parsed = std::from_chars(name_or_number.data(), end, number);
  // The last number means "none" to chown(2).
  if (parsed.ec != std::errc{} || parsed.ptr != end || number == static_cast<gid_t>(-1)) return std::nullopt;
  return number;
}

Membership membership(uid_t user, gid_t group) {
  const auto person = find_user(user);
  if (!person) return Membership::unknown;
  std::vector<gid_t> groups(64);
  int count = static_cast<int>(groups.size());
  if (::getgrouplist(person->name.c_str(), person->group, groups.data(), &count) < 0) {
    groups.resize(static_cast<std::size_t>(std::max(count, 0)));
    if (::getgrouplist(person->name.c_str(), person->group, groups.data(), &count) < 0) return Membership::unknown;
  }
  groups.resize(static_cast<std::size_t>(std::max(count, 0)));
  return std::ranges::find(groups, group) != groups.end() ? Membership::member : Membership::stranger;
}

}  // namespace cas
