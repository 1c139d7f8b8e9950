#include "linker/environment_plan.hpp"

#include "linker/package_selection.hpp"
#include "store/base/codec.hpp"
#include "store/base/timing.hpp"
#include "store/ingest.hpp"

namespace cas {
namespace {

// false: a package is gone.
bool record(const Store& store, const Sha256Digest& key, const std::vector<PlannedPackage>& packages, Plan& plan) {
  std::vector<Sha256Digest> artifacts;
  for (const PlannedPackage& package : packages) artifacts.push_back(package.artifact);
  std::vector<GeneratedObject> generated;
  for (const PlanGenerated& object : plan.generated) generated.push_back({object.object, object.bytes});
  return record_plan(store, key, artifacts, generated, [&](const ReadTxn& txn, const Schema& schema) {
    for (PlanFile& file : plan.files) {
      const auto row = schema.objects.get(txn, file.object);
      if (!row) throw Corruption("the index does not have the object " + file.object.file_name(), "run `cas verify`");
      file.segment = row->segment;
    }
    return encode_plan(plan);
  });
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

std::optional<Plan> find_plan(const Store& store, const Sha256Digest& key) {
  const auto row =
      store.index().read([&](const ReadTxn& txn, const Schema& schema) { return schema.plans.get(txn, key); });
  if (!row) return std::nullopt;
  return decode_plan(row->body);
}

std::optional<FoundPlan> obtain_plan(const Store& store, std::vector<PlannedPackage>& packages,
                                     const InterpreterFacts& facts, const PlanOptions& options) {
  const Timer timer("plan");
  FoundPlan found;
  found.key = environment_plan_key(packages, facts, options);
  if (auto plan = find_plan(store, found.key)) {
    found.plan = std::move(*plan);
    found.reused = true;
    return found;
  }
  if (!load_packages(store, packages)) return std::nullopt;
  check_fit(packages, facts);
  found.plan = make_plan(packages, facts.layout, options);
  // The plan says it all: some 160 bytes a file that need not be there while it is encoded and written.
  for (PlannedPackage& package : packages) package.files = {};
  if (!record(store, found.key, packages, found.plan)) return std::nullopt;
  return found;
}

Plan plan_of_anchor(const Store& store, const Anchor& anchor) {
  if (auto plan = find_plan(store, anchor.plan)) return std::move(*plan);
  std::vector<PlannedPackage> packages;
  for (const AnchoredPackage& anchored : anchor.packages) {
    PlannedPackage package;
    package.artifact = anchored.artifact;
    package.requested = anchored.requested ? Requested::yes : Requested::no;
    package.direct_url = anchored.direct_url;
    packages.push_back(std::move(package));
  }
  if (!load_packages(store, packages)) {
    throw Corruption("the packages of " + anchor.target + " are no longer in the store",
                     "add their wheels again, or remove the environment and create it anew");
  }
  sort_for_plan(packages);
  PlanOptions options;
  options.scripts = anchor.relocatable ? ScriptStyle::relocatable : ScriptStyle::absolute;
  return make_plan(packages, {anchor.site_packages, anchor.scripts, anchor.headers}, options);
}

}  // namespace cas
