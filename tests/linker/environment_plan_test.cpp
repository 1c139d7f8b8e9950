#include "linker/environment_plan.hpp"

#include <boost/test/unit_test.hpp>
#include <filesystem>

#include "linker/package_selection.hpp"
#include "store/base/error.hpp"
#include "tests/linker/facts.hpp"
#include "tests/support/temp_store.hpp"

using namespace cas;
using namespace cas::test;

namespace {

// No interpreter is needed to plan.
struct PlanFixture : TempStore {
  InterpreterFacts facts = cpython_facts(12);
  PlanOptions plan_options;

  PlannedPackage planned(const Sha256Digest& artifact) const {
    PlannedPackage package;
    package.artifact = artifact;
    if (const auto found = find_package(store.index(), artifact)) {
      package.metadata.name = found->row.name;
      package.metadata.normalized_name = found->row.normalized_name;
      package.metadata.version = found->row.version;
    }
    package.requested = Requested::yes;
    return package;
  }
  std::optional<FoundPlan> obtain(const std::vector<Sha256Digest>& artifacts) {
    std::vector<PlannedPackage> packages;
    for (const Sha256Digest& artifact : artifacts) packages.push_back(planned(artifact));
    sort_for_plan(packages);
    return obtain_plan(store, packages, facts, plan_options, {1, silent});
  }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(environment_plan_tests, PlanFixture)

BOOST_AUTO_TEST_CASE(a_plan_is_made_once_and_found_again) {
  const auto artifact = add("demo", "1.0", {{"demo/core.py", "core"}, {"demo/__init__.py", ""}});
  const auto made = obtain({artifact});
  BOOST_REQUIRE(made);
  BOOST_TEST(!made->reused);
  const auto again = obtain({artifact});
  BOOST_REQUIRE(again);
  BOOST_TEST(again->reused);
  BOOST_TEST((again->key == made->key));
  BOOST_TEST(encode_plan(again->plan) == encode_plan(made->plan));
}

BOOST_AUTO_TEST_CASE(every_file_of_a_plan_is_an_object_at_its_segment) {
  const auto made = obtain({add("demo", "1.0", {{"demo/core.py", "core"}})});
  BOOST_REQUIRE(made);
  BOOST_TEST(!made->plan.files.empty());
  for (const PlanFile& file : made->plan.files) {
    BOOST_TEST_CONTEXT(file.name) { BOOST_TEST(exists(store.layout().object(file.segment, file.object))); }
  }
  BOOST_TEST(problems().empty());
}

BOOST_AUTO_TEST_CASE(the_key_covers_packages_options_and_interpreter) {
  const PlannedPackage one = planned(add("one", "1.0", {{"one.py", "1"}}));
  const PlannedPackage two = planned(add("two", "1.0", {{"two.py", "2"}}));
  const Sha256Digest key = environment_plan_key({one}, facts, plan_options);
  BOOST_TEST((environment_plan_key({one}, facts, plan_options) == key));
  BOOST_TEST((environment_plan_key({one, two}, facts, plan_options) != key));
  BOOST_TEST((environment_plan_key({}, facts, plan_options) != key));
  BOOST_TEST((environment_plan_key({one}, cpython_facts(13), plan_options) != key));
  BOOST_TEST((environment_plan_key({one}, facts, {ScriptStyle::relocatable}) != key));
  PlannedPackage dependency = one;
  dependency.requested = Requested::no;
  BOOST_TEST((environment_plan_key({dependency}, facts, plan_options) != key));
  PlannedPackage from_url = one;
  from_url.direct_url = "{}";
  BOOST_TEST((environment_plan_key({from_url}, facts, plan_options) != key));
}

BOOST_AUTO_TEST_CASE(a_collected_package_makes_no_plan) {
  BOOST_TEST(!obtain({sha256("a wheel that is gone")}).has_value());
}

BOOST_AUTO_TEST_CASE(a_package_that_does_not_fit_makes_no_plan) {
  WheelBuilder wheel = make_wheel("demo", "1.0", {{"demo.py", "x"}});
  wheel.metadata = "Metadata-Version: 2.1\nName: demo\nVersion: 1.0\nRequires-Python: >=3.13\n";
  const auto artifact = add(wheel);
  BOOST_CHECK_THROW(static_cast<void>(obtain({artifact})), InvalidInput);
  facts = cpython_facts(13);
  BOOST_TEST(obtain({artifact}).has_value());
}

BOOST_AUTO_TEST_CASE(an_anchors_plan_can_be_made_again) {
  const auto artifact = add("demo", "1.0", {{"demo/core.py", "core"}});
  const auto made = obtain({artifact});
  BOOST_REQUIRE(made);
  Anchor anchor = anchor_for(dir / "env", {artifact});
  anchor.plan = made->key;
  BOOST_TEST(encode_plan(plan_of_anchor(store, anchor)) == encode_plan(made->plan));
  store.index().write([&](WriteTxn& txn, const Schema& schema) { schema.plans.erase(txn, made->key); });
  const Plan again = plan_of_anchor(store, anchor);
  BOOST_TEST((again.directories == made->plan.directories));
  // But for RECORD's text: nobody remembers which bytecode it names.
  Plan expected = made->plan;
  std::erase_if(expected.files, [](const PlanFile& file) { return file.name == "RECORD"; });
  BOOST_REQUIRE(again.files.size() == expected.files.size());
  for (std::size_t i = 0; i < again.files.size(); ++i) {
    BOOST_TEST((again.files[i].object == expected.files[i].object));
    BOOST_TEST(again.files[i].name == expected.files[i].name);
  }
  BOOST_REQUIRE(again.records.size() == 1U);
  BOOST_TEST(again.records.front().path == "lib/python3.12/site-packages/demo-1.0.dist-info/RECORD");
}

// Rows for its scripts were known even without bytecode: half a text is none.
BOOST_AUTO_TEST_CASE(a_plan_made_again_knows_no_record_that_names_scripts) {
  WheelBuilder wheel = make_wheel("tool", "1.0", {{"tool.py", "x"}});
  wheel.add("tool-1.0.dist-info/entry_points.txt", "[console_scripts]\ntool = tool:main\n");
  const auto artifact = add(wheel);
  const auto made = obtain({artifact});
  BOOST_REQUIRE(made);
  BOOST_REQUIRE(made->plan.records.size() == 1U);
  BOOST_TEST(!made->plan.records.front().rows.empty());
  store.index().write([&](WriteTxn& txn, const Schema& schema) { schema.plans.erase(txn, made->key); });
  const Plan again = plan_of_anchor(store, anchor_for(dir / "env", {artifact}));
  BOOST_REQUIRE(again.records.size() == 1U);
  BOOST_TEST(again.records.front().rows.empty());
  BOOST_TEST(again.records.front().scripts.empty());
  BOOST_TEST(again.scripts.size() == 1U);
}

BOOST_AUTO_TEST_CASE(an_anchor_whose_packages_are_gone_has_no_plan) {
  BOOST_CHECK_THROW(static_cast<void>(plan_of_anchor(store, anchor_for(dir / "env", {sha256("gone")}))), Corruption);
}

BOOST_AUTO_TEST_CASE(a_plan_of_another_version_is_made_anew) {
  const auto artifact = add("demo", "1.0", {{"demo/core.py", "core"}});
  const auto made = obtain({artifact});
  store.index().write([&](WriteTxn& txn, const Schema& schema) {
    PlanRow row = schema.plans.get(txn, made->key).value();
    row.body[std::string_view("casplan").size()] = 99;
    schema.plans.put(txn, made->key, row);
  });
  const auto again = obtain({artifact});
  BOOST_REQUIRE(again);
  BOOST_TEST(!again->reused);
}

BOOST_AUTO_TEST_SUITE_END()
