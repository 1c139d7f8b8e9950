#include "linker/plan_take_over.hpp"

#include <algorithm>
#include <string>
#include <unordered_set>
#include <utility>

#include "linker/environment_plan.hpp"
#include "linker/plan_bytecode.hpp"
#include "linker/python/capture.hpp"
#include "store/base/codec.hpp"
#include "store/base/timing.hpp"
#include "store/ingest.hpp"

namespace cas {
namespace {

struct BasePlan {
  std::vector<ObjectId> objects;  // that only it refers to
  Plan plan;
};

// Of the same interpreter, where the base store has it.
std::optional<InterpreterFacts> facts_in(const Store& base, const std::optional<StoredInterpreter>& own,
                                         const InterpreterFacts& facts) {
  if (!own) return facts;
  for (const StoredInterpreter& there : list_interpreters(base)) {
    if (there.name == own->name) return facts_of(there);
  }
  return std::nullopt;
}

// nullopt: not there, of another version, or not of these packages.
std::optional<BasePlan> read_plan(const Store& base, const Sha256Digest& key,
                                  const std::vector<PlannedPackage>& packages) {
  const auto row =
      base.index().read([&](const ReadTxn& txn, const Schema& schema) { return schema.plans.get(txn, key); });
  if (!row) return std::nullopt;
  std::string artifacts;
  for (const PlannedPackage& package : packages) artifacts += package.artifact.raw();
  if (row->artifacts != artifacts) return std::nullopt;
  try {
    auto plan = decode_plan(row->body);
    if (!plan) return std::nullopt;
    BasePlan found{{}, std::move(*plan)};
    for (ByteReader objects(row->objects); !objects.at_end();) found.objects.push_back(objects.object());
    return found;
  } catch (const Corruption&) {
    return std::nullopt;
  }
}

// What the base knows of the bytecode that the plan places, for the next plan with the same sources.
void note_bytecode(const Store& base, const Plan& plan, const std::string& identity, BytecodeBatch& batch) {
  std::vector<Sha256Digest> sources;
  std::unordered_set<ObjectId> placed;
  for (const PlanFile& file : plan.files) {
    if (is_source_name(file.name)) sources.push_back(file.object.digest);
    if (file.name.ends_with(".pyc")) placed.insert(file.object);
  }
  const auto rows = find_bytecode(base, sources, identity);
  for (std::size_t i = 0; i < sources.size(); ++i) {
    if (rows[i] && (rows[i]->size == 0 || placed.contains(rows[i]->object))) batch.note(sources[i], *rows[i]);
  }
}

// Whether everything that it links is there: in the store, or about to be.
bool is_whole(const Store& store, const BasePlan& found) {
  const std::unordered_set<ObjectId> brought(found.objects.begin(), found.objects.end());
  return store.index().read([&](const ReadTxn& txn, const Schema& schema) {
    const auto there = [&](const ObjectId& id) { return brought.contains(id) || schema.objects.has(txn, id); };
    const Plan& plan = found.plan;
    return std::ranges::all_of(plan.files, there, &PlanFile::object) &&
           std::ranges::all_of(plan.links, there, &PlanLink::object) &&
           std::ranges::all_of(plan.scripts, [&](const PlanScript& script) {
             return script.kind == PlanScript::Kind::entry_point || there(script.source);
           });
  });
}

bool record(const Store& store, const Store& base, const Sha256Digest& key, const std::vector<PlannedPackage>& packages,
            BasePlan& found, const PlanOptions& options, unsigned threads) {
  BytecodeBatch batch(store, options.bytecode);
  if (!batch.take_over(base, found.objects, threads)) return false;
  if (!options.bytecode.empty()) note_bytecode(base, found.plan, options.bytecode, batch);
  std::vector<Sha256Digest> artifacts;
  for (const PlannedPackage& package : packages) artifacts.push_back(package.artifact);
  const auto encode = [&](const ReadTxn& txn, const Schema& schema) { return encode_located(txn, schema, found.plan); };
  return record_plan(store, key, artifacts, {}, encode, &batch);
}

}  // namespace

std::optional<Plan> take_over_plan(const Store& store, const Sha256Digest& key,
                                   const std::vector<PlannedPackage>& packages, const InterpreterFacts& facts,
                                   const PlanOptions& options, unsigned threads) {
  if (store.bases().empty()) return std::nullopt;
  const Timer timer("take over the plan");
  const auto own = captured_at_path(store, facts.executable);
  for (const Store& base : store.bases()) {
    const auto there = facts_in(base, own, facts);
    if (!there) continue;
    auto found = read_plan(base, environment_plan_key(packages, *there, options), packages);
    if (!found || !is_whole(store, *found) || !record(store, base, key, packages, *found, options, threads)) continue;
    FromBases taken;
    taken.plans = 1;
    store.note_from_bases(taken);
    return std::move(found->plan);
  }
  return std::nullopt;
}

}  // namespace cas
