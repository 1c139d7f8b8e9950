#include "linker/environment_others.hpp"

#include <boost/test/unit_test.hpp>

#include "store/base/digest.hpp"
#include "store/source/record.hpp"
#include "store/sys/file.hpp"
#include "tests/linker/installed/site_packages.hpp"

namespace cas {
namespace {

using test::SitePackages;

const std::string kSite = "lib/python3.12/site-packages";
const std::string kInfo = kSite + "/demo-1.0.dist-info";

BOOST_AUTO_TEST_SUITE(environment_others)

BOOST_AUTO_TEST_CASE(a_distribution_has_the_files_that_its_record_lists_and_that_are_there) {
  SitePackages site;
  site.add("demo", "1.0", "", {{"RECORD", "demo.py,,\ngone.py,,\ndemo-1.0.dist-info/RECORD,,\n../../../bin/demo,,\n"}});
  SitePackages::write(site / "demo.py", "");
  make_directories(site.path() + "/bin");
  SitePackages::write(site.path() + "/bin/demo", "");
  const auto files = files_of_distribution(site.path(), kSite, kInfo);
  BOOST_REQUIRE(files);
  BOOST_TEST(*files == (std::set<std::string, std::less<>>{kSite + "/demo.py", kInfo + "/RECORD", "bin/demo"}),
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(what_is_not_as_its_record_says_was_edited) {
  SitePackages site;
  const auto row = [](const std::string& name, const std::string& text) {
    return record_row(name, record_hash(sha256(text)), text.size());
  };
  site.add("demo", "1.0", "",
           {{"RECORD", row("same.py", "x = 1\n") + row("longer.py", "x = 1\n") + row("other.py", "x = 1\n") +
                           row("gone.py", "x = 1\n") + "unknown.py,,\nweak.py,md5=abc,6\n" +
                           row("../../../../outside", "x = 1\n")}});
  SitePackages::write(site / "same.py", "x = 1\n");
  SitePackages::write(site / "longer.py", "x = 1\n# mine\n");
  SitePackages::write(site / "other.py", "x = 2\n");
  SitePackages::write(site / "unknown.py", "x = 2\n");
  SitePackages::write(site / "weak.py", "x = 2\n");
  SitePackages::write(site.dir / "outside", "x = 2\n");
  BOOST_TEST(edited_of_distribution(site.path(), kSite, kInfo) ==
                 (std::set<std::string, std::less<>>{kSite + "/longer.py", kSite + "/other.py"}),
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_hostile_record_leads_nowhere) {
  SitePackages site;
  const std::string outside = site.dir / "outside";
  SitePackages::write(outside, "");
  make_directories(site.path() + "/.cas");
  make_directories(site / "folder");
  SitePackages::write(site.path() + "/.cas/anchor", "");
  make_symlink_at(site.dir.path(), kCurrentDirectory, site / "link");
  site.add("demo", "1.0", "",
           {{"RECORD", outside + ",,\n../../../../outside,,\nlink/outside,,\n../../../.cas/anchor,,\nfolder,,\n"
                                 "folder/../../../../../outside,,\n..,,\n,,\n"}});
  const auto files = files_of_distribution(site.path(), kSite, kInfo);
  BOOST_REQUIRE(files);
  BOOST_TEST(files->empty());
}

BOOST_AUTO_TEST_CASE(without_a_record_nothing_is_known) {
  SitePackages site;
  site.add("demo", "1.0");
  site.add("other", "1.0", "", {{"RECORD", "\"broken\n"}});
  BOOST_TEST(!files_of_distribution(site.path(), kSite, kInfo));
  BOOST_TEST(!files_of_distribution(site.path(), kSite, kSite + "/other-1.0.dist-info"));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace cas
