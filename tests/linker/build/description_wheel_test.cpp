#include "linker/build/description_wheel.hpp"

#include <boost/test/unit_test.hpp>

#include "store/source_archive/unpack.hpp"
#include "store/sys/file.hpp"
#include "tests/support/temp_dir.hpp"
#include "tests/support/temp_store.hpp"

using namespace cas;

namespace {

struct Scratch {
  test::TempDir dir;
};

}  // namespace

namespace {

const std::string kTag = "cp312-cp312-linux_x86_64";

}  // namespace

BOOST_FIXTURE_TEST_SUITE(description_wheel_tests, Scratch)

BOOST_AUTO_TEST_CASE(name_version_and_requirements_are_what_is_installed) {
  InstalledDistribution one;
  one.name = "Zope.Interface";
  one.normalized = "zope-interface";
  one.version = "1!6.0.RC1+cu.121";
  one.requires_python = ">=3.7";
  one.requires_dist = {"base>=1", "more;\n extra == 'x'"};
  one.extras = {"x"};
  InstalledDistribution odd = one;
  odd.version = "no version";
  for (const std::string& name : {std::string("../up"), std::string(300, 'a'), std::string("a b"), std::string()}) {
    InstalledDistribution named = one;
    named.normalized = name;
    BOOST_TEST(description_wheel_name(named, kTag).empty(), name);
  }
  BOOST_TEST(description_wheel_name(one, kTag) ==
             "zope_interface-1!6.0rc1+cu.121-999999999-cp312-cp312-linux_x86_64.whl");
  BOOST_TEST(description_wheel_name(odd, kTag) == "");
  make_directory_at(kCurrentDirectory, dir / "wheels", 0700);
  write_description_wheels(open_directory(dir / "wheels").get(), {one, odd}, kTag);
  BOOST_TEST(test::names_in(dir / "wheels").size() == 1U);
  make_directory_at(kCurrentDirectory, dir / "out", 0700);
  const UnpackedArchive unpacked =
      unpack_archive(open_user_file(dir / ("wheels/" + description_wheel_name(one, kTag))).get(),
                     open_directory(dir / "out").get(), "it");
  BOOST_TEST(unpacked.top == "zope_interface-1!6.0rc1+cu.121.dist-info");
  BOOST_TEST(test::slurp(dir / ("out/" + unpacked.top + "/METADATA")) ==
             "Metadata-Version: 2.1\nName: Zope.Interface\nVersion: 1!6.0rc1+cu.121\nRequires-Python: >=3.7\n"
             "Provides-Extra: x\nRequires-Dist: base>=1\nRequires-Dist: more;  extra == 'x'\n");
}

BOOST_AUTO_TEST_SUITE_END()
