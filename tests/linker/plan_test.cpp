#include "linker/plan.hpp"

#include <algorithm>
#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <map>
#include <set>

#include "linker/plan_paths.hpp"
#include "linker/plan_record.hpp"
#include "linker/scripts.hpp"
#include "store/base/error.hpp"
#include "store/base/relpath.hpp"
#include "store/source/record.hpp"
#include "tests/linker/packages.hpp"

namespace {

namespace data = boost::unit_test::data;

using namespace cas::test;
using cas::Executable;
using cas::FileKind;
using cas::PackageFile;
using cas::Plan;
using cas::PlannedPackage;
using cas::Scheme;

Plan plan_of(std::vector<PlannedPackage> packages, cas::ScriptStyle scripts = cas::ScriptStyle::absolute) {
  cas::sort_for_plan(packages);
  return cas::make_plan(packages, kLayout, {scripts});
}

std::string path_of(const Plan& plan, std::uint32_t directory, const std::string& name) {
  return cas::join_path(plan.directories[directory], name);
}

std::map<std::string, cas::ObjectId> files_of(const Plan& plan) {
  std::map<std::string, cas::ObjectId> files;
  for (const cas::PlanFile& file : plan.files) {
    BOOST_TEST(files.emplace(path_of(plan, file.directory, file.name), file.object).second);
  }
  return files;
}

std::string generated(const Plan& plan, const std::string& path) {
  const auto files = files_of(plan);
  const auto found = files.find(path);
  BOOST_REQUIRE_MESSAGE(found != files.end(), path);
  for (const cas::PlanGenerated& item : plan.generated) {
    if (item.object == found->second) {
      BOOST_TEST((cas::sha256(item.bytes) == item.object.digest));
      return item.bytes;
    }
  }
  BOOST_FAIL("not generated: " + path);
  return {};
}

std::string row(const std::string& path, const std::string& content) {
  return cas::record_row(path, cas::record_hash(cas::sha256(content)), content.size());
}

const std::string kSite = "lib/python3.12/site-packages/";

auto says(const std::string& text) {
  return [text](const cas::Error& error) {
    BOOST_TEST_MESSAGE(error.message());
    return error.message().find(text) != std::string::npos;
  };
}

}  // namespace

BOOST_AUTO_TEST_SUITE(plan_tests)

BOOST_AUTO_TEST_CASE(an_empty_plan_holds_the_root) {
  const Plan plan = plan_of({});
  BOOST_TEST(plan.directories == std::vector<std::string>{""}, boost::test_tools::per_element());
  BOOST_TEST(plan.files.empty());
  BOOST_TEST(plan.scripts_directory == "bin");
}

// What fits into an archive may be too long behind lib/python3.12/site-packages: such a plan could not be read back.
BOOST_AUTO_TEST_CASE(a_directory_that_is_too_long_in_the_environment_is_refused) {
  const auto with_directory_of = [](std::size_t bytes) {
    std::string path;
    while (path.size() < bytes) path += std::string(std::min<std::size_t>(bytes - path.size(), 199), 'd') + "/";
    path.resize(bytes - 1);
    return plan_of({package("deep", {file(Scheme::purelib, path + "d/x", "x")})});
  };
  BOOST_TEST(!with_directory_of(cas::kMaxRelativePathBytes - kSite.size()).files.empty());
  BOOST_CHECK_EXCEPTION(with_directory_of(cas::kMaxRelativePathBytes - kSite.size() + 1), cas::InvalidInput,
                        says("deep 1.0: the directory"));
}

BOOST_AUTO_TEST_CASE(every_scheme_has_its_place) {
  const Plan plan = plan_of({package("Foo", {file(Scheme::purelib, "a/b.py", "1"), file(Scheme::platlib, "c.so", "2"),
                                             file(Scheme::scripts, "tool", "3"), file(Scheme::headers, "x/y.h", "4"),
                                             file(Scheme::data, "share/z", "5")})});
  const auto files = files_of(plan);
  BOOST_TEST((files.at(kSite + "a/b.py") == object_of("1")));
  BOOST_TEST((files.at(kSite + "c.so") == object_of("2")));
  BOOST_TEST((files.at("bin/tool") == object_of("3", Executable::yes)));
  BOOST_TEST((files.at("include/site/python3.12/Foo/x/y.h") == object_of("4")));
  BOOST_TEST((files.at("share/z") == object_of("5")));
  const std::string info = "Foo-1.0.dist-info/";
  BOOST_TEST(generated(plan, kSite + info + "INSTALLER") == "cas\n");
  BOOST_TEST(generated(plan, kSite + info + "RECORD") ==
             row("a/b.py", "1") + row("c.so", "2") + row("../../../bin/tool", "3") +
                 row("../../../include/site/python3.12/Foo/x/y.h", "4") + row("../../../share/z", "5") +
                 row(info + "INSTALLER", "cas\n") + info + "RECORD,,\n");
  BOOST_TEST(plan.scripts.empty());
  BOOST_TEST(plan.records.empty());
}

BOOST_AUTO_TEST_CASE(the_wheels_own_installer_files_give_way) {
  PlannedPackage foo = package("foo", {file(Scheme::purelib, "foo-1.0.dist-info/RECORD", "old"),
                                       file(Scheme::purelib, "foo-1.0.dist-info/INSTALLER", "pip"),
                                       file(Scheme::platlib, "foo-1.0.dist-info/REQUESTED", "x"),
                                       file(Scheme::data, kSite + "foo-1.0.dist-info/direct_url.json", "{}"),
                                       file(Scheme::purelib, "foo-1.0.dist-info/METADATA", "Name: foo"),
                                       file(Scheme::purelib, "foo/RECORD", "a file like others")});
  Plan plan = plan_of({foo});
  auto files = files_of(plan);
  BOOST_TEST(files.size() == 4u);
  BOOST_TEST(generated(plan, kSite + "foo-1.0.dist-info/INSTALLER") == "cas\n");
  BOOST_TEST(files.contains(kSite + "foo/RECORD"));
  BOOST_TEST(plan.empty_files.empty());

  foo.requested = cas::Requested::yes;
  foo.direct_url = "{\"url\": \"file:///w\"}";
  plan = plan_of({foo});
  BOOST_TEST(generated(plan, kSite + "foo-1.0.dist-info/direct_url.json") == foo.direct_url);
  BOOST_REQUIRE(plan.empty_files.size() == 1u);
  BOOST_TEST(path_of(plan, plan.empty_files[0].directory, plan.empty_files[0].name) ==
             kSite + "foo-1.0.dist-info/REQUESTED");
  const std::string record = generated(plan, kSite + "foo-1.0.dist-info/RECORD");
  BOOST_TEST(record.find("foo-1.0.dist-info/REQUESTED,sha256=47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU,0\n") !=
             std::string::npos);
  BOOST_TEST(record.find("foo-1.0.dist-info/direct_url.json,") != std::string::npos);
  BOOST_TEST(record.find("old") == std::string::npos);
}

BOOST_AUTO_TEST_CASE(empty_files_are_created_not_linked) {
  const Plan plan =
      plan_of({package("foo", {file(Scheme::purelib, "foo/__init__.py", ""), file(Scheme::scripts, "run", "")})});
  BOOST_REQUIRE(plan.empty_files.size() == 2u);
  std::set<std::string> names;
  for (const cas::PlanEmptyFile& empty : plan.empty_files) {
    names.insert(path_of(plan, empty.directory, empty.name) + (empty.executable == Executable::yes ? " x" : ""));
  }
  BOOST_TEST((names == std::set<std::string>{kSite + "foo/__init__.py", "bin/run x"}));
}

BOOST_AUTO_TEST_CASE(directories_come_before_their_children_and_files_in_groups) {
  const Plan plan = plan_of({package("a", {file(Scheme::purelib, "x/y/1", "1"), file(Scheme::purelib, "x/2", "2"),
                                           file(Scheme::purelib, "x/y/0", "3"), file(Scheme::purelib, "top", "4")}),
                             package("b", {file(Scheme::purelib, "x/y/4", "5")})});
  std::set<std::string> seen{""};
  for (std::size_t i = 1; i < plan.directories.size(); ++i) {
    const std::string& directory = plan.directories[i];
    const std::size_t slash = directory.rfind('/');
    BOOST_TEST(seen.contains(slash == std::string::npos ? "" : directory.substr(0, slash)));
    BOOST_TEST(seen.insert(directory).second);
  }
  BOOST_TEST(std::ranges::is_sorted(plan.files, {}, &cas::PlanFile::directory));
  std::string order;
  for (const cas::PlanFile& file : plan.files) {
    if (plan.directories[file.directory] == kSite + "x/y") order += file.name;
  }
  BOOST_TEST(order == "104");
}

BOOST_AUTO_TEST_CASE(entry_points_are_scripts_and_their_record_waits) {
  PlannedPackage foo = package("foo", {file(Scheme::purelib, "foo.py", "1")}, {console("tool", "foo")});
  const Plan plan = plan_of({foo});
  BOOST_REQUIRE(plan.scripts.size() == 1u);
  BOOST_TEST(plan.scripts[0].name == "tool");
  BOOST_TEST(plan.scripts[0].entry.module == "foo");
  BOOST_REQUIRE(plan.records.size() == 1u);
  BOOST_TEST(plan.records[0].path == kSite + "foo-1.0.dist-info/RECORD");
  BOOST_TEST((plan.records[0].scripts == std::vector<std::uint32_t>{0}));
  BOOST_TEST(plan.records[0].rows ==
             row("foo.py", "1") + row("foo-1.0.dist-info/INSTALLER", "cas\n") + "foo-1.0.dist-info/RECORD,,\n");
  BOOST_TEST(!files_of(plan).contains(plan.records[0].path));
  BOOST_TEST(std::ranges::count(plan.directories, "bin") == 1);
  BOOST_TEST(cas::script_record_row(plan, plan.records[0], plan.scripts[0], "text") ==
             row("../../../bin/tool", "text"));
}

BOOST_AUTO_TEST_CASE(relocatable_entry_points_are_objects) {
  const Plan plan = plan_of({package("foo", {}, {console("tool", "foo")})}, cas::ScriptStyle::relocatable);
  BOOST_TEST(plan.scripts.empty());
  BOOST_TEST(plan.records.empty());
  const std::string text = cas::entry_point_script(cas::relocatable_script_head(), console("tool", "foo"));
  BOOST_TEST(generated(plan, "bin/tool") == text);
  BOOST_TEST((files_of(plan).at("bin/tool").executable == Executable::yes));
  BOOST_TEST(generated(plan, kSite + "foo-1.0.dist-info/RECORD").starts_with(row("../../../bin/tool", text)));
}

BOOST_AUTO_TEST_CASE(python_scripts_are_rewritten_per_environment_in_every_style) {
  for (const auto style : {cas::ScriptStyle::absolute, cas::ScriptStyle::relocatable}) {
    const Plan plan =
        plan_of({package("foo", {file(Scheme::scripts, "old", "#!python\n", FileKind::python_script)})}, style);
    BOOST_REQUIRE(plan.scripts.size() == 1u);
    BOOST_TEST((plan.scripts[0].kind == cas::PlanScript::Kind::python_script));
    BOOST_TEST((plan.scripts[0].source == object_of("#!python\n", Executable::yes)));
    BOOST_TEST(plan.scripts[0].source_size == 9u);
    BOOST_TEST(plan.records.size() == 1u);
  }
}

BOOST_AUTO_TEST_CASE(an_entry_point_replaces_the_packages_own_script) {
  const Plan plan =
      plan_of({package("foo", {file(Scheme::scripts, "tool", "binary"), file(Scheme::data, "bin/tool2", "b")},
                       {console("tool", "foo"), console("tool2", "foo")})});
  BOOST_TEST(plan.scripts.size() == 2u);
  BOOST_TEST(!files_of(plan).contains("bin/tool"));
  BOOST_TEST(!files_of(plan).contains("bin/tool2"));
  BOOST_TEST(plan.conflicts.empty());
  BOOST_TEST(plan.records[0].rows.find("bin/tool") == std::string::npos);
}

BOOST_AUTO_TEST_CASE(equal_bytes_at_one_path_are_no_conflict) {
  const Plan plan =
      plan_of({package("a", {file(Scheme::purelib, "ns/x.py", "same"), file(Scheme::purelib, "ns/__init__.py", "")},
                       {console("tool", "m")}),
               package("b", {file(Scheme::purelib, "ns/x.py", "same"), file(Scheme::purelib, "ns/__init__.py", "")},
                       {console("tool", "m")})});
  BOOST_TEST(plan.conflicts.empty());
  BOOST_TEST(files_of(plan).size() == 3u);  // two INSTALLERs
  BOOST_TEST(plan.empty_files.size() == 1u);
  BOOST_TEST(plan.scripts.size() == 1u);
  BOOST_REQUIRE(plan.records.size() == 2u);
  for (const cas::PlanRecord& record : plan.records) {
    BOOST_TEST((record.scripts == std::vector<std::uint32_t>{0}));
    BOOST_TEST(record.rows.find("ns/x.py") != std::string::npos);
  }
}

BOOST_AUTO_TEST_CASE(the_later_of_different_files_wins_and_both_are_named) {
  // Given in another order than the stated one.
  const Plan plan = plan_of({package("c", {file(Scheme::purelib, "t.py", "of c")}),
                             package("a", {file(Scheme::purelib, "t.py", "of a")}),
                             package("b", {file(Scheme::purelib, "t.py", "")})});
  BOOST_TEST((files_of(plan).at(kSite + "t.py") == object_of("of c")));
  BOOST_TEST(plan.empty_files.empty());
  BOOST_REQUIRE(plan.conflicts.size() == 2u);
  BOOST_TEST(plan.conflicts[0].path == kSite + "t.py");
  BOOST_TEST(plan.conflicts[0].loser == "a 1.0");
  BOOST_TEST(plan.conflicts[0].winner == "b 1.0");
  BOOST_TEST(plan.conflicts[1].loser == "b 1.0");
  BOOST_TEST(plan.conflicts[1].winner == "c 1.0");
  // A's RECORD is A's own, whatever else is there.
  BOOST_TEST(generated(plan, kSite + "a-1.0.dist-info/RECORD").find(row("t.py", "of a")) == 0u);
}

BOOST_AUTO_TEST_CASE(scripts_conflict_with_scripts_and_files) {
  const Plan plan =
      plan_of({package("a", {}, {console("one", "a"), console("two", "a")}), package("b", {}, {console("one", "b")}),
               package("c", {file(Scheme::scripts, "two", "binary")})});
  BOOST_TEST(plan.conflicts.size() == 2u);
  BOOST_REQUIRE(plan.scripts.size() == 1u);
  BOOST_TEST(plan.scripts[0].entry.module == "b");
  BOOST_REQUIRE(plan.records.size() == 2u);
  // What a's RECORD says of its lost scripts is what lies there.
  BOOST_TEST((plan.records[0].scripts == std::vector<std::uint32_t>{0}));
  BOOST_TEST(plan.records[0].rows.ends_with(row("../../../bin/two", "binary")));
}

BOOST_AUTO_TEST_CASE(the_executable_bit_is_part_of_a_files_identity) {
  PlannedPackage a = package("a", {file(Scheme::purelib, "x", "same")});
  PlannedPackage b = package("b", {file(Scheme::purelib, "x", "same")});
  b.files[0].object.executable = Executable::yes;
  BOOST_TEST(plan_of({a, b}).conflicts.size() == 1u);
}

BOOST_AUTO_TEST_CASE(another_packages_record_can_be_taken_over_but_not_silently) {
  const Plan plan = plan_of({package("a", {}, {console("tool", "a")}),
                             package("b", {file(Scheme::purelib, "a-1.0.dist-info/RECORD", "mine")})});
  BOOST_TEST(plan.conflicts.size() == 1u);
  BOOST_TEST(plan.records.empty());
  BOOST_TEST((files_of(plan).at(kSite + "a-1.0.dist-info/RECORD") == object_of("mine")));
}

BOOST_AUTO_TEST_CASE(one_package_may_bring_a_path_twice_if_the_bytes_are_equal) {
  const Plan plan = plan_of({package("a", {file(Scheme::purelib, "x", "1"), file(Scheme::platlib, "x", "1")})});
  BOOST_TEST(generated(plan, kSite + "a-1.0.dist-info/RECORD") ==
             row("x", "1") + row("a-1.0.dist-info/INSTALLER", "cas\n") + "a-1.0.dist-info/RECORD,,\n");
  BOOST_CHECK_EXCEPTION(
      (void)plan_of({package("a", {file(Scheme::purelib, "x", "1"), file(Scheme::platlib, "x", "2")})}),
      cas::InvalidInput, says("a 1.0: two different files for " + kSite + "x"));
}

BOOST_AUTO_TEST_CASE(a_file_cannot_be_anothers_directory) {
  for (const bool file_first : {true, false}) {
    const std::string first = file_first ? "x" : "x/y";
    const std::string second = file_first ? "x/y" : "x";
    BOOST_CHECK_EXCEPTION((void)plan_of({package("a", {file(Scheme::purelib, first, "1")}),
                                         package("b", {file(Scheme::purelib, second, "2")})}),
                          cas::InvalidInput,
                          says(kSite + "x is a file in " + (file_first ? "a 1.0" : "b 1.0") + " and a directory in " +
                               (file_first ? "b 1.0" : "a 1.0")));
  }
}

BOOST_AUTO_TEST_CASE(paths_differ_by_case) {
  const Plan plan = plan_of({package("a", {file(Scheme::purelib, "X", "1"), file(Scheme::purelib, "x", "2")})});
  BOOST_TEST(plan.conflicts.empty());
}

BOOST_DATA_TEST_CASE(the_environments_own_files_are_refused,
                     data::make({"pyvenv.cfg", "lib64", "lib64/x", ".cas/x", ".gitignore", "CACHEDIR.TAG", "lib", "bin",
                                 "lib/python3.12", "lib/python3.12/os.py", "lib/python3.12/lib-dynload/x.so",
                                 "lib/python3.12/site-packages", "bin/python", "bin/python3.12", "bin/activate",
                                 "bin/activate.fish", "bin/pypy3", "include"}),
                     path) {
  BOOST_CHECK_EXCEPTION((void)plan_of({package("a", {file(Scheme::data, path, "1")})}), cas::InvalidInput,
                        says("a 1.0: " + std::string(path) + ": is reserved"));
}

BOOST_DATA_TEST_CASE(names_like_the_environments_own_are_fine,
                     data::make({"lib/x", "lib64x", "bin/python-config", "bin/activate-global",
                                 "lib/python3.12/site-packages/os.py", "bin/pypyx", "etc/pyvenv.cfg"}),
                     path) {
  BOOST_TEST(files_of(plan_of({package("a", {file(Scheme::data, path, "1")})})).contains(path));
}

BOOST_AUTO_TEST_CASE(entry_points_are_checked_as_files_are) {
  BOOST_CHECK_EXCEPTION((void)plan_of({package("a", {}, {console("python3", "m")})}), cas::InvalidInput,
                        says("bin/python3: is reserved"));
  BOOST_CHECK_THROW((void)plan_of({package("a", {file(Scheme::scripts, "activate", "1")})}), cas::InvalidInput);
}

BOOST_AUTO_TEST_CASE(one_name_cannot_stand_twice) {
  std::vector<PlannedPackage> packages{package("b", {}), package("a", {}), package("b", {})};
  BOOST_CHECK_EXCEPTION(cas::sort_for_plan(packages), cas::InvalidInput, says("b is wanted twice"));
}

BOOST_AUTO_TEST_CASE(record_paths_climb_no_further_than_they_must) {
  BOOST_TEST(cas::record_path("lib/python3.12/site-packages/a/b", kLayout.site_packages) == "a/b");
  BOOST_TEST(cas::record_path("bin/x", kLayout.site_packages) == "../../../bin/x");
  BOOST_TEST(cas::record_path("lib/x", kLayout.site_packages) == "../../x");
  BOOST_TEST(cas::record_path("lib/python3.12x/y", kLayout.site_packages) == "../../python3.12x/y");
}

BOOST_AUTO_TEST_CASE(the_key_depends_on_everything_that_the_plan_does) {
  const std::vector<PlannedPackage> packages{package("a", {}), package("b", {})};
  std::set<cas::Sha256Digest> keys{cas::plan_key(packages, kLayout, {})};
  const auto add = [&](const std::vector<PlannedPackage>& of, const cas::EnvironmentLayout& layout,
                       const cas::PlanOptions& options) {
    BOOST_TEST(keys.insert(cas::plan_key(of, layout, options)).second);
  };
  BOOST_TEST(keys.contains(cas::plan_key(packages, kLayout, {})));
  add(packages, kLayout, {cas::ScriptStyle::relocatable});
  for (auto member :
       {&cas::EnvironmentLayout::site_packages, &cas::EnvironmentLayout::scripts, &cas::EnvironmentLayout::headers}) {
    cas::EnvironmentLayout layout = kLayout;
    layout.*member += "x";
    add(packages, layout, {});
  }
  auto changed = packages;
  changed[0].requested = cas::Requested::yes;
  add(changed, kLayout, {});
  changed = packages;
  changed[0].direct_url = "{}";
  add(changed, kLayout, {});
  changed = packages;
  changed[1].artifact = cas::sha256("another");
  add(changed, kLayout, {});
  changed.pop_back();
  add(changed, kLayout, {});
}

BOOST_AUTO_TEST_SUITE_END()
