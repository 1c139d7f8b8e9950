#include "linker/environment.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <filesystem>
#include <utility>

#include "linker/change_journal.hpp"
#include "store/base/error.hpp"
#include "store/sys/file.hpp"
#include "store/sys/lock.hpp"
#include "tests/support/temp_environment.hpp"

using namespace cas;
using namespace cas::test;
namespace fs = std::filesystem;

namespace {

struct EnvironmentFixture : TempEnvironment {
  WheelBuilder demo = make_wheel("demo", "1.0", {{"demo/__init__.py", ""}, {"demo/core.py", "value = 1\n"}});
  WheelBuilder demo2 = make_wheel(
      "demo", "2.0", {{"demo/__init__.py", ""}, {"demo/core.py", "value = 2\n"}, {"demo/more.py", "more = 1\n"}});
  WheelBuilder tool = make_tool();

  static WheelBuilder make_tool() {
    WheelBuilder wheel = make_wheel("tool", "1.0", {{"tool.py", "def main():\n    print('tool runs')\n"}});
    wheel.add_info("entry_points.txt", "[console_scripts]\ntool = tool:main\n");
    return wheel;
  }
  // Everything below the environment but its .cas, and without times: path -> content.
  std::map<std::string, std::string> tree(const std::string& name = "env") const {
    std::map<std::string, std::string> all;
    for (const auto& entry : fs::recursive_directory_iterator(path(name))) {
      const std::string relative = fs::relative(entry.path(), path(name)).string();
      if (relative.starts_with(".cas") || entry.is_directory()) continue;
      all[relative] =
          entry.is_symlink() ? "-> " + fs::read_symlink(entry.path()).string() : slurp(entry.path().string());
    }
    return all;
  }
};

bool contains(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

}  // namespace

BOOST_FIXTURE_TEST_SUITE(environment_tests, EnvironmentFixture, *boost::unit_test::precondition(has_python))

BOOST_AUTO_TEST_CASE(a_new_environment_runs_its_packages) {
  const CreateResult result = create("env", {demo, tool});
  BOOST_TEST(result.path == path());
  BOOST_TEST(!result.changed_existing);
  BOOST_TEST(result.packages.size() == 2U);
  BOOST_TEST(result.ingested.size() == 2U);
  BOOST_TEST(result.links.hardlinked > 0U);
  BOOST_TEST(result.links.copied + result.links.reflinked == 0U);
  BOOST_TEST(result.conflicts.empty());
  BOOST_TEST(result.warnings.empty());
  BOOST_TEST(run_python("env", "import demo.core, tool, sys; print(demo.core.value, sys.prefix)") ==
             "1 " + path() + "\n");
  BOOST_TEST(contains(slurp(path() + "/bin/tool"), path() + "/bin/python"));
  BOOST_TEST(stat_path(site() + "/demo/core.py")->st_ino == stat_path(object_path("value = 1\n"))->st_ino);
  BOOST_TEST(problems().empty());
}

BOOST_AUTO_TEST_CASE(the_counts_are_what_lies_there) {
  const CreateResult result = create("env", {demo, tool});
  const auto counted = [&](const std::string& name) {
    std::pair<std::uint64_t, std::uint64_t> counts{0, 1};  // its own directory
    for (const auto& entry : fs::recursive_directory_iterator(path(name))) {
      ++(entry.is_directory() && !entry.is_symlink() ? counts.second : counts.first);
    }
    return counts;
  };
  const auto [files, directories] = counted("env");
  const LinkCounts& links = result.links;
  BOOST_TEST(result.files == links.hardlinked + links.created);
  BOOST_TEST(result.files == files);
  BOOST_TEST(result.directories == directories);
  const RemoveResult promised = remove_environment(store, path(), true, silent);
  BOOST_TEST(promised.files == files);
  BOOST_TEST(promised.directories == directories);

  // A change counts what is there afterwards.
  const CreateResult changed = create("env", {demo2});
  BOOST_TEST(changed.files == counted("env").first);
  BOOST_TEST(changed.directories == counted("env").second);
  const CreateResult back = create("env", {demo, tool});
  BOOST_TEST(back.files == files);
  const RemoveResult removed = remove_environment(store, path(), false, silent);
  BOOST_TEST(removed.files == files);
  BOOST_TEST(removed.directories == directories);
}

BOOST_AUTO_TEST_CASE(among_other_files_exactly_what_was_promised_goes) {
  fs::create_directories(path() + "/bin");
  write_test_file(path() + "/bin/mine", "mine");
  write_test_file(path() + "/main.py", "mine");
  const std::string id(32, 'a');
  fs::create_directory(path() + "/.cas-" + id);  // of a command that was killed
  write_test_file(store.layout().running() + "/" + id, path() + "/.cas-" + id);
  const CreateResult made = create("env", {demo, tool});
  const RemoveResult promised = remove_environment(store, path(), true, silent);
  BOOST_TEST(promised.kept == std::vector<std::string>{"main.py"}, boost::test_tools::per_element());
  BOOST_TEST(fs::exists(path() + "/bin/tool"));
  const RemoveResult removed = remove_environment(store, path(), false, silent);
  BOOST_TEST(promised.files == removed.files);
  BOOST_TEST(promised.directories == removed.directories);
  BOOST_TEST(promised.freed_bytes == removed.freed_bytes);
  BOOST_TEST(promised.freed_bytes > 0U);
  BOOST_TEST(removed.files == made.files);
  BOOST_TEST(removed.directories == made.directories - 2);  // its own and bin stay
  BOOST_TEST((names_in(path()) == std::vector<std::string>{".cas-" + id, "bin", "main.py"}));
}

BOOST_AUTO_TEST_CASE(links_are_counted_by_the_way_they_came) {
  const LinkCounts links = create("env", {demo, tool}).links;
  std::uint64_t hard = 0;
  for (const auto& entry : fs::recursive_directory_iterator(site())) {
    if (entry.is_regular_file() && links_of(entry.path().string()) > 1) ++hard;
  }
  BOOST_TEST(hard == links.hardlinked);
}

BOOST_AUTO_TEST_CASE(nothing_is_left_beside_a_new_environment) {
  const auto before = names_in(dir.path());
  create("env", {demo});
  auto after = names_in(dir.path());
  std::erase(after, "env");
  BOOST_TEST((after == before));
  BOOST_TEST(names_in(store.layout().running()).empty());
  BOOST_TEST(names_in(store.layout().staging()).empty());
  BOOST_TEST(names_in(store.layout().roots()).size() == 1U);
}

BOOST_AUTO_TEST_CASE(missing_parents_are_made) {
  create("deep/er/env", {demo});
  BOOST_TEST(run_python("deep/er/env", "import demo.core") == "");
}

BOOST_AUTO_TEST_CASE(the_second_environment_reuses_plan_and_objects) {
  BOOST_TEST(!create("one", {demo, tool}).plan_reused);
  const CreateResult two = create("two", {demo, tool});
  BOOST_TEST(two.plan_reused);
  BOOST_TEST(two.ingested.at(0).already);
  BOOST_TEST(stat_path(site("one") + "/demo/core.py")->st_ino == stat_path(site("two") + "/demo/core.py")->st_ino);
  BOOST_TEST(!create("three", {demo}).plan_reused);
}

BOOST_AUTO_TEST_CASE(an_environment_without_packages_is_one) {
  const CreateResult result = create("env", std::vector<WheelBuilder>{});
  BOOST_TEST(result.packages.empty());
  BOOST_TEST(run_python("env", "print(1)") == "1\n");
  BOOST_TEST((find_root(store, path()).state == AnchorState::live));
}

BOOST_AUTO_TEST_CASE(an_empty_directory_becomes_an_environment) {
  fs::create_directory(path());
  const CreateResult result = create("env", {demo});
  BOOST_TEST(!result.changed_existing);
  BOOST_TEST(run_python("env", "import demo.core; print(demo.core.value)") == "1\n");
  BOOST_TEST((find_root(store, path()).state == AnchorState::live));
  create("new", {demo});
  BOOST_TEST(tree("env").size() == tree("new").size());
}

BOOST_AUTO_TEST_CASE(foreign_files_in_the_directory_stay) {
  fs::create_directories(path() + "/src");
  write_test_file(path() + "/src/main.py", "mine");
  create("env", {demo});
  BOOST_TEST(slurp(path() + "/src/main.py") == "mine");
  BOOST_TEST(run_python("env", "import demo.core") == "");
}

BOOST_AUTO_TEST_CASE(a_link_to_a_directory_stands_for_it) {
  fs::create_directory(dir / "real");
  fs::create_directory_symlink("real", path());
  create("env", {demo});
  BOOST_TEST(fs::is_symlink(path()));
  BOOST_TEST(exists(dir / "real/pyvenv.cfg"));
  BOOST_TEST((find_root(store, dir / "real").state == AnchorState::live));
}

BOOST_AUTO_TEST_CASE(a_file_at_the_path_is_refused) {
  write_test_file(path(), "mine");
  BOOST_CHECK_THROW(create("env", {demo}), UsageError);
  BOOST_TEST(slurp(path()) == "mine");
}

BOOST_AUTO_TEST_CASE(another_programs_environment_is_refused_and_untouched) {
  fs::create_directories(path() + "/bin");
  write_test_file(path() + "/pyvenv.cfg", "home = /usr/bin\n");
  const auto before = snapshot(path());
  BOOST_CHECK_THROW(create("env", {demo}), UsageError);
  BOOST_TEST((snapshot(path()) == before));
  BOOST_TEST(names_in(store.layout().roots()).empty());
  fs::remove(path() + "/pyvenv.cfg");
  fs::create_directory(path() + "/conda-meta");
  BOOST_CHECK_THROW(create("env", {demo}), UsageError);
}

BOOST_AUTO_TEST_CASE(an_environment_of_another_store_is_refused) {
  create("env", {demo});
  const auto before = tree();
  TempStore other;
  BOOST_CHECK_THROW(create_environment(other.store, path(), options({demo2}), silent), NotFound);
  BOOST_TEST((tree() == before));
}

BOOST_AUTO_TEST_CASE(a_refused_wheel_leaves_nothing_behind) {
  const auto before = names_in(dir.path());
  WheelBuilder broken = demo2;
  broken.zip.at("demo/core.py").declared_crc = 1;
  BOOST_CHECK_THROW(create("env", {tool, broken}), InvalidInput);
  BOOST_TEST(!exists(path()));
  BOOST_TEST((names_in(dir.path()) == before));
  BOOST_TEST(names_in(store.layout().roots()).empty());
}

BOOST_AUTO_TEST_CASE(a_wheel_that_does_not_fit_is_refused_with_the_reason) {
  WheelBuilder misfit = demo;
  misfit.metadata = "Metadata-Version: 2.1\nName: demo\nVersion: 1.0\nRequires-Python: <3.0\n";
  BOOST_CHECK_EXCEPTION(create("env", {misfit}), InvalidInput,
                        [](const Error& error) { return contains(error.message(), "<3.0"); });
  BOOST_TEST(!exists(path()));
  BOOST_TEST(names_in(store.layout().roots()).empty());
}

BOOST_AUTO_TEST_CASE(link_mode_copy_shares_nothing) {
  CreateOptions wanted = options({demo});
  wanted.link_mode = LinkMode::copy;
  const CreateResult result = create("env", wanted);
  BOOST_TEST(result.links.hardlinked == 0U);
  BOOST_TEST(result.links.copied > 0U);
  BOOST_TEST(links_of(site() + "/demo/core.py") == 1U);
  // Editing it leaves the store as it is.
  overwrite(site() + "/demo/core.py", "value = 7\n");
  BOOST_TEST(run_python("env", "import demo.core; print(demo.core.value)") == "7\n");
  BOOST_TEST(problems().empty());
}

BOOST_AUTO_TEST_CASE(a_changed_object_is_found_when_everything_is_checked) {
  create("one", {demo});
  overwrite(object_path("value = 1\n"), "value = 100\n");
  CreateOptions wanted = options({demo});
  wanted.check = true;
  const std::string wheel = std::exchange(wanted.packages.front().wheel.path, {});
  wanted.packages.front().name = "demo";
  wanted.find_links = {std::filesystem::path(wheel).parent_path()};
  BOOST_CHECK_THROW(create("two", wanted), Corruption);
  BOOST_TEST(!exists(path("two")));
  BOOST_TEST(names_in(store.layout().roots()).size() == 1U);
}

BOOST_AUTO_TEST_CASE(a_wheel_that_is_named_mends_what_was_changed_of_it) {
  create("one", {demo});
  overwrite(object_path("value = 1\n"), "value = 100\n");
  const CreateResult result = create("two", options({demo}));
  BOOST_REQUIRE(result.warnings.size() == 1U);
  BOOST_TEST(contains(result.warnings.front(), "read again from the wheel"));
  BOOST_TEST(slurp(object_path("value = 1\n")) == "value = 1\n");
  BOOST_TEST(problems().empty());
}

BOOST_AUTO_TEST_CASE(conflicts_are_named_and_the_later_one_wins) {
  const WheelBuilder a = make_wheel("aaa", "1.0", {{"shared.py", "who = 'a'\n"}, {"a.py", "a = 1\n"}});
  const WheelBuilder b = make_wheel("bbb", "1.0", {{"shared.py", "who = 'b'\n"}});
  const CreateResult both = create("env", {b, a});
  BOOST_REQUIRE(both.conflicts.size() == 1U);
  BOOST_TEST(contains(both.conflicts[0].path, "shared.py"));
  BOOST_TEST(contains(both.conflicts[0].loser, "aaa"));
  BOOST_TEST(contains(both.conflicts[0].winner, "bbb"));
  BOOST_TEST(slurp(site() + "/shared.py") == "who = 'b'\n");
  // Without the winner the other's file is back.
  const CreateResult one = create("env", {a});
  BOOST_TEST(one.conflicts.empty());
  BOOST_TEST(slurp(site() + "/shared.py") == "who = 'a'\n");
  BOOST_TEST(!exists(site() + "/bbb-1.0.dist-info"));
}

BOOST_AUTO_TEST_CASE(strict_conflicts_are_an_error_that_leaves_nothing_behind) {
  const auto before = names_in(dir.path());
  CreateOptions wanted =
      options({make_wheel("aaa", "1.0", {{"shared.py", "a"}}), make_wheel("bbb", "1.0", {{"shared.py", "b"}})});
  wanted.strict_conflicts = true;
  BOOST_CHECK_EXCEPTION(create("env", wanted), InvalidInput, [](const Error& error) {
    return contains(error.message(), "shared.py") && contains(error.message(), "aaa") &&
           contains(error.message(), "bbb");
  });
  BOOST_TEST((names_in(dir.path()) == before));
  BOOST_TEST(names_in(store.layout().roots()).empty());
  BOOST_TEST(names_in(store.layout().running()).empty());
}

BOOST_AUTO_TEST_CASE(strict_conflicts_leave_an_existing_environment_as_it_is) {
  const WheelBuilder a = make_wheel("aaa", "1.0", {{"shared.py", "a"}});
  create("env", {a});
  const auto before = tree();
  CreateOptions wanted = options({a, make_wheel("bbb", "1.0", {{"shared.py", "b"}})});
  wanted.strict_conflicts = true;
  BOOST_CHECK_THROW(create("env", wanted), InvalidInput);
  BOOST_TEST((tree() == before));
  BOOST_TEST((find_root(store, path()).state == AnchorState::live));
  BOOST_TEST(names_in(store.layout().roots()).size() == 1U);
}

BOOST_AUTO_TEST_CASE(a_relocatable_environment_may_be_moved) {
  CreateOptions wanted = options({tool});
  wanted.relocatable = true;
  create("env", wanted);
  BOOST_TEST(!contains(slurp(path() + "/bin/tool"), path()));
  fs::rename(path(), path("moved"));
  BOOST_TEST(run_python("moved",
                        "import subprocess, sys; print(subprocess.run([sys.prefix + \"/bin/tool\"], "
                        "capture_output=True, text=True).stdout, end=\"\")") == "tool runs\n");
  BOOST_TEST((find_root(store, path("moved")).state == AnchorState::live));
}

BOOST_AUTO_TEST_CASE(the_same_request_again_changes_no_file) {
  create("env", {demo, tool});
  const auto files = [&] {
    auto all = snapshot(path());
    all.erase(".cas/anchor");  // its time is the last use
    return all;
  };
  const auto before = files();
  const std::string id = find_root(store, path()).anchor.id;
  const CreateResult again = create("env", {demo, tool});
  BOOST_TEST(again.unchanged);
  BOOST_TEST(!again.changed_existing);
  BOOST_TEST(again.links.hardlinked + again.links.created == 0U);
  BOOST_TEST((files() == before));
  BOOST_TEST(names_in(store.layout().roots()).size() == 1U);
  BOOST_TEST(find_root(store, path()).anchor.id == id);

  // Whatever is not as it would be made is a change: an option, an edited or missing file.
  CreateOptions other = options({demo, tool});
  other.prompt = "other";
  BOOST_TEST(create("env", other).changed_existing);
  BOOST_TEST(create("env", {demo, tool}).unchanged);  // what is not said again stays
  edit(path() + "/bin/tool", "mine\n");
  BOOST_TEST(create("env", {demo, tool}).changed_existing);
  fs::remove(site() + "/demo/core.py");
  BOOST_TEST(create("env", {demo, tool}).changed_existing);
  BOOST_TEST(create("env", {demo, tool}).unchanged);
}

BOOST_AUTO_TEST_CASE(packages_are_added_upgraded_and_removed) {
  create("env", {demo});
  write_test_file(path() + "/notes.txt", "mine");
  write_test_file(site() + "/mine.py", "mine = 1\n");
  const std::string old_id = find_root(store, path()).anchor.id;

  create("env", {demo, tool});
  BOOST_TEST(run_python("env", "import demo.core, tool, mine; print(demo.core.value)") == "1\n");
  create("env", {demo2, tool});
  BOOST_TEST(run_python("env", "import demo.core, demo.more; print(demo.core.value)") == "2\n");
  BOOST_TEST(!exists(site() + "/demo-1.0.dist-info"));
  create("env", {tool});
  BOOST_TEST(contains(run_python("env", "import demo.core"), "ModuleNotFoundError"));
  BOOST_TEST(!exists(site() + "/demo"));
  BOOST_TEST(slurp(path() + "/notes.txt") == "mine");
  BOOST_TEST(slurp(site() + "/mine.py") == "mine = 1\n");

  const Root root = find_root(store, path());
  BOOST_TEST(root.anchor.id != old_id);
  BOOST_TEST(root.anchor.packages.size() == 1U);
  BOOST_TEST(names_in(store.layout().roots()).size() == 1U);
  static_cast<void>(collect());
  BOOST_TEST(list_packages(store.index()).size() == 3U);  // what it was can be had back
  GcOptions forgetting;
  forgetting.drop_history = true;
  static_cast<void>(collect(forgetting));
  BOOST_TEST(problems().empty());
  BOOST_TEST(list_packages(store.index()).size() == 1U);
}

// A changed environment is what a new one would be.
BOOST_AUTO_TEST_CASE(a_changed_environment_equals_a_new_one) {
  create("env", {demo, tool});
  create("env", {demo2});
  fs::rename(path(), path("changed"));
  create("env", {demo2});
  BOOST_TEST((tree("changed") == tree("env")));
}

BOOST_AUTO_TEST_CASE(what_the_user_edited_is_kept_with_a_warning) {
  create("env", {demo});
  edit(site() + "/demo/core.py", "value = 'edited'\n");
  const CreateResult result = create("env", {demo2});
  BOOST_TEST(slurp(site() + "/demo/core.py") == "value = 2\n");
  BOOST_REQUIRE(result.warnings.size() == 1U);
  BOOST_TEST(contains(result.warnings[0], "demo/core.py"));
  BOOST_TEST(contains(result.warnings[0], ".cas/kept"));
  std::string kept;
  for (const auto& entry : fs::recursive_directory_iterator(path() + "/.cas/kept")) {
    if (entry.is_regular_file()) kept = slurp(entry.path().string());
  }
  BOOST_TEST(kept == "value = 'edited'\n");
}

// Scripts are written, not linked: they have no canonical time to tell by.
BOOST_AUTO_TEST_CASE(an_edited_script_is_kept_with_a_warning) {
  create("env", {tool});
  const std::string script = path() + "/bin/tool";
  const std::string text = slurp(script);
  write_test_file(script, text + "# mine\n");
  const CreateResult changed = create("env", {demo});
  BOOST_REQUIRE(changed.warnings.size() == 1U);
  BOOST_TEST(contains(changed.warnings[0], "bin/tool"));
  BOOST_TEST(slurp(script) == text + "# mine\n");

  fs::remove(script);
  create("env", {tool});
  BOOST_TEST(slurp(script) == text);
  BOOST_TEST(create("env", {demo}).warnings.empty());
  BOOST_TEST(!fs::exists(script));
}

BOOST_AUTO_TEST_CASE(a_file_in_the_way_is_kept_aside_and_named) {
  create("env", {demo});
  const std::string theirs = site() + "/tool.py";
  write_test_file(theirs, "mine");
  const CreateResult result = create("env", {demo, tool});
  BOOST_REQUIRE(result.warnings.size() == 1U);
  BOOST_TEST(contains(result.warnings.front(), "tool.py"));
  BOOST_TEST(slurp(theirs) != "mine");
  const std::string kept = path() + "/.cas/kept";
  const auto folders = names_in(kept);
  BOOST_REQUIRE(folders.size() == 1U);
  BOOST_TEST(slurp(kept + "/" + *folders.begin() + theirs.substr(path().size())) == "mine");
}

BOOST_AUTO_TEST_CASE(a_file_in_the_way_in_no_environment_is_named_and_nothing_changes) {
  create("env", {demo});
  const std::string theirs = "/" + site().substr(path().size() + 1) + "/tool.py";
  fs::remove_all(path());
  fs::create_directories(fs::path(path() + theirs).parent_path());
  write_test_file(path() + theirs, "mine");
  const auto before = tree();
  BOOST_CHECK_EXCEPTION(create("env", {tool}), Error,
                        [](const Error& error) { return contains(error.message(), "tool.py"); });
  BOOST_TEST((tree() == before));
}

BOOST_AUTO_TEST_CASE(nothing_is_written_through_a_link) {
  create("env", {demo});
  fs::rename(site(), dir / "elsewhere");
  fs::create_directory_symlink(dir / "elsewhere", site());
  const auto before = snapshot(dir / "elsewhere");
  BOOST_CHECK_EXCEPTION(create("env", {demo2}), Error,
                        [](const Error& error) { return contains(error.message(), "symbolic link"); });
  BOOST_TEST((snapshot(dir / "elsewhere") == before));
}

BOOST_AUTO_TEST_CASE(an_environment_whose_plan_was_forgotten_can_be_changed) {
  create("env", {demo, tool});
  store.index().write([&](WriteTxn& txn, const Schema& schema) {
    std::vector<Sha256Digest> keys;
    schema.plans.for_each(txn, [&](const Sha256Digest& key, const PlanRow&) { keys.push_back(key); });
    for (const Sha256Digest& key : keys) schema.plans.erase(txn, key);
  });
  create("env", {demo2});
  BOOST_TEST(!exists(path() + "/bin/tool"));
  BOOST_TEST(!exists(site() + "/tool.py"));
  BOOST_TEST(run_python("env", "import demo.core; print(demo.core.value)") == "2\n");
}

BOOST_AUTO_TEST_CASE(an_interrupted_change_is_finished_by_the_next_command) {
  create("env", {demo});
  // What a program leaves that was killed just after it had written the journal.
  Anchor anchor = *read_environment_anchor(path());
  anchor.id = random_name();
  const std::string staging = "new-" + anchor.id;
  fs::create_directories(path() + "/.cas/" + staging + "/tree/lib");
  write_test_file(path() + "/.cas/" + staging + "/tree/placed.txt", "placed");
  write_test_file(store.layout().roots() + "/" + anchor.id, encode_anchor(anchor));
  fs::create_hard_link(store.layout().roots() + "/" + anchor.id, path() + "/.cas/" + staging + "/anchor");
  {
    const Fd environment = open_directory(path());
    commit_change(environment.get(),
                  {staging, {}, {real_python().layout.site_packages + "/demo/core.py"}, {"placed.txt"}});
  }
  BOOST_TEST(recover_environment(store, path()));
  BOOST_TEST(slurp(path() + "/placed.txt") == "placed");
  BOOST_TEST(!exists(site() + "/demo/core.py"));
  BOOST_TEST(!exists(path() + "/.cas/journal"));
  BOOST_TEST(!recover_environment(store, path()));
  BOOST_TEST(!recover_environment(store, dir / "nothing"));
  // And the environment can be made whole again.
  create("env", {demo});
  BOOST_TEST(slurp(site() + "/demo/core.py") == "value = 1\n");
}

BOOST_AUTO_TEST_CASE(a_collection_in_the_middle_of_creating_takes_nothing) {
  add(demo);
  HookProgress progress;
  int collections = 0;
  progress.on_phase = [&](std::string_view) {
    ++collections;
    static_cast<void>(collect());
  };
  static_cast<void>(create_environment(store, path(), options({demo, tool}), progress));
  BOOST_TEST(collections > 0);
  BOOST_TEST(run_python("env", "import demo.core, tool; print(demo.core.value)") == "1\n");
  static_cast<void>(collect());
  BOOST_TEST(problems().empty());
  BOOST_TEST(run_python("env", "import demo.core, tool; print(demo.core.value)") == "1\n");
}

BOOST_AUTO_TEST_CASE(removing_frees_the_directory_and_retires_the_root) {
  create("env", {demo});
  create("other", {demo});
  RemoveResult dry = remove_environment(store, path(), true, silent);
  BOOST_TEST(exists(path()));
  const RemoveResult removed = remove_environment(store, path(), false, silent);
  BOOST_TEST(!exists(path()));
  BOOST_TEST(removed.files == dry.files);
  BOOST_TEST(removed.directories == dry.directories);
  BOOST_TEST(removed.freed_bytes == dry.freed_bytes);
  BOOST_TEST(names_in(store.layout().roots()).size() == 1U);
  BOOST_TEST(names_in(store.layout().running()).empty());
  for (const std::string& name : names_in(dir.path())) BOOST_TEST(!name.starts_with(".cas"));
  BOOST_TEST(run_python("other", "import demo.core; print(demo.core.value)") == "1\n");
  BOOST_CHECK_THROW(remove_environment(store, path(), false, silent), NotFound);
}

BOOST_AUTO_TEST_CASE(only_the_environment_itself_is_removed) {
  create("env", {demo});
  fs::create_directory_symlink("env", dir / "link");
  BOOST_CHECK_THROW(remove_environment(store, dir / "link", false, silent), UsageError);
  fs::copy(path(), path("copy"), fs::copy_options::recursive | fs::copy_options::copy_symlinks);
  BOOST_CHECK_THROW(remove_environment(store, path("copy"), false, silent), NotFound);
  fs::create_directory(dir / "plain");
  BOOST_CHECK_THROW(remove_environment(store, dir / "plain", false, silent), NotFound);
  BOOST_TEST(exists(path("copy")));
  BOOST_TEST(exists(dir / "plain"));
}

BOOST_AUTO_TEST_CASE(a_moved_environment_can_be_removed) {
  create("env", {demo});
  fs::rename(path(), path("moved"));
  static_cast<void>(remove_environment(store, path("moved"), false, silent));
  BOOST_TEST(!exists(path("moved")));
  BOOST_TEST(names_in(store.layout().roots()).empty());
}

BOOST_AUTO_TEST_CASE(one_name_twice_is_refused) {
  BOOST_CHECK_THROW(create("env", {demo, demo2}), InvalidInput);
  BOOST_TEST(!exists(path()));
}

BOOST_AUTO_TEST_CASE(names_are_found_in_folders) {
  write_wheel(demo);
  write_wheel(demo2);
  CreateOptions wanted = options({});
  wanted.find_links = {dir / "wheels"};
  PackageRequest request;
  request.name = "Demo";
  wanted.packages = {request};
  BOOST_TEST(create("newest", wanted).packages.at(0).version == "2.0");
  wanted.packages[0].name = "demo==1.0";
  BOOST_TEST(create("pinned", wanted).packages.at(0).version == "1.0");
  wanted.packages[0].name = "missing";
  BOOST_CHECK_THROW(create("none", wanted), NotFound);
  wanted.find_links.clear();
  BOOST_CHECK_THROW(create("none", wanted), UsageError);
  BOOST_TEST(!exists(path("none")));
}

BOOST_AUTO_TEST_SUITE_END()
