#include "linker/locked/pinned_lock.hpp"

#include <boost/test/unit_test.hpp>
#include <chrono>
#include <string>

#include "linker/locked/marker_facts.hpp"
#include "linker/locked/package_network.hpp"
#include "linker/locked/resolution_memo.hpp"
#include "store/base/error.hpp"
#include "store/sys/file.hpp"
#include "tests/linker/facts.hpp"
#include "tests/support/temp_store.hpp"

using namespace cas;
using namespace std::chrono_literals;
using cas::test::TempStore;

namespace {

MarkerEnvironment environment() {
  return marker_environment(test::cpython_facts(12), {"Linux", "6.1.0", "#1", "x86_64"});
}

RequirementFiles files_of(const std::string& text) {
  RequirementReader reader;
  reader.read = [&](const std::string&) { return text; };
  return read_requirement_files({{"r.txt", RequirementRole::requirements}}, reader);
}

const std::string kHash = " --hash=sha256:" + std::string(64, 'a');
const std::string kHash2 = " --hash=sha256:" + std::string(64, 'd');

// A folder's page, as an index has it; what lies where it leads to is not looked at here.
class Page {
 public:
  explicit Page(const std::string& links) : network_(temp_.store, options(links)) {}

  PinnedLock lock(const std::string& text) { return lock(files_of(text)); }
  PinnedLock lock(const RequirementFiles& files) {
    return pinned_lock(temp_.store, files, environment(), test::cpython_facts(12), network_.indexes());
  }
  [[nodiscard]] TempStore& temp() { return temp_; }

 private:
  NetworkOptions options(const std::string& links) {
    write_new_file_at(kCurrentDirectory, temp_.dir / "page.html", links, 0600);
    NetworkOptions options;
    options.places.find_links = {temp_.dir / "page.html"};
    options.places.no_index = true;
    return options;
  }

  TempStore temp_;
  PackageNetwork network_;
};

const std::string kOther = " --hash=sha256:" + std::string(64, 'b');

std::vector<std::string> names_of(const PinnedLock& pinned) {
  std::vector<std::string> names;
  for (const LockedFile& wheel : pinned.lock.packages.at(0).wheels) names.push_back(wheel.name);
  if (pinned.lock.packages.at(0).sdist) names.push_back(pinned.lock.packages.at(0).sdist->name);
  return names;
}

std::string page_link(const std::string& name, const std::string& attributes = {}) {
  return "<a href='https://example.org/" + name + "' " + attributes + ">x</a>";
}

}  // namespace

BOOST_AUTO_TEST_SUITE(pinned_lock_tests)

BOOST_AUTO_TEST_CASE(only_what_leaves_nothing_open_is_pinned) {
  const auto pinned = [](const std::string& text) { return is_fully_pinned(files_of(text), environment()); };
  BOOST_TEST(pinned("a==1" + kHash + "\nb===2" + kHash + "\n"));
  BOOST_TEST(pinned("a==1" + kHash + "\nb>2; python_version < '3'\n"));
  BOOST_TEST(!pinned(""));
  BOOST_TEST(!pinned("a==1\n"));
  BOOST_TEST(!pinned("a==1.*" + kHash + "\n"));
  BOOST_TEST(!pinned("a>=1" + kHash + "\n"));
  BOOST_TEST(!pinned("a==1" + kHash + "\nb\n"));
  BOOST_TEST(pinned("a==1 --hash=sha512:" + std::string(128, 'a') + "\n"));
  // One archive is one version. A hash in its address alone asks for none of the others.
  const std::string url = "https://example.org/a-1-py3-none-any.whl";
  BOOST_TEST(pinned("a @ " + url + kHash + "\nb==1" + kHash + "\n"));
  BOOST_TEST(pinned(url + kHash + "\n"));
  BOOST_TEST(pinned("b==1" + kHash + "\na @ " + url + "#sha256=" + std::string(64, 'a') + "\n"));
  BOOST_TEST(!pinned("a @ " + url + "#sha256=" + std::string(64, 'a') + "\n"));
  BOOST_TEST(!pinned("https://example.org/a-1.tar.gz" + kHash + "\n"));
  BOOST_TEST(!pinned("a @ ./a-1-py3-none-any.whl" + kHash + "\n"));
}

BOOST_AUTO_TEST_CASE(files_are_chosen_by_version_and_hash) {
  TempStore temp;
  NetworkOptions options;
  options.places.find_links = {temp.dir / "wheels"};
  options.places.no_index = true;
  const std::string wheel = temp.write_wheel(test::make_wheel("a", "1.0", {{"a.py", ""}}));
  static_cast<void>(temp.write_wheel(test::make_wheel("a", "2.0", {{"a.py", ""}})));
  PackageNetwork network(temp.store, options);
  const auto lock_of = [&](const std::string& text) {
    return pinned_lock(temp.store, files_of(text), environment(), test::cpython_facts(12), network.indexes()).lock;
  };
  const auto says = [](const std::string& what) {
    return [what](const InvalidInput& error) { return error.message().find(what) != std::string::npos; };
  };
  const Pylock lock = lock_of("A==1 --hash=sha256:" + sha256(test::slurp(wheel)).hex());
  BOOST_REQUIRE(lock.packages.size() == 1U);
  BOOST_TEST(lock.packages[0].name == "a");
  BOOST_REQUIRE(lock.packages[0].wheels.size() == 1U);
  BOOST_TEST(lock.packages[0].wheels[0].path == wheel);
  BOOST_CHECK_EXCEPTION((void)lock_of("a==1.0" + kHash), InvalidInput,
                        says("the wheel of a 1.0 has none of the hashes"));
  BOOST_CHECK_EXCEPTION((void)lock_of("a==3.0" + kHash), InvalidInput, says("r.txt:1: no index has a wheel of a 3.0"));
  BOOST_CHECK_EXCEPTION((void)lock_of("b==1.0" + kHash), InvalidInput, says("no index has b"));
}

BOOST_AUTO_TEST_CASE(what_the_store_has_needs_no_index) {
  TempStore temp;
  const std::string digest = temp.ingest(test::make_wheel("a", "1.0", {{"a.py", ""}})).artifact.hex();
  const auto lock_of = [&](const std::string& text) {
    return pinned_lock_of_store(temp.store, files_of(text), environment());
  };
  const auto lock = lock_of("A==1 --hash=sha256:" + std::string(64, 'b') + " --hash=sha256:" + digest);
  BOOST_REQUIRE(lock.has_value());
  BOOST_REQUIRE(lock->packages.size() == 1U);
  BOOST_REQUIRE(lock->packages[0].wheels.size() == 1U);
  BOOST_TEST(lock->packages[0].wheels[0].name == "a-1.0-py3-none-any.whl");
  BOOST_TEST(lock->packages[0].wheels[0].sha256().value().hex() == digest);
  BOOST_TEST(!lock_of("a==1" + kHash).has_value());
  BOOST_TEST(!lock_of("a==2 --hash=sha256:" + digest).has_value());
  BOOST_TEST(!lock_of("b==1 --hash=sha256:" + digest).has_value());
  BOOST_TEST(!lock_of("a==1 --hash=sha256:" + digest + "\nb==1" + kHash).has_value());
}

// A folder tells no digests.
BOOST_AUTO_TEST_CASE(sources_of_a_folder_are_chosen_by_hash) {
  TempStore temp;
  for (const char* name : {"a-1.0.tar.gz", "a-1.0.1.tar.gz"}) {
    write_new_file_at(kCurrentDirectory, temp.dir / name, name, 0600);
  }
  NetworkOptions options;
  options.places.find_links = {temp.dir.path()};
  options.places.no_index = true;
  PackageNetwork network(temp.store, options);
  const auto lock_of = [&](const std::string& content) {
    return pinned_lock(temp.store, files_of("a==1.0 --hash=sha256:" + sha256(content).hex()), environment(),
                       test::cpython_facts(12), network.indexes())
        .lock;
  };
  const Pylock lock = lock_of("a-1.0.tar.gz");
  BOOST_REQUIRE(lock.packages.size() == 1U);
  BOOST_REQUIRE(lock.packages[0].sdist.has_value());
  BOOST_TEST(lock.packages[0].sdist->path == temp.dir / "a-1.0.tar.gz");
  BOOST_CHECK_THROW((void)lock_of("a-1.0.1.tar.gz"), InvalidInput);
}

BOOST_AUTO_TEST_CASE(files_without_a_hash_are_what_the_requirement_says) {
  for (const char* fragment : {"", "#md5=900150983cd24fb0d6963f7d28e17f72", "#sha512=00"}) {
    Page page(page_link(std::string("a-1.0-py3-none-any.whl") + fragment));
    const PinnedLock one = page.lock("a==1.0" + kHash);
    const LockedFile& wheel = one.lock.packages.at(0).wheels.at(0);
    BOOST_TEST(wheel.hashes.at("sha256") == std::string(64, 'a'));
    BOOST_TEST(wheel.hashes.size() == 1U);
    BOOST_TEST(wheel.one_of.empty());
    const PinnedLock two = page.lock("a==1.0" + kHash + kOther);
    BOOST_TEST(two.lock.packages.at(0).wheels.at(0).hashes.empty());
    BOOST_TEST(two.lock.packages.at(0).wheels.at(0).one_of.size() == 2U);
  }
}

BOOST_AUTO_TEST_CASE(one_hash_is_not_said_of_several_files) {
  Page page(page_link("a-1.0-py3-none-any.whl") + page_link("a-1.0-cp312-cp312-linux_x86_64.whl") +
            page_link("b-1.0-py3-none-any.whl"));
  const PinnedLock pinned = page.lock("a==1.0" + kHash);
  BOOST_REQUIRE(pinned.lock.packages.at(0).wheels.size() == 2U);
  for (const LockedFile& wheel : pinned.lock.packages[0].wheels) {
    BOOST_TEST(wheel.hashes.empty());
    BOOST_TEST(wheel.one_of.size() == 1U);
  }
}

BOOST_AUTO_TEST_CASE(what_the_store_has_tells_which_file_a_hash_means) {
  Page page(page_link("a-1.0-py3-none-any.whl") + page_link("a-1.0-cp312-cp312-linux_x86_64.whl"));
  const std::string digest = page.temp().ingest(test::make_wheel("a", "1.0", {{"a.py", ""}})).artifact.hex();
  const PinnedLock pinned = page.lock("a==1.0 --hash=sha256:" + digest);
  BOOST_TEST(names_of(pinned) == std::vector<std::string>{"a-1.0-py3-none-any.whl"}, boost::test_tools::per_element());
  BOOST_TEST(pinned.lock.packages[0].wheels[0].hashes.at("sha256") == digest);
}

// The page's own hash says which file of the store it would be, not that it is the one that is meant.
BOOST_AUTO_TEST_CASE(hashes_that_a_page_does_not_tell_are_the_files_own) {
  const std::string digits(128, 'b');
  Page page(page_link("a-1.0-py3-none-any.whl#sha256=" + std::string(64, 'c')));
  const PinnedLock pinned = page.lock("a==1.0 --hash=sha512:" + digits);
  const LockedFile& wheel = pinned.lock.packages.at(0).wheels.at(0);
  BOOST_TEST(wheel.hashes.at("sha256") == std::string(64, 'c'));
  BOOST_REQUIRE(wheel.one_of.size() == 1U);
  BOOST_TEST(wheel.one_of[0].second == digits);
  BOOST_CHECK_THROW((void)page.lock("a==1.0" + kHash), InvalidInput);
}

BOOST_AUTO_TEST_CASE(constraints_agree_or_are_refused) {
  Page page(page_link("a-1.0-py3-none-any.whl"));
  RequirementReader reader;
  std::string constraint;
  reader.read = [&](const std::string& path) { return path == "r.txt" ? "a==1.0" + kHash + "\n" : constraint; };
  const auto lock = [&](const std::string& text) {
    constraint = text;
    const auto files = read_requirement_files(
        {{"r.txt", RequirementRole::requirements}, {"c.txt", RequirementRole::constraints}}, reader);
    return page.lock(files);
  };
  BOOST_TEST(names_of(lock("A>=1\nb<2\na<1; python_version < '3'\n")).size() == 1U);
  BOOST_CHECK_EXCEPTION((void)lock("b<2\na<1\n"), InvalidInput, [](const InvalidInput& error) {
    return error.message() == "r.txt:1: a==1.0 is not what the constraint a<1 (c.txt:2) allows";
  });
}

BOOST_AUTO_TEST_CASE(archives_are_what_their_address_says) {
  Page page("");
  const std::string url = "https://example.org/x/a-1.0.tar.gz";
  const PinnedLock pinned = page.lock("a @ " + url + "#subdirectory=in" + kHash + kHash2);
  const LockedPackage& package = pinned.lock.packages.at(0);
  BOOST_TEST(package.name == "a");
  BOOST_REQUIRE(package.archive.has_value());
  BOOST_TEST(package.archive->url == url);
  BOOST_TEST(package.archive->subdirectory == "in");
  BOOST_TEST(package.archive->one_of.size() == 2U);
  BOOST_TEST(page.lock("https://example.org/b-2.0-py3-none-any.whl" + kHash).lock.packages.at(0).version == "2.0");
}

BOOST_AUTO_TEST_CASE(files_for_other_pythons_do_not_count) {
  const std::string fits = "data-requires-python='&gt;=3.8,&lt;3.13'";
  Page page(page_link("a-1.0-py3-none-any.whl", "data-requires-python='&gt;=3.13'") + page_link("a-1.0.tar.gz", fits) +
            page_link("b-1.0-py3-none-any.whl", "data-requires-python='&lt;3'") +
            page_link("c-1.0-py3-none-any.whl", "data-requires-python='what?'"));
  BOOST_TEST(names_of(page.lock("a==1.0" + kHash)) == std::vector<std::string>{"a-1.0.tar.gz"},
             boost::test_tools::per_element());
  BOOST_TEST(names_of(page.lock("c==1.0" + kHash)).size() == 1U);
  BOOST_CHECK_EXCEPTION((void)page.lock("b==1.0" + kHash), InvalidInput, [](const InvalidInput& error) {
    return error.message().find("r.txt:1: b 1.0 needs Python <3, and this is CPython 3.12") != std::string::npos;
  });
}

BOOST_AUTO_TEST_CASE(what_was_taken_back_counts_where_there_is_nothing_else) {
  const std::string yanked = "data-yanked='broken'";
  Page page(page_link("a-1.0-py3-none-any.whl", yanked) + page_link("a-1.0.tar.gz") +
            page_link("b-1.0-py3-none-any.whl", yanked) + page_link("b-1.0-cp312-cp312-win_amd64.whl") +
            page_link("c-1.0-py3-none-any.whl", "data-yanked=''") + page_link("d-1.0-py3-none-any.whl"));
  const PinnedLock other = page.lock("a==1.0" + kHash);
  BOOST_TEST(names_of(other) == std::vector<std::string>{"a-1.0.tar.gz"}, boost::test_tools::per_element());
  BOOST_TEST(other.warnings.empty());
  // Another machine's wheel is nothing else.
  const PinnedLock alone = page.lock("b===1.0" + kHash);
  BOOST_TEST(names_of(alone).size() == 2U);
  BOOST_REQUIRE(alone.warnings.size() == 1U);
  BOOST_TEST(alone.warnings[0].starts_with("r.txt:1: b 1.0 is yanked"));
  BOOST_TEST(alone.warnings[0].ends_with(": broken"));
  BOOST_TEST(page.lock("c==1.0" + kHash).warnings.at(0).ends_with("no reason is given"));
  BOOST_TEST(page.lock("d==1.0" + kHash).warnings.empty());
}

BOOST_AUTO_TEST_CASE(indexes_that_were_not_asked_are_named) {
  TempStore temp;
  for (const char* index : {"first", "second", "third"}) {
    make_directory_at(kCurrentDirectory, temp.dir / index, 0700);
    make_directory_at(kCurrentDirectory, temp.dir / index + "/a", 0700);
    write_new_file_at(kCurrentDirectory, temp.dir / index + "/a/index.html", page_link("a-1.0-py3-none-any.whl"), 0600);
  }
  NetworkOptions options;
  options.places.indexes = {temp.dir / "first", temp.dir / "second", temp.dir / "third"};
  const auto hint_of = [&](const std::string& text) {
    PackageNetwork network(temp.store, options);
    try {
      (void)pinned_lock(temp.store, files_of(text), environment(), test::cpython_facts(12), network.indexes());
    } catch (const InvalidInput& error) {
      return error.hint();
    }
    return std::string("none");
  };
  const std::string hint = hint_of("a==2.0" + kHash);
  BOOST_TEST(hint.find("--index-strategy unsafe-best-match") != std::string::npos);
  BOOST_TEST(hint.find("/second/, file://") != std::string::npos);
  // Nowhere is nowhere.
  BOOST_TEST(hint_of("b==2.0" + kHash).find("--index-strategy") == std::string::npos);
  options.places.strategy = IndexStrategy::unsafe_best_match;
  BOOST_TEST(hint_of("a==2.0" + kHash).find("--index-strategy") == std::string::npos);
  options.places = {.indexes = {temp.dir / "first"}};
  BOOST_TEST(hint_of("a==2.0" + kHash).find("--index-strategy") == std::string::npos);
}

BOOST_AUTO_TEST_CASE(locks_are_remembered_for_a_time) {
  TempStore temp;
  const Sha256Digest question = sha256("a question");
  BOOST_TEST(!remembered_lock(temp.store, question, 24h).has_value());
  remember_lock(temp.store, question, "an answer");
  BOOST_TEST(remembered_lock(temp.store, question, 24h).value() == "an answer");
  BOOST_TEST(!remembered_lock(temp.store, sha256("another"), 24h).has_value());
  // From the second after it was found.
  BOOST_TEST(!remembered_lock(temp.store, question, -1s).has_value());
}

BOOST_AUTO_TEST_SUITE_END()
