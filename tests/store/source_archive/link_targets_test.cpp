#include "store/source_archive/link_targets.hpp"

#include <boost/test/unit_test.hpp>

using namespace cas;

namespace {

bool is_safe(const LinkTargets& links, std::string_view path) { return !link_problem(links, path); }

}  // namespace

BOOST_AUTO_TEST_SUITE(link_targets_tests)

BOOST_AUTO_TEST_CASE(links_inside_are_fine_also_where_nothing_is) {
  BOOST_TEST(is_safe({{"a/b", "c"}}, "a/b"));
  BOOST_TEST(is_safe({{"a/b", "../c//./d"}}, "a/b"));
  BOOST_TEST(is_safe({{"a/b/c", "../.."}}, "a/b/c"));
  BOOST_TEST(is_safe({{"here", "."}}, "here"));
}

BOOST_AUTO_TEST_CASE(links_out_are_refused) {
  BOOST_TEST(!is_safe({{"a", ".."}}, "a"));
  BOOST_TEST(!is_safe({{"a/b", "../../c"}}, "a/b"));
  BOOST_TEST(!is_safe({{"a", "/etc"}}, "a"));
  BOOST_TEST(!is_safe({{"a", ""}}, "a"));
}

BOOST_AUTO_TEST_CASE(links_are_followed_through_each_other) {
  // By the text alone "here/.." is the root; the kernel means what lies above it.
  BOOST_TEST(!is_safe({{"here", "."}, {"out", "here/../x"}}, "out"));
  BOOST_TEST(!is_safe({{"a/deep", "../top"}, {"top", "a/.."}, {"out", "a/deep/../x"}}, "out"));
  BOOST_TEST(is_safe({{"a/b/here", ".."}, {"in", "a/b/here/../x"}}, "in"));
  BOOST_TEST(!is_safe({{"a", "b"}, {"b", "a"}}, "a"));
}

BOOST_AUTO_TEST_SUITE_END()
