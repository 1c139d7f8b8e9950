#include "store/sys/new_file.hpp"

#include <boost/test/unit_test.hpp>

#include "store/base/error.hpp"
#include "store/sys/file.hpp"
#include "tests/support/temp_dir.hpp"

namespace {

std::vector<std::string> names_in(const std::string& directory) {
  std::vector<std::string> names;
  cas::list_directory(cas::open_directory(directory).get(), directory,
                      [&](const std::string& name, unsigned char) { names.push_back(name); });
  return names;
}

}  // namespace

BOOST_FIXTURE_TEST_SUITE(new_file, cas::test::TempDir)

BOOST_AUTO_TEST_CASE(has_a_name_only_when_it_is_published) {
  {
    cas::NewFile file(path());
    file.write("abc");
  }
  BOOST_TEST(names_in(path()).empty());
  cas::NewFile file(path());
  file.write("abc");
  file.restart();
  file.write("de");
  file.publish("name", cas::Durability::strict);
  BOOST_TEST(cas::read_file(*this / "name", 10) == "de");
  BOOST_TEST((cas::stat_path(*this / "name")->st_mode & 0777) == (0666 & ~cas::process_umask()));
}

BOOST_AUTO_TEST_CASE(replaces_what_has_its_name) {
  for (const char* text : {"one", "two"}) {
    cas::NewFile file(path());
    file.write(text);
    file.publish("name", cas::Durability::none);
  }
  BOOST_TEST(cas::read_file(*this / "name", 10) == "two");
  BOOST_TEST(names_in(path()).size() == 1U);
}

BOOST_AUTO_TEST_CASE(leaves_nothing_where_it_cannot_have_its_name) {
  cas::make_directory_at(cas::kCurrentDirectory, *this / "name", 0777);
  {
    cas::NewFile file(path());
    BOOST_CHECK_THROW(file.publish("name", cas::Durability::none), cas::SystemError);
  }
  BOOST_TEST(names_in(path()).size() == 1U);
  BOOST_CHECK_THROW(cas::NewFile(*this / "missing"), cas::SystemError);
}

BOOST_AUTO_TEST_SUITE_END()
