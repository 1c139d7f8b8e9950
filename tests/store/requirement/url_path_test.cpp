#include "store/requirement/url_path.hpp"

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <ostream>

namespace data = boost::unit_test::data;

namespace {

struct Joined {
  const char* base;
  const char* reference;
  const char* url;
};
std::ostream& operator<<(std::ostream& out, const Joined& j) { return out << j.base << " + " << j.reference; }

const Joined kJoined[] = {
    {"https://example.org/a/b.txt", "c.txt", "https://example.org/a/c.txt"},
    {"https://example.org/a/b.txt?x=/y#z", "./c.txt?q=1", "https://example.org/a/c.txt?q=1"},
    {"https://example.org/a/b.txt", "../../../c.txt", "https://example.org/c.txt"},
    {"https://example.org/a/b.txt", "/c/./d/..", "https://example.org/c/"},
    {"https://example.org/a/b.txt", "//example.com/c", "https://example.com/c"},
    {"https://example.org/a/b.txt", "http://example.com/c", "http://example.com/c"},
    {"https://example.org", "c.txt", "https://example.org/c.txt"},
};

struct FilePath {
  const char* url;
  const char* path;  // "": none
};
std::ostream& operator<<(std::ostream& out, const FilePath& f) { return out << f.url; }

const FilePath kFilePaths[] = {{"file:///a/b%20c", "/a/b c"},
                               {"FILE://localhost/a#x", "/a"},
                               {"file:/a", "/a"},
                               {"file:///a%2", "/a%2"},
                               {"file:///a%zz", "/a%zz"},
                               {"file://host/a", ""},
                               {"file:a", ""},
                               {"https://example.org/a", ""},
                               {"/a", ""},
                               {"file:///a%00b", ""}};

}  // namespace

BOOST_AUTO_TEST_SUITE(url_path)

BOOST_DATA_TEST_CASE(joins, data::make(kJoined), one) {
  BOOST_TEST(cas::joined_url(one.base, one.reference) == one.url);
}

BOOST_DATA_TEST_CASE(file_paths, data::make(kFilePaths), one) {
  BOOST_TEST(cas::file_url_path(one.url).value_or("") == one.path);
}

BOOST_AUTO_TEST_CASE(normal_paths) {
  BOOST_TEST(cas::normal_path("./a//./b/../c.txt") == "a/c.txt");
  BOOST_TEST(cas::normal_path("../../a/../../b") == "../../../b");
  BOOST_TEST(cas::normal_path("/../../a/.") == "/a/");
  BOOST_TEST(cas::normal_path("a/..").empty());
  BOOST_TEST(cas::normal_path("/") == "/");
}

BOOST_AUTO_TEST_CASE(schemes) {
  BOOST_TEST(cas::url_scheme("Git+SSH://x") == "git+ssh");
  BOOST_TEST(cas::url_scheme("foo @ https://x") == "");
  BOOST_TEST(cas::url_scheme("1a:b") == "");
  BOOST_TEST(cas::is_url("http://x"));
  BOOST_TEST(cas::is_url("hg+http://x"));
  BOOST_TEST(!cas::is_url("c:\\x"));
  BOOST_TEST(!cas::is_url("foo"));
  BOOST_TEST(cas::is_version_control_url("svn+ssh://x"));
  BOOST_TEST(!cas::is_version_control_url("https://x"));
}

BOOST_AUTO_TEST_SUITE_END()
