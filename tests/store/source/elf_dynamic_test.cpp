#include "store/source/elf_dynamic.hpp"

#include <algorithm>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <fstream>
#include <sstream>
#include <tuple>

#include "tests/support/temp_dir.hpp"

namespace data = boost::unit_test::data;
using cas::InputFile;
using cas::read_elf_dynamic;
using cas::relocated_runpath;

namespace {

const std::tuple<std::string, std::string, std::string> kRelocated[] = {
    {"/opt/py/lib", "bin", "$ORIGIN/../lib"},
    {"/opt/py/lib/", "bin", "$ORIGIN/../lib"},
    {"/opt/py", "bin", "$ORIGIN/.."},
    {"/opt/py/lib", "lib/python3.12/lib-dynload", "$ORIGIN/../../../lib"},
    {"/usr/lib/ssl:/opt/py/lib", "bin", "/usr/lib/ssl:$ORIGIN/../lib"},
    {"/opt/python/lib", "bin", "/opt/python/lib"},  // begins like the prefix, and is another directory
    {"$ORIGIN/../lib", "bin", "$ORIGIN/../lib"},
    {"/opt/py/lib", "", "$ORIGIN/lib"},
};

std::string own_program() {
  std::ifstream file("/proc/self/exe", std::ios::binary);
  std::stringstream bytes;
  bytes << file.rdbuf();
  return bytes.str();
}

}  // namespace

BOOST_AUTO_TEST_SUITE(elf_dynamic)

BOOST_DATA_TEST_CASE(run_paths_follow_the_file, data::make(kRelocated), text, directory, expected) {
  BOOST_TEST(relocated_runpath(text, "/opt/py", directory) == expected);
}

BOOST_AUTO_TEST_CASE(names_the_libraries_of_this_program) {
  const auto needed = read_elf_dynamic(InputFile("/proc/self/exe", "exe")).needed;
  BOOST_TEST(std::ranges::any_of(needed, [](const std::string& name) { return name.starts_with("libc.so"); }));
}

// Whatever its headers say: no more is read than is there, and nothing is thrown for it.
BOOST_AUTO_TEST_CASE(damaged_files_have_none) {
  const cas::test::TempDir dir;
  const std::string whole = own_program().substr(0, 100'000);
  for (std::size_t i = 0; i < 2'000; ++i) {
    std::string bytes = whole.substr(0, i < 1'000 ? i * 7 : whole.size());
    if (i >= 1'000) bytes[(i * 7919) % 1'024] = static_cast<char>(i);
    std::ofstream(dir / "x", std::ios::binary) << bytes;
    BOOST_CHECK_NO_THROW((void)read_elf_dynamic(InputFile(dir / "x", "x")));
  }
  std::ofstream(dir / "text") << "#!/bin/sh\n";
  BOOST_TEST(read_elf_dynamic(InputFile(dir / "text", "text")).needed.empty());
}

BOOST_AUTO_TEST_SUITE_END()
