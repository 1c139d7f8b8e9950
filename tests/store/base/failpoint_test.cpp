#include "store/base/failpoint.hpp"

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <string>
#include <tuple>

#include "store/base/error.hpp"
#include "tests/support/child.hpp"

namespace data = boost::unit_test::data;
using namespace cas;

BOOST_AUTO_TEST_SUITE(failpoint_steps)

// The variable is read once: each setting needs a process of its own.
template <class F>
int with_setting(const std::string& setting, F&& f) {
  return test::run_in_child([&] {
    ::setenv("CAS_FAILPOINT", setting.c_str(), 1);
    f();
  });
}

int errno_at(const std::string& step) {
  try {
    detail::failpoint_reached(step);
  } catch (const SystemError& error) {
    return error.error_number();
  }
  return 0;
}

BOOST_AUTO_TEST_CASE(without_the_variable_nothing_happens) {
  BOOST_TEST(!detail::failpoints_armed);
  failpoint("publish");
}

const std::tuple<std::string, int> kErrors[] = {
    {"enospc", ENOSPC}, {"eio", EIO}, {"emfile", EMFILE}, {"edquot", EDQUOT}, {"erofs", EROFS}};

BOOST_DATA_TEST_CASE(a_step_throws_the_error_asked_for, data::make(kErrors), action, number) {
  const int expected = number;
  BOOST_TEST(with_setting("publish:" + action, [&] { test::expect(errno_at("publish") == expected, "the errno"); }) ==
             0);
}

BOOST_AUTO_TEST_CASE(a_mistyped_action_is_an_error) {
  BOOST_TEST(with_setting("publish:eoi", [] {
               bool thrown = false;
               try {
                 detail::failpoint_reached("publish");
               } catch (const UsageError&) {
                 thrown = true;
               }
               test::expect(thrown, "a usage error");
             }) == 0);
}

BOOST_AUTO_TEST_CASE(other_steps_go_on) {
  BOOST_TEST(with_setting("publish:kill", [] { test::expect(errno_at("commit") == 0, "no error"); }) == 0);
}

BOOST_AUTO_TEST_CASE(kill_is_sigkill) {
  BOOST_TEST(with_setting("publish:kill", [] { detail::failpoint_reached("publish"); }) == 128 + SIGKILL);
}

BOOST_AUTO_TEST_CASE(the_nth_time_counts) {
  BOOST_TEST(with_setting("publish:eio:3", [] {
               test::expect(errno_at("publish") == 0, "not the first time");
               test::expect(errno_at("publish") == 0, "not the second time");
               test::expect(errno_at("publish") == EIO, "the third time");
               test::expect(errno_at("publish") == 0, "not again");
             }) == 0);
}

BOOST_AUTO_TEST_SUITE_END()
