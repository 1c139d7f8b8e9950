#include "linker/locked/editable_checkouts.hpp"

#include <boost/test/unit_test.hpp>

#include "store/base/error.hpp"

using namespace cas;

BOOST_AUTO_TEST_SUITE(editable_checkouts_tests)

BOOST_AUTO_TEST_CASE(a_repository_is_named_with_revision_and_folder) {
  const EditableRepository all =
      parse_editable_repository("git+https://u:p@example.org/a@b/c.git@v1/x#egg=name&subdirectory=in/it");
  BOOST_TEST(all.url == "https://u:p@example.org/a@b/c.git");
  BOOST_TEST(all.revision == "v1/x");
  BOOST_TEST(all.subdirectory == "in/it");
  const EditableRepository bare = parse_editable_repository("git+ssh://git@example.org/c.git#subdirectory=x&egg=name");
  BOOST_TEST(bare.url == "ssh://git@example.org/c.git");
  BOOST_TEST(bare.revision == "");
  BOOST_TEST(bare.subdirectory == "x");
  BOOST_TEST(parse_editable_repository("git+file:///a/b@0123#egg=n").revision == "0123");
}

// git takes what begins with a dash for an option.
BOOST_AUTO_TEST_CASE(what_is_no_repository_is_refused) {
  for (const char* url :
       {"hg+https://example.org/c#egg=n", "git+https://example.org/c@#egg=n", "git+https://example.org/c@-x#egg=n",
        "git+#egg=n", "git+-x#egg=n", "git+https://example.org/c#egg=n&subdirectory=../up",
        "git+https://example.org/c#subdirectory=/x"}) {
    BOOST_TEST_CONTEXT(url) { BOOST_CHECK_THROW((void)parse_editable_repository(url), UsageError); }
  }
}

BOOST_AUTO_TEST_SUITE_END()
