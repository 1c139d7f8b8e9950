#include "store/source/record.hpp"

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include "store/base/error.hpp"

namespace data = boost::unit_test::data;

namespace {

const char* const kInvalidRows[] = {
    "a\n",       "a,b\n",        "a,b,1,2\n",  "a,b,x\n",        "a,b,-1\n",  "a,b,1 \n",  "a,b,99999999999999999999\n",
    "\"a,b,1\n", "\"a\"b,c,1\n", "a\"b,c,1\n", "a,b,1\rc,d,2\n", "a,b,1\n\"", ",,\"1\"2\n"};

std::string digits(std::size_t bytes) { return cas::base64url_encode(std::string(bytes, '\x5A')); }

}  // namespace

BOOST_AUTO_TEST_SUITE(record)

BOOST_AUTO_TEST_CASE(reads_rows) {
  std::string text =
      "pkg/a.py,sha256=abc,12\r\n\"odd, \"\"name\"\".py\",sha256=def,0\n\npkg/RECORD,,\n\"two\nlines\",,\nlast,x,3";
  const auto rows = cas::parse_record(text);
  BOOST_REQUIRE(rows.size() == 5U);
  BOOST_TEST(rows[0].path == "pkg/a.py");
  BOOST_TEST(rows[0].hash == "sha256=abc");
  BOOST_TEST(rows[0].size.value() == 12U);
  BOOST_TEST(rows[1].path == "odd, \"name\".py");
  BOOST_TEST(rows[1].size.value() == 0U);
  BOOST_TEST(rows[2].hash == "");
  BOOST_TEST(!rows[2].size.has_value());
  BOOST_TEST(rows[3].path == "two\nlines");
  BOOST_TEST(rows[4].path == "last");
}

BOOST_DATA_TEST_CASE(refuses_rows, data::make(kInvalidRows), row) {
  std::string text = row;
  BOOST_CHECK_THROW((void)cas::parse_record(text), cas::InvalidInput);
}

BOOST_AUTO_TEST_CASE(faults_name_the_line) {
  std::string text = "a,,\n\nb,\n";
  BOOST_CHECK_EXCEPTION((void)cas::parse_record(text), cas::InvalidInput,
                        [](const auto& e) { return e.message() == "RECORD line 3: does not have three fields"; });
}

BOOST_AUTO_TEST_CASE(written_rows_are_read_again) {
  for (const char* path : {"a/b.py", "with, comma", "with \"quotes\"", "\"", "new\nline", "x\r"}) {
    std::string text = cas::record_row(path, "sha256=q", 5) + cas::record_row("z", "", std::nullopt);
    const auto rows = cas::parse_record(text);
    BOOST_REQUIRE(rows.size() == 2U);
    BOOST_TEST(rows[0].path == path);
    BOOST_TEST(rows[0].size.value() == 5U);
    BOOST_TEST(!rows[1].size.has_value());
  }
  BOOST_TEST(cas::record_row("a/b.py", "sha256=q", 5) == "a/b.py,sha256=q,5\n");
}

BOOST_AUTO_TEST_CASE(base64) {
  for (std::size_t length = 0; length < 70; ++length) {
    std::string bytes;
    for (std::size_t i = 0; i < length; ++i) bytes += static_cast<char>(i * 37 + length);
    const std::string text = cas::base64url_encode(bytes);
    BOOST_TEST(text.find_first_of("+/=") == std::string::npos);
    BOOST_TEST((cas::base64url_decode(text) == bytes));
  }
  BOOST_TEST(cas::base64url_encode("\xFB\xFF\xFE") == "-__-");
  for (const char* text : {"A", "AAAAA", "AB", "AAB", "AA==", "A A", "+/+/", "AA\n"}) {
    BOOST_TEST_CONTEXT(text) { BOOST_TEST(!cas::base64url_decode(text).has_value()); }
  }
}

BOOST_AUTO_TEST_CASE(hash_of_the_empty_file) {
  BOOST_TEST(cas::record_hash(cas::empty_digest()) == "sha256=47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU");
}

BOOST_AUTO_TEST_CASE(accepts_strong_hashes) {
  for (const auto& [name, bytes] : {std::pair{"sha256", 32}, std::pair{"sha384", 48}, std::pair{"sha512", 64}}) {
    const std::string text = std::string(name) + "=" + digits(static_cast<std::size_t>(bytes));
    BOOST_TEST(cas::parse_record_hash(text).text() == text);
  }
}

BOOST_AUTO_TEST_CASE(hashes_as_others_do) {
  const auto hash = [](cas::HashAlgorithm algorithm) {
    cas::RecordHasher hasher(algorithm);
    hasher.update("ab");
    hasher.update("c");
    return hasher.finish().text();
  };
  // FIPS 180-4, "abc".
  BOOST_TEST(hash(cas::HashAlgorithm::sha256) == "sha256=ungWv48Bz-pBQUDeXa4iI7ADYaOWF3qctBD_YfIAFa0");
  BOOST_TEST(hash(cas::HashAlgorithm::sha384) ==
             "sha384=ywB1P0WjXou1oD1pmsZQBycsMqsO3tFjGotgWkP_W-2AhgcroefMI1i67KE0yCWn");
  BOOST_TEST(hash(cas::HashAlgorithm::sha512) ==
             "sha512=3a81oZNherrMQXNJriBBMRLm-k6JqX6iCp7u5ktV05ohkpkqJ0_BqDa6PCOj_uu9RU1EI2Q86A4qmslPpUyknw");
}

BOOST_AUTO_TEST_CASE(refuses_weak_and_wrong_hashes) {
  const auto refused = [](const std::string& text, const std::string& why) {
    BOOST_CHECK_EXCEPTION((void)cas::parse_record_hash(text), cas::InvalidInput,
                          [&](const auto& e) { return e.message().find(why) != std::string::npos; });
  };
  refused("md5=" + digits(16), "too weak");
  refused("sha1=" + digits(20), "too weak");
  refused("blake3=" + digits(32), "unknown");
  refused("SHA256=" + digits(32), "unknown");
  refused("sha256=" + digits(31), "not a sha256 digest");
  refused("sha256=" + digits(32) + "=", "not a sha256 digest");
  refused("sha512=" + digits(32), "not a sha512 digest");
  refused("sha256", "<algorithm>=<digest>");
}

BOOST_AUTO_TEST_SUITE_END()
