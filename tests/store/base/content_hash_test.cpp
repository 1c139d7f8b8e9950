#include "store/base/content_hash.hpp"

#include <boost/test/unit_test.hpp>

namespace {

// Of "abc", by hashlib.
const cas::ContentHashes kHashes{
    {"sha256", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
    {"sha384", "cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed8086072ba1e7cc2358baeca134c825a7"},
    {"sha512",
     "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2"
     "a"
     "9ac94fa54ca49f"},
    {"sha3_256", "3a985da74fe225b2045c172d6bd390bd855f086e3e9d525b46bfe24511431532"},
    {"sha3_512",
     "b751850b1a57168a5693cd924b6b096e08f621827444f70d884f5d0240d2712e10e116e9192af3c91a7ec57647e3934057340b4cf408d5a56"
     "5"
     "92f8274eec53f0"},
    {"blake2b",
     "ba80a53f981c4d0d6a2797b69f12f6e94c212f14685ac4b74b12bb6fdbffa2d17d87c5392aab792dc252d5de4533cc9518d38aa8dbf1925ab"
     "9"
     "2386edd4009923"},
    {"blake2s", "508c5e8c327c14e2e1a72ba34eeb452f37458b209ed63a294d999b4c86675982"}};

}  // namespace

BOOST_AUTO_TEST_SUITE(content_hash_tests)

BOOST_AUTO_TEST_CASE(every_strong_hash_is_computed) {
  cas::ContentHashing hashing(kHashes);
  hashing.update("a");
  hashing.update("bc");
  BOOST_TEST(hashing.mismatch().value_or("none") == "none");
}

BOOST_AUTO_TEST_CASE(each_of_them_is_compared) {
  for (const auto& [algorithm, digits] : kHashes) {
    cas::ContentHashing hashing(cas::ContentHashes{{algorithm, digits}});
    hashing.update("abd");
    BOOST_TEST(hashing.mismatch().value_or("").starts_with("has " + algorithm + " "));
  }
  cas::ContentHashing shortened(cas::ContentHashes{{"sha512", "ddaf"}});
  shortened.update("abc");
  BOOST_TEST(shortened.mismatch().has_value());
}

BOOST_AUTO_TEST_CASE(weak_ones_vouch_for_nothing) {
  BOOST_TEST(!cas::has_strong_hash({{"md5", "00"}, {"sha1", "00"}, {"shake_128", "00"}}));
  BOOST_TEST(cas::has_strong_hash({{"md5", "00"}, {"blake2b", "00"}}));
  // But a transfer is held to them, where there is nothing better.
  const cas::ContentHashes weak{{"md5", "900150983cd24fb0d6963f7d28e17f72"},
                                {"sha1", "a9993e364706816aba3e25717850c26c9cd0d89d"}};
  BOOST_TEST((cas::checkable_hashes({{"md5", weak.at("md5")}, {"sha1", weak.at("sha1")}, {"crc32", "00"}}) == weak));
  BOOST_TEST((cas::checkable_hashes({{"md5", "00"}, {"sha384", "01"}}) == cas::ContentHashes{{"sha384", "01"}}));
  cas::ContentHashing hashing(weak);
  hashing.update("abc");
  BOOST_TEST(!hashing.mismatch().has_value());
  const cas::ContentHashes further = cas::further_strong_hashes({{"md5", "00"}, {"sha256", "00"}, {"sha384", "01"}});
  BOOST_TEST((further == cas::ContentHashes{{"sha384", "01"}}));
}

BOOST_AUTO_TEST_SUITE_END()
