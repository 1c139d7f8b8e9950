#include "linker/interpreter.hpp"

#include <sys/stat.h>

#include <boost/test/unit_test.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "linker/interpreter_memo.hpp"
#include "store/base/error.hpp"
#include "store/sys/process.hpp"
#include "tests/linker/facts.hpp"
#include "tests/linker/python/fake_python.hpp"
#include "tests/support/temp_dir.hpp"
#include "tests/support/temp_store.hpp"

namespace {

namespace fs = std::filesystem;

using namespace std::chrono_literals;
using cas::test::TempDir;

constexpr const char* kPython = "/usr/bin/python3";

boost::test_tools::assertion_result has_python(boost::unit_test::test_unit_id) {
  boost::test_tools::assertion_result result(fs::exists(kPython));
  result.message() << "needs " << kPython;
  return result;
}

// A program that stands in for an interpreter.
std::string fake(const TempDir& directory, const std::string& name, const std::string& body) {
  const std::string path = directory / name;
  std::ofstream(path) << "#!/bin/sh\n" << body << "\n";
  BOOST_REQUIRE(::chmod(path.c_str(), 0755) == 0);
  return path;
}

auto says(const std::string& text) {
  return [text](const cas::Error& error) {
    BOOST_TEST_MESSAGE(error.message());
    return error.message().find(text) != std::string::npos;
  };
}

bool same(const cas::InterpreterFacts& a, const cas::InterpreterFacts& b) {
  return cas::encode_facts(a) == cas::encode_facts(b);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(interpreter_tests)

BOOST_AUTO_TEST_CASE(facts_of_a_real_interpreter, *boost::unit_test::precondition(has_python)) {
  const cas::InterpreterFacts facts = cas::inspect_interpreter(kPython, 20s);
  BOOST_TEST(facts.implementation == "cpython");
  BOOST_TEST(facts.major == 3u);
  BOOST_TEST(facts.version.starts_with(fmt::format("3.{}.{}", facts.minor, facts.micro)));
  BOOST_TEST(facts.library_name == fmt::format("python3.{}", facts.minor));
  BOOST_TEST(facts.binary_name == facts.library_name);
  BOOST_TEST(facts.layout.site_packages == "lib/" + facts.library_name + "/site-packages");
  BOOST_TEST(facts.layout.scripts == "bin");
  BOOST_TEST(facts.layout.headers == "include/site/" + facts.library_name);
  BOOST_TEST(facts.platform.starts_with("linux-"));
  BOOST_TEST(facts.executable == "/usr/bin/" + facts.binary_name);
  BOOST_TEST(facts.soabi.starts_with("cpython-3"));
}

BOOST_AUTO_TEST_CASE(variables_and_the_current_directory_do_not_matter, *boost::unit_test::precondition(has_python)) {
  const cas::InterpreterFacts plain = cas::inspect_interpreter(kPython, 20s);
  const TempDir directory;
  std::ofstream(directory / "json.py") << "raise SystemExit('wrong json')\n";
  const fs::path before = fs::current_path();
  fs::current_path(directory.path());
  ::setenv("PYTHONHOME", "/nowhere", 1);
  ::setenv("PYTHONPATH", directory.path().c_str(), 1);
  ::setenv("_PYTHON_HOST_PLATFORM", "linux-other", 1);
  const cas::InterpreterFacts facts = cas::inspect_interpreter(kPython, 20s);
  for (const char* name : {"PYTHONHOME", "PYTHONPATH", "_PYTHON_HOST_PLATFORM"}) ::unsetenv(name);
  fs::current_path(before);
  BOOST_TEST(same(facts, plain));
}

BOOST_AUTO_TEST_CASE(an_environment_leads_to_its_base, *boost::unit_test::precondition(has_python)) {
  const TempDir directory;
  const cas::InterpreterFacts base = cas::inspect_interpreter(kPython, 20s);
  const auto venv = [](const std::string& python, const std::string& path) {
    return cas::run_process({python, "-m", "venv", "--without-pip", path}, {}, 60s).exit_status;
  };
  BOOST_REQUIRE(venv(kPython, directory / "one") == 0);
  BOOST_REQUIRE(venv(directory / "one/bin/python", directory / "two") == 0);
  BOOST_TEST(same(cas::inspect_interpreter(directory / "one/bin/python", 20s), base));
  BOOST_TEST(same(cas::inspect_interpreter(directory / "two/bin/python3", 20s), base));
  fs::create_symlink(directory / "one/bin/python", directory / "link");
  BOOST_TEST(same(cas::inspect_interpreter(directory / "link", 20s), base));
}

BOOST_AUTO_TEST_CASE(a_link_from_elsewhere_leads_to_the_installation, *boost::unit_test::precondition(has_python)) {
  const TempDir directory;
  fs::create_symlink(kPython, directory / "python3");
  const cas::InterpreterFacts base = cas::inspect_interpreter(kPython, 20s);
  BOOST_TEST(same(cas::inspect_interpreter(directory / "python3", 20s), base));
  // Where /bin is /usr/bin.
  if (fs::exists("/bin/python3")) BOOST_TEST(same(cas::inspect_interpreter("/bin/python3", 20s), base));
}

BOOST_AUTO_TEST_CASE(what_is_no_interpreter_is_refused_with_its_own_words) {
  const TempDir directory;
  BOOST_CHECK_EXCEPTION((void)cas::inspect_interpreter(fake(directory, "a", "echo no such command >&2; exit 127"), 20s),
                        cas::Error, says("status 127 and said: no such command"));
  BOOST_CHECK_EXCEPTION((void)cas::inspect_interpreter(fake(directory, "b", "echo hello"), 20s), cas::Error,
                        says("hello"));
  BOOST_CHECK_EXCEPTION((void)cas::inspect_interpreter(fake(directory, "c", "echo 'cas-interpreter-facts:{'"), 20s),
                        cas::Error, says("does not work"));
  BOOST_CHECK_EXCEPTION((void)cas::inspect_interpreter(fake(directory, "d", "echo 'cas-interpreter-facts:{}'"), 20s),
                        cas::Error, says("does not work"));
  BOOST_CHECK_EXCEPTION((void)cas::inspect_interpreter(fake(directory, "e", "exec sleep 60"), 1s), cas::Error,
                        says("did not tell within 1 s"));
  BOOST_CHECK_EXCEPTION((void)cas::inspect_interpreter(
                            fake(directory, "f", R"(echo "cas-interpreter-facts:{\"ask_instead\": \"$0\"}")"), 20s),
                        cas::Error, says("from environment to environment"));
}

BOOST_AUTO_TEST_CASE(old_versions_tell_their_facts_and_are_refused_where_environments_are_made) {
  cas::InterpreterFacts facts = cas::test::cpython_facts(3);
  BOOST_TEST(!cas::unsupported_reason(facts));
  BOOST_CHECK_NO_THROW(cas::refuse_unsupported(facts));
  const TempDir directory;
  facts.major = 2;
  facts.minor = 7;
  facts.version = "2.7.18";
  facts.executable = directory / "python2.7";
  const cas::InterpreterFacts told =
      cas::inspect_interpreter(cas::test::fake_python(directory / "python2.7", facts), 20s);
  BOOST_TEST(told.version == "2.7.18");
  BOOST_TEST(told.executable == facts.executable);
  BOOST_CHECK_EXCEPTION(cas::refuse_unsupported(told), cas::Error,
                        says("is Python 2.7.18, which has no virtual environments"));
  facts.major = 3;
  facts.minor = 2;
  BOOST_CHECK_THROW(cas::refuse_unsupported(facts), cas::Error);
  facts.major = 4;
  BOOST_CHECK_NO_THROW(cas::refuse_unsupported(facts));
}

BOOST_AUTO_TEST_CASE(facts_that_cannot_be_true_are_refused) {
  const TempDir directory;
  const auto refused = [&](const std::string& name, const std::string& what, const auto& change) {
    cas::InterpreterFacts facts = cas::test::cpython_facts(12);
    facts.executable = directory / name;
    change(facts);
    BOOST_CHECK_EXCEPTION((void)cas::inspect_interpreter(cas::test::fake_python(directory / name, facts), 20s),
                          cas::Error, says(what));
  };
  // One tag for each minor version would be gigabytes.
  refused("a", "its minor is 4000000000", [](auto& facts) { facts.minor = 4'000'000'000; });
  refused("b", "its micro is 1000", [](auto& facts) { facts.micro = 1000; });
  refused("c", "its implementation is '../x'", [](auto& facts) { facts.implementation = "../x"; });
  refused("d", "its implementation is ''", [](auto& facts) { facts.implementation.clear(); });
  refused("e", "its version is '3.12/1'", [](auto& facts) { facts.version = "3.12/1"; });
  refused("f", "its SOABI is 'a b'", [](auto& facts) { facts.soabi = "a b"; });
  refused("g", "its platform is 'linux/../..'", [](auto& facts) { facts.platform = "linux/../.."; });
  refused("h", "there is no such file", [](auto& facts) { facts.executable += ".gone"; });
  refused("i", "not an executable file", [&](auto& facts) { facts.executable = directory.path(); });
  refused("j", "not an executable file", [&](auto& facts) {
    facts.executable = directory / "plain";
    std::ofstream(facts.executable) << "no program";
  });
  refused("k", "which does not exist", [&](auto& facts) {
    facts.executable = directory / "dangling";
    fs::create_symlink("nowhere\x1b[2J", facts.executable);
  });
  for (const char* scripts : {".cas", "pyvenv.cfg", "lib", "lib64", "include", "CACHEDIR.TAG", "-x y"}) {
    refused(std::string("scripts") + scripts, "its folder of scripts is",
            [&](auto& facts) { facts.layout.scripts = scripts; });
  }
}

BOOST_AUTO_TEST_CASE(scripts_lie_in_one_folder) {
  const TempDir directory;
  const auto scripts_of = [&](const std::string& told) {
    cas::InterpreterFacts facts = cas::test::cpython_facts(12);
    facts.executable = directory / "python3.12";
    facts.layout.scripts = told;
    return cas::inspect_interpreter(cas::test::fake_python(facts.executable, facts), 20s).layout.scripts;
  };
  BOOST_TEST(scripts_of("Scripts") == "Scripts");
  for (const char* told : {"local/bin", "../bin", "/bin", "."}) BOOST_TEST(scripts_of(told) == "bin");
}

BOOST_AUTO_TEST_CASE(facts_of_the_installation, *boost::unit_test::precondition(has_python)) {
  const cas::InterpreterFacts facts = cas::inspect_interpreter(kPython, 20s);
  BOOST_TEST(fs::exists(facts.stdlib + "/os.py"));
  BOOST_TEST(fs::is_directory(facts.platstdlib));
  BOOST_TEST(facts.base_exec_prefix == facts.base_prefix);
  BOOST_TEST(facts.cache_tag == fmt::format("cpython-3{}", facts.minor));
  BOOST_TEST(facts.bytecode_magic.size() == 8u);
  BOOST_TEST(facts.bytecode_magic.ends_with("0d0a"));
  BOOST_TEST(facts.externally_managed == fs::exists(facts.stdlib + "/EXTERNALLY-MANAGED"));
  if (!facts.shared_library.empty()) BOOST_TEST(fs::is_regular_file(facts.shared_library));
  if (!facts.installed_library.empty()) BOOST_TEST(fs::is_regular_file(facts.installed_library));
}

BOOST_AUTO_TEST_CASE(facts_survive_their_encoding) {
  cas::InterpreterFacts facts = cas::test::cpython_facts(12);
  facts.executable = "/a\xff\n/python";
  facts.free_threaded = true;
  facts.pointer_bits = 32;
  facts.stdlib = "/stdlib";
  facts.shared_library = "/lib/libpython.so";
  facts.bytecode_magic = "cb0d0d0a";
  facts.externally_managed = true;
  const std::string text = cas::encode_facts(facts);
  const auto again = cas::decode_facts(text);
  BOOST_REQUIRE(again.has_value());
  BOOST_TEST(again->executable == facts.executable);
  BOOST_TEST(again->free_threaded);
  BOOST_TEST(again->pointer_bits == 32u);
  BOOST_TEST(again->layout.headers == facts.layout.headers);
  BOOST_TEST(again->stdlib == facts.stdlib);
  BOOST_TEST(again->shared_library == facts.shared_library);
  BOOST_TEST(again->bytecode_magic == facts.bytecode_magic);
  BOOST_TEST(again->externally_managed);
  BOOST_TEST(!again->patched_schemes);
  BOOST_TEST(same(*again, facts));
  for (std::size_t size = 0; size < text.size(); ++size) BOOST_TEST(!cas::decode_facts(text.substr(0, size)));
  BOOST_TEST(!cas::decode_facts(text + "x"));
}

// The index has no checksums of its pages: a damaged answer is none, and the interpreter is asked again.
BOOST_AUTO_TEST_CASE(a_damaged_answer_is_not_believed, *boost::unit_test::precondition(has_python)) {
  cas::test::TempStore store;
  const auto answer = [&] { return cas::ask_interpreters(&store.store, {kPython}, 30s).at(0).facts.value(); };
  const cas::InterpreterFacts facts = answer();
  cas::Sha256Digest key;
  std::string good;
  store.store.index().read([&](const cas::ReadTxn& txn, const cas::Schema& schema) {
    schema.memo.for_each(txn, [&](const cas::Sha256Digest& one, const std::string& value) { key = one, good = value; });
  });
  BOOST_REQUIRE(good.find("site-packages") != std::string::npos);
  for (const std::size_t at : {good.find("site-packages"), good.rfind("python3"), good.size() - 1}) {
    std::string bad = good;
    bad[at] = static_cast<char>(bad[at] ^ 8);
    store.store.index().write([&](cas::WriteTxn& txn, const cas::Schema& schema) { schema.memo.put(txn, key, bad); });
    BOOST_TEST(same(answer(), facts));
    const auto now = store.store.index().read(
        [&](const cas::ReadTxn& txn, const cas::Schema& schema) { return schema.memo.get(txn, key); });
    BOOST_TEST((now == good));
  }
}

BOOST_AUTO_TEST_SUITE_END()
