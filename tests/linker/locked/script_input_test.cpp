#include "linker/locked/script_input.hpp"

#include <boost/test/unit_test.hpp>
#include <set>

using namespace cas;

namespace {

ListedRequirement constraint(const std::string& text) {
  ListedRequirement listed;
  listed.requirement = parse_requirement(text);
  listed.constraint = true;
  return listed;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(script_input)

BOOST_AUTO_TEST_CASE(whatever_decides_about_the_environment_is_in_its_key) {
  PackageInputs plain;
  plain.requirements.requirements = {constraint("demo")};
  plain.requirements.requirements[0].constraint = false;
  std::vector<PackageInputs> all(13, plain);
  all[1].wishes.build.format.no_binary("demo");
  all[2].wishes.build.format.only_binary("demo");
  all[3].wishes.build.format.only_binary(":all:");
  all[4].wishes.build.settings = {{"key", "a"}};
  all[5].wishes.build.settings = {{"key", "b"}};
  all[6].wishes.build.constraints = {constraint("backend<2")};
  all[7].wishes.build.constraints = {constraint("backend<3")};
  all[8].requirements.requirements[0].config_settings = {{"key", "a"}};
  all[9].network.places.no_index = true;
  all[10].network.places.indexes = {"https://example.org/simple"};
  all[11].resolve.prereleases = true;
  all[12].wishes.build.format.no_build();
  std::set<std::string> keys;
  for (const PackageInputs& inputs : all) keys.insert(environment_key(inputs, {}));
  BOOST_TEST(keys.size() == all.size());
  BOOST_TEST(environment_key(plain, "3.12") != environment_key(plain, {}));
}

BOOST_AUTO_TEST_CASE(what_decides_nothing_is_not) {
  PackageInputs plain, other;
  other.wishes.build.limit = std::chrono::seconds{7};
  other.wishes.build.refresh = true;
  other.wishes.build.resolver = "pip";
  other.resolve.refresh = true;
  BOOST_TEST(environment_key(plain, {}) == environment_key(other, {}));
  BOOST_TEST(environment_key(plain, {}).size() == 32U);
}

BOOST_AUTO_TEST_SUITE_END()
