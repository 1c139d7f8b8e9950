#include "linker/environment_use.hpp"

#include <fcntl.h>

#include <boost/test/unit_test.hpp>
#include <filesystem>

#include "store/base/error.hpp"
#include "store/sys/file.hpp"
#include "store/sys/lock.hpp"
#include "tests/support/temp_dir.hpp"

using namespace cas;
namespace fs = std::filesystem;

namespace {

struct Fixture : test::TempDir {
  Fixture() { fs::create_directory(environment); }
  std::string environment = *this / "env";
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(environment_use, Fixture)

BOOST_AUTO_TEST_CASE(what_is_held_cannot_be_claimed_until_all_let_go) {
  Fd first = hold_environment(environment);
  Fd second = hold_environment(environment);
  BOOST_TEST(!!first);
  BOOST_TEST(!!second);
  BOOST_TEST(!claim_environment(environment));
  first.reset();
  BOOST_TEST(!claim_environment(environment));
  second.reset();
  BOOST_TEST(!!claim_environment(environment));
}

BOOST_AUTO_TEST_CASE(what_is_claimed_cannot_be_held) {
  Fd claimed = claim_environment(environment);
  BOOST_TEST(!hold_environment(environment));
  BOOST_TEST(!claim_environment(environment));
  claimed.reset();
  BOOST_TEST(!!hold_environment(environment));
}

BOOST_AUTO_TEST_CASE(programs_inherit_what_is_held_out_of_their_way) {
  const Fd held = hold_environment(environment);
  BOOST_TEST(held.get() >= 10);
  BOOST_TEST((::fcntl(held.get(), F_GETFD) & FD_CLOEXEC) == 0);
  const Fd claimed = claim_environment(*this / "env/");
  BOOST_TEST(!claimed);
}

BOOST_AUTO_TEST_CASE(whoever_changes_an_environment_may_while_it_is_held) {
  fs::create_directory(environment + "/.cas");
  const Fd held = hold_environment(environment);
  const Fd own = open_directory(environment + "/.cas");
  BOOST_TEST(try_lock_fd(own.get(), LockMode::exclusive));
}

BOOST_AUTO_TEST_CASE(there_must_be_something) {
  BOOST_TEST(!hold_environment(*this / "missing"));
  BOOST_TEST(!claim_environment(*this / "missing"));
}

BOOST_AUTO_TEST_SUITE_END()
