#include <boost/test/unit_test.hpp>

#include "linker/plan.hpp"
#include "store/base/codec.hpp"
#include "store/base/error.hpp"
#include "tests/linker/packages.hpp"

namespace {

using namespace cas::test;
using cas::FileKind;
using cas::Scheme;

cas::Plan some_plan() {
  std::vector<cas::PlannedPackage> packages{
      package("a",
              {file(Scheme::purelib, "x/y.py", "1"), file(Scheme::purelib, "x/__init__.py", ""),
               file(Scheme::scripts, "old", "#!python\n", FileKind::python_script)},
              {console("tool", "a")}),
      package("b", {file(Scheme::purelib, "x/y.py", "2")})};
  packages[0].requested = cas::Requested::yes;
  cas::Plan plan = cas::make_plan(packages, kLayout, {});
  plan.files[0].segment = 7;
  return plan;
}

constexpr std::size_t kCheckBytes = 16;

// With the checksum that these bytes should have: whoever writes into the index can do that, too.
std::string sealed(std::string bytes) {
  bytes.resize(bytes.size() - kCheckBytes);
  const cas::Fingerprint check = cas::fingerprint(bytes);
  cas::ByteWriter writer(bytes);
  writer.u64(check.high);
  writer.u64(check.low);
  return bytes;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(plan_codec_tests)

BOOST_AUTO_TEST_CASE(plans_survive_their_encoding) {
  const cas::Plan plan = some_plan();
  const std::string bytes = cas::encode_plan(plan);
  const auto again = cas::decode_plan(bytes);
  BOOST_REQUIRE(again.has_value());
  BOOST_TEST(cas::encode_plan(*again) == bytes);
  BOOST_TEST(again->directories == plan.directories, boost::test_tools::per_element());
  BOOST_REQUIRE(again->files.size() == plan.files.size());
  BOOST_TEST(again->files[0].segment == 7u);
  BOOST_TEST(again->files[0].name == plan.files[0].name);
  BOOST_TEST((again->files[0].object == plan.files[0].object));
  BOOST_TEST(again->empty_files.size() == 2u);
  BOOST_TEST(again->scripts.size() == 2u);
  BOOST_TEST(again->records.size() == 1u);
  BOOST_TEST(again->conflicts.size() == 1u);
  BOOST_TEST(again->generated.empty());
  BOOST_TEST(again->scripts_directory == "bin");
}

BOOST_AUTO_TEST_CASE(every_truncation_is_corruption) {
  const std::string bytes = cas::encode_plan(some_plan());
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    BOOST_CHECK_THROW((void)cas::decode_plan(bytes.substr(0, size)), cas::Corruption);
  }
  BOOST_CHECK_THROW((void)cas::decode_plan(bytes + '\0'), cas::Corruption);
}

// No byte of a damaged plan makes decoding do anything but give a plan or say Corruption.
BOOST_AUTO_TEST_CASE(damage_never_leads_out_of_the_environment) {
  const std::string bytes = cas::encode_plan(some_plan());
  for (std::size_t at = 8; at < bytes.size() - kCheckBytes; ++at) {
    for (const char value : {'\0', '\1', '/', '.', '\x7f', '\xff'}) {
      std::string damaged = bytes;
      damaged[at] = value;
      try {
        const auto plan = cas::decode_plan(sealed(damaged));
        for (const cas::PlanFile& file : plan->files) {
          BOOST_REQUIRE(file.directory < plan->directories.size());
          BOOST_REQUIRE(file.name.find('/') == std::string::npos);
          BOOST_REQUIRE(file.name != "..");
        }
      } catch (const cas::Corruption&) {
      }
    }
  }
}

BOOST_AUTO_TEST_CASE(every_flipped_bit_is_noticed) {
  const std::string bytes = cas::encode_plan(some_plan());
  for (std::size_t at = 8; at < bytes.size(); ++at) {
    std::string damaged = bytes;
    damaged[at] = static_cast<char>(damaged[at] ^ (1 << (at % 8)));
    BOOST_CHECK_THROW((void)cas::decode_plan(damaged), cas::Corruption);
  }
}

BOOST_AUTO_TEST_CASE(another_version_is_no_plan) {
  std::string bytes = cas::encode_plan(some_plan());
  bytes[7] = static_cast<char>(bytes[7] + 1);
  BOOST_TEST(!cas::decode_plan(bytes).has_value());
}

BOOST_AUTO_TEST_SUITE_END()
