#include <boost/test/unit_test.hpp>
#include <filesystem>

#include "linker/bytecode/bytecode.hpp"
#include "linker/environment.hpp"
#include "linker/plan_bytecode.hpp"
#include "store/base/error.hpp"
#include "store/rebuild.hpp"
#include "store/sys/file.hpp"
#include "tests/support/temp_environment.hpp"

using namespace cas;
using namespace cas::test;
namespace fs = std::filesystem;

namespace {

struct BytecodeEnvironment : TempEnvironment {
  WheelBuilder demo = make_wheel("demo", "1.0",
                                 {{"demo/__init__.py", ""},
                                  {"demo/core.py", "value = 1\n"},
                                  {"demo/bad.py", "no Python at all\n"},
                                  {"demo/old.py", "print 'Python 2'\n"}});
  WheelBuilder next = make_wheel(
      "demo", "2.0", {{"demo/__init__.py", ""}, {"demo/core.py", "value = 2\n"}, {"demo/new.py", "n = 1\n"}});

  CreateOptions compiling(const std::vector<WheelBuilder>& wheels) const {
    CreateOptions result = options(wheels);
    result.compile_bytecode = true;
    return result;
  }
  std::string bytecode(const std::string& module, const std::string& name = "env") const {
    return site(name) + "/demo/__pycache__/" + module + "." + real_python().cache_tag + ".pyc";
  }
  // The environment's Python writes no bytecode in these tests unless it is told to.
  std::string import_and_write(const std::string& code) const {
    return run_python("env", "import sys; sys.dont_write_bytecode = False; " + code);
  }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(environment_bytecode_tests, BytecodeEnvironment, *boost::unit_test::precondition(has_python))

BOOST_AUTO_TEST_CASE(a_first_import_writes_nothing) {
  const CreateResult result = create("env", compiling({demo}));
  BOOST_TEST(result.bytecode.files == 2U);
  BOOST_TEST(result.bytecode.compiled == 2U);
  BOOST_TEST(result.bytecode.refused == 2U);
  const auto before = snapshot(path());
  BOOST_TEST(import_and_write("import demo.core; print(demo.core.value, demo.core.__cached__ is not None, "
                              "demo.core.value.__class__, demo.core.__file__ == demo.__path__[0] + '/core.py')") ==
             "1 True <class 'int'> True\n");
  BOOST_TEST((snapshot(path()) == before));
  BOOST_TEST(links_of(bytecode("core")) == 2U);
  BOOST_TEST(problems().empty());
}

BOOST_AUTO_TEST_CASE(the_second_environment_compiles_nothing) {
  create("env", compiling({demo}));
  const CreateResult again = create("again", compiling({demo}));
  BOOST_TEST(again.plan_reused);
  BOOST_TEST(again.bytecode.compiled == 0U);
  BOOST_TEST(again.bytecode.files == 2U);
  BOOST_TEST(stat_path(bytecode("core"))->st_ino == stat_path(bytecode("core", "again"))->st_ino);
  // Nor does another package with an equal source, and what does not compile is not tried again.
  const WheelBuilder other =
      make_wheel("other", "1.0", {{"other/same.py", "value = 1\n"}, {"other/bad.py", "no Python at all\n"}});
  const CreateResult shared = create("other", compiling({other}));
  BOOST_TEST(!shared.plan_reused);
  BOOST_TEST(shared.bytecode.compiled == 0U);
  BOOST_TEST(shared.bytecode.refused == 1U);
  BOOST_TEST(shared.bytecode.files == 1U);
}

BOOST_AUTO_TEST_CASE(without_compiling_python_writes_its_own) {
  const CreateResult result = create("env", {demo});
  BOOST_TEST(result.bytecode.files == 0U);
  BOOST_TEST(!exists(site() + "/demo/__pycache__"));
  import_and_write("import demo.core");
  BOOST_TEST(exists(bytecode("core")));
}

BOOST_AUTO_TEST_CASE(a_change_brings_and_takes_bytecode) {
  create("env", compiling({demo}));
  const CreateResult changed = create("env", compiling({next}));
  BOOST_TEST(changed.changed_existing);
  BOOST_TEST(changed.warnings.empty());
  BOOST_TEST(exists(bytecode("new")));
  const auto before = snapshot(path());
  BOOST_TEST(import_and_write("import demo.core, demo.new; print(demo.core.value)") == "2\n");
  BOOST_TEST((snapshot(path()) == before));
  const CreateResult without = create("env", {next});
  BOOST_TEST(without.warnings.empty());
  BOOST_TEST(!exists(bytecode("new")));
  BOOST_TEST(!exists(site() + "/demo/__pycache__"));
  create("env", compiling({}));
  BOOST_TEST(!exists(site() + "/demo"));
}

BOOST_AUTO_TEST_CASE(what_python_wrote_itself_is_in_nobodys_way) {
  create("env", {demo});
  import_and_write("import demo.core");
  const CreateResult changed = create("env", compiling({demo}));
  BOOST_TEST(changed.warnings.empty());
  BOOST_TEST(links_of(bytecode("core")) == 2U);
}

BOOST_AUTO_TEST_CASE(an_edited_source_is_compiled_anew_and_the_store_is_not_touched) {
  create("env", compiling({demo}));
  create("other", compiling({demo}));
  const std::string shared = slurp(bytecode("core"));
  edit(site() + "/demo/core.py", "value = 'edited'\n");
  BOOST_TEST(import_and_write("import demo.core; print(demo.core.value)") == "edited\n");
  BOOST_TEST(slurp(bytecode("core")) != shared);
  BOOST_TEST(slurp(bytecode("core", "other")) == shared);
  BOOST_TEST(problems().empty());
  // Kept as the user's source is, without a word about its bytecode.
  const CreateResult changed = create("env", compiling({next}));
  BOOST_TEST(changed.warnings.size() == 1U);
  BOOST_TEST(import_and_write("import demo.core; print(demo.core.value)") == "2\n");
}

BOOST_AUTO_TEST_CASE(copies_are_valid_too) {
  CreateOptions copying = compiling({demo});
  copying.link_mode = LinkMode::copy;
  create("env", copying);
  const auto before = snapshot(path());
  BOOST_TEST(import_and_write("import demo.core; print(demo.core.value)") == "1\n");
  BOOST_TEST((snapshot(path()) == before));
}

BOOST_AUTO_TEST_CASE(what_is_collected_while_the_rest_is_compiled_is_compiled_again) {
  create("old", compiling({demo}));
  const WheelBuilder other = make_wheel("other", "1.0", {{"demo/core.py", "value = 1\n"}, {"demo/more.py", "m = 1\n"}});
  HookProgress progress;
  int rounds = 0;
  progress.on_phase = [&](std::string_view what) {
    if (what != "compiling" || ++rounds > 1) return;
    fs::remove_all(path("old"));
    BOOST_TEST(collect().objects_removed > 0U);
  };
  const CreateResult result = create_environment(store, path(), compiling({other}), progress);
  BOOST_TEST(rounds == 2);
  BOOST_TEST(result.bytecode.files == 2U);
  const auto before = snapshot(path());
  BOOST_TEST(import_and_write("import demo.core, demo.more; print(demo.core.value)") == "1\n");
  BOOST_TEST((snapshot(path()) == before));
  BOOST_TEST(problems().empty());
}

BOOST_AUTO_TEST_CASE(an_interpreter_that_does_not_compile_leaves_nothing) {
  // A Python that tells its facts and does nothing else.
  const std::string script = dir / "python-that-tells-only";
  write_test_file(script, "#!/bin/sh\ncase \"$*\" in *cas-compiler*) exit 1 ;; esac\nexec '" +
                              real_python().executable + "' \"$@\"\n");
  fs::permissions(script, fs::perms::owner_all);
  InterpreterFacts facts = real_python();
  BOOST_CHECK_EXCEPTION(
      static_cast<void>(obtain_bytecode(store, script, interpreter_bytecode(facts),
                                        std::vector<BytecodeSource>{{{empty_digest(), Executable::no}, 0}}, 1, silent)),
      Error, [](const Error& error) { return error.hint().find("--no-compile-bytecode") != std::string::npos; });
  BOOST_TEST(names_in(store.layout().staging()).empty());
}

BOOST_AUTO_TEST_CASE(without_its_plan_an_environment_is_changed_and_removed_all_the_same) {
  create("env", compiling({demo}));
  // What a rebuilt index has forgotten.
  store.index().write([](WriteTxn& txn, const Schema& schema) {
    schema.plans.clear(txn);
    schema.bytecode.clear(txn);
  });
  const CreateResult changed = create("env", compiling({next}));
  BOOST_TEST(changed.warnings.empty());
  BOOST_TEST(changed.bytecode.compiled > 0U);
  BOOST_TEST(import_and_write("import demo.core; print(demo.core.value)") == "2\n");
  BOOST_TEST(problems().empty());
}

BOOST_AUTO_TEST_SUITE_END()
