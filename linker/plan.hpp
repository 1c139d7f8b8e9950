// A plan: what has to lie where so that a directory becomes a certain environment.
//
// Making a plan is pure: packages, layout and options in, ordered actions out; nothing here touches a disk.
// Paths are relative to the environment's root. A plan knows nothing of where the environment will be, so one
// plan serves every environment of the same packages, interpreter and options; it is kept in the
// index (PlanRow) and found by its key.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "linker/bytecode/format.hpp"
#include "store/base/built_from.hpp"
#include "store/base/digest.hpp"
#include "store/base/package_model.hpp"

namespace cas {

// Where the schemes of a package go, by the interpreter's own idea of a virtual environment.
struct EnvironmentLayout {
  std::string site_packages;  // purelib and platlib: "lib/python3.12/site-packages"
  std::string scripts;        // "bin"
  std::string headers;        // "include/site/python3.12"; a package's headers go into a folder of its name below
  auto operator<=>(const EnvironmentLayout&) const = default;
};

enum class Requested : std::uint8_t { no = 0, yes = 1 };  // REQUESTED of PEP 376: asked for by the user himself

struct PlannedPackage {
  Sha256Digest artifact;
  PackageMetadata metadata;
  std::vector<PackageFile> files;
  Requested requested = Requested::no;
  std::string direct_url;                 // text of direct_url.json (PEP 610); "" where none is due
  std::optional<BuiltFrom> built_from{};  // noted down in the anchor; no part of what lies in the environment
};

// How scripts name their interpreter.
enum class ScriptStyle : std::uint8_t {
  absolute = 0,    // "#!/path/of/environment/bin/python": written per environment
  relocatable = 1  // /bin/sh and $0: equal everywhere
};

struct PlanOptions {
  ScriptStyle scripts = ScriptStyle::absolute;
  std::string bytecode{};  // whose bytecode stands beside sources (linker/bytecode/bytecode.hpp); "" none
};

// The bytecode that a plan places: `__pycache__/<module>.<cache_tag>.pyc` beside each source that has one.
struct PlanBytecode {
  std::string cache_tag;                                 // "cpython-312"; "" none
  std::unordered_map<Sha256Digest, BytecodeFile> files;  // by the source's bytes; one that is not here has none
};

// A file that is an object of the store.
struct PlanFile {
  std::uint32_t directory = 0;  // index into Plan::directories
  std::uint32_t segment = 0;    // a hint where the object lies; filled in by locate (environment.cpp)
  ObjectId object;
  std::uint64_t size = 0;  // bytes, > 0
  std::string name;        // last component
};

// An empty file: created, never linked.
struct PlanEmptyFile {
  std::uint32_t directory = 0;
  Executable executable = Executable::no;
  std::string name;
};

// A symbolic link; the object's bytes are its target, relative and inside the environment. Only interpreters have them.
struct PlanLink {
  std::uint32_t directory = 0;
  ObjectId object;
  std::uint64_t size = 0;
  std::string name;
};

// A script whose text names the environment's interpreter.
struct PlanScript {
  enum class Kind : std::uint8_t { entry_point = 0, python_script = 1 };
  Kind kind = Kind::entry_point;
  std::string name;  // below the scripts directory
  EntryPoint entry;  // kind entry_point
  ObjectId source;   // kind python_script: the object whose first line is replaced
  std::uint64_t source_size = 0;
};

// A RECORD that names scripts, which differ from environment to environment: its rows are finished when they
// are written.
struct PlanRecord {
  std::string path;                    // "lib/…/x.dist-info/RECORD"
  std::string rows;                    // everything but the scripts' rows, RECORD's own included; ends in a newline
  std::vector<std::uint32_t> scripts;  // indices into Plan::scripts
};

// Bytes that this plan brings itself (INSTALLER, a RECORD without scripts, direct_url.json): put into the store as
// objects when the plan is first made, and linked like any file (they stand in Plan::files, too).
struct PlanGenerated {
  ObjectId object;
  std::string bytes;
};

// Two packages want different bytes at one path.
struct PlanConflict {
  std::string path;
  std::string loser;   // "name version"
  std::string winner;  // the later in the stated order
};

struct Plan {
  // Every directory that holds something, parents before children, none twice; [0] is "" (the root).
  // Grouped so that files appear directory by directory.
  std::vector<std::string> directories;
  std::vector<PlanFile> files;  // ordered by directory, inside a directory in the packages' own order
  std::vector<PlanEmptyFile> empty_files;
  std::vector<PlanLink> links;
  std::vector<PlanScript> scripts;
  std::vector<PlanRecord> records;
  std::vector<PlanGenerated> generated;  // not part of the encoding: empty after decode_plan()
  std::vector<PlanConflict> conflicts;
  std::string scripts_directory;  // "bin"
};

// The key under which a plan is kept: SHA-256 over a version of this encoding, the artifacts with their
// REQUESTED and direct_url.json values in plan order, the layout and the options.
[[nodiscard]] Sha256Digest plan_key(const std::vector<PlannedPackage>& packages, const EnvironmentLayout& layout,
                                    const PlanOptions& options);

// Sorts into the stated order: by normalized name. Where two packages own one path with different bytes, the
// later one wins. Throws InvalidInput when one name appears twice.
void sort_for_plan(std::vector<PlannedPackage>& packages);

// REQUIRES: sorted. `bytecode` wins over what packages bring at the same path. Throws InvalidInput where a package names one of the environment's own files after scheme
// mapping (store/source/reserved.hpp), or where one package's file is another's directory.
[[nodiscard]] Plan make_plan(const std::vector<PlannedPackage>& packages, const EnvironmentLayout& layout,
                             const PlanOptions& options, const PlanBytecode& bytecode = {});

// Where a file of a package lies in an environment.
[[nodiscard]] std::string environment_path(const PackageFile& file, const PackageMetadata& metadata,
                                           const EnvironmentLayout& layout);

// The form in which plans are kept (plan_codec.cpp). decode_plan throws Corruption on anything that
// encode_plan does not write; a plan of another version is nullopt: plans may be dropped.
[[nodiscard]] std::string encode_plan(const Plan& plan);
[[nodiscard]] std::optional<Plan> decode_plan(std::string_view bytes);

}  // namespace cas
