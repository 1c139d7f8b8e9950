#include "store/objects/layout.hpp"

#include <boost/test/unit_test.hpp>
#include <set>

using namespace cas;

BOOST_AUTO_TEST_SUITE(layout_tests)

BOOST_AUTO_TEST_CASE(the_mode_follows_from_the_executable_bit) {
  BOOST_TEST(canonical_mode(Executable::no) == 0444U);
  BOOST_TEST(canonical_mode(Executable::yes) == 0555U);
}

BOOST_AUTO_TEST_CASE(the_time_follows_from_the_digest_and_lies_between_1990_and_2020) {
  std::set<std::int64_t> times;
  for (int i = 0; i < 1000; ++i) {
    const std::int64_t time = canonical_mtime(sha256(std::to_string(i)));
    BOOST_TEST(time >= 631152000);
    BOOST_TEST(time < 1577836800);
    times.insert(time);
  }
  BOOST_TEST(times.size() > 995U);  // different content, different time
}

// Stores, environments and bytecode of other machines have these very times.
BOOST_AUTO_TEST_CASE(the_time_never_changes_between_versions) {
  BOOST_TEST(canonical_mtime(Sha256Digest{}) == 631152000);
  Sha256Digest digest;
  digest.bytes[7] = 1;
  BOOST_TEST(canonical_mtime(digest) == 631152001);
  digest.bytes[8] = 255;  // beyond the first eight bytes nothing counts
  BOOST_TEST(canonical_mtime(digest) == 631152001);
  digest.bytes.fill(255);
  BOOST_TEST(canonical_mtime(digest) == static_cast<std::int64_t>(631152000 + UINT64_MAX % 946684800U));
}

BOOST_AUTO_TEST_CASE(segment_names_go_there_and_back) {
  for (const std::uint32_t number : {0U, 1U, 255U, 4096U, 0xFFFFFFFFU}) {
    BOOST_TEST((parse_segment_name(segment_name(number)) == number));
  }
  BOOST_TEST(segment_name(0x1a) == "0000001a");
  for (const char* name : {"", "0", "0000001A", "0000001g", "00000001x", "-0000001", "+0000001", "tmp"}) {
    BOOST_TEST_CONTEXT(name) { BOOST_TEST(!parse_segment_name(name).has_value()); }
  }
}

BOOST_AUTO_TEST_CASE(an_executable_object_lies_beside_the_other_one) {
  const StoreLayout layout("/s");
  const Sha256Digest digest = sha256("a");
  BOOST_TEST(layout.object(3, {digest, Executable::no}) == "/s/objects/00000003/" + digest.hex());
  BOOST_TEST(layout.object(3, {digest, Executable::yes}) == "/s/objects/00000003/" + digest.hex() + "x");
  BOOST_TEST(layout.manifest(digest) == "/s/manifests/" + digest.hex());
}

BOOST_AUTO_TEST_SUITE_END()
