#include "store/sys/host.hpp"

#include <boost/test/unit_test.hpp>

#include "store/sys/file.hpp"

using namespace cas;

BOOST_AUTO_TEST_SUITE(host_tests)

BOOST_AUTO_TEST_CASE(the_identity_is_a_hash_with_its_kind_and_the_same_each_time) {
  const std::string identity = host_identity();
  BOOST_REQUIRE(!identity.empty());
  const std::size_t colon = identity.find(':');
  BOOST_REQUIRE(colon != std::string::npos);
  const std::string kind = identity.substr(0, colon);
  BOOST_TEST((kind == "machine" || kind == "boot"));
  const std::string digits = identity.substr(colon + 1);
  BOOST_TEST(digits.size() == 32U);
  BOOST_TEST(digits.find_first_not_of("0123456789abcdef") == std::string::npos);
  BOOST_TEST(host_identity() == identity);
}

// machine-id(5): it must not be told to others.
BOOST_AUTO_TEST_CASE(the_machines_id_itself_is_not_in_it) {
  const auto id = try_read_file_at(kCurrentDirectory, "/etc/machine-id", 4096);
  if (!id || id->size() < 32) return;
  BOOST_TEST(host_identity().find(id->substr(0, 32)) == std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()
