#include "store/requirement/option_words.hpp"

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <ostream>

#include "store/base/error.hpp"

namespace data = boost::unit_test::data;
using cas::parse_option_words;
using cas::UsageError;

namespace {

struct Words {
  const char* text;
  const char* words;  // "--name=value|…", and behind "/" what is no option
};
std::ostream& operator<<(std::ostream& out, const Words& w) { return out << w.text; }

const Words kWords[] = {
    {"", ""},
    {"-i x --index-url=y --index-url z --pypi-url=w", "--index-url=x|--index-url=y|--index-url=z|--index-url=w"},
    {"-ix -rfile.txt", "--index-url=x|--requirement=file.txt"},
    {"--pre --no-index", "--pre=|--no-index="},
    {"--prefer --require-h --config-setting a=b", "--prefer-binary=|--require-hashes=|--config-settings=a=b"},
    {"-C 'a b=c' -C\"d\"=\"e\\\"f\\g\"", "--config-settings=a b=c|--config-settings=d=e\"f\\g"},
    {"-f a\\ b -f ''", "--find-links=a b|--find-links="},
    {"-f -x", "--find-links=-x"},
    {"--hash=sha256:a=b x", "--hash=sha256:a=b|/x"},
    {"--pre x -- --pre", "--pre=|/x|/--pre"},
    {"--extra=", "--extra-index-url="},
    {"--pre -", "--pre=|/-"},
};

}  // namespace

BOOST_AUTO_TEST_SUITE(option_words)

BOOST_DATA_TEST_CASE(reads, data::make(kWords), one) {
  const cas::OptionWords words = parse_option_words(one.text);
  std::string shown;
  for (const cas::OptionWord& option : words.options) {
    if (!shown.empty()) shown += '|';
    shown += std::string(option_name(option.kind)) + '=' + option.value;
  }
  for (const std::string& other : words.others) shown += (shown.empty() ? "/" : "|/") + other;
  BOOST_TEST(shown == one.words);
}

BOOST_AUTO_TEST_CASE(refuses) {
  for (const char* text :
       {"--bogus", "-x", "--re", "--index-url", "-i", "--pre=1", "-f 'a", "-f \"a", "-f a\\", "-é"}) {
    BOOST_TEST_CONTEXT(text) { BOOST_CHECK_THROW(static_cast<void>(parse_option_words(text)), UsageError); }
  }
}

BOOST_AUTO_TEST_CASE(a_misspelt_option_gets_a_hint) {
  BOOST_CHECK_EXCEPTION(static_cast<void>(parse_option_words("--index-ulr x")), UsageError,
                        [](const UsageError& error) { return error.hint() == "did you mean --index-url?"; });
}

BOOST_AUTO_TEST_SUITE_END()
