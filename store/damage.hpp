// Objects that were changed in place, or that are gone although the index has them: what is seen of it, and what brings them back.
#pragma once

#include <string>
#include <vector>

#include "store/base/digest.hpp"
#include "store/object_users.hpp"
#include "store/store.hpp"

namespace cas {

// What is wrong with an object's file by one look: "it is missing", "its size was changed", "its modification time was changed", "its
// mode was changed"; "" where nothing is, or the index does not have the object.
[[nodiscard]] std::string object_damage(const Store& store, const ObjectId& id);

// "; other environments have it, too: A B", for the end of a message about it; "" where none has it.
[[nodiscard]] std::string also_seen_by(const std::vector<std::string>& environments);

// What brings the object back, as a hint: `cas repair`, the wheel to add, or the interpreter to capture. Reads every manifest: for failures.
[[nodiscard]] std::string object_remedy(const Store& store, const ObjectId& id);
// The same where its users are known.
[[nodiscard]] std::string object_remedy(const Store& store, const ObjectUsers& users);

// Takes an object's row out of the index, and out of its segment's number.
void erase_object(WriteTxn& txn, const Schema& schema, const ObjectId& id);

// Takes the package and its damaged objects out of the index, and the objects' files away, so that whoever adds it now brings them back.
// Environments keep what they have linked; the quarantine remembers it. A manifest that cannot be read, or names what the index does not have, is damage, too. false: a
// look at each object finds none.
[[nodiscard]] bool forget_damaged_package(const Store& store, const Sha256Digest& artifact);

}  // namespace cas
