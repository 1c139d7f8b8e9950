#include "linker/environment_plan.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "linker/bytecode/bytecode.hpp"
#include "linker/package_selection.hpp"
#include "linker/plan_bytecode.hpp"
#include "linker/plan_paths.hpp"
#include "linker/plan_take_over.hpp"
#include "store/base/codec.hpp"
#include "store/base/relpath.hpp"
#include "store/base/timing.hpp"
#include "store/ingest.hpp"
#include "store/take_over.hpp"

namespace cas {
namespace {

constexpr int kMaxRounds = 10;

// false: a package is gone, or bytecode (bytecode.collected()).
bool record(const Store& store, const Sha256Digest& key, const std::vector<PlannedPackage>& packages, Plan& plan,
            BytecodeBatch* bytecode) {
  std::vector<Sha256Digest> artifacts;
  for (const PlannedPackage& package : packages) artifacts.push_back(package.artifact);
  std::vector<GeneratedObject> generated;
  for (const PlanGenerated& object : plan.generated) generated.push_back({object.object, object.bytes});
  const auto encode = [&](const ReadTxn& txn, const Schema& schema) { return encode_located(txn, schema, plan); };
  return record_plan(store, key, artifacts, generated, encode, bytecode);
}

// By name: cas's own and what packages bring.
std::uint64_t count_bytecode(const Plan& plan) {
  return static_cast<std::uint64_t>(
      std::ranges::count_if(plan.files, [](const PlanFile& file) { return file.name.ends_with(".pyc"); }));
}

// Nobody remembers which bytecode stood in the RECORDs: they are files of ours, whatever they say. Also those that name scripts.
void records_of_unknown_text(Plan& plan) {
  for (PlanRecord& record : plan.records) record = {record.path, {}, {}};
  std::erase_if(plan.files, [&](const PlanFile& file) {
    const std::string& directory = plan.directories[file.directory];
    if (file.name != "RECORD" || !directory.ends_with(".dist-info")) return false;
    plan.records.push_back({join_path(directory, file.name), {}, {}});
    return true;
  });
}

// A manifest that cannot be read is as good as none.
bool try_load(const Store& store, std::vector<PlannedPackage>& packages) {
  try {
    return load_packages(store, packages);
  } catch (const Corruption&) {
    return false;
  }
}

std::vector<Sha256Digest> artifacts_of(const std::vector<PlannedPackage>& packages) {
  std::vector<Sha256Digest> artifacts;
  for (const PlannedPackage& package : packages) artifacts.push_back(package.artifact);
  return artifacts;
}

enum class Made { yes, package_gone, bytecode_gone };

Made make_and_record(const Store& store, std::vector<PlannedPackage>& packages, const InterpreterFacts& facts,
                     const PlanOptions& options, const PlanWork& work, FoundPlan& found) {
  PlanBytecode bytecode;
  ObtainedBytecode obtained;
  if (const auto format = parse_bytecode_identity(options.bytecode)) {
    obtained = obtain_bytecode(store, facts.executable, options.bytecode, bytecode_sources(packages, facts.layout),
                               work.threads, work.progress);
    bytecode.cache_tag = format->cache_tag;
    bytecode.files = std::move(obtained.files);
  }
  found.plan = make_plan(packages, facts.layout, options, bytecode);
  // The plan says it all: some 160 bytes a file that need not be there while it is encoded and written.
  for (PlannedPackage& package : packages) package.files = {};
  found.bytecode.compiled += obtained.compiled;
  found.bytecode.refused = obtained.refused;
  if (record(store, found.key, packages, found.plan, obtained.batch.get())) return Made::yes;
  return obtained.batch && obtained.batch->collected() ? Made::bytecode_gone : Made::package_gone;
}

}  // namespace

Sha256Digest environment_plan_key(const std::vector<PlannedPackage>& packages, const InterpreterFacts& facts,
                                  const PlanOptions& options) {
  std::string text = "environment plan";
  ByteWriter out(text);
  out.digest(plan_key(packages, facts.layout, options));
  out.string(encode_facts(facts));
  // A wheel's file name says what it fits: the same bytes under another name are judged anew.
  for (const PlannedPackage& package : packages) out.string(package.metadata.file_name);
  return sha256(text);
}

std::string encode_located(const ReadTxn& txn, const Schema& schema, Plan& plan) {
  for (PlanFile& file : plan.files) {
    const auto row = schema.objects.get(txn, file.object);
    if (!row) throw Corruption("the index does not have the object " + file.object.file_name(), "run `cas verify`");
    file.segment = row->segment;
  }
  return encode_plan(plan);
}

std::optional<Plan> find_plan(const Store& store, const Sha256Digest& key) {
  const auto row =
      store.index().read([&](const ReadTxn& txn, const Schema& schema) { return schema.plans.get(txn, key); });
  if (!row) return std::nullopt;
  try {
    return decode_plan(row->body);
  } catch (const Corruption&) {
    return std::nullopt;  // as if it were not known: it is made again
  }
}

std::optional<FoundPlan> obtain_plan(const Store& store, std::vector<PlannedPackage>& packages,
                                     const InterpreterFacts& facts, const PlanOptions& options, const PlanWork& work) {
  const Timer timer("plan");
  FoundPlan found;
  found.key = environment_plan_key(packages, facts, options);
  if (auto plan = find_plan(store, found.key)) {
    found.plan = std::move(*plan);
    found.reused = true;
    found.bytecode.files = options.bytecode.empty() ? 0 : count_bytecode(found.plan);
    return found;
  }
  take_over_packages(store, artifacts_of(packages), work.threads);
  if (auto plan = take_over_plan(store, found.key, packages, facts, options, work.threads)) {
    found.plan = std::move(*plan);
    found.reused = true;
    found.bytecode.files = options.bytecode.empty() ? 0 : count_bytecode(found.plan);
    return found;
  }
  if (!load_packages(store, packages)) return std::nullopt;
  check_fit(packages, facts);
  for (int round = 0; round < kMaxRounds; ++round) {
    // Their lists of files were given up in the round before.
    if (round > 0 && !load_packages(store, packages)) return std::nullopt;
    const Made made = make_and_record(store, packages, facts, options, work, found);
    if (made == Made::package_gone) return std::nullopt;
    found.bytecode.files = options.bytecode.empty() ? 0 : count_bytecode(found.plan);
    if (made == Made::yes) return found;
  }
  throw Error("planning an environment: its bytecode is collected again and again meanwhile",
              "wait for `cas gc` to finish");
}

Plan plan_of_anchor(const Store& store, const Anchor& anchor) {
  RestOfPlan rest = plan_of_what_is_left(store, anchor);
  if (rest.missing.empty()) return std::move(rest.plan);
  std::string names;
  for (const std::size_t i : rest.missing) {
    names += fmt::format("{}{} {}", names.empty() ? "" : ", ", anchor.packages[i].name, anchor.packages[i].version);
  }
  throw Corruption(fmt::format("{} of {} {} not in the store (any more)", printable(names), printable(anchor.target),
                               rest.missing.size() == 1 ? "is" : "are"),
                   "`cas repair` brings back what somebody has; so does `cas add` with the wheels");
}

RestOfPlan plan_of_what_is_left(const Store& store, const Anchor& anchor) {
  if (auto plan = find_plan(store, anchor.plan)) return {std::move(*plan), {}};
  RestOfPlan rest;
  std::vector<PlannedPackage> packages;
  for (std::size_t i = 0; i < anchor.packages.size(); ++i) {
    const AnchoredPackage& anchored = anchor.packages[i];
    std::vector<PlannedPackage> one(1);
    one.front().artifact = anchored.artifact;
    one.front().requested = anchored.requested ? Requested::yes : Requested::no;
    one.front().direct_url = anchored.direct_url;
    if (try_load(store, one)) {
      packages.push_back(std::move(one.front()));
    } else {
      rest.missing.push_back(i);
    }
  }
  sort_for_plan(packages);
  PlanOptions options;
  options.scripts = anchor.relocatable ? ScriptStyle::relocatable : ScriptStyle::absolute;
  rest.plan = make_plan(packages, {anchor.site_packages, anchor.scripts, anchor.headers}, options);
  records_of_unknown_text(rest.plan);
  return rest;
}

}  // namespace cas
