#include "store/package_index/project_page.hpp"

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include "store/base/error.hpp"
#include "store/package_index/page_entry.hpp"

namespace data = boost::unit_test::data;

namespace {

constexpr const char* kJson = "application/vnd.pypi.simple.v1+json";
constexpr const char* kHtml = "text/html; charset=utf-8";
const cas::Url kBase = cas::parse_url("https://index.example/simple/demo/");
const std::string kDigest(64, 'a');
const std::string kOtherDigest(64, 'b');

cas::ProjectPage parse(const std::string& body, const char* type,
                       const char* base = "https://index.example/simple/demo/") {
  return cas::parse_project_page(body, type, cas::parse_url(base));
}

// A JSON page with one file, which has these fields besides its name and address.
cas::ProjectPage json_file(const std::string& fields) {
  return parse(
      R"({"meta":{"api-version":"1.0"},"name":"demo","files":[{"filename":"demo-1.0-py3-none-any.whl","url":"../../f/demo.whl")" +
          fields + "}]}",
      kJson);
}

cas::ProjectPage html_link(const std::string& attributes) { return parse("<a " + attributes + ">demo</a>", kHtml); }

const char* const kUnusableJsonFiles[] = {R"({"filename":"../x.whl","url":"x"})",
                                          R"({"filename":"a/b.whl","url":"x"})",
                                          R"({"filename":"","url":"x"})",
                                          R"({"url":"x"})",
                                          R"({"filename":7,"url":"x"})",
                                          R"({"filename":"x.whl","url":"javascript:1"})",
                                          R"({"filename":"x.whl","url":"file:///etc/passwd"})",
                                          R"({"filename":"x.whl","url":"x","hashes":{"sha256":"beef"}})",
                                          R"({"filename":"x.whl","url":"x","core-metadata":{"sha256":"beef"}})",
                                          R"({"filename":"x.whl","url":"x","requires-python":">=3\n"})"};

const char* const kUnusableLinks[] = {"href='x/'",
                                      "href=''",
                                      "href='file:///etc/passwd'",
                                      "href='mailto:x'",
                                      "href='a%2Fb.whl'",
                                      "href='..%2f..%2fx.whl'",
                                      "href='x.whl#sha256=beef'",
                                      "href='x.whl' data-core-metadata='sha256=beef'"};

const char* const kNoJsonPages[] = {"",
                                    "{",
                                    "[]",
                                    "null",
                                    "{}",
                                    R"({"files":{}})",
                                    R"({"files":[]} x)",
                                    R"([{"files":[]}])",
                                    "{\"files\":[],\"name\":\"\xFF\"}",
                                    R"({"meta":{"api-version":"2.0"},"files":[]})",
                                    R"({"meta":{"api-version":"10"},"files":[]})"};

}  // namespace

BOOST_AUTO_TEST_SUITE(project_page)

BOOST_AUTO_TEST_CASE(reads_json) {
  const cas::ProjectPage page = json_file(R"(,"hashes":{"md5":"x","sha256":")" + kDigest +
                                          R"("},"requires-python":">=3.8","size":12,"yanked":"broken",)" +
                                          R"("upload-time":"2024-01-02T03:04:05Z","core-metadata":{"sha256":")" +
                                          kOtherDigest + R"("},"new-field":[{"url":"no"}])");
  BOOST_REQUIRE(page.files.size() == 1U);
  const cas::IndexFile& file = page.files.front();
  BOOST_TEST(file.name == "demo-1.0-py3-none-any.whl");
  BOOST_TEST(file.url == "https://index.example/f/demo.whl");
  BOOST_TEST(file.metadata_url() == "https://index.example/f/demo.whl.metadata");
  BOOST_TEST(file.sha256->hex() == kDigest);
  BOOST_TEST(file.other_hashes == std::vector<std::string>{"md5"}, boost::test_tools::per_element());
  BOOST_TEST(file.requires_python == ">=3.8");
  BOOST_TEST(file.size.value() == 12U);
  BOOST_TEST(file.yanked.value() == "broken");
  BOOST_TEST(file.upload_time == "2024-01-02T03:04:05Z");
  BOOST_TEST(file.has_metadata);
  BOOST_TEST(file.metadata_sha256->hex() == kOtherDigest);
}

BOOST_AUTO_TEST_CASE(json_fields_may_be_missing_or_null) {
  for (const char* fields :
       {"", R"(,"hashes":{},"requires-python":null,"size":null,"yanked":false,"core-metadata":false)",
        R"(,"size":-1,"yanked":"","dist-info-metadata":null)"}) {
    const cas::ProjectPage page = json_file(fields);
    BOOST_REQUIRE(page.files.size() == 1U);
    const cas::IndexFile& file = page.files.front();
    BOOST_TEST(!file.sha256);
    BOOST_TEST(file.requires_python.empty());
    BOOST_TEST(!file.size);
    BOOST_TEST(!file.yanked);
    BOOST_TEST(!file.has_metadata);
  }
  BOOST_TEST(json_file(R"(,"yanked":true)").files.at(0).yanked.value().empty());
  BOOST_TEST(json_file(R"(,"dist-info-metadata":true)").files.at(0).has_metadata);
}

BOOST_AUTO_TEST_CASE(one_file_does_not_leak_into_the_next) {
  const cas::ProjectPage page =
      parse(R"({"files":[{"filename":"a.whl","url":"a","yanked":true,"size":1,"hashes":{"sha256":")" + kDigest +
                R"("}},{"filename":"b.whl","url":"b"}]})",
            kJson);
  BOOST_REQUIRE(page.files.size() == 2U);
  BOOST_TEST(!page.files[1].yanked);
  BOOST_TEST(!page.files[1].size);
  BOOST_TEST(!page.files[1].sha256);
}

BOOST_AUTO_TEST_CASE(fields_count_only_in_their_place) {
  const cas::ProjectPage page = parse(
      R"({"files":[{"filename":"a.whl","url":"a","x":{"url":"evil","files":[{"filename":"b.whl","url":"b"}]},"hashes/sha256":"beef"}],)"
      R"("x":{"files":[{"filename":"c.whl","url":"c"}]}})",
      kJson);
  BOOST_REQUIRE(page.files.size() == 1U);
  BOOST_TEST(page.files[0].url == "https://index.example/simple/demo/a");
}

BOOST_DATA_TEST_CASE(leaves_out_unusable_files_of_json, data::make(kUnusableJsonFiles), file) {
  const cas::ProjectPage page =
      parse(R"({"files":[{"filename":"ok.whl","url":"ok"},)" + std::string(file) + "]}", kJson);
  BOOST_TEST(page.files.size() == 1U);
  BOOST_TEST(page.left_out == 1U);
}

BOOST_DATA_TEST_CASE(refuses_what_is_no_json_page, data::make(kNoJsonPages), body) {
  BOOST_CHECK_THROW(parse(body, kJson), cas::InvalidInput);
}

BOOST_AUTO_TEST_CASE(depth_is_bounded) {
  BOOST_CHECK_THROW(parse(std::string(1 << 20, '['), kJson), cas::InvalidInput);
  std::string deep = R"({"x":)";
  for (int i = 0; i < 1 << 20; ++i) deep += R"({"":)";
  BOOST_CHECK_THROW(parse(deep, kJson), cas::InvalidInput);
}

BOOST_AUTO_TEST_CASE(number_of_files_is_bounded) {
  std::string body = R"({"files":[)";
  for (std::size_t i = 0; i <= cas::kMaxFilesOfPage; ++i) body += "{},";
  body += "{}]}";
  BOOST_CHECK_EXCEPTION(parse(body, kJson), cas::InvalidInput, [](const cas::Error& error) {
    return error.message().find("lists more than") != std::string::npos;
  });
}

BOOST_AUTO_TEST_CASE(reads_html) {
  const cas::ProjectPage page =
      html_link("href='../../f/demo%2B1-1.0.whl#sha256=" + kDigest +
                "' data-requires-python='&gt;=3.8,&lt;4' data-yanked='bad &amp; ugly' data-core-metadata='sha256=" +
                kOtherDigest + "'");
  BOOST_REQUIRE(page.files.size() == 1U);
  const cas::IndexFile& file = page.files.front();
  BOOST_TEST(file.name == "demo+1-1.0.whl");
  BOOST_TEST(file.url == "https://index.example/f/demo%2B1-1.0.whl");
  BOOST_TEST(file.sha256->hex() == kDigest);
  BOOST_TEST(file.requires_python == ">=3.8,<4");
  BOOST_TEST(file.yanked.value() == "bad & ugly");
  BOOST_TEST(file.has_metadata);
  BOOST_TEST(file.metadata_sha256->hex() == kOtherDigest);
}

BOOST_AUTO_TEST_CASE(html_attributes_may_be_missing) {
  const cas::IndexFile file = html_link("href=x.whl#md5=abc").files.at(0);
  BOOST_TEST(!file.sha256);
  BOOST_TEST(file.other_hashes == std::vector<std::string>{"md5"}, boost::test_tools::per_element());
  BOOST_TEST(!file.yanked);
  BOOST_TEST(!file.has_metadata);
  BOOST_TEST(html_link("href=x.whl data-yanked").files.at(0).yanked.value().empty());
  BOOST_TEST(html_link("href=x.whl data-dist-info-metadata=true").files.at(0).has_metadata);
  BOOST_TEST(!html_link("href=x.whl data-core-metadata=false data-dist-info-metadata=true").files.at(0).has_metadata);
  BOOST_TEST(html_link("name=x").left_out == 0U);
}

BOOST_AUTO_TEST_CASE(html_bases_and_comments_count_as_in_browsers) {
  const cas::ProjectPage page = parse(
      "<html><head><base href='https://files.example/a/'><base href='https://second.example/'></head>"
      "<body><!-- <a href=no.whl>no</a> --><script>'<a href=no.whl>'</script><a href='x.whl'>x</a><A "
      "HREF=\"/y.whl\">y</body>",
      kHtml);
  BOOST_REQUIRE(page.files.size() == 2U);
  BOOST_TEST(page.files[0].url == "https://files.example/a/x.whl");
  BOOST_TEST(page.files[1].url == "https://files.example/y.whl");
}

BOOST_DATA_TEST_CASE(leaves_out_unusable_links, data::make(kUnusableLinks), attributes) {
  const cas::ProjectPage page = html_link(attributes);
  BOOST_TEST(page.files.empty());
  BOOST_TEST(page.left_out == 1U);
}

BOOST_AUTO_TEST_CASE(a_page_from_the_network_names_no_file_of_this_machine) {
  const std::string body = "<base href='file:///etc/'><a href='passwd'>x</a>";
  BOOST_TEST(parse(body, kHtml).files.at(0).url == "https://index.example/simple/demo/passwd");
  BOOST_TEST(parse(body, kHtml, "file:///srv/demo/index.html").files.at(0).url == "file:///etc/passwd");
}

BOOST_AUTO_TEST_CASE(credentials_of_links_are_taken_out) {
  BOOST_TEST(html_link("href=https://user:secret@f.example/x.whl").files.at(0).url == "https://f.example/x.whl");
}

BOOST_AUTO_TEST_CASE(versions_of_html_pages_are_checked) {
  BOOST_TEST(parse("<meta name='pypi:repository-version' content='1.3'><a href=x.whl>", kHtml).files.size() == 1U);
  BOOST_CHECK_THROW(parse("<meta name='pypi:repository-version' content='2.0'>", kHtml), cas::InvalidInput);
}

BOOST_AUTO_TEST_CASE(types_are_checked) {
  BOOST_TEST(parse("<a href=x.whl>", "application/vnd.pypi.simple.v1+html").files.size() == 1U);
  BOOST_TEST(parse("<a href=x.whl>", "").files.size() == 1U);
  for (const char* type : {"application/vnd.pypi.simple.v2+json", "image/png", "application/vnd.pypi.simple.v1+xml"}) {
    BOOST_CHECK_THROW(parse("{}", type), cas::InvalidInput);
  }
}

// For each of the elements all that are open are looked at: hours, if it were let.
BOOST_AUTO_TEST_CASE(html_may_take_its_time_and_no_more) {
  std::string body;
  for (int i = 0; i < 1'000'000; ++i) body += "<i>";
  const auto begin = std::chrono::steady_clock::now();
  const cas::HtmlLimits limits{.time = std::chrono::milliseconds{100}};
  BOOST_CHECK_THROW(static_cast<void>(cas::parse_html_page(body, kBase, limits)), cas::InvalidInput);
  BOOST_TEST((std::chrono::steady_clock::now() - begin < std::chrono::seconds{30}));
}

BOOST_AUTO_TEST_CASE(html_may_take_its_memory_and_no_more) {
  std::string body;
  for (int i = 0; i < 1000; ++i) body += "<a href=x.whl>x</a>";
  const auto parsed = [&](std::size_t bytes) {
    return cas::parse_html_page(body, kBase, {.memory_bytes = bytes}).files.size();
  };
  BOOST_TEST(parsed(std::size_t{16} << 20) == 1000U);
  BOOST_CHECK_THROW(parsed(1000), cas::InvalidInput);
  BOOST_CHECK_THROW(parsed(50'000), cas::InvalidInput);
}

BOOST_AUTO_TEST_CASE(too_large_html_is_refused) {
  BOOST_CHECK_THROW(parse(std::string(cas::kMaxHtmlPageBytes + 1, ' '), kHtml), cas::InvalidInput);
}

BOOST_AUTO_TEST_SUITE_END()
