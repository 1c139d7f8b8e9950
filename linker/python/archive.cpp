#include "linker/python/archive.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <boost/filesystem.hpp>

#include "linker/plan_paths.hpp"
#include "store/base/error.hpp"
#include "store/base/relpath.hpp"
#include "store/source/python_tree.hpp"
#include "store/sys/file.hpp"
#include "store/sys/process.hpp"
#include "store/sys/publish.hpp"
#include "store/sys/tree.hpp"

namespace cas {
namespace {

constexpr std::chrono::minutes kUnpackLimit{10};
constexpr std::chrono::seconds kInspectionLimit{60};

// tar refuses names that lead out, and puts off links that do; what it made is looked at all the same before anything in it runs.
void refuse_escapes(const std::string& directory, const std::string& archive) {
  const Fd root = open_directory(directory);
  walk_tree(root.get(), [&](const std::string& path, const struct stat& info) {
    const auto refuse = [&](std::string_view why) {
      throw InvalidInput(fmt::format("{}: {} {}", archive, printable(path), why),
                         "fetch the archive again, from its maker");
    };
    if (S_ISLNK(info.st_mode)) {
      if (link_leads_out(parent_of(path), read_symlink_at(root.get(), path).value_or(""))) {
        refuse("is a link that leads out of the archive");
      }
    } else if (!S_ISREG(info.st_mode) && !S_ISDIR(info.st_mode)) {
      refuse("is neither a file nor a directory");
    } else if ((info.st_mode & (S_ISUID | S_ISGID)) != 0) {
      refuse("would run with another user's rights");
    }
  });
}

void unpack(const std::string& archive, const std::string& directory) {
  const ProcessResult run = run_process({"/usr/bin/env", "tar", "--extract", "--file", archive, "--directory",
                                         directory, "--no-same-owner", "--no-same-permissions", "--force-local"},
                                        {"TAR_OPTIONS"}, kUnpackLimit);
  if (run.timed_out) throw Error(fmt::format("{}: tar did not end within {} minutes", archive, kUnpackLimit.count()));
  if (run.exit_status == 0) return;
  throw Error(fmt::format("{}: tar ended with status {}: {}", archive, run.exit_status,
                          printable(run.errors.substr(0, run.errors.find('\n')))),
              "tar, and for .zst the program zstd, must be installed; else the archive is damaged");
}

std::string interpreter_in(const std::string& directory, const std::string& archive) {
  for (const char* prefix : {"", "/python", "/python/install"}) {
    for (const char* name : {"/bin/python3", "/bin/python"}) {
      std::string path = directory + prefix + name;
      boost::system::error_code error;
      if (boost::filesystem::is_regular_file(path, error)) return path;
    }
  }
  throw InvalidInput(archive + " holds no bin/python3, python/bin/python3 or python/install/bin/python3",
                     "name an archive of an installed Python");
}

}  // namespace

bool is_python_archive(std::string_view path) {
  constexpr std::array<std::string_view, 6> kEndings{".tar.gz", ".tgz", ".tar.zst", ".tar.xz", ".tar.bz2", ".tar"};
  return std::ranges::any_of(kEndings, [&](std::string_view ending) { return path.ends_with(ending); });
}

CaptureResult capture_archive(const Store& store, const std::string& path, const CaptureOptions& options,
                              Progress& progress) {
  const std::string archive = absolute_path(path);
  if (!stat_path(archive)) throw NotFound(path + " does not exist");
  progress.phase("unpacking " + std::string(name_of(archive)), 0);
  const StagingDirectory staging(store.layout().staging());
  unpack(archive, staging.path());
  refuse_escapes(staging.path(), archive);
  const InterpreterFacts facts = inspect_interpreter(interpreter_in(staging.path(), archive), kInspectionLimit);
  refuse_unsupported(facts);
  if (!facts.base_prefix.starts_with(staging.path() + "/") && facts.base_prefix != staging.path()) {
    throw NotCapturable(
        fmt::format("{}: its interpreter takes {} for its place", archive, printable(facts.base_prefix)));
  }
  return capture_interpreter(store, facts, options, progress, archive);
}

}  // namespace cas
