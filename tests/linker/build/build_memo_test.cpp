#include "linker/build/build_memo.hpp"

#include <boost/test/unit_test.hpp>
#include <set>

#include "tests/linker/facts.hpp"
#include "tests/support/temp_store.hpp"

using namespace cas;

BOOST_AUTO_TEST_SUITE(build_memo_tests)

BOOST_AUTO_TEST_CASE(a_key_is_of_all_that_a_build_depends_on) {
  ProjectSource source;
  source.name = "p";
  const BuildOptions options;
  const InterpreterFacts facts = test::cpython_facts(12);
  std::set<Sha256Digest> keys{build_key(source, "a", facts, options)};
  keys.insert(build_key(source, "a", facts, options));
  BOOST_TEST(keys.size() == 1U);
  keys.insert(build_key(source, "b", facts, options));
  keys.insert(build_key(source, "a", test::cpython_facts(11), options));
  ProjectSource other = source;
  other.editable = true;
  keys.insert(build_key(other, "a", facts, options));
  other = source;
  other.subdirectory = "in";
  keys.insert(build_key(other, "a", facts, options));
  BuildOptions settings;
  settings.settings = {{"k", "v"}};
  keys.insert(build_key(source, "a", facts, settings));
  settings.settings_of["p"] = {{"k", "w"}};
  keys.insert(build_key(source, "a", facts, settings));
  settings = {};
  settings.settings_of["q"] = {{"k", "w"}};
  keys.insert(build_key(source, "a", facts, settings));
  BuildOptions constrained;
  constrained.constraints.emplace_back().requirement = parse_requirement("setuptools<80");
  keys.insert(build_key(source, "a", facts, constrained));
  // What was built without isolation is nobody else's.
  keys.insert(build_key(source, "a", facts, options, "in place"));
  keys.insert(build_key(source, "a", facts, options, "in another place"));
  BOOST_TEST(keys.size() == 10U);
}

BOOST_AUTO_TEST_CASE(a_build_is_remembered_while_its_package_is_there) {
  test::TempStore temp;
  const Sha256Digest key = sha256("key");
  BOOST_TEST(!remembered_build(temp.store, key).has_value());
  remember_build(temp.store, key, {sha256("gone"), "1.0"});
  BOOST_TEST(!remembered_build(temp.store, key).has_value());
  const Sha256Digest artifact = temp.add("p", "1.0", {{"p.py", "x = 1\n"}});
  remember_build(temp.store, key, {artifact, "1.0"});
  const auto known = remembered_build(temp.store, key);
  BOOST_REQUIRE(known.has_value());
  BOOST_TEST((known->artifact == artifact));
  BOOST_TEST(known->version == "1.0");
}

BOOST_AUTO_TEST_SUITE_END()
