// What commands that fill the store do at their end where its disk is nearly full.
#pragma once

#include "cli/command.hpp"
#include "cli/json_output.hpp"
#include "store/store.hpp"

namespace cas {

// Collects where less than CAS_MIN_FREE (min-free in the user's cas.toml) is free, until CAS_MAX_FREE (max-free) is, and says so. A
// failure is a warning: what the command was asked for is done. Returns what --json says of it; null: nothing was done.
Json collect_if_low(const Context& context, const Store& store);

// Runs a command that fills the store. Where it fails because the disk is full, and one of these is set, all that nothing uses goes, and
// it is run once more.
int run_with_room(const Context& context, int (*run)(const Context&));

}  // namespace cas
