#include "store/source_archive/zip_file.hpp"

#include <boost/test/unit_test.hpp>

#include "store/base/error.hpp"
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

BOOST_FIXTURE_TEST_SUITE(zip_file_tests, Scratch)

BOOST_AUTO_TEST_CASE(what_is_written_can_be_unpacked) {
  const std::string path = dir / "x.zip";
  const std::string large(100'000, 'x');
  {
    const Fd file = create_file_at(kCurrentDirectory, path, 0600);
    write_zip(file.get(), {{"a/METADATA", "Name: a\n"}, {"a/RECORD", ""}, {"a/large", large}}, "x.zip");
  }
  make_directory_at(kCurrentDirectory, dir / "out", 0700);
  const UnpackedArchive unpacked =
      unpack_archive(open_user_file(path).get(), open_directory(dir / "out").get(), "x.zip");
  BOOST_TEST(unpacked.files == 3U);
  BOOST_TEST(unpacked.top == "a");
  BOOST_TEST(test::slurp(dir / "out/a/METADATA") == "Name: a\n");
  BOOST_TEST(test::slurp(dir / "out/a/RECORD") == "");
  BOOST_TEST((test::slurp(dir / "out/a/large") == large));
}

BOOST_AUTO_TEST_CASE(what_cannot_be_written_is_said) {
  BOOST_CHECK_EXCEPTION(write_zip(-1, {{"a", "b"}}, "x.zip"), Error,
                        [](const Error& error) { return error.message().starts_with("writing x.zip: "); });
}

BOOST_AUTO_TEST_SUITE_END()
