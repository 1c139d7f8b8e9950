#include "store/requirement/format_control.hpp"

#include <boost/test/unit_test.hpp>

#include "store/base/error.hpp"

using namespace cas;

BOOST_AUTO_TEST_SUITE(format_control_tests)

BOOST_AUTO_TEST_CASE(nothing_said_allows_everything) {
  const FormatControl format;
  BOOST_TEST(format.allows_wheel("a"));
  BOOST_TEST(format.allows_build("a"));
  BOOST_TEST(!format.forbids_builds());
}

BOOST_AUTO_TEST_CASE(a_name_goes_before_all) {
  FormatControl format;
  format.only_binary(":all:");
  BOOST_TEST(format.forbids_builds());
  BOOST_TEST(!format.allows_build("a"));
  format.no_binary("A.a, b");
  BOOST_TEST(format.allows_build("a-a"));
  BOOST_TEST(!format.allows_wheel("a-a"));
  BOOST_TEST(!format.allows_build("c"));
  BOOST_TEST(!format.forbids_builds());
}

BOOST_AUTO_TEST_CASE(what_is_said_later_about_a_name_counts) {
  FormatControl format;
  format.no_binary("a,b");
  format.only_binary("a");
  BOOST_TEST(format.allows_wheel("a"));
  BOOST_TEST(!format.allows_build("a"));
  BOOST_TEST(!format.allows_wheel("b"));
  format.no_binary(":none:");
  BOOST_TEST(format.allows_wheel("b"));
  format.no_binary(":all:");
  BOOST_TEST(format.allows_build("a"));
  BOOST_TEST(!format.allows_wheel("a"));
}

BOOST_AUTO_TEST_CASE(wheels_alone_are_asked_of_indexes_not_of_named_sources) {
  FormatControl format;
  format.only_binary(":all:");
  BOOST_TEST(!format.allows_build("a", SourceOrigin::index));
  BOOST_TEST(format.allows_build("a", SourceOrigin::named));
  format.only_binary("a");
  BOOST_TEST(format.allows_build("a", SourceOrigin::named));
  BOOST_TEST(format.of_builders().allows_build("b", SourceOrigin::named));
}

BOOST_AUTO_TEST_CASE(building_nothing_spares_editable_projects_alone) {
  FormatControl format;
  format.no_build();
  BOOST_TEST(format.forbids_builds());
  BOOST_TEST(!format.allows_build("a", SourceOrigin::index));
  BOOST_TEST(!format.allows_build("a", SourceOrigin::named));
  BOOST_TEST(format.allows_build("a", SourceOrigin::editable));
  BOOST_TEST(!format.of_builders().allows_build("b", SourceOrigin::named));
  format.no_binary("a");
  BOOST_TEST(format.allows_build("a", SourceOrigin::named));
  BOOST_TEST(!format.allows_build("b", SourceOrigin::named));
  format.only_binary(":none:");
  BOOST_TEST(format.allows_build("b", SourceOrigin::named));
}

BOOST_AUTO_TEST_CASE(what_is_no_name_is_refused) {
  FormatControl format;
  BOOST_CHECK_THROW(format.no_binary("a/b"), UsageError);
  BOOST_CHECK_THROW(format.only_binary(":every:"), UsageError);
}

BOOST_AUTO_TEST_SUITE_END()
