#include "store/base/error.hpp"

#include <boost/test/unit_test.hpp>
#include <cerrno>
#include <memory>
#include <string>
#include <type_traits>

using namespace cas;

BOOST_AUTO_TEST_SUITE(error)

BOOST_AUTO_TEST_CASE(an_error_has_message_and_hint) {
  const Error error("it failed", "try again");
  BOOST_TEST(error.message() == "it failed");
  BOOST_TEST(std::string(error.what()) == "it failed");
  BOOST_TEST(error.hint() == "try again");
}

BOOST_AUTO_TEST_CASE(kinds_and_exit_statuses_are_a_contract) {
  const std::tuple<std::unique_ptr<Error>, std::string, ExitStatus> kinds[] = {
      {std::make_unique<Error>("m"), "error", ExitStatus::failure},
      {std::make_unique<SystemError>(EIO, "read", "/x"), "system", ExitStatus::failure},
      {std::make_unique<UsageError>("m"), "usage", ExitStatus::usage},
      {std::make_unique<Corruption>("m"), "corruption", ExitStatus::failure},
      {std::make_unique<NotFound>("m"), "not-found", ExitStatus::failure},
      {std::make_unique<InvalidInput>("m"), "invalid", ExitStatus::failure},
  };
  for (const auto& [error, kind, status] : kinds) {
    BOOST_TEST(error->kind() == kind);
    BOOST_TEST((error->exit_status() == status));
  }
  BOOST_TEST(static_cast<int>(ExitStatus::usage) == 2);
  BOOST_TEST(static_cast<int>(ExitStatus::interrupted) == 130);
}

BOOST_AUTO_TEST_CASE(a_system_error_says_what_was_tried_where_and_the_answer) {
  const SystemError error(ENOENT, "open", "/no/such");
  BOOST_TEST(error.message() == "open /no/such: No such file or directory");
  BOOST_TEST(error.is(ENOENT));
  BOOST_TEST(!error.is(EXDEV));
  BOOST_TEST(error.error_number() == ENOENT);
}

BOOST_AUTO_TEST_CASE(throw_errno_takes_the_current_errno) {
  errno = EXDEV;
  BOOST_CHECK_EXCEPTION(throw_errno("link", "/x"), SystemError,
                        [](const SystemError& error) { return error.is(EXDEV) && error.hint().empty(); });
}

BOOST_AUTO_TEST_CASE(a_full_disk_comes_with_a_hint) {
  errno = ENOSPC;
  BOOST_CHECK_EXCEPTION(throw_errno("write", "/x"), SystemError,
                        [](const SystemError& error) { return error.hint().find("cas gc") != std::string::npos; });
}

BOOST_AUTO_TEST_CASE(context_stands_in_front_and_the_type_stays) {
  try {
    with_context("while creating env", [] {
      with_context("while adding numpy", []() -> void { throw SystemError(EXDEV, "link", "/x", "hint"); });
    });
    BOOST_FAIL("nothing was thrown");
  } catch (const SystemError& error) {
    BOOST_TEST(error.message() == "while creating env: while adding numpy: link /x: Invalid cross-device link");
    BOOST_TEST(error.is(EXDEV));
    BOOST_TEST(error.hint() == "hint");
  }
}

BOOST_AUTO_TEST_CASE(context_passes_results_through) {
  int value = 1;
  int& same = with_context("unused", [&]() -> int& { return value; });
  BOOST_TEST(&same == &value);
}

BOOST_AUTO_TEST_CASE(an_interrupt_is_not_an_error) {
  static_assert(!std::is_base_of_v<Error, Interrupted>);
  BOOST_CHECK_THROW(with_context("unused", []() -> void { throw Interrupted(); }), Interrupted);
}

BOOST_AUTO_TEST_SUITE_END()
