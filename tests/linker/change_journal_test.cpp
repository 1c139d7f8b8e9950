#include "linker/change_journal.hpp"

#include <boost/test/unit_test.hpp>
#include <filesystem>
#include <functional>

#include "store/base/codec.hpp"
#include "store/base/error.hpp"
#include "store/sys/file.hpp"
#include "tests/support/temp_store.hpp"

using namespace cas;
using namespace cas::test;
namespace fs = std::filesystem;

namespace {

const std::string kStaging = "new-0123456789abcdef0123456789abcdef";

// A directory in the state between staging and journal.
struct Environment {
  TempDir dir;
  TempDir roots;  // of the store that made it
  Fd directory = open_directory(dir.path());
  Change change;

  Environment() {
    write("gone/deep/old.py", "old");
    write("gone/foreign.txt", "foreign");
    write("emptied/only.py", "old");
    write("edited.py", "edited by the user");
    write("same.py", "old");
    write("becomes_file/inner.py", "old");
    write("becomes_folder", "old");
    write("pyvenv.cfg", "old");
    write(".cas/anchor", "old anchor");
    write(".cas/lock", "");
    const std::string tree = ".cas/" + kStaging + "/tree/";
    write(tree + "edited.py", "new");
    write(tree + "same.py", "new");
    write(tree + "becomes_file", "new");
    write(tree + "becomes_folder/inner.py", "new");
    write(tree + "fresh/folder/a.py", "new");
    write(tree + "pyvenv.cfg", "new");
    write(".cas/" + kStaging + "/anchor", "new anchor");
    write_test_file(roots / kStaging.substr(4), "new anchor");
    change.staging = kStaging;
    change.keep = {"edited.py"};
    change.remove = {"gone/deep/old.py", "emptied/only.py", "becomes_file/inner.py", "becomes_folder"};
    change.place = {"becomes_file", "becomes_folder", "edited.py", "fresh", "same.py", "pyvenv.cfg"};
  }
  void write(const std::string& path, const std::string& bytes) const {
    fs::create_directories(fs::path(dir / path).parent_path());
    write_test_file(dir / path, bytes);
  }
  // Path -> content of every file.
  std::map<std::string, std::string> files() const {
    std::map<std::string, std::string> all;
    for (const auto& entry : fs::recursive_directory_iterator(dir.path())) {
      if (entry.is_regular_file()) all[fs::relative(entry.path(), dir.path()).string()] = slurp(entry.path().string());
    }
    return all;
  }
};

const std::map<std::string, std::string> kAfter{
    {".cas/anchor", "new anchor"},
    {".cas/kept/" + kStaging + "/edited.py", "edited by the user"},
    {".cas/lock", ""},
    {"becomes_file", "new"},
    {"becomes_folder/inner.py", "new"},
    {"edited.py", "new"},
    {"fresh/folder/a.py", "new"},
    {"gone/foreign.txt", "foreign"},
    {"pyvenv.cfg", "new"},
    {"same.py", "new"},
};

std::string journal(const std::string& staging, const std::string& path) {
  std::string bytes;
  ByteWriter out(bytes);
  out.raw("casJ1");
  out.string(staging);
  out.u32(0);
  out.u32(1);
  out.string(path);
  out.u32(0);
  return bytes;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(change_journal_tests)

BOOST_AUTO_TEST_CASE(a_change_is_carried_out) {
  const Environment environment;
  commit_change(environment.directory.get(), environment.change);
  BOOST_TEST(finish_change(environment.directory.get(), environment.dir.path(), environment.roots.path()));
  BOOST_TEST((environment.files() == kAfter));
  BOOST_TEST(!exists(environment.dir / "emptied"));
  BOOST_TEST(!exists(environment.dir / "gone/deep"));
  BOOST_TEST((names_in(environment.dir / ".cas") == std::vector<std::string>{"anchor", "kept", "lock"}));
  BOOST_TEST(!finish_change(environment.directory.get(), environment.dir.path(), environment.roots.path()));
}

// Its owner may be somebody else than who runs cas, and may write what he likes into it.
BOOST_AUTO_TEST_CASE(a_journal_of_no_root_of_the_store_is_refused) {
  const Environment environment;
  commit_change(environment.directory.get(), environment.change);
  write_test_file(environment.roots / kStaging.substr(4), "another anchor");
  BOOST_CHECK_THROW(finish_change(environment.directory.get(), environment.dir.path(), environment.roots.path()),
                    Error);
  fs::remove(environment.roots / kStaging.substr(4));
  BOOST_CHECK_THROW(finish_change(environment.directory.get(), environment.dir.path(), environment.roots.path()),
                    Error);
  BOOST_TEST(environment.files().at("same.py") == "old");
  BOOST_TEST(environment.files().at("becomes_folder") == "old");
}

BOOST_AUTO_TEST_CASE(no_path_leads_through_a_symbolic_link) {
  Environment environment;
  const TempDir victim;
  write_test_file(victim / "file", "precious");
  fs::create_directory_symlink(victim.path(), environment.dir / "link");
  const auto untouched = [&](const Change& change) {
    commit_change(environment.directory.get(), change);
    BOOST_CHECK_THROW(finish_change(environment.directory.get(), environment.dir.path(), environment.roots.path()),
                      Error);
    BOOST_TEST(slurp(victim / "file") == "precious");
    fs::remove(environment.dir / ".cas/journal");
  };
  untouched({kStaging, {}, {"link/file"}, {}});
  untouched({kStaging, {"link/file"}, {}, {}});
  environment.write(".cas/" + kStaging + "/tree/link/file", "evil");
  untouched({kStaging, {}, {}, {"link/file"}});
  fs::create_directory_symlink(victim.path(), environment.dir / ".cas/kept");
  untouched({kStaging, {"same.py"}, {}, {}});
}

BOOST_AUTO_TEST_CASE(without_a_journal_the_old_environment_stays) {
  const Environment environment;
  BOOST_TEST(!finish_change(environment.directory.get(), environment.dir.path(), environment.roots.path()));
  BOOST_TEST(!exists(environment.dir / (".cas/" + kStaging)));
  const auto files = environment.files();
  BOOST_TEST(files.at("same.py") == "old");
  BOOST_TEST(files.at("edited.py") == "edited by the user");
  BOOST_TEST(files.at("gone/deep/old.py") == "old");
  BOOST_TEST(files.at(".cas/anchor") == "old anchor");
}

BOOST_AUTO_TEST_CASE(a_half_written_journal_counts_as_none) {
  const Environment environment;
  environment.write(".cas/" + kStaging + "/journal", "casJ1 half");
  BOOST_TEST(!finish_change(environment.directory.get(), environment.dir.path(), environment.roots.path()));
  BOOST_TEST(environment.files().at("same.py") == "old");
}

// The steps of carrying a change out, done by hand up to each point: what a killed program leaves.
BOOST_AUTO_TEST_CASE(an_interruption_after_any_step_is_finished) {
  const std::string staged = ".cas/" + kStaging + "/tree/";
  using Step = std::function<void(const TempDir&)>;
  const auto move = [](const std::string& from, const std::string& to) {
    return [=](const TempDir& dir) {
      fs::create_directories(fs::path(dir / to).parent_path());
      fs::rename(dir / from, dir / to);
    };
  };
  const auto remove = [](const std::string& path) { return [=](const TempDir& dir) { fs::remove(dir / path); }; };
  const std::vector<Step> steps{
      move("edited.py", ".cas/kept/" + kStaging + "/edited.py"),
      remove("gone/deep/old.py"),
      remove("gone/deep"),
      remove("emptied/only.py"),
      remove("emptied"),
      remove("becomes_file/inner.py"),
      remove("becomes_file"),
      remove("becomes_folder"),
      move(staged + "becomes_file", "becomes_file"),
      move(staged + "becomes_folder", "becomes_folder"),
      move(staged + "edited.py", "edited.py"),
      move(staged + "fresh", "fresh"),
      move(staged + "same.py", "same.py"),
      move(staged + "pyvenv.cfg", "pyvenv.cfg"),
      move(".cas/" + kStaging + "/anchor", ".cas/anchor"),
  };
  for (std::size_t done = 0; done <= steps.size(); ++done) {
    BOOST_TEST_CONTEXT(done << " steps were done") {
      const Environment environment;
      commit_change(environment.directory.get(), environment.change);
      for (std::size_t i = 0; i < done; ++i) steps[i](environment.dir);
      BOOST_TEST(finish_change(environment.directory.get(), environment.dir.path(), environment.roots.path()));
      BOOST_TEST((environment.files() == kAfter));
      BOOST_TEST(!exists(environment.dir / ".cas/journal"));
      BOOST_TEST(!exists(environment.dir / (".cas/" + kStaging)));
    }
  }
}

BOOST_AUTO_TEST_CASE(a_change_can_be_carried_out_twice) {
  const Environment environment;
  commit_change(environment.directory.get(), environment.change);
  const std::string journal_bytes = slurp(environment.dir / ".cas/journal");
  BOOST_TEST(finish_change(environment.directory.get(), environment.dir.path(), environment.roots.path()));
  // Everything was done, but the journal is still there: what a crash of the machine may leave.
  environment.write(".cas/journal", journal_bytes);
  BOOST_TEST(finish_change(environment.directory.get(), environment.dir.path(), environment.roots.path()));
  BOOST_TEST((environment.files() == kAfter));
}

BOOST_AUTO_TEST_CASE(a_damaged_journal_is_named_with_what_to_do) {
  const Environment environment;
  environment.write(".cas/journal", journal("kept", "x"));
  BOOST_CHECK_EXCEPTION(finish_change(environment.directory.get(), environment.dir.path(), environment.roots.path()),
                        Corruption, [&](const Error& error) {
                          return error.message().find(environment.dir / ".cas/journal") != std::string::npos &&
                                 error.message().find("'kept'") != std::string::npos &&
                                 error.hint().find("cas doctor --fix " + environment.dir.path()) != std::string::npos;
                        });
}

// The journal lies where others may write.
BOOST_AUTO_TEST_CASE(a_journal_that_leads_out_is_corruption) {
  const Environment environment;
  const auto before = environment.files();
  for (const std::string& bytes :
       {journal(kStaging, "../victim"), journal(kStaging, "/etc/passwd"), journal(kStaging, "a/../../x"),
        journal("../" + kStaging, "x"), journal("new-/../..", "x"), journal("kept", "x"), std::string("garbage"),
        journal(kStaging, "x") + "x", std::string(), journal(kStaging, "x").substr(0, 20)}) {
    environment.write(".cas/journal", bytes);
    BOOST_CHECK_THROW(finish_change(environment.directory.get(), environment.dir.path(), environment.roots.path()),
                      Corruption);
    fs::remove(environment.dir / ".cas/journal");
    BOOST_TEST((environment.files() == before));
  }
}

BOOST_AUTO_TEST_CASE(a_directory_without_cas_in_it_has_no_change) {
  const TempDir dir;
  BOOST_TEST(!finish_change(open_directory(dir.path()).get(), dir.path(), dir.path()));
  BOOST_TEST(names_in(dir.path()).empty());
}

BOOST_AUTO_TEST_SUITE_END()
