#include "store/base/digest.hpp"

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <string>
#include <tuple>
#include <unordered_set>

namespace data = boost::unit_test::data;
using namespace cas;

BOOST_AUTO_TEST_SUITE(digest)

const std::tuple<std::string, std::string> kSha256Vectors[] = {
    // FIPS 180-4 examples
    {"", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
    {"abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
    {"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
     "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"},
    {std::string(1'000'000, 'a'), "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"},
};

BOOST_DATA_TEST_CASE(sha256_matches_the_standard, data::make(kSha256Vectors), message, expected) {
  BOOST_TEST(sha256(message).hex() == expected);
}

BOOST_AUTO_TEST_CASE(incremental_sha256_equals_one_shot_at_every_split) {
  std::string message;
  for (int i = 0; i < 200; ++i) message += static_cast<char>(i);
  const Sha256Digest expected = sha256(message);
  Sha256 hasher;
  for (std::size_t split = 0; split <= message.size(); ++split) {
    hasher.update(std::string_view(message).substr(0, split));
    hasher.update(std::string_view(message).substr(split));
    BOOST_TEST((hasher.finish() == expected), "split at " << split);
  }
}

BOOST_AUTO_TEST_CASE(finish_resets_the_hashers) {
  Sha256 digests;
  digests.update("something");
  static_cast<void>(digests.finish());
  BOOST_TEST((digests.finish() == empty_digest()));
  FingerprintHasher fingerprints;
  fingerprints.update("something");
  static_cast<void>(fingerprints.finish());
  BOOST_TEST((fingerprints.finish() == fingerprint("")));
}

BOOST_AUTO_TEST_CASE(a_hasher_can_be_moved) {
  Sha256 first;
  first.update("ab");
  Sha256 second = std::move(first);
  second.update("c");
  BOOST_TEST((second.finish() == sha256("abc")));
}

BOOST_AUTO_TEST_CASE(fingerprint_is_xxh3_128_with_seed_0) {
  BOOST_TEST((fingerprint("") == Fingerprint{0x99aa06d3014798d8, 0x6001c324468d497f}));
}

BOOST_AUTO_TEST_CASE(incremental_fingerprint_equals_one_shot_beyond_the_block_size) {
  std::string message(100'000, '\0');
  for (std::size_t i = 0; i < message.size(); ++i) message[i] = static_cast<char>(i * 7);
  FingerprintHasher hasher;
  for (std::size_t i = 0; i < message.size(); i += 777) hasher.update(std::string_view(message).substr(i, 777));
  BOOST_TEST((hasher.finish() == fingerprint(message)));
}

BOOST_AUTO_TEST_CASE(hex_round_trips_in_either_case) {
  const Sha256Digest digest = sha256("abc");
  BOOST_TEST((Sha256Digest::from_hex(digest.hex()) == digest));
  std::string upper = digest.hex();
  for (char& c : upper) {
    if (c >= 'a') c = static_cast<char>(c - 32);
  }
  BOOST_TEST((Sha256Digest::from_hex(upper) == digest));
}

const std::string kNotHex[] = {"",
                               "0",
                               std::string(63, '0'),
                               std::string(65, '0'),
                               std::string(63, '0') + "g",
                               " " + std::string(63, '0'),
                               std::string(63, '0') + "\n"};

BOOST_DATA_TEST_CASE(from_hex_refuses_everything_else, data::make(kNotHex), text) {
  BOOST_TEST(!Sha256Digest::from_hex(text).has_value());
}

BOOST_AUTO_TEST_CASE(raw_round_trips) {
  const Sha256Digest digest = sha256("abc");
  BOOST_TEST(digest.raw().size() == 32U);
  BOOST_TEST((Sha256Digest::from_raw(digest.raw()) == digest));
}

BOOST_AUTO_TEST_CASE(digests_are_ordered_by_their_bytes) {
  const auto low = Sha256Digest::from_hex("00" + std::string(60, 'f') + "ff");
  const auto high = Sha256Digest::from_hex("80" + std::string(62, '0'));
  BOOST_TEST((*low < *high));
}

BOOST_AUTO_TEST_CASE(an_object_is_named_by_digest_and_executable_bit) {
  const ObjectId plain{sha256("abc"), Executable::no};
  const ObjectId executable{sha256("abc"), Executable::yes};
  BOOST_TEST((plain != executable));
  BOOST_TEST(plain.file_name() == plain.digest.hex());
  BOOST_TEST(executable.file_name() == plain.digest.hex() + "x");
  BOOST_TEST((ObjectId::from_file_name(plain.file_name()) == plain));
  BOOST_TEST((ObjectId::from_file_name(executable.file_name()) == executable));
  BOOST_TEST((std::unordered_set<ObjectId>{plain, executable, plain}.size() == 2));
}

const std::string kNotObjectNames[] = {"",
                                       "x",
                                       std::string(64, '0') + "y",
                                       std::string(64, '0') + "X",
                                       std::string(64, '0') + "xx",
                                       std::string(64, 'A'),
                                       std::string(63, '0') + "x",
                                       std::string(64, '0') + ".tmp"};

BOOST_DATA_TEST_CASE(other_names_are_not_objects, data::make(kNotObjectNames), name) {
  BOOST_TEST(!ObjectId::from_file_name(name).has_value());
}

BOOST_AUTO_TEST_SUITE_END()
