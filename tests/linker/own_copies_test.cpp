#include "linker/own_copies.hpp"

#include <boost/test/unit_test.hpp>
#include <filesystem>

#include "store/base/error.hpp"
#include "store/sys/file.hpp"
#include "tests/support/temp_dir.hpp"
#include "tests/support/wheel_builder.hpp"

using namespace cas;
using namespace cas::test;

namespace {

OwnCopies some_copies() {
  return {{"lib/a.py", {sha256("a"), Executable::no}}, {"lib/b", {sha256("b"), Executable::yes}}};
}

}  // namespace

BOOST_AUTO_TEST_SUITE(own_copies_tests)

BOOST_AUTO_TEST_CASE(they_survive_their_encoding) {
  BOOST_TEST((decode_own_copies(encode_own_copies(some_copies())) == some_copies()));
  BOOST_TEST((decode_own_copies(encode_own_copies({})) == OwnCopies{}));
}

BOOST_AUTO_TEST_CASE(what_is_no_list_is_corruption) {
  const std::string bytes = encode_own_copies(some_copies());
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    BOOST_CHECK_THROW((void)decode_own_copies(bytes.substr(0, size)), Corruption);
  }
  BOOST_CHECK_THROW((void)decode_own_copies(bytes + "x"), Corruption);
  for (const char* path : {"/etc/passwd", "../x", "a/../b", ""}) {
    BOOST_CHECK_THROW((void)decode_own_copies(encode_own_copies({{path, {sha256("a"), Executable::no}}})), Corruption);
  }
}

BOOST_AUTO_TEST_CASE(an_environment_keeps_them_in_a_file) {
  const TempDir dir;
  std::filesystem::create_directories(dir / ".cas");
  const Fd environment = open_directory(dir / ".");
  BOOST_TEST(read_own_copies(environment.get()).empty());
  write_own_copies(dir / ".", some_copies());
  BOOST_TEST((read_own_copies(environment.get()) == some_copies()));
  write_own_copies(dir / ".", {});
  BOOST_TEST(!std::filesystem::exists(dir / ".cas/own"));
  write_test_file(dir / ".cas/own", "nonsense");
  BOOST_CHECK_EXCEPTION((void)read_own_copies(environment.get()), Corruption,
                        [](const Corruption& error) { return error.message().find(".cas/own") != std::string::npos; });
}

BOOST_AUTO_TEST_CASE(a_path_counts_for_one_object) {
  const OwnCopies copies = some_copies();
  BOOST_TEST(is_own_copy(copies, "lib/a.py", {sha256("a"), Executable::no}));
  BOOST_TEST(!is_own_copy(copies, "lib/a.py", {sha256("b"), Executable::no}));
  BOOST_TEST(!is_own_copy(copies, "lib/c.py", {sha256("a"), Executable::no}));
}

BOOST_AUTO_TEST_SUITE_END()
