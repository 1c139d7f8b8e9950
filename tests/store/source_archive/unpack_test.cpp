#include "store/source_archive/unpack.hpp"

#include <sys/stat.h>

#include <boost/test/unit_test.hpp>
#include <cstdio>
#include <string>

#include "store/base/error.hpp"
#include "store/sys/file.hpp"
#include "tests/support/temp_dir.hpp"
#include "tests/support/temp_store.hpp"

using namespace cas;

namespace {

// A tar archive (ustar), as hostile as one likes.
class Tar {
 public:
  Tar& add(const std::string& path, char type, const std::string& content, const std::string& target = {},
           unsigned mode = 0644) {
    std::string header(512, '\0');
    header.replace(0, path.size(), path);
    number(header, 100, 8, mode);
    number(header, 124, 12, content.size());
    number(header, 136, 12, 1'000'000'000);
    header[156] = type;
    header.replace(157, target.size(), target);
    header.replace(257, 8, std::string("ustar\00000", 8));
    header.replace(148, 8, "        ");
    unsigned sum = 0;
    for (const char c : header) sum += static_cast<unsigned char>(c);
    number(header, 148, 7, sum);
    bytes_ += header + content + std::string((512 - content.size() % 512) % 512, '\0');
    return *this;
  }
  Tar& file(const std::string& path, const std::string& content) { return add(path, '0', content); }
  Tar& link(const std::string& path, const std::string& target) { return add(path, '2', "", target); }

  [[nodiscard]] std::string bytes() const { return bytes_ + std::string(1024, '\0'); }

 private:
  static void number(std::string& header, std::size_t at, std::size_t width, unsigned long value) {
    char text[32];
    std::snprintf(text, sizeof text, "%0*lo", static_cast<int>(width) - 1, value);
    header.replace(at, width - 1, std::string(text, width - 1));
  }

  std::string bytes_;
};

struct Fixture {
  test::TempDir dir;
  std::string root = dir / "root";

  UnpackedArchive unpack(const std::string& bytes, const UnpackLimits& limits = {}) {
    write_new_file_at(kCurrentDirectory, dir / "x.tar", bytes, 0600);
    make_directory_at(kCurrentDirectory, root, 0755);
    const Fd file = open_read(dir / "x.tar");
    const Fd directory = open_directory(root);
    return unpack_archive(file.get(), directory.get(), "x.tar", limits);
  }

  void refuse(const Tar& tar, const std::string& why) {
    BOOST_CHECK_EXCEPTION((void)unpack(tar.bytes()), InvalidInput, [&](const InvalidInput& error) {
      BOOST_TEST_MESSAGE(error.message());
      return error.message().find(why) != std::string::npos;
    });
    BOOST_TEST(test::names_in(dir.path()) == (std::vector<std::string>{"root", "x.tar"}),
               boost::test_tools::per_element());
  }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(unpack_tests, Fixture)

BOOST_AUTO_TEST_CASE(files_directories_and_links_are_made) {
  const UnpackedArchive unpacked = unpack(Tar()
                                              .add("p-1/", '5', "", "", 0700)
                                              .file("p-1/a/b.txt", "text")
                                              .add("p-1/run", '0', "#!", "", 0711)
                                              .link("p-1/link", "a/b.txt")
                                              .add("p-1/hard", '1', "", "p-1/a/b.txt")
                                              .file("./p-1/empty", "")
                                              .bytes());
  BOOST_TEST(unpacked.top == "p-1");
  BOOST_TEST(unpacked.files == 3U);
  BOOST_TEST(unpacked.bytes == 6U);
  BOOST_TEST(test::slurp(root + "/p-1/link") == "text");
  BOOST_TEST(test::slurp(root + "/p-1/hard") == "text");
  const auto run = stat_path(root + "/p-1/run").value();
  BOOST_TEST((run.st_mode & 07777) == 0755U);
  BOOST_TEST(run.st_mtim.tv_sec == 1'000'000'000);
  BOOST_TEST((stat_path(root + "/p-1/a/b.txt").value().st_mode & 07777) == 0644U);
}

BOOST_AUTO_TEST_CASE(what_is_not_in_one_directory_has_its_project_at_the_root) {
  BOOST_TEST(unpack(Tar().file("p/a", "x").file("setup.py", "y").bytes()).top.empty());
}

BOOST_AUTO_TEST_CASE(of_two_members_of_one_name_the_later_counts) {
  (void)unpack(Tar().file("p/a", "first").link("p/a", "b").file("p/a", "last").bytes());
  BOOST_TEST(test::slurp(root + "/p/a") == "last");
}

BOOST_AUTO_TEST_CASE(paths_out_of_the_archive_are_refused) { refuse(Tar().file("p/../../out", "x"), "'..'"); }
BOOST_AUTO_TEST_CASE(absolute_paths_are_refused) { refuse(Tar().file("/tmp/cas-test-out", "x"), "/tmp/cas-test-out"); }
BOOST_AUTO_TEST_CASE(links_out_of_the_archive_are_refused) { refuse(Tar().link("p/out", "../../x"), "leads out"); }
BOOST_AUTO_TEST_CASE(nothing_is_written_through_a_link) {
  refuse(Tar().link("p/out", "a").file("p/out/x", "x"), "directory and something else");
}
BOOST_AUTO_TEST_CASE(a_link_does_not_replace_a_directory) {
  refuse(Tar().file("p/a/x", "x").link("p/a", "b"), "directory and something else");
}
BOOST_AUTO_TEST_CASE(hard_links_lead_to_files_of_the_archive_only) {
  refuse(Tar().add("p/hard", '1', "", "../../etc/passwd"), "'..'");
}
BOOST_AUTO_TEST_CASE(hard_links_do_not_lead_through_links) {
  refuse(Tar().link("p/soft", "x").add("p/hard", '1', "", "p/soft"), "no file of the archive");
}
BOOST_AUTO_TEST_CASE(devices_and_pipes_are_refused) { refuse(Tar().add("p/pipe", '6', ""), "neither file"); }

BOOST_AUTO_TEST_CASE(sizes_and_counts_are_limited) {
  const std::string bytes = Tar().file("a", std::string(1000, 'x')).file("b", "y").bytes();
  BOOST_CHECK_THROW((void)unpack(bytes, {10, 1000}), InvalidInput);
}

BOOST_AUTO_TEST_CASE(directories_that_no_member_names_count_too) {
  BOOST_CHECK_THROW((void)unpack(Tar().file("a/b/c/d", "x").bytes(), {3, 1000}), InvalidInput);
}

BOOST_AUTO_TEST_CASE(an_archive_that_is_cut_is_refused) {
  const std::string bytes = Tar().file("a", std::string(4000, 'x')).bytes();
  BOOST_CHECK_THROW((void)unpack(bytes.substr(0, 2000)), InvalidInput);
}

BOOST_AUTO_TEST_CASE(what_is_no_archive_is_refused) {
  BOOST_CHECK_THROW((void)unpack("a text, and nothing else"), InvalidInput);
}

BOOST_AUTO_TEST_CASE(names_tell_what_is_a_source_archive) {
  BOOST_TEST(is_source_archive_name("x-1.tar.gz"));
  BOOST_TEST(is_source_archive_name("X-1.ZIP"));
  BOOST_TEST(!is_source_archive_name("x-1.whl"));
  BOOST_TEST(!is_source_archive_name(".zip"));
  BOOST_TEST(!is_source_archive_name("x-1.tar.Z"));
}

BOOST_AUTO_TEST_SUITE_END()
