#include "linker/installed/comparison.hpp"

#include <boost/test/unit_test.hpp>
#include <string>
#include <vector>

#include "tests/linker/installed/site_packages.hpp"

using namespace cas;
using test::SitePackages;
using Texts = std::vector<std::string>;

namespace {

const Sha256Digest kA = *Sha256Digest::from_hex(std::string(64, 'a'));
const Sha256Digest kB = *Sha256Digest::from_hex(std::string(64, 'b'));

ComparedPackage package(const std::string& name, const std::string& version,
                        const std::optional<Sha256Digest>& sha256 = {}, const std::string& origin = {}) {
  return {name, name, version, sha256, origin};
}

Texts changes(const std::vector<ComparedPackage>& before, const std::vector<ComparedPackage>& after) {
  Texts texts;
  for (const PackageDifference& one : compare_packages(before, after)) {
    texts.push_back(std::string(change_word(one.change)) + " " + (one.before ? one.before->name : one.after->name));
  }
  return texts;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(comparison_tests)

BOOST_AUTO_TEST_CASE(differences_are_told_by_name) {
  BOOST_TEST(changes({package("b", "1"), package("c", "1"), package("d", "1")},
                     {package("a", "1"), package("c", "2"), package("d", "1.0")}) ==
                 (Texts{"added a", "removed b", "version c"}),
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(files_are_compared_where_both_are_known) {
  BOOST_TEST(changes({package("a", "1", kA), package("b", "1", kA), package("c", "1", kA)},
                     {package("a", "1", kB), package("b", "1", kA), package("c", "1")}) == Texts{"file a"},
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(origins_differ) {
  BOOST_TEST(changes({package("a", "1", {}, "-e /src/a")}, {package("a", "1")}) == Texts{"origin a"},
             boost::test_tools::per_element());
}

// A lock of a directory names none.
BOOST_AUTO_TEST_CASE(a_version_that_is_not_said_is_no_difference) {
  BOOST_TEST(changes({package("a", "1")}, {package("a", "")}).empty());
}

BOOST_AUTO_TEST_CASE(the_anchor_tells_files_as_long_as_they_are_cas_s) {
  Anchor anchor;
  anchor.packages = {{kA, "Demo.App", "1.0", true, {}}};
  InstalledDistribution one;
  one.normalized = "demo-app";
  one.version = "1.0.0";
  one.installer = "cas";
  BOOST_TEST((artifact_of(one, anchor) == kA));
  BOOST_TEST(!artifact_of(one, std::nullopt).has_value());
  one.installer = "pip";
  BOOST_TEST(!artifact_of(one, anchor).has_value());
  one.direct_url = DirectUrl{};
  one.direct_url->sha256 = kB.hex();
  BOOST_TEST((artifact_of(one, anchor) == kB));
  one.installer = "cas";
  one.version = "2.0";
  BOOST_TEST((artifact_of(one, anchor) == kB));
}

// What was built is known to nobody else.
BOOST_AUTO_TEST_CASE(a_built_package_is_known_by_its_sources) {
  Anchor anchor;
  anchor.packages = {{kA, "demo", "1.0", true, {}, BuiltFrom{"demo-1.0.tar.gz", "https://example.org/d", kB}}};
  InstalledDistribution one;
  one.normalized = "demo";
  one.version = "1.0";
  one.installer = "cas";
  BOOST_TEST((artifact_of(one, anchor) == kB));
  anchor.packages[0].built_from.reset();
  one.direct_url = DirectUrl{};
  one.direct_url->sha256 = kB.hex();
  BOOST_TEST((artifact_of(one, anchor) == kB));
  one.direct_url->sha256.clear();
  BOOST_TEST((artifact_of(one, anchor) == kA));
}

BOOST_AUTO_TEST_CASE(an_environment_is_compared_by_what_lies_there) {
  SitePackages site;
  site.add("A_b", "1.0-1");
  site.add("c", "1", {}, {{"direct_url.json", R"({"url": "file:///src", "dir_info": {}})"}});
  const auto packages = compared_packages(site.read(), std::nullopt);
  BOOST_REQUIRE(packages.size() == 2U);
  BOOST_TEST(packages[0].normalized == "a-b");
  BOOST_TEST(packages[0].version == "1.0.post1");
  BOOST_TEST(packages[0].origin == "");
  BOOST_TEST(packages[1].origin == "c @ file:///src");
}

BOOST_AUTO_TEST_SUITE_END()
