// Who runs this process, and what the system's databases say of users and groups.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>

namespace cas {

// What the kernel shows of a user who has no number in this user namespace: a volume of the host's in a container, say.
inline constexpr uid_t kOverflowUser = 65534;

[[nodiscard]] uid_t effective_user();
// Whether this process acts as a member of the group.
[[nodiscard]] bool is_own_group(gid_t group);

// "user 1000 (alice)", "group 50 (staff)"; the number alone where nobody knows a name. For messages.
[[nodiscard]] std::string user_label(uid_t user);
[[nodiscard]] std::string group_label(gid_t group);

// A group by its name or its number. nullopt: there is none of the name.
[[nodiscard]] std::optional<gid_t> find_group(const std::string& name_or_number);

enum class Membership { member, stranger, unknown };
// unknown: the system's databases do not have the user (a number without a name, as in containers).
[[nodiscard]] Membership membership(uid_t user, gid_t group);

}  // namespace cas
