#include "linker/find_links.hpp"

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include "store/base/error.hpp"
#include "tests/linker/facts.hpp"

namespace {

namespace data = boost::unit_test::data;

std::string choose(const std::string& requirement, const std::vector<std::string>& files) {
  const cas::InterpreterFacts facts = cas::test::cpython_facts(12);
  const cas::TagSet tags(facts);
  return cas::choose_wheel(cas::parse_name_requirement(requirement), files, {facts, tags}, {"/w", "/v"});
}

}  // namespace

BOOST_AUTO_TEST_SUITE(find_links_tests)

BOOST_AUTO_TEST_CASE(requirements_are_a_name_and_perhaps_a_version) {
  const cas::NameRequirement plain = cas::parse_name_requirement(" Foo_.Bar ");
  BOOST_TEST(plain.normalized_name == "foo-bar");
  BOOST_TEST(plain.version == "");
  BOOST_TEST(plain.text == "Foo_.Bar");
  const cas::NameRequirement pinned = cas::parse_name_requirement("black[jupyter, d] == 24.1.0");
  BOOST_TEST(pinned.normalized_name == "black");
  BOOST_TEST(pinned.version == "24.1.0");
  BOOST_TEST(cas::parse_name_requirement("a===1.0").version == "1.0");
}

BOOST_DATA_TEST_CASE(other_requirements_are_usage_errors,
                     data::make({"", "==1", "a>=1", "a==", "a==1.*", "a b", "-a", "a==1,==2", "a]", "./a.whl", "a;x"}),
                     text) {
  BOOST_CHECK_THROW((void)cas::parse_name_requirement(text), cas::UsageError);
}

BOOST_AUTO_TEST_CASE(the_newest_version_wins_whatever_its_tags) {
  BOOST_TEST(choose("foo", {"/w/foo-1.9-cp312-cp312-linux_x86_64.whl", "/w/Foo-1.10-py3-none-any.whl",
                            "/w/foo_bar-9-py3-none-any.whl", "/w/foo-2.0.tar.gz", "/w/foo-bad.whl"}) ==
             "/w/Foo-1.10-py3-none-any.whl");
}

BOOST_AUTO_TEST_CASE(then_the_best_tag_then_the_highest_build) {
  BOOST_TEST(choose("foo", {"/w/foo-1-py3-none-any.whl", "/w/foo-1-cp312-cp312-linux_x86_64.whl"}) ==
             "/w/foo-1-cp312-cp312-linux_x86_64.whl");
  BOOST_TEST(choose("foo", {"/w/foo-1-10-py3-none-any.whl", "/w/foo-1-9x-py3-none-any.whl",
                            "/w/foo-1-py3-none-any.whl"}) == "/w/foo-1-10-py3-none-any.whl");
  BOOST_TEST(choose("foo", {"/b/foo-1-py3-none-any.whl", "/a/foo-1-py3-none-any.whl"}) == "/b/foo-1-py3-none-any.whl");
}

BOOST_AUTO_TEST_CASE(pre_releases_only_where_nothing_else_fits) {
  BOOST_TEST(choose("foo", {"/w/foo-2.0rc1-py3-none-any.whl", "/w/foo-1.0-py3-none-any.whl"}) ==
             "/w/foo-1.0-py3-none-any.whl");
  BOOST_TEST(choose("foo", {"/w/foo-2.0rc1-py3-none-any.whl", "/w/foo-1.0-cp27-none-any.whl"}) ==
             "/w/foo-2.0rc1-py3-none-any.whl");
  BOOST_TEST(choose("foo==2.0rc1", {"/w/foo-2.0rc1-py3-none-any.whl", "/w/foo-3.0-py3-none-any.whl"}) ==
             "/w/foo-2.0rc1-py3-none-any.whl");
}

BOOST_AUTO_TEST_CASE(versions_are_compared_as_versions) {
  BOOST_TEST(choose("foo==1.0", {"/w/foo-1.0.0-py3-none-any.whl"}) == "/w/foo-1.0.0-py3-none-any.whl");
  BOOST_TEST(choose("foo==1.0", {"/w/foo-1.0+cpu-py3-none-any.whl"}) == "/w/foo-1.0+cpu-py3-none-any.whl");
}

BOOST_AUTO_TEST_CASE(what_was_not_taken_is_explained) {
  BOOST_CHECK_EXCEPTION((void)choose("foo==2", {"/w/foo-1-py3-none-any.whl", "/w/foo-2-cp27-none-win32.whl"}),
                        cas::NotFound, [](const cas::NotFound& error) {
                          const std::string& message = error.message();
                          return message.find("foo-1-py3-none-any.whl is another version") != std::string::npos &&
                                 message.find("foo-2-cp27-none-win32.whl does not fit CPython 3.12") !=
                                     std::string::npos &&
                                 message.find("it is for cp27-none-win32") != std::string::npos;
                        });
  BOOST_CHECK_EXCEPTION(
      (void)choose("numppy", {"/w/numpy-1-py3-none-any.whl"}), cas::NotFound, [](const cas::NotFound& error) {
        return error.message() == "no wheel of numppy in /w, /v" && error.hint() == "did you mean 'numpy'?";
      });
}

BOOST_AUTO_TEST_SUITE_END()
