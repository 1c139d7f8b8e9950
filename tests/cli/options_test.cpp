#include "cli/options.hpp"

#include <boost/test/unit_test.hpp>
#include <cstdlib>

#include "store/base/error.hpp"

namespace cas {
namespace {

constexpr OptionSpec kSpecs[] = {
    {"find-links", '\0', "DIR", Repeat::yes}, {"python", 'p', "PYTHON"}, {"check", '\0', {}}, {"quiet", 'q', {}}};

Arguments parse(const std::vector<std::string>& words) { return parse_arguments(words, kSpecs, "create"); }

GlobalOptions global_from(const std::vector<std::string>& words) {
  return read_global_options(parse_arguments(words, global_option_specs(), ""));
}

// The message of the UsageError that `f` throws, and its hint.
template <class F>
std::pair<std::string, std::string> usage_error(F&& f) {
  try {
    f();
  } catch (const UsageError& error) {
    return {error.message(), error.hint()};
  }
  return {"no error", ""};
}

// Sets or removes (nullptr) a variable, and restores it.
class Variable {
 public:
  Variable(const char* name, const char* value) : name_(name) {
    if (const char* old = std::getenv(name)) old_ = old;
    set(value);
  }
  ~Variable() { set(old_ ? old_->c_str() : nullptr); }
  Variable(const Variable&) = delete;
  Variable& operator=(const Variable&) = delete;

 private:
  void set(const char* value) {
    if (value != nullptr) {
      ::setenv(name_, value, 1);
    } else {
      ::unsetenv(name_);
    }
  }
  const char* name_;
  std::optional<std::string> old_;
};

struct CleanVariables {
  Variable no_store{"CAS_STORE", nullptr};
  Variable no_base{"CAS_BASE_STORE", nullptr};
  Variable no_index{"CAS_INDEX", nullptr};
  Variable no_durability{"CAS_DURABILITY", nullptr};
  Variable no_data{"XDG_DATA_HOME", nullptr};
  Variable some_home{"HOME", "/home/somebody"};
};

}  // namespace

BOOST_AUTO_TEST_SUITE(options)

BOOST_AUTO_TEST_CASE(words_of_another_program_are_operands) {
  using Words = std::vector<std::string>;
  const auto shielded = [](const Words& words) { return shield_operands(words, 1, kSpecs); };
  BOOST_TEST(shielded({"e", "ls", "-l"}) == (Words{"e", "--", "ls", "-l"}));
  BOOST_TEST(shielded({"--python", "e", "-q", "e", "--check", "ls"}) ==
             (Words{"--python", "e", "-q", "e", "--check", "--", "ls"}));
  BOOST_TEST(shielded({"-p", "x", "e", "--python=y", "ls", "--"}) ==
             (Words{"-p", "x", "e", "--python=y", "--", "ls", "--"}));
  BOOST_TEST(shielded({"e", "--", "ls", "-l"}) == (Words{"e", "--", "ls", "-l"}));
  BOOST_TEST(shielded({"--", "e", "ls"}) == (Words{"--", "e", "ls"}));
  BOOST_TEST(shielded({"e", "-"}) == (Words{"e", "--", "-"}));
  BOOST_TEST(shielded({"e", "--python"}) == (Words{"e", "--python"}));
  BOOST_TEST(shielded({}) == Words{});
  const auto program = [](const Words& words) {
    return shield_operands(words, 1, kSpecs, [](const std::string& operand) { return operand == "s.py"; });
  };
  BOOST_TEST(program({"s.py", "--check", "e"}) == (Words{"s.py", "--", "--check", "e"}));
  BOOST_TEST(program({"-p", "s.py", "s.py"}) == (Words{"-p", "s.py", "s.py", "--"}));
  BOOST_TEST(program({"s.py", "--", "e"}) == (Words{"s.py", "--", "--", "e"}));
  BOOST_TEST(program({"--", "s.py", "-q"}) == (Words{"--", "s.py", "-q"}));
  BOOST_TEST(program({"e", "s.py", "-q"}) == (Words{"e", "--", "s.py", "-q"}));
}

BOOST_AUTO_TEST_CASE(operands_keep_their_order_among_options) {
  const Arguments arguments = parse({"env", "--check", "numpy", "-p", "3.12", "pandas==2.0"});
  const std::vector<std::string> expected = {"env", "numpy", "pandas==2.0"};
  BOOST_TEST(arguments.operands() == expected, boost::test_tools::per_element());
  BOOST_TEST(arguments.has("check"));
  BOOST_TEST(!arguments.has("quiet"));
  BOOST_TEST(arguments.value("python").value() == "3.12");
}

BOOST_AUTO_TEST_CASE(values_may_be_attached_or_follow) {
  BOOST_TEST(parse({"--find-links=a b"}).value("find-links").value() == "a b");
  BOOST_TEST(parse({"-p3.12"}).value("python").value() == "3.12");
  BOOST_TEST(parse({"-qp", "3"}).value("python").value() == "3");
}

BOOST_AUTO_TEST_CASE(repeated_options_are_all_kept_and_the_last_wins) {
  const Arguments arguments = parse({"--find-links", "a", "-q", "-q", "--find-links", "b"});
  const std::vector<std::string> expected = {"a", "b"};
  BOOST_TEST(arguments.values("find-links") == expected, boost::test_tools::per_element());
  BOOST_TEST(arguments.value("find-links").value() == "b");
}

BOOST_AUTO_TEST_CASE(an_option_of_one_value_is_given_once) {
  const auto [message, hint] = usage_error([] { (void)parse({"-p", "3.11", "--python=3.12"}); });
  BOOST_TEST(message == "--python is given twice, as '3.11' and as '3.12', and takes one value");
  BOOST_TEST(hint == "see `cas help create`");
  BOOST_TEST(parse({"-p", "3.11", "--", "-p"}).value("python").value() == "3.11");
}

BOOST_AUTO_TEST_CASE(two_dashes_end_the_options) {
  const Arguments arguments = parse({"--", "--check", "-p"});
  const std::vector<std::string> expected = {"--check", "-p"};
  BOOST_TEST(arguments.operands() == expected, boost::test_tools::per_element());
  BOOST_TEST(!arguments.has("check"));
}

BOOST_AUTO_TEST_CASE(abbreviations_are_refused_with_the_nearest_spelling) {
  const auto [message, hint] = usage_error([] { (void)parse({"--find-link", "x"}); });
  BOOST_TEST(message == "unknown option '--find-link'");
  BOOST_TEST(hint == "did you mean '--find-links'?");
  BOOST_TEST(usage_error([] { (void)parse({"--chec"}); }).second == "did you mean '--check'?");
}

BOOST_AUTO_TEST_CASE(unknown_options_without_a_neighbour_name_the_page) {
  const auto [message, hint] = usage_error([] { (void)parse({"--something-else"}); });
  BOOST_TEST(message == "unknown option '--something-else'");
  BOOST_TEST(hint == "see `cas help create`");
  BOOST_TEST(usage_error([] { (void)parse({"-z"}); }).first == "unknown option '-z'");
}

BOOST_AUTO_TEST_CASE(missing_and_superfluous_values_are_errors) {
  BOOST_TEST(usage_error([] { (void)parse({"--python"}); }).first == "option '--python' needs a value");
  BOOST_TEST(usage_error([] { (void)parse({"--python", "--check"}); }).first == "option '--python' needs a value");
  BOOST_TEST(usage_error([] { (void)parse({"--check=yes"}); }).first == "option '--check' takes no value");
}

BOOST_FIXTURE_TEST_CASE(global_options_are_read, CleanVariables) {
  const GlobalOptions global = global_from({"--store", "/s", "--json", "-v", "--threads", "3", "--durability=strict"});
  BOOST_TEST(global.store.value() == "/s");
  BOOST_TEST(global.json);
  BOOST_TEST(global.verbose);
  BOOST_TEST(!global.quiet);
  BOOST_TEST(global.threads == 3u);
  BOOST_TEST((global.durability == Durability::strict));
}

BOOST_FIXTURE_TEST_CASE(bad_values_of_global_options_are_usage_errors, CleanVariables) {
  for (const char* threads : {"0", "-1", "x", "3x", "99999999999", "1025"}) {
    BOOST_TEST_CONTEXT("threads " << threads) {
      BOOST_CHECK_THROW(global_from({std::string("--threads=") + threads}), UsageError);
    }
  }
  BOOST_CHECK_THROW(global_from({"--durability", "some"}), UsageError);
  const Variable durability("CAS_DURABILITY", "some");
  BOOST_TEST(usage_error([] { (void)global_from({}); }).first.starts_with("CAS_DURABILITY is"));
}

BOOST_FIXTURE_TEST_CASE(the_store_is_found_in_the_stated_order, CleanVariables) {
  BOOST_TEST(store_options(global_from({})).path == "/home/somebody/.local/share/cas");
  const Variable data("XDG_DATA_HOME", "/data");
  BOOST_TEST(store_options(global_from({})).path == "/data/cas");
  const Variable store("CAS_STORE", "/from/variable");
  BOOST_TEST(store_options(global_from({})).path == "/from/variable");
  BOOST_TEST(store_options(global_from({"--store", "/from/option"})).path == "/from/option");
}

BOOST_FIXTURE_TEST_CASE(a_relative_data_home_is_ignored, CleanVariables) {
  const Variable data("XDG_DATA_HOME", "data");
  BOOST_TEST(store_options(global_from({})).path == "/home/somebody/.local/share/cas");
}

BOOST_FIXTURE_TEST_CASE(without_home_a_store_must_be_named, CleanVariables) {
  const Variable home("HOME", nullptr);
  BOOST_CHECK_THROW((void)store_options(global_from({})), UsageError);
  BOOST_TEST(store_options(global_from({"--store", "/s"})).path == "/s");
}

BOOST_FIXTURE_TEST_CASE(index_and_durability_come_from_the_environment_too, CleanVariables) {
  const Variable index("CAS_INDEX", "/index");
  const Variable durability("CAS_DURABILITY", "none");
  const StoreOptions options = store_options(global_from({}));
  BOOST_TEST(options.index_directory == "/index");
  BOOST_TEST((options.durability == Durability::none));
}

BOOST_FIXTURE_TEST_CASE(base_stores_come_from_one_place_in_their_order, CleanVariables) {
  using Paths = std::vector<std::string>;
  BOOST_TEST(store_options(global_from({})).base_stores == Paths());
  const Variable bases("CAS_BASE_STORE", "/a::/b:");
  BOOST_TEST(store_options(global_from({})).base_stores == (Paths{"/a", "/b"}));
  BOOST_TEST(store_options(global_from({"--base-store", "/d", "--base-store=/c"})).base_stores == (Paths{"/d", "/c"}));
  BOOST_CHECK_THROW((void)global_from({"--base-store", ""}), UsageError);
}

BOOST_FIXTURE_TEST_CASE(settings_name_base_stores_where_nobody_else_does, CleanVariables) {
  Arguments arguments;
  arguments.set_settings({{"base-stores", "/a", "cas.toml:1"}, {"base-stores", "/b", "cas.toml:1"}});
  BOOST_TEST(read_global_options(arguments).base_stores == (std::vector<std::string>{"/a", "/b"}));
  const Variable bases("CAS_BASE_STORE", "/c");
  BOOST_TEST(read_global_options(arguments).base_stores == (std::vector<std::string>{"/c"}));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace cas
