#include "store/source/wheel_name.hpp"

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include "store/base/error.hpp"

namespace data = boost::unit_test::data;

namespace {

const char* const kInvalid[] = {"demo-1.0-py3-none-any.zip",
                                "demo-1.0-py3-none-any",
                                "demo-1.0-py3-none.whl",
                                ".whl",
                                "",
                                "a-b-1.0-1-py3-none-any.whl",
                                "demo-one-py3-none-any.whl",
                                "-1.0-py3-none-any.whl",
                                "demo-1.0-build-py3-none-any.whl",
                                "demo-1.0--none-any.whl",
                                "demo-1.0-py3.-none-any.whl",
                                "demo-1.0-py3..py2-none-any.whl",
                                "demo-1.0-py3-none-a\xC3\xA9.whl",
                                "_demo-1.0-py3-none-any.whl",
                                "de mo-1.0-py3-none-any.whl",
                                "../demo-1.0-py3-none-any.whl",
                                "demo-1.0-py3-none-any.WHL",
                                "demo-1.0-1/2-py3-none-any.whl",
                                "demo-1.0-py3-none-any\n.whl"};

}  // namespace

BOOST_AUTO_TEST_SUITE(wheel_name)

BOOST_AUTO_TEST_CASE(takes_a_name_apart) {
  const cas::WheelName name =
      cas::parse_wheel_name("Foo.Bar_baz-1.0a1-2x-cp312.cp313-abi3-manylinux_2_17_x86_64.manylinux2014_x86_64.whl");
  BOOST_TEST(name.distribution == "Foo.Bar_baz");
  BOOST_TEST(name.normalized == "foo-bar-baz");
  BOOST_TEST(name.version.text() == "1.0a1");
  BOOST_TEST(name.build == "2x");
  BOOST_TEST(name.python_tags == "cp312.cp313");
  BOOST_TEST(name.abi_tags == "abi3");
  BOOST_TEST(name.platform_tags == "manylinux_2_17_x86_64.manylinux2014_x86_64");
}

BOOST_AUTO_TEST_CASE(build_tag_is_optional) { BOOST_TEST(cas::parse_wheel_name("a-1-py3-none-any.whl").build == ""); }

BOOST_AUTO_TEST_CASE(escaped_versions) {
  BOOST_TEST(cas::parse_wheel_name("a-1.0_1-py3-none-any.whl").version.text() == "1.0.post1");
  BOOST_TEST(cas::parse_wheel_name("a-1.0+u_1-py3-none-any.whl").version.text() == "1.0+u.1");
}

BOOST_DATA_TEST_CASE(refuses, data::make(kInvalid), name) {
  BOOST_CHECK_THROW((void)cas::parse_wheel_name(name), cas::InvalidInput);
}

BOOST_AUTO_TEST_CASE(normalises_names) {
  BOOST_TEST(cas::normalize_name("Friendly-._.Bard") == "friendly-bard");
  BOOST_TEST(cas::normalize_name("FRIENDLY") == "friendly");
}

BOOST_AUTO_TEST_SUITE_END()
