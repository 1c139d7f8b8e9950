// LMDB believes the pages that it maps: where one is damaged it may read what is not there.
#pragma once

#include <string>

namespace cas {

// From now on that ends the process: with `message` on standard error, `output` on standard output, and this exit status. Called once.
void end_on_damaged_index(const std::string& message, const std::string& output, int exit_status);

}  // namespace cas
