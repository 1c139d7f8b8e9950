#include "linker/python/archive.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <boost/filesystem.hpp>
#include <chrono>

#include "linker/plan_paths.hpp"
#include "store/base/error.hpp"
#include "store/base/relpath.hpp"
#include "store/base/text.hpp"
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
      throw InvalidInput(fmt::format("{}: {} {}", printable(archive), printable(path), why),
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

// Looks at what tar has made so far. A walk takes time, too: after a long one the next is put off.
class UnpackWatch {
 public:
  UnpackWatch(const std::string& directory, const std::string& archive, const UnpackLimits& limits)
      : root_(open_directory(directory)), archive_(archive), limits_(limits) {}

  void look_if_due() {
    if (Clock::now() < next_) return;
    const Clock::time_point start = Clock::now();
    look();
    next_ = Clock::now() + 5 * (Clock::now() - start);
  }

  void look() const {
    std::uint64_t bytes = 0, files = 0;
    walk_tree(root_.get(), [&](const std::string&, const struct stat& info) {
      ++files;
      if (S_ISREG(info.st_mode)) bytes += static_cast<std::uint64_t>(info.st_size);
      if (files > limits_.files) refuse(fmt::format("{} files", limits_.files));
      if (bytes > limits_.bytes) refuse(format_size(limits_.bytes));
    });
  }

 private:
  using Clock = std::chrono::steady_clock;

  [[noreturn]] void refuse(const std::string& most) const {
    throw InvalidInput(fmt::format("{}: unpacks to more than {}, which no Python has", printable(archive_), most),
                       "unpack it yourself, and name the folder");
  }

  Fd root_;
  const std::string& archive_;
  const UnpackLimits& limits_;
  Clock::time_point next_;
};

void unpack(const std::string& archive, const std::string& directory, const UnpackLimits& limits) {
  UnpackWatch watch(directory, archive, limits);
  const ProcessResult run = run_process({"/usr/bin/env", "tar", "--extract", "--file", archive, "--directory",
                                         directory, "--no-same-owner", "--no-same-permissions", "--force-local"},
                                        {"TAR_OPTIONS", "LC_ALL=C"}, kUnpackLimit, [&] { watch.look_if_due(); });
  watch.look();
  if (run.timed_out) {
    throw Error(fmt::format("{}: tar did not end within {} minutes", printable(archive), kUnpackLimit.count()));
  }
  if (run.exit_status == 0) return;
  const TarProblem problem = tar_problem(run.errors);
  throw Error(fmt::format("{}: tar ended with status {}: {}", printable(archive), run.exit_status, problem.reason),
              problem.hint);
}

std::string interpreter_in(const std::string& directory, const std::string& archive) {
  for (const char* prefix : {"", "/python", "/python/install"}) {
    for (const char* name : {"/bin/python3", "/bin/python"}) {
      std::string path = directory + prefix + name;
      boost::system::error_code error;
      if (boost::filesystem::is_regular_file(path, error)) return path;
    }
  }
  throw InvalidInput(printable(archive) + " holds no bin/python3, python/bin/python3 or python/install/bin/python3",
                     "name an archive of an installed Python");
}

}  // namespace

TarProblem tar_problem(std::string_view errors) {
  // What follows from another error, or is none.
  constexpr std::array<std::string_view, 7> kSaysLittle{
      "is not recoverable: exiting now", "due to previous errors", "Child returned status",
      "Child died with signal",          "Removing leading",       "Skipping to next header",
      "implausibly old time stamp"};
  std::string_view reason;
  while (!errors.empty()) {
    const std::size_t end = std::min(errors.find('\n'), errors.size());
    const std::string_view line = errors.substr(0, end);
    errors.remove_prefix(std::min(end + 1, errors.size()));
    const auto says_little = [&](std::string_view part) { return line.find(part) != std::string_view::npos; };
    const bool tells = !line.empty() && std::ranges::none_of(kSaysLittle, says_little);
    if (tells || reason.empty()) reason = line;
  }
  const auto says = [&](std::string_view part) { return reason.find(part) != std::string_view::npos; };
  TarProblem problem{reason.empty() ? "it did not say why" : printable(reason),
                     "fetch the archive again: it is damaged"};
  if (says("Cannot exec") || says("'tar'")) {
    problem.hint = "install tar, and the program that packed the archive (gzip, xz, bzip2, zstd)";
  } else if (says("No space left") || says("quota exceeded")) {
    problem.hint = "free some space, for example with `cas gc`";
  } else if (says("Cannot open") || says("Permission denied") || says("Cannot mkdir")) {
    problem.hint.clear();
  }
  return problem;
}

bool is_python_archive(std::string_view path) {
  constexpr std::array<std::string_view, 6> kEndings{".tar.gz", ".tgz", ".tar.zst", ".tar.xz", ".tar.bz2", ".tar"};
  return std::ranges::any_of(kEndings, [&](std::string_view ending) { return path.ends_with(ending); });
}

CaptureResult capture_archive(const Store& store, const std::string& path, const CaptureOptions& options,
                              Progress& progress, const UnpackLimits& limits) {
  const std::string archive = absolute_path(path);
  if (!stat_path(archive)) throw NotFound(printable(path) + " does not exist");
  progress.phase("unpacking " + std::string(name_of(archive)), 0);
  const StagingDirectory staging(store.layout().staging());
  try {
    unpack(archive, staging.path(), limits);
    refuse_escapes(staging.path(), archive);
    const InterpreterFacts facts = inspect_interpreter(interpreter_in(staging.path(), archive), kInspectionLimit);
    refuse_unsupported(facts);
    if (!facts.base_prefix.starts_with(staging.path() + "/") && facts.base_prefix != staging.path()) {
      throw NotCapturable(fmt::format("its interpreter takes {} for its place", printable(facts.base_prefix)));
    }
    return capture_interpreter(store, facts, options, progress, archive);
  } catch (Error& error) {
    // Where it was unpacked is gone by now.
    error.say_instead(staging.path(), archive);
    if (error.message().find(printable(archive)) == std::string::npos) error.add_context(printable(archive));
    throw;
  }
}

}  // namespace cas
