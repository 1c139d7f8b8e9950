#include "store/sys/users.hpp"

#include <unistd.h>

#include <boost/test/unit_test.hpp>

using namespace cas;

BOOST_AUTO_TEST_SUITE(users_tests)

BOOST_AUTO_TEST_CASE(groups_are_found_by_name_and_number) {
  BOOST_TEST(find_group("root").value() == 0U);
  BOOST_TEST(find_group("54321").value() == 54321U);
  for (const char* nothing : {"", "no such group", "12x", "-1", "4294967295", "99999999999"}) {
    BOOST_TEST_CONTEXT(nothing) BOOST_TEST(!find_group(nothing).has_value());
  }
}

BOOST_AUTO_TEST_CASE(labels_have_names_where_there_are_any) {
  BOOST_TEST(user_label(0) == "user 0 (root)");
  BOOST_TEST(group_label(0) == "group 0 (root)");
  BOOST_TEST(user_label(3999999991) == "user 3999999991");
  BOOST_TEST(group_label(3999999991) == "group 3999999991");
}

BOOST_AUTO_TEST_CASE(membership_is_told_of_known_users_only) {
  BOOST_TEST((membership(0, 0) == Membership::member));
  BOOST_TEST((membership(0, 3999999991) == Membership::stranger));
  BOOST_TEST((membership(3999999991, 0) == Membership::unknown));
}

BOOST_AUTO_TEST_CASE(the_own_group_is_one_of_ours) {
  BOOST_TEST(is_own_group(::getegid()));
  BOOST_TEST(!is_own_group(3999999991));
  BOOST_TEST(effective_user() == ::geteuid());
}

BOOST_AUTO_TEST_SUITE_END()
