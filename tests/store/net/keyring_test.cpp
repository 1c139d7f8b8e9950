#include "store/net/keyring.hpp"

#include <boost/test/unit_test.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

#include "store/base/error.hpp"
#include "tests/support/temp_dir.hpp"

namespace {

// A directory that stands for PATH, with a program `keyring` in it that writes down what it was asked.
class Programs {
 public:
  Programs() : path_(std::getenv("PATH")) { ::setenv("PATH", folder.path().c_str(), 1); }
  ~Programs() { ::setenv("PATH", path_.c_str(), 1); }

  void keyring(const std::string& script) const {
    const std::string path = folder / "keyring";
    std::ofstream(path) << "#!/bin/sh\necho \"$@\" >>" << folder / "asked"
                        << "\n"
                        << script;
    std::filesystem::permissions(path, std::filesystem::perms::owner_all);
  }
  [[nodiscard]] std::string asked() const {
    std::ostringstream text;
    text << std::ifstream(folder / "asked").rdbuf();
    return text.str();
  }

  cas::test::TempDir folder;

 private:
  std::string path_;
};

const cas::Url kUrl = cas::parse_url("https://me@index.example:8443/simple?x#y");

}  // namespace

BOOST_AUTO_TEST_SUITE(keyring)

BOOST_AUTO_TEST_CASE(is_asked_for_the_address_then_for_the_host) {
  const Programs programs;
  programs.keyring("[ \"$2\" = index.example:8443 ] && echo 'pass word' || exit 1\n");
  BOOST_TEST(cas::keyring_password(kUrl).value_or("none") == "pass word");
  BOOST_TEST(programs.asked() == "get https://index.example:8443/simple?x me\nget index.example:8443 me\n");
}

BOOST_AUTO_TEST_CASE(may_know_nothing) {
  const Programs programs;
  programs.keyring("echo 'a secret by mistake' >&2; exit 1\n");
  BOOST_TEST(!cas::keyring_password(kUrl));
  programs.keyring("echo\n");
  BOOST_TEST(!cas::keyring_password(kUrl));
}

BOOST_AUTO_TEST_CASE(gets_no_options) {
  const Programs programs;
  programs.keyring("echo password\n");
  BOOST_TEST(!cas::keyring_password(cas::parse_url("https://--keyring-backend=x@index.example/")));
  BOOST_TEST(programs.asked().empty());
}

BOOST_AUTO_TEST_CASE(has_to_be_there_and_to_answer) {
  const Programs programs;
  BOOST_CHECK_EXCEPTION(cas::keyring_password(kUrl), cas::NotFound, [](const cas::NotFound& error) {
    return error.message().find("no program keyring in PATH") != std::string::npos;
  });
  programs.keyring("echo secret; exec /bin/sleep 60\n");
  BOOST_CHECK_EXCEPTION(cas::keyring_password(kUrl, std::chrono::seconds{1}), cas::Error, [](const cas::Error& error) {
    return error.message().find("gave no password for index.example:8443 within ") != std::string::npos &&
           error.message().find("secret") == std::string::npos;
  });
}

BOOST_AUTO_TEST_SUITE_END()
