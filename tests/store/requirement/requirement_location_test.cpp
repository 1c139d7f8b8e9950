#include "store/requirement/requirement_location.hpp"

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <ostream>

#include "store/base/error.hpp"

namespace data = boost::unit_test::data;
using cas::parse_editable;
using cas::parse_requirement_or_location;
using cas::Requirement;
using cas::UsageError;

namespace {

struct Located {
  const char* written;
  const char* name;
  const char* url;
  const char* text;
};
std::ostream& operator<<(std::ostream& out, const Located& l) { return out << l.written; }

const Located kRequirements[] = {
    {"foo>=1", "foo", "", "foo>=1"},
    {"foo;", "foo", "", "foo"},
    {"foo ; platform_version == 'a/b'", "foo", "", "foo; platform_version == \"a/b\""},
    {"./dir", "", "./dir", "./dir"},
    {"dir/sub[B,a]; os_name=='x'", "", "dir/sub", "dir/sub[a,b]; os_name == \"x\""},
    {".", "", ".", "."},
    {"/a/foo-1.0-py3-none-any.whl", "", "/a/foo-1.0-py3-none-any.whl", "/a/foo-1.0-py3-none-any.whl"},
    {"foo-1.0-py3-none-any.WHL[x]", "", "foo-1.0-py3-none-any.WHL", "foo-1.0-py3-none-any.WHL[x]"},
    {"foo.tar.gz", "", "foo.tar.gz", "foo.tar.gz"},
    {"./with@at", "", "./with@at", "./with@at"},
    {"foo @ https://example.org/f.whl;os_name=='x'", "foo", "https://example.org/f.whl",
     "foo @ https://example.org/f.whl ; os_name == \"x\""},
    {"https://example.org/a;b.whl ; os_name=='x'", "", "https://example.org/a;b.whl",
     "https://example.org/a;b.whl; os_name == \"x\""},
    {"https://example.org/a;b.whl; os_name=='x'", "", "https://example.org/a;b.whl",
     "https://example.org/a;b.whl; os_name == \"x\""},
    {"HTTPS://example.org/a.whl", "", "HTTPS://example.org/a.whl", "HTTPS://example.org/a.whl"},
    {"git+https://example.org/r@v#subdirectory=s&egg=foo", "foo", "git+https://example.org/r@v#subdirectory=s&egg=foo",
     "foo @ git+https://example.org/r@v#subdirectory=s&egg=foo"},
    {"git+https://example.org/r#egg=foo[b,A_c]&subdirectory=s", "foo",
     "git+https://example.org/r#egg=foo&subdirectory=s",
     "foo[a-c,b] @ git+https://example.org/r#egg=foo&subdirectory=s"},
    {"https://example.org/r.zip#egg=foo[]", "foo", "https://example.org/r.zip#egg=foo",
     "foo @ https://example.org/r.zip#egg=foo"},
    {"foo[b] @ https://example.org/r.zip#egg=foo[a,b] ; os_name=='x'", "foo", "https://example.org/r.zip#egg=foo",
     "foo[a,b] @ https://example.org/r.zip#egg=foo ; os_name == \"x\""},
};

const Located kEditables[] = {
    {"./dir[x]", "", "./dir", "./dir[x]"},
    {"dir", "", "dir", "dir"},
    {"file:///srv/dir", "", "file:///srv/dir", "file:///srv/dir"},
    {"git+ssh://git@example.org/r#egg=foo", "foo", "git+ssh://git@example.org/r#egg=foo",
     "foo @ git+ssh://git@example.org/r#egg=foo"},
    {"git+https://example.org/r@v#egg=foo[x]", "foo", "git+https://example.org/r@v#egg=foo",
     "foo[x] @ git+https://example.org/r@v#egg=foo"},
    {"foo @ git+https://example.org/r#egg=foo[x]", "foo", "git+https://example.org/r#egg=foo",
     "foo[x] @ git+https://example.org/r#egg=foo"},
    {"git://example.org/r#egg=foo", "foo", "git+git://example.org/r#egg=foo", "foo @ git+git://example.org/r#egg=foo"},
    {"foo @ git+https://example.org/r ; os_name=='x'", "foo", "git+https://example.org/r",
     "foo @ git+https://example.org/r ; os_name == \"x\""},
};

void check(const Requirement& requirement, const Located& expected) {
  BOOST_TEST(requirement.name == expected.name);
  BOOST_TEST(requirement.url == expected.url);
  BOOST_TEST(requirement.text() == expected.text);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(requirement_location)

BOOST_DATA_TEST_CASE(tells_locations_by_their_spelling, data::make(kRequirements), one) {
  check(parse_requirement_or_location(one.written), one);
}

BOOST_DATA_TEST_CASE(editables, data::make(kEditables), one) { check(parse_editable(one.written), one); }

BOOST_AUTO_TEST_CASE(refuses) {
  for (const char* text : {"", "foo=1", "git+https://example.org/r#egg=f[x", "git+https://example.org/r#egg=f[x]y",
                           "git+https://example.org/r#egg=[x]", "./dir[a b]", "./dir; os_name", "a\nb"}) {
    BOOST_TEST_CONTEXT(text) { BOOST_CHECK_THROW(static_cast<void>(parse_requirement_or_location(text)), UsageError); }
  }
  for (const char* text :
       {"", "https://example.org/a.zip", "git+https://example.org/r", "foo @ https://example.org/f.whl"}) {
    BOOST_TEST_CONTEXT(text) { BOOST_CHECK_THROW(static_cast<void>(parse_editable(text)), UsageError); }
  }
}

BOOST_AUTO_TEST_SUITE_END()
