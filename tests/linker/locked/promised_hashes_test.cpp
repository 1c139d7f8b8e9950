#include "linker/locked/promised_hashes.hpp"

#include <boost/test/unit_test.hpp>
#include <string>

#include "linker/locked/marker_facts.hpp"
#include "store/base/digest.hpp"
#include "store/base/error.hpp"
#include "store/sys/file.hpp"
#include "tests/linker/facts.hpp"
#include "tests/support/temp_dir.hpp"

using namespace cas;
using namespace cas::test;

namespace {

const std::string kRight(64, 'a'), kWrong(64, 'b');

MarkerEnvironment environment() {
  return marker_environment(test::cpython_facts(12), {"Linux", "6.1.0", "#1", "x86_64"});
}

RequirementFiles requirements_of(const std::string& text) {
  RequirementReader reader;
  reader.read = [&](const std::string&) { return text; };
  return read_requirement_files({{"r.txt", RequirementRole::requirements}}, reader);
}

Pylock lock_of(const std::string& name, const std::string& hash) {
  Pylock lock;
  LockedPackage& package = lock.packages.emplace_back();
  package.name = name;
  package.version = "1.0";
  LockedFile& wheel = package.wheels.emplace_back();
  wheel.name = name + "-1.0-py3-none-any.whl";
  if (!hash.empty()) wheel.hashes.emplace("sha256", hash);
  return lock;
}

void hold(const std::string& text, Pylock& lock, bool no_dependencies = false) {
  hold_to_hashes(requirements_of(text), environment(), no_dependencies, lock);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(promised_hashes_tests)

BOOST_AUTO_TEST_CASE(only_files_with_an_accepted_hash_are_left) {
  Pylock lock = lock_of("a", kRight);
  lock.packages[0].wheels.push_back(lock_of("a", kWrong).packages[0].wheels[0]);
  hold("a>=1 --hash=sha256:" + kRight, lock);
  BOOST_REQUIRE(lock.packages[0].wheels.size() == 1U);
  BOOST_TEST(lock.packages[0].wheels[0].hashes.at("sha256") == kRight);
}

BOOST_AUTO_TEST_CASE(what_has_another_hash_is_refused) {
  Pylock lock = lock_of("a", kRight);
  lock.packages.push_back(lock_of("c", kRight).packages[0]);
  BOOST_CHECK_THROW(hold("a==1.0 --hash=sha256:" + kWrong + "\nc\n", lock), InvalidInput);
  BOOST_CHECK_THROW(hold("a>=1 --hash=sha256:" + kWrong, lock), InvalidInput);
  BOOST_CHECK_THROW(hold("a @ https://example.org/a-1.0-py3-none-any.whl#sha256=" + kWrong, lock), InvalidInput);
  // Not where its marker does not hold.
  hold("a>=1; python_version < '3' --hash=sha256:" + kWrong + "\nc\n", lock);
}

BOOST_AUTO_TEST_CASE(a_file_without_hashes_is_checked_when_it_comes) {
  Pylock lock = lock_of("a", "");
  hold("a>=1 --hash=sha256:" + kRight, lock);
  BOOST_TEST(lock.packages[0].wheels[0].hashes.at("sha256") == kRight);
  // Which of two it must have is seen then, too.
  lock = lock_of("a", "");
  hold("a>=1 --hash=sha256:" + kRight + " --hash=sha256:" + kWrong, lock);
  BOOST_TEST(lock.packages[0].wheels[0].hashes.empty());
  BOOST_TEST(lock.packages[0].wheels[0].one_of.size() == 2U);
}

BOOST_AUTO_TEST_CASE(where_all_have_hashes_nothing_comes_without) {
  Pylock lock = lock_of("a", kRight);
  lock.packages.push_back(lock_of("b", kRight).packages[0]);
  const std::string url = "a @ https://example.org/a-1.0-py3-none-any.whl --hash=sha256:" + kRight;
  BOOST_CHECK_THROW(hold(url, lock), InvalidInput);
  hold(url, lock, true);
  hold(url + "\nb\n", lock);
}

BOOST_AUTO_TEST_CASE(files_of_this_machine_are_looked_at_first) {
  const TempDir dir;
  const std::string path = dir / "a-1.0-py3-none-any.whl";
  write_new_file_at(kCurrentDirectory, path, "content", 0600);
  const std::string right = sha256("content").hex();
  refuse_other_files(requirements_of(path + " --hash=sha256:" + right), environment());
  refuse_other_files(requirements_of("a @ file://" + path + "#sha256=" + right), environment());
  BOOST_CHECK_THROW(refuse_other_files(requirements_of(path + " --hash=sha256:" + kWrong), environment()),
                    InvalidInput);
  BOOST_CHECK_THROW(refuse_other_files(requirements_of("a @ file://" + path + "#sha256=" + kWrong), environment()),
                    InvalidInput);
}

BOOST_AUTO_TEST_SUITE_END()
