#include "store/interpreters.hpp"

#include <boost/test/unit_test.hpp>
#include <filesystem>
#include <fstream>

#include "store/gc.hpp"
#include "store/sys/file.hpp"
#include "tests/support/child.hpp"
#include "tests/support/temp_store.hpp"

using namespace cas;
using namespace cas::test;
namespace fs = std::filesystem;

namespace {

StoredInterpreter sample_interpreter() {
  StoredInterpreter interpreter;
  interpreter.name = "cpython-3.12.1-linux-x86_64-0123456789abcdef";
  interpreter.artifact = sha256("an artifact");
  interpreter.implementation = "cpython";
  interpreter.version = "3.12.1";
  interpreter.origin = "/opt/py\xff/bin/python3.12";
  interpreter.facts = std::string("facts\0of it", 11);
  interpreter.captured_at = 1'700'000'000;
  interpreter.rules = 1;
  interpreter.watched = {{"/opt/py/bin/python3.12", 7, 8, 9}};
  return interpreter;
}

struct InterpreterStore : TempStore {
  void publish(const StoredInterpreter& interpreter) const {
    const std::string tree = store.layout().interpreter(interpreter.name);
    fs::create_directories(tree + "/.cas");
    overwrite_record(tree, encode_interpreter(interpreter));
  }
  static void overwrite_record(const std::string& tree, const std::string& text) {
    std::ofstream(tree + "/" + kInterpreterRecord, std::ios::binary) << text;
  }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(interpreters, InterpreterStore)

BOOST_AUTO_TEST_CASE(a_record_comes_back) {
  const StoredInterpreter before = sample_interpreter();
  const StoredInterpreter after = decode_interpreter(before.name, encode_interpreter(before));
  BOOST_TEST((after.artifact == before.artifact));
  BOOST_TEST(after.origin == before.origin);
  BOOST_TEST(after.facts == before.facts);
  BOOST_TEST(after.captured_at == before.captured_at);
  BOOST_TEST((after.watched == before.watched));
}

BOOST_AUTO_TEST_CASE(every_truncation_is_refused) {
  const std::string text = encode_interpreter(sample_interpreter());
  for (std::size_t length = 0; length < text.size(); ++length) {
    BOOST_CHECK_THROW((void)decode_interpreter("x", text.substr(0, length)), Error);
  }
  BOOST_CHECK_THROW((void)decode_interpreter("x", text + "x"), Error);
}

BOOST_AUTO_TEST_CASE(what_is_being_made_is_not_listed) {
  publish(sample_interpreter());
  fs::create_directories(store.layout().interpreter(".new-0123"));
  BOOST_TEST(list_interpreters(store).size() == 1U);
}

BOOST_AUTO_TEST_CASE(an_unreadable_one_is_named_and_keeps_every_package) {
  add("kept", "1.0", {{"kept.py", "x = 1\n"}});
  StoredInterpreter broken = sample_interpreter();
  publish(broken);
  overwrite_record(store.layout().interpreter(broken.name), "nonsense");
  std::vector<std::string> unreadable;
  BOOST_TEST(list_interpreters(store, &unreadable).empty());
  BOOST_TEST(unreadable.size() == 1U);
  const GcResult result = collect_garbage(store, {}, silent);
  BOOST_TEST(result.packages.empty());
  BOOST_TEST(!result.warnings.empty());
}

BOOST_AUTO_TEST_CASE(its_package_is_kept_and_goes_when_it_is_gone) {
  const IngestResult package = ingest(make_wheel("base", "1.0", {{"base.py", "x = 1\n"}}));
  StoredInterpreter interpreter = sample_interpreter();
  interpreter.artifact = package.artifact;
  publish(interpreter);
  BOOST_TEST(collect_garbage(store, {}, silent).packages.empty());
  fs::remove_all(store.layout().interpreter(interpreter.name));
  BOOST_TEST(collect_garbage(store, {}, silent).packages.size() == 1U);
}

BOOST_AUTO_TEST_CASE(a_changed_original_is_noticed_and_a_missing_one_is_not_newer) {
  const std::string binary = dir / "python3.12";
  const std::string library = dir / "lib";
  std::ofstream(binary) << "binary";
  fs::create_directories(library);
  StoredInterpreter interpreter = sample_interpreter();
  interpreter.watched = {watch(binary).value(), watch(library).value()};
  BOOST_TEST(!is_outdated(interpreter));
  std::ofstream(library + "/module.py") << "new";
  set_file_mtime(library, 1'800'000'000);
  BOOST_TEST(is_outdated(interpreter));
  interpreter.watched = {watch(binary).value(), watch(library).value()};
  std::ofstream(binary) << "another binary";
  BOOST_TEST(is_outdated(interpreter));
  fs::remove(binary);
  BOOST_TEST(!is_outdated(interpreter));
  BOOST_TEST((origin_state(interpreter) == OriginState::gone));
}

BOOST_AUTO_TEST_CASE(an_original_that_this_user_may_not_look_at_is_unknown) {
  const std::string home = dir / "home";
  fs::create_directories(home);
  std::ofstream(home + "/python3.12") << "binary";
  StoredInterpreter interpreter = sample_interpreter();
  interpreter.watched = {watch(home + "/python3.12").value()};
  BOOST_TEST((origin_state(interpreter) == OriginState::same));
  fs::permissions(home, fs::perms::none);
  BOOST_TEST(run_in_child([&] {
               become_stranger();
               expect(origin_state(interpreter) == OriginState::unknown, "unknown");
               expect(!is_outdated(interpreter), "not outdated");
             }) == 0);
  fs::permissions(home, fs::perms::owner_all);
}

BOOST_AUTO_TEST_SUITE_END()
