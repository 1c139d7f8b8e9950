#include "store/verify_share.hpp"

#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <string>

using namespace cas;

namespace {

ObjectId object(int number) { return {sha256(std::to_string(number)), Executable::no}; }

int count(const VerifyShare& share, int objects) {
  int has = 0;
  for (int i = 0; i < objects; ++i) has += share.has(object(i)) ? 1 : 0;
  return has;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(verify_share_tests)

BOOST_AUTO_TEST_CASE(each_object_is_in_exactly_one_part) {
  for (int i = 0; i < 1000; ++i) {
    int parts = 0;
    for (std::uint32_t part = 1; part <= 7; ++part) parts += VerifyShare::part(part, 7).has(object(i)) ? 1 : 0;
    BOOST_TEST(parts == 1);
  }
}

BOOST_AUTO_TEST_CASE(a_random_share_has_about_so_many_and_others_each_time) {
  const VerifyShare one = VerifyShare::random(10, 1);
  const VerifyShare other = VerifyShare::random(10, 2);
  BOOST_TEST(count(one, 10'000) > 800);
  BOOST_TEST(count(one, 10'000) < 1200);
  int both = 0;
  for (int i = 0; i < 10'000; ++i) both += one.has(object(i)) && other.has(object(i)) ? 1 : 0;
  BOOST_TEST(both < 200);
  BOOST_TEST(count(VerifyShare::random(100, 3), 1000) == 1000);
}

BOOST_AUTO_TEST_CASE(shares_are_read) {
  BOOST_TEST(parse_verify_share("1/1", 0)->is_all());
  BOOST_TEST(!parse_verify_share("3/10", 0)->is_all());
  BOOST_TEST(!parse_verify_share("0.5%", 0)->is_all());
  BOOST_TEST(parse_verify_share("100%", 0)->is_all());
}

BOOST_DATA_TEST_CASE(what_is_no_share_is_refused,
                     boost::unit_test::data::make({"", "%", "0%", "-1%", "101%", "nan%", "inf%", "5", "0/3", "4/3",
                                                   "1/0", "1/", "/2", "1/2/3", "1.5/3", "1/9999999", " 1/2", "5% "}),
                     text) {
  BOOST_TEST(!parse_verify_share(text, 0).has_value());
}

BOOST_AUTO_TEST_SUITE_END()
