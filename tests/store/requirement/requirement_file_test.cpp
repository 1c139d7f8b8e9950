#include "store/requirement/requirement_file.hpp"

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <map>
#include <ostream>

#include "store/base/error.hpp"

namespace data = boost::unit_test::data;
using cas::ListedRequirement;
using cas::read_requirement_files;
using cas::RequirementFiles;
using cas::RequirementReader;
using cas::RequirementRole;
using cas::UsageError;

namespace {

const std::string kSha256(64, 'a');
const std::string kSha512(128, 'b');

class Folder {
 public:
  Folder(std::initializer_list<std::pair<const std::string, std::string>> files) : files_(files) {
    reader.read = [this](const std::string& path) {
      const auto found = files_.find(path);
      if (found == files_.end()) throw cas::NotFound("no " + path);
      return found->second;
    };
  }
  RequirementFiles read(const std::string& path = "r.txt", RequirementRole role = RequirementRole::requirements) {
    return read_requirement_files({{path, role}}, reader);
  }

  RequirementReader reader;

 private:
  std::map<std::string, std::string> files_;
};

std::string summary(const RequirementFiles& files) {
  std::string out;
  for (const ListedRequirement& listed : files.requirements) {
    out += listed.place.text() + " " + listed.requirement.text();
    if (listed.editable) out += " editable";
    if (listed.constraint) out += " constraint";
    for (const auto& hash : listed.hashes) out += " " + hash.algorithm + ":" + hash.hex.substr(0, 2);
    for (const auto& [key, value] : listed.config_settings) out += " " + key + "=" + value;
    out += '\n';
  }
  for (const cas::ListedOption& option : files.options) {
    out += option.place.text() + " " + std::string(option_name(option.kind)) + " " + option.value + '\n';
  }
  for (const std::string& warning : files.warnings) out += "! " + warning + '\n';
  return out;
}

struct Fault {
  std::string text;
  std::string message;  // a part of it
};
std::ostream& operator<<(std::ostream& out, const Fault& f) { return out << f.text; }

const Fault kFaults[] = {
    {"a\nfoo=1", "r.txt:2: requirement 'foo=1', column 4: "},
    {"--bogus", "r.txt:1: '--bogus' is not an option of requirement files"},
    {"a --bogus", "r.txt:1: '--bogus' is not an option"},
    {"a --hash=sha256:ab", "r.txt:1: --hash=sha256:ab is not a digest"},
    {"a --hash=md5:" + std::string(32, 'a'), "is not a digest"},
    {"a --hash=sha256:" + std::string(64, 'g'), "is not a digest"},
    {"a --hash=" + std::string(64, 'a'), "is not a digest"},
    {"--pre --hash=md5:ab", "r.txt:1: --hash=md5:ab is not a digest"},
    {"a -C key", "r.txt:1: --config-settings key has no '='"},
    {"a -e ./b", "r.txt:1: 'a' stands before -e"},
    {"-r r.txt", "r.txt:1: r.txt names itself"},
    {"\n-r ./sub/../r.txt", "r.txt:2: r.txt names itself"},
    {"-r loop.txt", "sub/loop.txt:1: r.txt names itself"},
    {"-r missing.txt", "r.txt:1: no missing.txt"},
    {"-r ''", "r.txt:1: --requirement names no file"},
    {"-r https://example.org/r.txt", "r.txt:1: https://example.org/r.txt: requirement files are not fetched"},
    {"-r git+https://example.org/r.txt", "neither a file of this machine"},
    {"-r file://elsewhere/r.txt", "neither a file of this machine"},
    {"-c extras.txt", "extras.txt:1: a constraint cannot have extras"},
    {"-c editable.txt", "editable.txt:1: a constraint cannot be editable"},
    {"-c nameless.txt", "nameless.txt:1: a constraint must name its package"},
    {"caf\xE9", "r.txt: byte 3 is not UTF-8"},
};

}  // namespace

BOOST_AUTO_TEST_SUITE(requirement_file)

BOOST_AUTO_TEST_CASE(reads_requirements_with_their_options) {
  Folder folder{{"r.txt", "# the application\nfoo[x]==1.0 \\\n    --hash=sha256:" + kSha256 +
                              " \\\n    --hash sha512:" + kSha512 +
                              "\nbar >= 2 ; python_version > '3' --config-settings k=v -Ck=w\n-e ./dir[y] -C a=b\n"
                              "./w-1.0-py3-none-any.whl  # local\n"}};
  BOOST_TEST(summary(folder.read()) ==
             "r.txt:2 foo[x]==1.0 sha256:aa sha512:bb\n"
             "r.txt:5 bar>=2; python_version > \"3\" k=v k=w\n"
             "r.txt:6 ./dir[y] editable a=b\n"
             "r.txt:7 ./w-1.0-py3-none-any.whl\n");
}

BOOST_AUTO_TEST_CASE(reads_global_options_in_order) {
  Folder folder{
      {"r.txt", "--index-url https://example.org/s --extra-index-url x --pre\nfoo --no-binary=foo\n-f links -i y\n"}};
  BOOST_TEST(summary(folder.read()) ==
             "r.txt:2 foo\n"
             "r.txt:1 --index-url https://example.org/s\nr.txt:1 --extra-index-url x\nr.txt:1 --pre \n"
             "r.txt:2 --no-binary foo\nr.txt:3 --find-links links\nr.txt:3 --index-url y\n");
}

BOOST_AUTO_TEST_CASE(warns_of_what_has_no_effect) {
  Folder folder{{"r.txt", "foo --pre\n--pre bar\n--hash=sha256:" + kSha256 +
                              "\n-f a -f b\n-e ./d --hash=sha256:" + kSha256 + "\n-c c.txt --pre --no-binary x\n"},
                {"c.txt", ""}};
  BOOST_TEST(summary(folder.read()) ==
             "r.txt:1 foo\nr.txt:5 ./d editable\n"
             "r.txt:2 --pre \nr.txt:4 --find-links a\nr.txt:6 --no-binary x\n"
             "! r.txt:1: --pre has no effect behind a requirement; write it on a line of its own\n"
             "! r.txt:2: 'bar' has no effect behind an option\n"
             "! r.txt:3: --hash has no effect without a requirement\n"
             "! r.txt:4: --find-links has no effect behind another option on its line\n"
             "! r.txt:5: --hash has no effect on what is editable\n"
             "! r.txt:6: --pre has no effect behind another option on its line\n");
}

BOOST_AUTO_TEST_CASE(nested_files_are_relative_to_where_they_are_named) {
  Folder folder{{"dir/r.txt", "a\n-r sub/s.txt\n-c ../c.txt\n-rsub/s.txt"},
                {"dir/sub/s.txt", "b\n-c file:///abs/c%20d.txt"},
                {"/abs/c d.txt", "x\n-r r.txt"},
                {"/abs/r.txt", "y"},
                {"c.txt", "d<2\n-r e.txt"},
                {"e.txt", "e"}};
  BOOST_TEST(summary(folder.read("./dir/r.txt")) ==
             "dir/r.txt:1 a\ndir/sub/s.txt:1 b\n/abs/c d.txt:1 x constraint\n/abs/r.txt:1 y\n"
             "c.txt:1 d<2 constraint\ne.txt:1 e\n"
             "dir/sub/s.txt:1 b\n/abs/c d.txt:1 x constraint\n/abs/r.txt:1 y\n");
}

BOOST_AUTO_TEST_CASE(urls_are_fetched_where_the_caller_can) {
  Folder folder{{"r.txt", "-r https://example.org/a/b.txt"}};
  std::vector<std::string> fetched;
  folder.reader.fetch = [&fetched](const std::string& url) {
    fetched.push_back(url);
    return fetched.size() == 1 ? "-c ../c.txt" : "foo<2";
  };
  BOOST_TEST(summary(folder.read()) == "https://example.org/c.txt:1 foo<2 constraint\n");
  BOOST_TEST(fetched.size() == 2);
}

BOOST_AUTO_TEST_CASE(variables_are_expanded) {
  Folder folder{{"r.txt", "--index-url https://${USER}:${TOKEN}@example.org/\n"}};
  folder.reader.variable = [](const std::string& name) {
    return name == "TOKEN" ? std::optional<std::string>("t") : std::nullopt;
  };
  BOOST_TEST(summary(folder.read()) == "r.txt:1 --index-url https://${USER}:t@example.org/\n");
}

BOOST_AUTO_TEST_CASE(a_constraint_may_be_a_wheel) {
  Folder folder{
      {"r.txt", "https://example.org/w-1.0-py3-none-any.whl#sha256=" + kSha256 + "\nfoo @ https://example.org/f.zip"}};
  BOOST_TEST(folder.read("r.txt", RequirementRole::constraints).requirements.size() == 2);
}

BOOST_DATA_TEST_CASE(says_in_which_line_the_fault_is, data::make(kFaults), one) {
  Folder folder{{"r.txt", one.text},    {"loop.txt", "-r sub/loop.txt"}, {"sub/loop.txt", "-c ../r.txt"},
                {"extras.txt", "a[x]"}, {"editable.txt", "-e ./x"},      {"nameless.txt", "./x"}};
  BOOST_CHECK_EXCEPTION(static_cast<void>(folder.read()), cas::Error, [&one](const cas::Error& error) {
    BOOST_TEST_MESSAGE(error.message());
    return error.message().find(one.message) != std::string::npos;
  });
}

BOOST_AUTO_TEST_CASE(files_are_limited) {
  Folder folder{{"r.txt", "-r a\n-r a\n-r a\n-r a\n-r a\n-r a\n-r a\n-r a\n-r a\n-r a\n"},
                {"a", "-r b\n-r b\n-r b\n-r b\n-r b\n-r b\n-r b\n-r b\n-r b\n-r b\n"},
                {"b", "-r c\n-r c\n-r c\n-r c\n-r c\n-r c\n-r c\n-r c\n-r c\n-r c\n"},
                {"c", "x"}};
  BOOST_CHECK_THROW(static_cast<void>(folder.read()), UsageError);
  Folder deep{{"r.txt", ""}};
  deep.reader.read = [](const std::string& path) { return "-r " + path + "x"; };
  BOOST_CHECK_THROW(static_cast<void>(deep.read()), UsageError);
  Folder large{{"r.txt", std::string((16 << 20) + 1, '\n')}};
  BOOST_CHECK_THROW(static_cast<void>(large.read()), UsageError);
}

BOOST_AUTO_TEST_CASE(pinned_is_one_archive_with_a_hash) {
  const std::string hash = " --hash=sha256:" + kSha256;
  const std::string fragment = "#sha256=" + kSha256;
  const std::pair<std::string, bool> cases[] = {{"a==1.0" + hash, true},
                                                {"a==1.0", false},
                                                {"a===1.0" + hash, true},
                                                {"a==1.*" + hash, false},
                                                {"a>=1" + hash, false},
                                                {"a==1,==1" + hash, false},
                                                {"a" + hash, false},
                                                {"a @ https://example.org/a.whl" + hash, true},
                                                {"a @ https://example.org/a.whl" + fragment, true},
                                                {"https://example.org/a.whl#egg=a&sha256=" + kSha256, true},
                                                {"a @ https://example.org/a.whl#md5=" + std::string(32, 'a'), false},
                                                {"./a-1-py3-none-any.whl" + hash, true},
                                                {"-e ./a" + hash, false}};
  for (const auto& [text, pinned] : cases) {
    BOOST_TEST_CONTEXT(text) { BOOST_TEST(Folder({{"r.txt", text}}).read().requirements.at(0).is_pinned() == pinned); }
  }
}

BOOST_AUTO_TEST_CASE(digests_are_lower_case) {
  Folder folder{{"r.txt", "a==1 --hash=sha256:" + std::string(64, 'A')}};
  BOOST_TEST(folder.read().requirements.at(0).accepted_hashes().at(0).hex == kSha256);
}

BOOST_AUTO_TEST_SUITE_END()
