// The program that turns requirements into exact versions. cas resolves nothing itself: uv does, as a program of its own that comes from
// the index like any other wheel and lies in the store, so that an environment can be made where there is neither pip nor uv.
#pragma once

#include <string>
#include <string_view>

#include "linker/locked/package_network.hpp"
#include "store/base/progress.hpp"
#include "store/store.hpp"

namespace cas {

enum class ResolverKind { uv, pip };

struct ResolverProgram {
  std::string path;      // absolute; "" where it has yet to be fetched, or is the interpreter's own pip
  std::string identity;  // changes with the program: part of what resolutions are remembered by
  ResolverKind kind = ResolverKind::uv;
};

// `asked`: a path, a name in PATH, or "": cas's own; "pip", or a path that ends in pip or pip3: that instead of a uv. Does not use the network. Throws NotFound for what is asked for and not there.
[[nodiscard]] ResolverProgram known_resolver(const Store& store, const std::string& asked);

// Fetches cas's own where it is not in the store yet: one wheel, of a version and a SHA-256 that are part of this program. Where
// that is not possible, a uv in PATH does, with a warning. Throws NotFound where there is none.
void obtain_resolver(const Store& store, PackageNetwork& network, Progress& progress, ResolverProgram& program);

}  // namespace cas
