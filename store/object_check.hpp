// Whether an object's file is what its name says: by one look, or by reading it.
#pragma once

#include <sys/stat.h>

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "store/base/digest.hpp"
#include "store/index/schema.hpp"
#include "store/store.hpp"

namespace cas {

enum class ObjectState {
  sound,
  missing,
  metadata,  // mode, modification time or owner is not canonical: somebody changed it in place
  content    // size or bytes are wrong
};

struct ObjectLook {
  ObjectState state = ObjectState::sound;
  std::string what{};  // "its mode is 0644, should be 0444"; "" where it is sound
};

// By the result of one lstat. A time alone does not make another content.
[[nodiscard]] ObjectLook look_at_object(const struct stat& info, const ObjectId& id, std::uint64_t size,
                                        const StoreOwnership& ownership);

enum class Reading {
  fingerprint,  // XXH3-128
  digest        // and SHA-256
};

enum class ReadOutcome { right, wrong, stopped };
// Reads the open file to its end. `stop` is asked between pieces; ReadOutcome::stopped says that it was true.
[[nodiscard]] ReadOutcome read_object(int file, const ObjectId& id, const ObjectRow& row, Reading reading,
                                      const std::function<bool()>& stop);

// SHA-256 of an open file, from its beginning. Can be interrupted.
[[nodiscard]] Sha256Digest digest_of_file(int file, std::string_view shown);

}  // namespace cas
