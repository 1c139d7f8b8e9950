#include "linker/build/source_build.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "linker/build/backend.hpp"
#include "linker/build/build_environment.hpp"
#include "linker/build/build_in_place.hpp"
#include "linker/build/tree_state.hpp"
#include "store/artifact_identity.hpp"
#include "store/base/error.hpp"
#include "store/base/relpath.hpp"
#include "store/source/version.hpp"
#include "store/sys/file.hpp"
#include "store/sys/glob.hpp"
#include "store/take_over.hpp"

namespace cas {
namespace {

constexpr std::size_t kMostProjectBytes = std::size_t{16} << 20;

// What the sources are, and for a directory how it looks now.
struct Identity {
  std::string text;  // "": never the same
  std::optional<TreeState> state;
};

std::string directory_identity(const ProjectSource& source, const TreeState& state) {
  return source.path + '\0' + digest_of(state).hex();
}

Identity identify(const Store& store, const ProjectSource& source) {
  switch (source.kind) {
    case SourceKind::archive: {
      if (source.sha256) return {source.sha256->hex(), {}};
      const Fd file = open_user_file(source.path);
      return {identify_artifact(file.get(), source.path, store.index()).digest.hex(), {}};
    }
    case SourceKind::directory: {
      auto state = look_at_tree(source.path);
      if (!state) return {};
      std::string text = directory_identity(source, *state);
      return {std::move(text), std::move(state)};
    }
    case SourceKind::git:
      return {source.url + '\0' + source.commit, {}};
  }
  return {};
}

std::optional<BuiltWheel> look_up(const Store& store, const ProjectSource& source, const Identity& identity,
                                  const InterpreterFacts& facts, const BuildOptions& options) {
  if (options.refresh || identity.text.empty()) return std::nullopt;
  const auto remembered = [&](const std::string& place) {
    return remembered_build(store, build_key(source, identity.text, facts, options, place));
  };
  if (!options.in_place) return remembered("");
  const PlaceToBuild place(options.in_place->environment, facts);
  if (const auto state = place.state(source.name)) {
    if (auto known = remembered(*state)) return known;
  }
  if (!options.in_place->keep_installed || !place.identity()) return std::nullopt;
  auto known = remembered(*place.identity());
  return known && place.has(known->artifact) ? known : std::nullopt;
}

// What of the place of a build it is remembered by.
std::vector<std::string> places_of(const ProjectSource& source, const InterpreterFacts& facts,
                                   const BuildOptions& options) {
  if (!options.in_place) return {""};
  const PlaceToBuild place(options.in_place->environment, facts);
  std::vector<std::string> texts;
  for (auto& text : {place.state(source.name), place.identity()}) {
    if (text) texts.push_back(*text);
  }
  return texts;
}

// A build leaves things in a directory of the user's: then the state that it has now is remembered, unless something may have been edited
// meanwhile.
void remember(const Store& store, const ProjectSource& source, const Identity& before, const InterpreterFacts& facts,
              const BuildOptions& options, const std::vector<std::string>& places, const BuiltWheel& wheel) {
  std::string text = before.text;
  if (before.state) {
    const auto after = look_at_tree(source.path);
    if (!after || !only_added(*before.state, *after)) return;
    text = directory_identity(source, *after);
  }
  if (text.empty()) return;
  for (const std::string& place : places) {
    remember_build(store, build_key(source, text, facts, options, place), wheel);
  }
}

BuildSystem read_build_system(const std::string& tree, const std::string& label) {
  if (kind_of_path(tree) != PathKind::directory)
    throw NotFound(printable(tree) + " is no directory that could be built");
  const Fd directory = open_directory(tree + "/.");
  const auto text = try_read_file_at(directory.get(), "pyproject.toml", kMostProjectBytes);
  if (text) return parse_build_system(*text, label + ": pyproject.toml");
  if (!stat_at(directory.get(), "setup.py")) {
    throw InvalidInput(printable(tree) + " has neither pyproject.toml nor setup.py",
                       "only Python projects can be installed");
  }
  return legacy_build_system();
}

void check_built(const ProjectSource& source, const IngestResult& built) {
  if (!built.error.empty()) throw InvalidInput("the wheel that was built is refused: " + built.error, built.error_hint);
  if (built.normalized_name != source.name) {
    throw InvalidInput(fmt::format("the sources are of {}, not of {}", built.normalized_name, source.name));
  }
  const auto wanted = Version::parse(source.version);
  const auto version = Version::parse(built.version);
  if (wanted && (!version || *version != *wanted)) {
    throw InvalidInput(fmt::format("the sources are of version {}, not {}", built.version, source.version));
  }
}

// The environment that a back-end gets: one of its own, or one that is there.
class Workplace {
 public:
  Workplace(const Store& store, PackageNetwork& network, const ProjectSource& source, const InterpreterFacts& facts,
            const BuildOptions& options, std::string path, Progress& progress)
      : inner_(options), label_(source.label()), progress_(progress) {
    if (options.in_place) {
      there_.emplace(options.in_place->environment, facts);
      return;
    }
    inner_.underway.push_back(source.name);
    own_.emplace(store, network, facts, inner_, std::move(path), progress);
  }

  void provide(const std::vector<std::string>& requirements, const std::string& place) {
    if (own_) {
      own_->provide(requirements, place);
    } else {
      there_->require(requirements, label_, progress_);
    }
  }

  [[nodiscard]] const std::string& path() const { return own_ ? own_->path() : there_->path(); }
  [[nodiscard]] std::string python() const { return own_ ? own_->python() : there_->python(); }

 private:
  BuildOptions inner_;
  std::string label_;
  Progress& progress_;
  std::optional<BuildEnvironment> own_;
  std::optional<PlaceToBuild> there_;
};

IngestResult build(const Store& store, PackageNetwork& network, const ProjectSource& source,
                   const InterpreterFacts& facts, const BuildOptions& options, Progress& progress) {
  const auto shown = progress.begin(PackageWork::build, source.label(), 0);
  progress.phase("", 0);
  const StagingDirectory scratch(store.layout().staging());
  const std::string tree = obtain_tree(store, network, source, scratch, options.limit, progress);
  const BuildSystem system = read_build_system(tree, source.label());
  const BuildKind kind = source.editable ? BuildKind::editable : BuildKind::wheel;
  Workplace environment(store, network, source, facts, options, scratch.path() + "/environment", progress);
  const std::string place = "what builds " + source.label();
  with_context(place, [&] { environment.provide(system.requires_, "build-system.requires"); });

  for (const char* name : {"exchange", "wheel"}) make_directory_at(scratch.fd(), name, 0700);
  const Backend backend({environment.python(), tree, scratch.path() + "/exchange", environment.path()}, system,
                        options.settings_for(source.name), options.limit);
  progress.phase("", 0);
  std::vector<std::string> more = backend.more_requirements(kind);
  if (!more.empty()) {
    const std::string asked = fmt::format("{}, where the back-end asks for {}", place, fmt::join(more, ", "));
    more.insert(more.begin(), system.requires_.begin(), system.requires_.end());
    with_context(printable(asked), [&] { environment.provide(more, "the back-end's requirements"); });
    progress.phase("", 0);
  }
  WheelRequest wheel;
  wheel.path = backend.build(kind, scratch.path() + "/wheel");
  IngestResult built = ingest_wheels(store, std::vector<WheelRequest>{wheel}, {}, progress).at(0);
  check_built(source, built);
  shown->done();
  return built;
}

}  // namespace

std::optional<BuiltWheel> known_build(const Store& store, const ProjectSource& source, const InterpreterFacts& facts,
                                      const BuildOptions& options) {
  return look_up(store, source, identify(store, source), facts, options);
}

BuildResult build_source(const Store& store, PackageNetwork& network, const ProjectSource& source,
                         const InterpreterFacts& facts, const BuildOptions& options, Progress& progress) {
  const Identity identity = identify(store, source);
  // What a base store alone has of it may be damaged there.
  const auto known = look_up(store, source, identity, facts, options);
  if (known && obtain_package(store, known->artifact)) return {*known, {}};
  if (std::ranges::find(options.underway, source.name) != options.underway.end()) {
    throw UsageError(
        fmt::format("{} would have to be built to build {}", source.name, fmt::join(options.underway, ", to build ")),
        "add a wheel of it to the index, or to a folder that --find-links names");
  }
  return with_context("building " + source.label(), [&] {
    const std::vector<std::string> places = places_of(source, facts, options);
    BuildResult result;
    result.ingested = build(store, network, source, facts, options, progress);
    result.wheel = {result.ingested->artifact, result.ingested->version};
    remember(store, source, identity, facts, options, places, result.wheel);
    return result;
  });
}

}  // namespace cas
