#include "linker/bytecode/compiler_pool.hpp"

#include <boost/test/unit_test.hpp>
#include <filesystem>
#include <fstream>

#include "store/base/error.hpp"
#include "tests/support/temp_environment.hpp"

using namespace cas;
using namespace cas::test;

namespace {

// How the made-up workers below speak. `log` gets a line for each request, so that a test sees what was asked.
constexpr const char* kSpeech = R"python(
import os, sys, time
log = open(sys.argv[1], 'a', 1)

def read(count):
    data = b''
    while len(data) < count:
        more = os.read(0, count - len(data))
        if not more:
            sys.exit(0)
        data += more
    return data

def request():
    path = read(int.from_bytes(read(4), 'big')).decode()
    log.write(path + '\n')
    return path

def answer(outcome, body=b'', size=None):
    os.write(1, bytes([outcome]) + (len(body) if size is None else size).to_bytes(4, 'big') + body)

def greet():
    os.write(1, b'cas-compiler 0badcafe made-up\n')
)python";

struct PoolFixture : TempDir {
  CompilerOptions options;
  // What became of each source: its code; "refused"; "" nobody said.
  std::vector<std::string> results;

  PoolFixture() {
    options.interpreter = real_python().executable;
    options.magic = real_python().bytecode_magic;
    options.cache_tag = real_python().cache_tag;
  }
  // A worker that runs `program` in place of ours.
  void speak(const std::string& program) {
    options.magic = "0badcafe";
    options.cache_tag = "made-up";
    options.command = {options.interpreter, "-S", "-c", kSpeech + program, *this / "log"};
  }
  void compile(const std::vector<std::string>& paths) {
    results.assign(paths.size(), "");
    compile_sources(options, paths, [&](std::size_t source, std::optional<std::string_view> code) {
      BOOST_TEST(results.at(source).empty());
      results.at(source) = code ? std::string(*code) : "refused";
    });
  }
  std::vector<std::string> asked() const {
    std::ifstream log(*this / "log");
    std::vector<std::string> lines;
    for (std::string line; std::getline(log, line);) lines.push_back(line);
    return lines;
  }
  std::size_t asked(const std::string& path) const {
    const auto lines = asked();
    return static_cast<std::size_t>(std::count(lines.begin(), lines.end(), path));
  }
  std::string source(const std::string& name, const std::string& text) const {
    write_test_file(*this / name, text);
    return *this / name;
  }
};

// Answers with the path, and does what the path's name says.
constexpr const char* kObedient = R"python(
greet()
while True:
    path = request()
    if 'crash' in path:
        os.kill(os.getpid(), 11)
    if 'once' in path and not os.path.exists(path):
        open(path, 'w').close()
        os._exit(1)
    if 'hang' in path:
        time.sleep(1000)
    if 'nonsense' in path:
        answer(7)
    elif 'huge' in path:
        answer(0, b'', 0xFFFFFFFF)
    elif 'empty' in path:
        answer(0)
    elif 'more' in path:
        answer(0, b'x')
        answer(0, b'asked by nobody')
    elif 'refuse' in path:
        answer(1)
    else:
        answer(0, path.encode())
)python";

using Results = std::vector<std::string>;

}  // namespace

BOOST_FIXTURE_TEST_SUITE(compiler_pool_tests, PoolFixture, *boost::unit_test::precondition(has_python))

BOOST_AUTO_TEST_CASE(sources_are_compiled_and_not_executed) {
  const std::string good = source("good.py", "import os\nos.mkdir('" + *this / "made" + "')\n");
  const std::string bad = source("bad.py", "this is no Python\n");
  const std::string warns = source("warns.py", "assert (1, 'always')\nx = '\\d'\n");
  const std::string empty = source("empty.py", "");
  const std::string binary = source("binary.py", std::string("\0\1\xff", 3));
  const std::string odd = source("coding.py", "# coding: no-such-coding\n");
  options.workers = 2;
  compile({good, bad, warns, empty, binary, odd, good});
  BOOST_TEST(results[0].size() > 50U);
  BOOST_TEST(results[1] == "refused");
  BOOST_TEST(results[2].size() > 50U);
  BOOST_TEST(results[3].size() > 50U);
  BOOST_TEST(results[4] == "refused");
  BOOST_TEST(results[5] == "refused");
  BOOST_TEST(results[6] == results[0]);
  BOOST_TEST(!std::filesystem::exists(*this / "made"));
}

BOOST_AUTO_TEST_CASE(sources_that_break_compilers_do_not_break_the_others) {
  const std::string parentheses = source("a.py", std::string(100'000, '('));
  const std::string signs = source("b.py", "x = " + std::string(1'000'000, '-') + "1");
  const std::string attributes = source(
      "c.py", "x" + [] {
        std::string text;
        for (int i = 0; i < 100'000; ++i) text += ".x";
        return text;
      }());
  const std::string good = source("good.py", "x = 1\n");
  compile({parentheses, signs, attributes, good});
  BOOST_TEST(results[0] == "refused");
  for (const std::string& result : results) BOOST_TEST(!result.empty());
  BOOST_TEST(results[3].size() > 50U);
  BOOST_TEST(results[3] != "refused");
}

BOOST_AUTO_TEST_CASE(a_source_that_cannot_be_read_is_an_error) {
  BOOST_CHECK_EXCEPTION(compile({*this / "missing.py"}), Error,
                        [](const Error& error) { return error.message().find("missing.py") != std::string::npos; });
}

BOOST_AUTO_TEST_CASE(another_interpreter_than_the_one_known_is_refused) {
  options.magic = "00000000";
  const std::string good = source("good.py", "x = 1\n");
  BOOST_CHECK_THROW(compile({good}), Error);
}

BOOST_AUTO_TEST_CASE(one_that_does_not_start_is_an_error) {
  speak("sys.exit(1)\n");
  BOOST_CHECK_THROW(compile({"a"}), Error);
  speak("while True: os.write(1, b'chatter')\n");
  BOOST_CHECK_THROW(compile({"a"}), Error);
  speak("time.sleep(1000)\n");
  options.start_limit = std::chrono::seconds(1);
  BOOST_CHECK_THROW(compile({"a"}), Error);
}

BOOST_AUTO_TEST_CASE(what_crashes_twice_is_refused_and_the_rest_compiled) {
  speak(kObedient);
  compile({"a", "crash", "b", "refuse", "c"});
  BOOST_TEST((results == Results{"a", "refused", "b", "refused", "c"}));
  BOOST_TEST(asked("crash") == 2U);
}

BOOST_AUTO_TEST_CASE(what_dies_once_is_compiled_by_another) {
  speak(kObedient);
  const std::string once = *this / "once";
  compile({"a", once, "b"});
  BOOST_TEST((results == Results{"a", once, "b"}));
}

BOOST_AUTO_TEST_CASE(what_hangs_is_refused) {
  speak(kObedient);
  options.limit = std::chrono::seconds(0);
  options.workers = 2;
  compile({"a", "hang", "b", "c"});
  BOOST_TEST((results == Results{"a", "refused", "b", "c"}));
  BOOST_TEST(asked("hang") == 1U);
}

BOOST_AUTO_TEST_CASE(nonsense_counts_as_a_crash) {
  speak(kObedient);
  compile({"a", "nonsense", "b", "huge", "c", "empty", "d"});
  BOOST_TEST((results == Results{"a", "refused", "b", "refused", "c", "refused", "d"}));
}

BOOST_AUTO_TEST_CASE(an_answer_to_nothing_never_becomes_anothers_twice) {
  // Whatever a worker of that kind says, every source gets one answer, and none is taken for another round's.
  speak(kObedient);
  options.files_per_worker = 1;
  compile({"a", "more", "b", "c"});
  BOOST_TEST((results == Results{"a", "x", "b", "c"}));
}

BOOST_AUTO_TEST_CASE(an_interpreter_that_always_crashes_is_an_error) {
  speak("greet()\nrequest()\nos._exit(1)\n");
  Results paths;
  for (int i = 0; i < 100; ++i) paths.push_back(std::to_string(i));
  BOOST_CHECK_THROW(compile(paths), Error);
}

BOOST_AUTO_TEST_CASE(workers_are_replaced_and_all_have_work) {
  speak("greet()\npid = str(os.getpid()).encode()\nwhile True:\n    request()\n    answer(0, pid)\n");
  options.workers = 2;
  options.files_per_worker = 3;
  compile(Results(12, "x"));
  std::map<std::string, int> served;
  for (const std::string& pid : results) ++served[pid];
  BOOST_TEST(served.size() >= 4U);
  for (const auto& [pid, count] : served) BOOST_TEST(count <= 3);
}

BOOST_AUTO_TEST_CASE(what_the_caller_throws_ends_it) {
  speak(kObedient);
  const Results paths{"a", "b", "c"};
  BOOST_CHECK_THROW(
      compile_sources(options, paths, [](std::size_t, std::optional<std::string_view>) { throw Error("enough"); }),
      Error);
}

BOOST_AUTO_TEST_CASE(nothing_to_do_starts_nothing) {
  options.interpreter = "/nonexistent/python";
  compile({});
  BOOST_TEST(results.empty());
}

BOOST_AUTO_TEST_SUITE_END()
