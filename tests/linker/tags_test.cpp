#include "linker/tags.hpp"

#include <algorithm>
#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include "linker/platform_tags.hpp"
#include "store/base/digest.hpp"
#include "tests/linker/facts.hpp"

namespace {

namespace data = boost::unit_test::data;

using cas::test::cpython_facts;

bool has(const std::vector<std::string>& tags, const std::string& tag) {
  return std::ranges::find(tags, tag) != tags.end();
}

cas::PackageMetadata wheel(const std::string& python, const std::string& abi, const std::string& platform) {
  cas::PackageMetadata metadata;
  metadata.file_name = "x-1-" + python + "-" + abi + "-" + platform + ".whl";
  metadata.python_tags = python;
  metadata.abi_tags = abi;
  metadata.platform_tags = platform;
  return metadata;
}

// What `packaging.tags.sys_tags()` of packaging 24.1 gave on x86_64 with glibc 2.36: SHA-256 of the tags, one a line.
struct Golden {
  std::uint32_t minor;
  std::size_t count;
  const char* digest;
};
std::ostream& operator<<(std::ostream& out, const Golden& golden) { return out << "3." << golden.minor; }

const Golden kGolden[] = {
    {6, 549, "e923fbc763d52dd95800eb42273ce6b35293c9f4b4394dc0e031c2d8f225907c"},
    {7, 622, "059d9b3bb2f1664fcf39b940f2f6919fd4a522e8e1f2c14d4719577ff277b4cf"},
    {8, 695, "461da65220a72eafa9e479e5f528524fc76fe875301c933f906d59314363a0a3"},
    {9, 768, "10084971309617ae4c7e7145c6e41cc42c77c2e2299b3fbad59a38f460cfcfd2"},
    {10, 841, "908b85f18979d031d3b9981214892e38237eb8f95c6a184f95763026fd8a2cbb"},
    {11, 914, "5bb76b428e8c0f255a08a9b84dad1fdf6f1f16a1e57c189b2f9fc5e09fd2ab54"},
    {12, 987, "3f66187912ebdf44b6a621cdecf137d128a1d7e975b28aa505611cf0a3e79c4c"},
    {13, 1060, "2cf3fc1bd55bb296bc10948ef2436d20500886071793b2bc3dff22234993c7b5"},
};

}  // namespace

BOOST_AUTO_TEST_SUITE(tags_tests)

BOOST_DATA_TEST_CASE(tags_are_those_of_packaging, data::make(kGolden), golden) {
  const std::vector<std::string> tags = cas::supported_tags(cpython_facts(golden.minor));
  std::string text;
  for (const std::string& tag : tags) text += tag + "\n";
  BOOST_TEST(tags.size() == golden.count);
  BOOST_TEST(cas::sha256(text).hex() == golden.digest);
}

BOOST_AUTO_TEST_CASE(manylinux_ends_at_2_17_on_newer_architectures) {
  const auto platforms = cas::platform_tags(cpython_facts(12, "aarch64"));
  BOOST_TEST(platforms.front() == "manylinux_2_36_aarch64");
  BOOST_TEST(has(platforms, "manylinux2014_aarch64"));
  BOOST_TEST(!has(platforms, "manylinux_2_16_aarch64"));
  BOOST_TEST(!has(platforms, "manylinux1_aarch64"));
  BOOST_TEST(platforms.back() == "linux_aarch64");
}

BOOST_AUTO_TEST_CASE(a_32_bit_interpreter_on_a_64_bit_kernel_is_i686) {
  cas::InterpreterFacts facts = cpython_facts(11);
  facts.pointer_bits = 32;
  const auto platforms = cas::platform_tags(facts);
  BOOST_TEST(has(platforms, "manylinux1_i686"));
  BOOST_TEST(platforms.back() == "linux_i686");
}

BOOST_AUTO_TEST_CASE(armv8_in_32_bit_mode_runs_armv7) {
  cas::InterpreterFacts facts = cpython_facts(11, "aarch64");
  facts.pointer_bits = 32;
  facts.soabi = "cpython-311-arm-linux-gnueabihf";
  const auto platforms = cas::platform_tags(facts);
  BOOST_TEST(has(platforms, "manylinux_2_17_armv7l"));
  BOOST_TEST(has(platforms, "linux_armv8l"));
  facts.soabi = "cpython-311-arm-linux-gnueabi";
  BOOST_TEST(!has(cas::platform_tags(facts), "manylinux_2_17_armv7l"));
}

BOOST_AUTO_TEST_CASE(musl_has_its_own_platforms) {
  cas::InterpreterFacts facts = cpython_facts(12);
  facts.libc = "musl";
  facts.libc_major = 1;
  facts.libc_minor = 2;
  const std::vector<std::string> expected{"musllinux_1_2_x86_64", "musllinux_1_1_x86_64", "musllinux_1_0_x86_64",
                                          "linux_x86_64"};
  BOOST_TEST(cas::platform_tags(facts) == expected, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(an_unknown_libc_leaves_the_bare_platform) {
  cas::InterpreterFacts facts = cpython_facts(12);
  facts.libc.clear();
  BOOST_TEST(cas::platform_tags(facts).size() == 1u);
}

BOOST_AUTO_TEST_CASE(free_threaded_builds_take_no_abi3) {
  cas::InterpreterFacts facts = cpython_facts(13);
  facts.free_threaded = true;
  const auto tags = cas::supported_tags(facts);
  BOOST_TEST(tags.front() == "cp313-cp313t-manylinux_2_36_x86_64");
  BOOST_TEST(!has(tags, "cp313-cp313-linux_x86_64"));
  BOOST_TEST(!has(tags, "cp313-abi3-linux_x86_64"));
  BOOST_TEST(has(tags, "cp313-none-any"));
  BOOST_TEST(has(tags, "py3-none-any"));
}

BOOST_AUTO_TEST_CASE(debug_builds_take_normal_extensions_too) {
  cas::InterpreterFacts facts = cpython_facts(12);
  facts.debug = true;
  const auto tags = cas::supported_tags(facts);
  BOOST_TEST(tags.front() == "cp312-cp312d-manylinux_2_36_x86_64");
  BOOST_TEST(has(tags, "cp312-cp312-linux_x86_64"));
  facts = cpython_facts(7);
  facts.debug = true;
  facts.soabi = "cpython-37dm-x86_64-linux-gnu";
  BOOST_TEST(cas::supported_tags(facts).front() == "cp37-cp37dm-manylinux_2_36_x86_64");
}

BOOST_AUTO_TEST_CASE(pypy_has_an_abi_of_its_own) {
  cas::InterpreterFacts facts = cpython_facts(10);
  facts.implementation = "pypy";
  facts.soabi = "pypy310-pp73";
  const auto tags = cas::supported_tags(facts);
  BOOST_TEST(tags.front() == "pp310-pypy310_pp73-manylinux_2_36_x86_64");
  BOOST_TEST(has(tags, "pp310-none-linux_x86_64"));
  BOOST_TEST(has(tags, "pp3-none-any"));
  BOOST_TEST(!has(tags, "cp310-none-any"));
  facts.soabi = "pypy310-pp73-x86_64-linux-gnu";
  BOOST_TEST(cas::supported_tags(facts) == tags, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(the_best_of_compressed_tags_counts) {
  const cas::TagSet tags(cpython_facts(12));
  const auto best = tags.rank("cp312", "cp312", "manylinux_2_36_x86_64");
  BOOST_REQUIRE(best.has_value());
  BOOST_TEST(*best == 0u);
  const auto both = tags.rank("py2.py3", "none", "any");
  const auto one = tags.rank("py3", "none", "any");
  BOOST_REQUIRE((both && one));
  BOOST_TEST(*both == *one);
  const auto legacy = tags.rank("cp312", "cp312", "manylinux_2_17_x86_64.manylinux2014_x86_64");
  BOOST_REQUIRE(legacy.has_value());
  BOOST_TEST(*legacy == *tags.rank("cp312", "cp312", "manylinux_2_17_x86_64"));
  BOOST_TEST(*tags.rank("cp38", "abi3", "manylinux1_x86_64") > *legacy);
  BOOST_TEST(!tags.rank("cp311", "cp311", "manylinux1_x86_64"));
  BOOST_TEST(!tags.rank("cp313", "abi3", "manylinux1_x86_64"));
  BOOST_TEST(!tags.rank("", "", ""));
}

BOOST_AUTO_TEST_CASE(a_misfit_names_the_reason) {
  const cas::InterpreterFacts facts = cpython_facts(12);
  const cas::TagSet tags(facts);
  BOOST_TEST(!cas::misfit(wheel("py3", "none", "any"), facts, tags));
  const auto by_tags = cas::misfit(wheel("cp311", "cp311", "win_amd64"), facts, tags);
  BOOST_REQUIRE(by_tags.has_value());
  BOOST_TEST(by_tags->find("CPython 3.12.1 on linux-x86_64 with glibc 2.36") != std::string::npos);
  BOOST_TEST(by_tags->find("win_amd64") != std::string::npos);
  cas::PackageMetadata old = wheel("py3", "none", "any");
  old.requires_python = ">=3.8,<3.12";
  const auto by_version = cas::misfit(old, facts, tags);
  BOOST_REQUIRE(by_version.has_value());
  BOOST_TEST(by_version->find("requires Python >=3.8,<3.12") != std::string::npos);
  old.requires_python = ">=3.8";
  BOOST_TEST(!cas::misfit(old, facts, tags));
  old.requires_python = "nonsense";
  BOOST_TEST(!cas::misfit(old, facts, tags));
}

BOOST_AUTO_TEST_CASE(a_release_candidate_satisfies_its_own_version_only_by_order) {
  cas::InterpreterFacts facts = cpython_facts(14);
  facts.version = "3.14.0rc1";
  cas::PackageMetadata metadata = wheel("py3", "none", "any");
  metadata.requires_python = ">=3.13";
  BOOST_TEST(!cas::misfit(metadata, facts, cas::TagSet(facts)));
}

BOOST_AUTO_TEST_SUITE_END()
