#include "store/base/secrets.hpp"

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include "store/base/relpath.hpp"

using namespace cas;
namespace data = boost::unit_test::data;

namespace {

const std::string kTexts[] = {
    "six @ https://u:s3cret@h/six.zip ; bad",
    "'https://s3cret@h/x', https://u:s3cret@h:80/y",
    "git+https://u:s3cret@pw@h/x@v1",
    "https://u:s3/cret@h/x",
    "https://h/x?key=s3cret#egg=x",
    "ssh://git:s3cret@h/x",
    "https://u:s3cret@[::1/x",
    "u:s3cret@h/simple, then 'me@h:s3cret@h', https://u:s3cret@h",
    "--index-url=u:s3/cr@et@h/simple",
    "http//u:s3cret@h/x",
    "http//s3cret@h/x",
    "http:/u:s3/cret@h/x",
    "http:/s3cret@h/x",
    "http:u:s3cret@h",
    "//u:s3cret@h",
    "reading /home/x/u:s3cret@h/simple: not there",
    "six@u:s3cret@h",
};
const std::string kShown[] = {
    "six @ https://h/six.zip ; bad",
    "'https://h/x', https://h:80/y",
    "git+https://h/x@v1",
    "https://h/x",
    "https://h/x?...#egg=x",
    "ssh://h/x",
    "https://[::1/x",
    "...@h/simple, then '...@h', https://h",
    "--index-url=...@h/simple",
    "http//...@h/x",
    "http//...@h/x",
    "http:/...@h/x",
    "http:/...@h/x",
    "...@h",
    "//...@h",
    "reading /home/x/...@h/simple: not there",
    "...@h",
};

const std::string kHarmless[] = {
    "no URL: me@example.org, a:b, b:@c",
    "r.txt:1: six @ git@example.org:me/six@v1",
    "/a//b/c@d, C:/a/b@c, a@b:c",
    " a  b ",
    "git+ssh://git@example.org/x@v1",
    "https://example.org:443/x@1.0/y",
    "https://[::1]:8080/x@y",
    "file:///a/b@c",
    "",
};

}  // namespace

BOOST_AUTO_TEST_SUITE(secrets)

BOOST_DATA_TEST_CASE(credentials_and_queries_are_taken_out, data::make(kTexts) ^ data::make(kShown), text, shown) {
  BOOST_TEST(without_secrets(text) == shown);
  BOOST_TEST(without_secrets(shown) == shown);
  BOOST_TEST(printable(text) == shown);
}

BOOST_DATA_TEST_CASE(the_rest_stays, data::make(kHarmless), text) { BOOST_TEST(without_secrets(text) == text); }

BOOST_AUTO_TEST_CASE(nothing_is_left_of_a_password_that_is_cut_off_by_the_length) {
  const std::string text = std::string(90, 'x') + " https://user:s3cret-s3cret@example.org/" + std::string(200, 'y');
  BOOST_TEST(printable(text).find("s3c") == std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()
