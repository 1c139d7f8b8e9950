#include "store/source/version.hpp"

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <ostream>

namespace data = boost::unit_test::data;
using cas::Prereleases;
using cas::SpecifierSet;
using cas::Version;

namespace {

struct Spelling {
  const char* text;
  const char* normal;
};
std::ostream& operator<<(std::ostream& out, const Spelling& s) { return out << s.text; }

const Spelling kSpellings[] = {{"1.0", "1.0"},
                               {" \t1.0\n", "1.0"},
                               {"v1.0", "1.0"},
                               {"V1.0", "1.0"},
                               {"1", "1"},
                               {"01.002", "1.2"},
                               {"0!1.0", "1.0"},
                               {"1!2", "1!2"},
                               {"1.0a1", "1.0a1"},
                               {"1.0.ALPHA.1", "1.0a1"},
                               {"1.0-alpha-1", "1.0a1"},
                               {"1.0_beta", "1.0b0"},
                               {"1.0b", "1.0b0"},
                               {"1.0c1", "1.0rc1"},
                               {"1.0pre1", "1.0rc1"},
                               {"1.0.preview_2", "1.0rc2"},
                               {"1.0rc01", "1.0rc1"},
                               {"1.0a-", "1.0a0"},
                               {"1.0a.dev1", "1.0a0.dev1"},
                               {"1.0a-.dev1", "1.0a0.dev1"},
                               {"1.0-1", "1.0.post1"},
                               {"1.0a-1", "1.0a1"},
                               {"1.0a--1", "1.0a0.post1"},
                               {"1.0.post", "1.0.post0"},
                               {"1.0rev2", "1.0.post2"},
                               {"1.0-r2", "1.0.post2"},
                               {"1.0post-2", "1.0.post2"},
                               {"1.0dev", "1.0.dev0"},
                               {"1.0-DEV_4", "1.0.dev4"},
                               {"1.0a1.post2.dev3", "1.0a1.post2.dev3"},
                               {"1.0+Ubuntu-1", "1.0+ubuntu.1"},
                               {"1.0+abc_007.x", "1.0+abc.7.x"},
                               {"1.0+00", "1.0+0"},
                               {"20240101123456789012345678901234567890", "20240101123456789012345678901234567890"},
                               {"1!1.0b2.post345.dev456+local.0", "1!1.0b2.post345.dev456+local.0"}};

const char* const kInvalid[] = {"",
                                " ",
                                "a",
                                "v",
                                "1.",
                                ".1",
                                "1..0",
                                "1.0+",
                                "1.0+a+b",
                                "1.0+a..b",
                                "1.0+-",
                                "1.0x",
                                "1.0 a1",
                                "1!",
                                "!1",
                                "1.0--1",
                                "1.0-1-1",
                                "1.0.post1.post2",
                                "1.0.dev1.post1",
                                "1.0a1b2",
                                "french toast",
                                "1.0+\xC3\xA9",
                                "-1",
                                "1.*",
                                "1.0+_a"};

// In ascending order; from the specification, with some additions.
const char* const kOrder[] = {"1.dev0",
                              "1.0.dev456",
                              "1.0a1.dev1",
                              "1.0a1",
                              "1.0a2.dev456",
                              "1.0a12.dev456",
                              "1.0a12",
                              "1.0b1.dev456",
                              "1.0b2",
                              "1.0b2.post345.dev456",
                              "1.0b2.post345",
                              "1.0rc1.dev456",
                              "1.0rc1",
                              "1.0",
                              "1.0+abc.5",
                              "1.0+abc.7",
                              "1.0+abc.10",
                              "1.0+abd",
                              "1.0+5",
                              "1.0+5.a",
                              "1.0.post456.dev34",
                              "1.0.post456",
                              "1.0.15",
                              "1.1.dev1",
                              "1.1",
                              "1.9",
                              "1.10",
                              "99999999999999999999",
                              "100000000000000000000",
                              "1!0.1.dev1",
                              "1!0.1"};

struct Containment {
  const char* set;
  const char* version;
  bool contained;
};
std::ostream& operator<<(std::ostream& out, const Containment& c) { return out << c.set << " / " << c.version; }

const Containment kContainments[] = {{"", "1.0", true},
                                     {">=3.8", "3.12.1", true},
                                     {">=3.8", "3.7.9", false},
                                     {">=3.8,<4", "3.13", true},
                                     {">=3.8,<4", "4.0", false},
                                     {" >= 3.8 , < 4 ,", "3.9", true},
                                     {"==1.0", "1.0.0", true},
                                     {"==1.0", "1.0+local", true},
                                     {"==1.0+local", "1.0", false},
                                     {"==1.0+local", "1.0+LOCAL", true},
                                     {"!=1.0", "1.0+x", false},
                                     {"!=1.0", "1.1", true},
                                     {"==1.*", "1.5", true},
                                     {"==1.*", "1.0a1", true},
                                     {"==1.*", "1.0+x", true},
                                     {"==1.*", "2.0", false},
                                     {"==1.0.*", "1", true},
                                     {"==1.1.*", "1", false},
                                     {"==1.1.*", "1.10", false},
                                     {"!=3.0.*", "3.0.5", false},
                                     {"!=3.0.*", "3.1", true},
                                     {"==1!1.*", "1.5", false},
                                     {"==1!1.*", "1!1.5", true},
                                     {"==1.0a1.*", "1.0a1.post2", true},
                                     {"==1.0a1.*", "1.0a12", false},
                                     {"~=2.2", "2.2.0", true},
                                     {"~=2.2", "2.9", true},
                                     {"~=2.2", "3.0", false},
                                     {"~=2.2", "2.1", false},
                                     {"~=1.4.5", "1.4.99", true},
                                     {"~=1.4.5", "1.5", false},
                                     {"~=1.4.5a4", "1.4.9", true},
                                     {"~=1.4.5a4", "1.5a1", false},
                                     {"~=1.4.5.post3", "1.4.5.post2", false},
                                     {"~=2.2.0", "2.2+x", true},
                                     {"<=1.0", "1.0+local", true},
                                     {">=1.0", "1.0+local", true},
                                     {"<1.0", "1.0a1", false},
                                     {"<1.0", "0.9", true},
                                     {"<1.0a2", "1.0a1", true},
                                     {"<1.0", "0.9.dev1", true},
                                     {">1.0", "1.0.post1", false},
                                     {">1.0", "1.0+local", false},
                                     {">1.0", "1.0.1", true},
                                     {">1.0.post1", "1.0.post2", true},
                                     {">1.0.post1", "1.0.post1+x", false},
                                     {">1.0.post1", "1.0.post2.dev0", true},
                                     {">1.0a1", "1.0a1.post1", false},
                                     {">1.0a1", "1.0.post1", true},
                                     {">1.0a1", "1.0+local", true},
                                     {">1.0.dev1", "1.0.dev1+local", false},
                                     {">1.0.dev1", "1.0.post1", true},
                                     {"<1.0.post1", "1.0.post1.dev1", false},
                                     {"<1.0.post1", "1.0a1", true},
                                     {"===1.0", "1.0", true},
                                     {"===1.0", "1.0.0", false},
                                     {"===1.0+DOWN", "1.0+down", true},
                                     {">1.0a1", "1.0", true}};

struct SetText {
  const char* written;
  const char* text;
  const char* exact;  // "": means more than one version
};
std::ostream& operator<<(std::ostream& out, const SetText& t) { return out << t.written; }
const SetText kSetTexts[] = {{"", "", ""},
                             {" >= 1.0 , != 1.5 ,", "!=1.5,>=1.0", ""},
                             {"==1.0.0,==1.0", "==1.0", ""},
                             {"==v1.0", "==v1.0", "1.0"},
                             {"==1.0+X", "==1.0+X", "1.0+x"},
                             {"===1.0", "===1.0", "1.0"},
                             {"===nightly", "===nightly", ""},
                             {"==1.*", "==1.*", ""},
                             {"~=1.0,~=1.0.0", "~=1.0,~=1.0.0", ""},
                             {"==1.*,==1.0.*", "==1.*,==1.0.*", ""},
                             {"<=1.0", "<=1.0", ""}};

const char* const kInvalidSets[] = {"1.0",          ">1.*",   "~=1",  "~=1.0+x", ">=1.0+x",   "==1.0+x.*",
                                    "==1.0.dev1.*", "=>1",    "==",   "===",     "== french", ">=3.8 <4",
                                    ">=3.8;<4",     "===1 2", "~1.0", "= 1",     "==*",       "<1.0.*"};

struct PrereleaseCase {
  const char* set;
  const char* version;
  bool unless_named;
};
std::ostream& operator<<(std::ostream& out, const PrereleaseCase& c) { return out << c.set << " / " << c.version; }
const PrereleaseCase kPrereleases[] = {{">=1.0", "2.0a1", false},    {">=1.0a1", "2.0a1", true},
                                       {"", "1.0.dev1", false},      {">=1.0,!=1.5a1", "2.0a1", false},
                                       {"==2.0a1", "2.0a1", true},   {"===2.0a1", "2.0a1", true},
                                       {">=1.0", "2.0.post1", true}, {"~=1.0rc1", "1.0rc2", true}};

}  // namespace

BOOST_AUTO_TEST_SUITE(version)

BOOST_DATA_TEST_CASE(normalises, data::make(kSpellings), spelling) {
  const auto version = Version::parse(spelling.text);
  BOOST_REQUIRE(version.has_value());
  BOOST_TEST(version->text() == spelling.normal);
  BOOST_TEST((Version::parse(version->text()) == version));
}

BOOST_DATA_TEST_CASE(refuses, data::make(kInvalid), text) { BOOST_TEST(!Version::parse(text).has_value()); }

BOOST_AUTO_TEST_CASE(orders_as_the_specification_says) {
  for (std::size_t i = 0; i < std::size(kOrder); ++i) {
    for (std::size_t j = 0; j < std::size(kOrder); ++j) {
      BOOST_TEST_CONTEXT(kOrder[i] << " and " << kOrder[j]) {
        const auto a = Version::parse(kOrder[i]);
        const auto b = Version::parse(kOrder[j]);
        BOOST_REQUIRE((a && b));
        BOOST_TEST(((*a <=> *b) == (i <=> j)));
      }
    }
  }
}

BOOST_AUTO_TEST_CASE(trailing_zeros_do_not_matter) {
  BOOST_TEST((*Version::parse("1") == *Version::parse("1.0.0")));
  BOOST_TEST((*Version::parse("1.0a1") == *Version::parse("1a1")));
  BOOST_TEST((*Version::parse("1.0") != *Version::parse("1.0+0")));
}

BOOST_DATA_TEST_CASE(specifiers, data::make(kContainments), one) {
  const auto set = SpecifierSet::parse(one.set);
  BOOST_REQUIRE(set.has_value());
  BOOST_TEST(set->contains(*Version::parse(one.version), Prereleases::allowed) == one.contained);
}

BOOST_DATA_TEST_CASE(set_texts, data::make(kSetTexts), one) {
  const auto set = SpecifierSet::parse(one.written);
  BOOST_REQUIRE(set.has_value());
  BOOST_TEST(set->text() == one.text);
  BOOST_TEST(set->empty() == (*one.text == '\0'));
  const auto exact = set->exact_version();
  BOOST_TEST((exact ? exact->text() : "") == one.exact);
}

BOOST_AUTO_TEST_CASE(clauses_can_be_read) {
  const auto set = SpecifierSet::parse(">= 1.0, == 2.*");
  BOOST_REQUIRE((set && set->clauses().size() == 2));
  BOOST_TEST(set->clauses()[0].sign() == ">=");
  BOOST_TEST(set->clauses()[0].version_text() == "1.0");
  BOOST_TEST(set->clauses()[1].text() == "==2.*");
}

BOOST_DATA_TEST_CASE(invalid_specifiers, data::make(kInvalidSets), text) {
  BOOST_TEST(!SpecifierSet::parse(text).has_value());
}

BOOST_DATA_TEST_CASE(prereleases, data::make(kPrereleases), one) {
  const auto set = SpecifierSet::parse(one.set);
  BOOST_REQUIRE(set.has_value());
  BOOST_TEST(set->contains(*Version::parse(one.version), Prereleases::unless_named) == one.unless_named);
  if (*one.set != '\0') BOOST_TEST(set->contains(*Version::parse(one.version), Prereleases::allowed));
}

BOOST_AUTO_TEST_SUITE_END()
