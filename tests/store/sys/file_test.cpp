#include "store/sys/file.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <boost/test/unit_test.hpp>
#include <cerrno>
#include <filesystem>
#include <set>

#include "store/base/error.hpp"
#include "tests/support/child.hpp"
#include "tests/support/temp_store.hpp"

using namespace cas;
using namespace cas::test;
namespace fs = std::filesystem;

namespace {

auto is(int error_number) {
  return [error_number](const SystemError& error) { return error.is(error_number); };
}

struct FileFixture : TempDir {
  Fd directory = open_directory(path());
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(file_tests, FileFixture)

BOOST_AUTO_TEST_CASE(a_created_file_has_exactly_the_mode) {
  for (const mode_t mode : {0444U, 0555U, 0666U, 0777U, 0600U}) {
    const std::string name = "f" + std::to_string(mode);
    static_cast<void>(create_file_at(directory.get(), name, mode));
    BOOST_TEST((stat_at(directory.get(), name)->st_mode & 07777) == mode);
  }
}

BOOST_AUTO_TEST_CASE(creating_never_replaces) {
  write_test_file(*this / "there", "x");
  fs::create_symlink(*this / "elsewhere", *this / "link");
  for (const char* name : {"there", "link"}) {
    BOOST_CHECK_EXCEPTION(static_cast<void>(create_file_at(directory.get(), name, 0644)), SystemError, is(EEXIST));
    BOOST_CHECK_EXCEPTION(write_new_file_at(directory.get(), name, "y", 0644), SystemError, is(EEXIST));
    BOOST_CHECK_EXCEPTION(create_empty_file_at(directory.get(), name, 0444, 0), SystemError, is(EEXIST));
  }
  BOOST_TEST(slurp(*this / "there") == "x");
  BOOST_TEST(!exists(*this / "elsewhere"));
}

BOOST_AUTO_TEST_CASE(an_empty_file_has_mode_and_time) {
  create_empty_file_at(directory.get(), "empty", 0555, 1234567890);
  const auto info = stat_at(directory.get(), "empty");
  BOOST_TEST(info->st_size == 0);
  BOOST_TEST((info->st_mode & 07777) == 0555U);
  BOOST_TEST(info->st_mtim.tv_sec == 1234567890);
}

BOOST_AUTO_TEST_CASE(links_are_not_followed) {
  write_test_file(*this / "file", "secret");
  fs::create_symlink("file", *this / "link");
  fs::create_directory(*this / "folder");
  fs::create_directory_symlink("folder", *this / "folder-link");
  BOOST_CHECK_EXCEPTION(static_cast<void>(open_read_at(directory.get(), "link")), SystemError, is(ELOOP));
  BOOST_CHECK_THROW(static_cast<void>(open_directory_at(directory.get(), "folder-link")), SystemError);
  BOOST_TEST(S_ISLNK(stat_at(directory.get(), "link")->st_mode));
  BOOST_TEST(!try_open_directory_at(directory.get(), "folder-link"));
  // A file that the user named may be a link.
  BOOST_TEST(read_fd(open_user_file(*this / "link").get(), 100, "link") == "secret");
}

BOOST_AUTO_TEST_CASE(a_pipe_given_as_a_file_is_refused_at_once) {
  BOOST_REQUIRE(::mkfifo((*this / "pipe").c_str(), 0600) == 0);
  BOOST_CHECK_THROW(static_cast<void>(open_user_file(*this / "pipe")), Error);
}

BOOST_AUTO_TEST_CASE(absence_is_no_error) {
  write_test_file(*this / "file", "x");
  for (const char* name : {"missing", "missing/deeper", "file/below"}) {
    BOOST_TEST_CONTEXT(name) {
      BOOST_TEST(!stat_at(directory.get(), name).has_value());
      BOOST_TEST(!try_read_file_at(directory.get(), name, 10).has_value());
      BOOST_TEST(!try_open_read_at(directory.get(), name));
      BOOST_TEST(!try_open_directory_at(directory.get(), name));
      BOOST_TEST(!remove_file_at(directory.get(), name));
      BOOST_TEST(!remove_directory_at(directory.get(), name));
      BOOST_TEST(!read_symlink_at(directory.get(), name).has_value());
    }
  }
}

BOOST_AUTO_TEST_CASE(errors_name_operation_and_path) {
  BOOST_CHECK_EXCEPTION(static_cast<void>(open_read(*this / "missing")), SystemError, [&](const SystemError& error) {
    return error.is(ENOENT) && error.message().find(*this / "missing") != std::string::npos;
  });
}

BOOST_AUTO_TEST_CASE(reading_stops_at_the_limit) {
  write_test_file(*this / "file", "0123456789");
  BOOST_TEST(read_file(*this / "file", 10) == "0123456789");
  BOOST_CHECK_THROW(static_cast<void>(read_file(*this / "file", 9)), Error);
}

BOOST_AUTO_TEST_CASE(reading_at_an_offset_is_short_only_at_the_end) {
  write_test_file(*this / "file", "0123456789");
  const Fd fd = open_read(*this / "file");
  char buffer[8] = {};
  BOOST_TEST(pread_full(fd.get(), buffer, 4, 2, "file") == 4U);
  BOOST_TEST(std::string(buffer, 4) == "2345");
  BOOST_TEST(pread_full(fd.get(), buffer, 8, 7, "file") == 3U);
  BOOST_TEST(pread_full(fd.get(), buffer, 8, 10, "file") == 0U);
}

BOOST_AUTO_TEST_CASE(directories_are_made_with_their_parents) {
  make_directories(*this / "a/b/c");
  make_directories(*this / "a/b/c");
  BOOST_TEST(fs::is_directory(*this / "a/b/c"));
  fs::create_directory_symlink("a", *this / "link");
  make_directories(*this / "link/b/d");
  BOOST_TEST(fs::is_directory(*this / "a/b/d"));
  write_test_file(*this / "file", "x");
  BOOST_CHECK_EXCEPTION(make_directories(*this / "file"), SystemError, is(ENOTDIR));
  BOOST_CHECK_EXCEPTION(make_directories(*this / "file/below"), SystemError, is(ENOTDIR));
  BOOST_TEST(try_make_directory_at(directory.get(), "new", 0777));
  BOOST_TEST(!try_make_directory_at(directory.get(), "new", 0777));
}

BOOST_AUTO_TEST_CASE(rename_noreplace_keeps_what_is_there) {
  write_test_file(*this / "from", "from");
  write_test_file(*this / "to", "to");
  BOOST_TEST(!rename_noreplace_at(directory.get(), "from", directory.get(), "to"));
  BOOST_TEST(slurp(*this / "to") == "to");
  BOOST_TEST(rename_noreplace_at(directory.get(), "from", directory.get(), "new"));
  BOOST_TEST(slurp(*this / "new") == "from");
  BOOST_CHECK_EXCEPTION(rename_noreplace_at(directory.get(), "gone", directory.get(), "x"), SystemError, is(ENOENT));
}

BOOST_AUTO_TEST_CASE(only_empty_directories_are_removed) {
  fs::create_directories(*this / "full/inside");
  BOOST_TEST(!remove_directory_at(directory.get(), "full"));
  BOOST_TEST(remove_directory_at(directory.get(), "full/inside"));
  BOOST_TEST(remove_directory_at(directory.get(), "full"));
}

BOOST_AUTO_TEST_CASE(a_directory_can_be_listed_again_and_again) {
  write_test_file(*this / "a", "");
  write_test_file(*this / ".b", "");
  for (int i = 0; i < 2; ++i) {
    std::set<std::string> names;
    list_directory(directory.get(), path(), [&](const std::string& name, unsigned char) { names.insert(name); });
    BOOST_TEST((names == std::set<std::string>{"a", ".b"}));
  }
}

BOOST_AUTO_TEST_CASE(absolute_paths_resolve_all_but_the_last_component) {
  const std::string base = fs::canonical(path()).string();
  fs::create_directories(*this / "real/inner");
  fs::create_directory_symlink("real", *this / "link");
  BOOST_TEST(absolute_path(*this / "link") == base + "/link");
  BOOST_TEST(absolute_path(*this / "link/") == base + "/link");
  BOOST_TEST(absolute_path(*this / "link/inner") == base + "/real/inner");
  BOOST_TEST(absolute_path(*this / "link/.") == base + "/real");
  BOOST_TEST(absolute_path(*this / "link/inner/..") == base + "/real");
  BOOST_TEST(absolute_path(*this / "link/not/yet/there") == base + "/real/not/yet/there");
  BOOST_TEST(absolute_path("/") == "/");
  BOOST_TEST(absolute_path("name") == fs::current_path().string() + "/name");
  BOOST_CHECK_THROW(static_cast<void>(absolute_path("")), UsageError);
  BOOST_CHECK_THROW(static_cast<void>(absolute_path(*this / "not/../there")), SystemError);
}

BOOST_AUTO_TEST_CASE(a_removed_current_directory_is_said) {
  const std::string gone = *this / "gone";
  fs::create_directory(gone);
  BOOST_TEST(run_in_child([&] {
               ::alarm(20);  // it must not try for ever
               expect(::chdir(gone.c_str()) == 0 && ::rmdir(gone.c_str()) == 0, "the directory can be removed");
               for (const char* relative : {"x", "./x", "a/b", ".", "..", "../x"}) {
                 try {
                   expect(false, relative + (" is " + absolute_path(relative)));
                 } catch (const Error& error) {
                   expect(error.message().ends_with("the current directory was removed"), error.message());
                   expect(error.exit_status() == ExitStatus::failure, "exit status 1");
                 }
               }
               expect(absolute_path("/x") == "/x", "an absolute path needs none");
             }) == 0);
}

BOOST_AUTO_TEST_CASE(random_names_differ) {
  std::set<std::string> names;
  for (int i = 0; i < 1000; ++i) {
    const std::string name = random_name();
    BOOST_TEST(name.size() == 32U);
    BOOST_TEST(name.find_first_not_of("0123456789abcdef") == std::string::npos);
    names.insert(name);
  }
  BOOST_TEST(names.size() == 1000U);
}

BOOST_AUTO_TEST_CASE(descriptors_do_not_leak) {
  const auto open_count = [] {
    return std::distance(fs::directory_iterator("/proc/self/fd"), fs::directory_iterator());
  };
  write_test_file(*this / "file", "x");
  const auto before = open_count();
  for (int i = 0; i < 10; ++i) {
    static_cast<void>(read_file(*this / "file", 10));
    list_directory(directory.get(), path(), [](const std::string&, unsigned char) {});
    grow_descriptor_table(300);
    BOOST_CHECK_THROW(
        list_directory(directory.get(), path(), [](const std::string&, unsigned char) { throw Error("stop"); }), Error);
  }
  BOOST_TEST(open_count() == before);
}

BOOST_AUTO_TEST_SUITE_END()
