#include "store/net/http_client.hpp"

#include <boost/test/unit_test.hpp>
#include <cstdlib>
#include <fstream>

#include "store/base/digest.hpp"
#include "store/base/error.hpp"
#include "tests/support/index_server.hpp"
#include "tests/support/temp_dir.hpp"

namespace {

using cas::test::IndexServer;

struct Answer {
  cas::HttpResponse response;
  std::string body;
  int starts = 0;

  [[nodiscard]] std::string message() const {
    try {
      response.require_ok();
      return "ok";
    } catch (const cas::Error& error) {
      return error.message() + " | " + error.hint();
    }
  }
};

boost::test_tools::assertion_result has(const std::string& text, const std::string& part) {
  boost::test_tools::assertion_result result(text.find(part) != std::string::npos);
  result.message() << "\"" << part << "\" in: " << text;
  return result;
}

std::size_t count(const std::string& text, const std::string& part) {
  std::size_t found = 0;
  for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++found;
  return found;
}

cas::HttpOptions impatient() {
  cas::HttpOptions options;
  options.first_back_off = std::chrono::milliseconds{10};
  options.stall_timeout = std::chrono::seconds{2};
  return options;
}

struct Folder {
  Folder() { std::ofstream(files / "demo-1.0-py3-none-any.whl") << content; }

  cas::test::TempDir files;
  std::string content = [] {
    std::string text;
    for (int i = 0; i < 2000; ++i) text += std::to_string(i) + ",";
    return text;
  }();
  const std::string wheel = "/files/demo-1.0-py3-none-any.whl";
};

cas::HttpRequest request_for(const std::string& url, Answer& answer) {
  cas::HttpRequest request;
  request.url = url;
  request.max_body_bytes = 1 << 20;
  request.on_start = [&answer] {
    answer.body.clear();
    ++answer.starts;
  };
  request.on_bytes = [&answer](std::string_view bytes) { answer.body += bytes; };
  request.on_done = [&answer](const cas::HttpResponse& response) { answer.response = response; };
  return request;
}

Answer get(cas::HttpClient& client, const std::string& url) {
  Answer answer;
  client.start(request_for(url, answer));
  client.run_all();
  return answer;
}

Answer get(const std::string& url, const cas::HttpOptions& options = impatient()) {
  cas::HttpClient client(options);
  return get(client, url);
}

}  // namespace

BOOST_FIXTURE_TEST_SUITE(http_client, Folder)

BOOST_AUTO_TEST_CASE(gets_many_at_once) {
  const IndexServer server({files.path()});
  cas::HttpClient client(impatient());
  std::vector<Answer> answers(40);
  std::uint64_t most = 0;
  client.on_progress([&](const cas::HttpProgress& progress) {
    most = std::max(most, progress.received);
    BOOST_TEST(progress.expected.value() == content.size());
  });
  for (Answer& answer : answers) client.start(request_for(server.url(wheel), answer));
  BOOST_TEST(client.pending() == 40U);
  BOOST_TEST(client.run(std::chrono::minutes{1}) >= 1U);
  client.run_all();
  for (const Answer& answer : answers) {
    BOOST_TEST(answer.message() == "ok");
    BOOST_TEST(answer.body == content);
  }
  BOOST_TEST(most == content.size());
  BOOST_TEST(client.run(std::chrono::minutes{1}) == 0U);
}

BOOST_AUTO_TEST_CASE(a_slow_one_holds_nobody_up) {
  const IndexServer server({files.path()});
  cas::HttpClient client;
  Answer slow;
  Answer quick;
  const std::uint64_t id = client.start(request_for(server.url("/fault/slow/x"), slow));
  client.start(request_for(server.url(wheel), quick));
  BOOST_TEST(client.run(std::chrono::seconds{20}) == 1U);
  BOOST_TEST(quick.body == content);
  BOOST_TEST(client.pending() == 1U);
  client.cancel(id);
  BOOST_TEST(client.pending() == 0U);
}

BOOST_AUTO_TEST_CASE(a_part_is_given_as_it_was_asked_for) {
  const IndexServer server({files.path()});
  cas::HttpClient client(impatient());
  const auto part = [&](const std::string& fault, const cas::HttpRange& range) {
    Answer answer;
    cas::HttpRequest request = request_for(server.url((fault.empty() ? "" : "/fault/" + fault) + wheel), answer);
    request.range = range;
    client.start(std::move(request));
    client.run_all();
    return answer;
  };
  const Answer middle = part("", {100, 50, false, {}});
  BOOST_TEST(middle.response.status == 206);
  BOOST_TEST(middle.body == content.substr(100, 50));
  BOOST_TEST(middle.response.part.value().total.value() == content.size());
  const Answer end = part("", {0, 70, true, {}});
  BOOST_TEST(end.body == content.substr(content.size() - 70));
  BOOST_TEST(end.response.part.value().first == content.size() - 70);
  // Cut after 1,000 bytes, and gone on with.
  const Answer cut = part("cut", {100, 3000, false, {}});
  BOOST_TEST(cut.response.status == 206);
  BOOST_TEST(cut.body == content.substr(100, 3000));
  BOOST_TEST(cut.starts == 1);
  BOOST_TEST(has(server.log(), "Range=bytes=1100-3099"));
  const std::string etag(*middle.response.headers.first("etag"));
  BOOST_TEST(part("", {1, 2, false, etag}).body == content.substr(1, 2));

  // None, where the file is another by now, or there are no parts.
  for (const Answer& none : {part("", {1, 2, false, "\"another\""}), part("no-ranges", {1, 2, false, {}})}) {
    BOOST_TEST(none.response.status == 200);
    BOOST_TEST(none.body.empty());
    BOOST_TEST(none.starts == 0);
    BOOST_TEST(!none.response.part.has_value());
  }
  BOOST_TEST(part("", {content.size(), 1, false, {}}).response.status == 416);
  BOOST_TEST(has(part("other-part", {100, 50, false, {}}).message(), "it gives bytes 99 to 148"));
  BOOST_TEST(has(part("short-part", {100, 50, false, {}}).message(), "it gives bytes 100 to 148"));
  BOOST_TEST(has(part("", {content.size() - 1, 2, false, {}}).message(), "it gives bytes"));
}

BOOST_AUTO_TEST_CASE(goes_on_where_a_body_was_cut) {
  const IndexServer server({files.path()});
  const Answer answer = get(server.url("/fault/cut" + wheel));
  BOOST_TEST(answer.message() == "ok");
  BOOST_TEST(answer.body == content);
  BOOST_TEST(answer.starts == 1);
  BOOST_TEST(has(server.log(), "Range=bytes=1000-"));
  BOOST_TEST(has(server.log(), "Range=bytes=2000-"));
}

BOOST_AUTO_TEST_CASE(begins_anew_where_the_file_has_changed) {
  const IndexServer server({files.path()});
  const Answer answer = get(server.url("/fault/cut-changed" + wheel));
  BOOST_TEST(answer.message() == "ok");
  BOOST_TEST(answer.body == std::string(content.rbegin(), content.rend()));
  BOOST_TEST(answer.starts == 2);
}

BOOST_AUTO_TEST_CASE(believes_no_other_part_than_was_asked_for) {
  const IndexServer server({files.path()});
  const Answer answer = get(server.url("/fault/wrong-range" + wheel));
  BOOST_TEST(answer.message() == "ok");
  BOOST_TEST(answer.body == content);
  BOOST_TEST(answer.starts == 2);
}

BOOST_AUTO_TEST_CASE(gives_up_on_what_is_always_cut) {
  const IndexServer server({files.path()});
  cas::HttpOptions options = impatient();
  options.tries = 3;
  const Answer answer = get(server.url("/fault/cut-always" + wheel), options);
  BOOST_TEST(has(answer.message(), "after 3 tries"));
}

BOOST_AUTO_TEST_CASE(tries_again_what_may_go_away) {
  const IndexServer server({files.path()});
  BOOST_TEST(get(server.url("/fault/500-twice" + wheel)).body == content);
  BOOST_TEST(get(server.url("/fault/drop" + wheel)).body == content);
  cas::HttpOptions options = impatient();
  options.tries = 2;
  BOOST_TEST(has(get(server.url("/fault/502-always" + wheel), options).message(), "502 Bad Gateway (after 2 tries)"));
  BOOST_TEST(count(server.log(), "502-always") == 2U);
}

BOOST_AUTO_TEST_CASE(waits_as_long_as_it_is_asked_to) {
  const IndexServer server({files.path()});
  const auto begin = std::chrono::steady_clock::now();
  BOOST_TEST(get(server.url("/fault/429-once" + wheel)).body == content);
  BOOST_TEST((std::chrono::steady_clock::now() - begin >= std::chrono::seconds{1}));
  BOOST_TEST(has(get(server.url("/fault/503-long" + wheel)).message(), "asks to wait 1 h 0 min"));
  BOOST_TEST(count(server.log(), "503-long") == 1U);
}

BOOST_AUTO_TEST_CASE(other_refusals_are_final) {
  const IndexServer server({files.path()});
  const Answer missing = get(server.url("/fault/404" + wheel));
  BOOST_TEST(missing.response.status == 404);
  BOOST_TEST(!missing.response.failure);
  BOOST_TEST(missing.body.empty());
  BOOST_TEST(missing.starts == 0);
  BOOST_TEST(has(get(server.url("/fault/403" + wheel)).message(), ".netrc"));
  BOOST_TEST(count(server.log(), "/fault/40") == 2U);
}

BOOST_AUTO_TEST_CASE(limits_hold_whatever_the_server_says) {
  const IndexServer server({files.path()});
  BOOST_TEST(has(get(server.url("/fault/huge/x")).message(), "more than the 1048576 bytes"));
  BOOST_TEST(has(get(server.url("/fault/huge-header/x")).message(), "header is larger"));
  BOOST_TEST(has(get(server.url("/fault/loop/x")).message(), "more than 10 redirects"));
  BOOST_TEST(has(get(server.url("/fault/slow/x"),
                     [] {
                       cas::HttpOptions options = impatient();
                       options.tries = 1;
                       return options;
                     }())
                     .message(),
                 "too slow"));
  cas::HttpClient client(impatient());
  Answer answer;
  cas::HttpRequest request = request_for(server.url(wheel), answer);
  request.max_body_bytes = content.size() - 1;
  client.start(std::move(request));
  Answer bomb;
  cas::HttpRequest packed = request_for(server.url("/fault/bomb/x"), bomb);
  packed.coding = cas::ContentCoding::any;
  client.start(std::move(packed));
  client.run_all();
  BOOST_TEST(has(answer.message(), "more than the"));
  BOOST_TEST(answer.starts == 0);
  BOOST_TEST(has(bomb.message(), "more than the 1048576 bytes"));
}

BOOST_AUTO_TEST_CASE(a_body_of_another_size_is_refused) {
  const IndexServer server({files.path()});
  cas::HttpOptions options = impatient();
  options.tries = 2;
  cas::HttpClient client(options);
  Answer answer;
  cas::HttpRequest request = request_for(server.url(wheel), answer);
  request.expected_bytes = content.size() + 1;
  client.start(std::move(request));
  client.run_all();
  BOOST_TEST(has(answer.message(), "not the"));
}

BOOST_AUTO_TEST_CASE(credentials_stay_with_their_origin) {
  const IndexServer other({files.path()});
  const IndexServer server({files.path(), "--user", "me:secret", "--other", "http://127.0.0.1:" + other.port()});
  BOOST_TEST(get(server.url(wheel)).response.status == 401);
  cas::HttpClient client(impatient());
  BOOST_TEST(get(client, server.url(wheel, "me:secret")).body == content);
  // From then on for everything there.
  const Answer again = get(client, server.url("/simple/demo/"));
  BOOST_TEST(again.message() == "ok");
  BOOST_TEST(!has(again.response.url, "secret"));
  BOOST_TEST(get(client, server.url("/fault/elsewhere" + wheel)).body == content);
  BOOST_TEST(has(other.log(), "GET " + wheel));
  BOOST_TEST(!has(other.log(), "Authorization"));
}

BOOST_AUTO_TEST_CASE(what_netrc_says_does_not_follow_redirects) {
  const IndexServer other({files.path()});
  const IndexServer server({files.path(), "--user", "me:secret", "--other", "http://127.0.0.1:" + other.port()});
  cas::HttpOptions options = impatient();
  options.netrc = "machine 127.0.0.1 login me password secret";
  BOOST_TEST(get(server.url(wheel), options).body == content);
  BOOST_TEST(get(server.url("/fault/elsewhere" + wheel), options).body == content);
  BOOST_TEST(!has(other.log(), "Authorization"));
}

BOOST_AUTO_TEST_CASE(errors_show_no_credentials) {
  const Answer answer = get("http://user:secret@127.0.0.1:1/x?token=secret", [] {
    cas::HttpOptions options = impatient();
    options.tries = 1;
    return options;
  }());
  BOOST_TEST(has(answer.message(), "fetching http://127.0.0.1:1/x?...: "));
  BOOST_TEST(!has(answer.message(), "secret"));
}

BOOST_AUTO_TEST_CASE(speaks_http_only_where_allowed) {
  BOOST_TEST(has(get("http://example.invalid/").message(), "neither encrypted"));
  BOOST_TEST(has(get("file:///etc/passwd").message(), "not an address"));
  const IndexServer server({files.path(), "--other", "http://example.invalid"});
  BOOST_TEST(has(get(server.url("/fault/elsewhere/x")).message(), "leads to http://example.invalid/x"));
  const IndexServer to_file({files.path(), "--other", "file://"});
  BOOST_TEST(has(get(to_file.url("/fault/elsewhere/etc/passwd")).message(), "leads nowhere"));
}

BOOST_AUTO_TEST_CASE(goes_through_a_proxy) {
  const IndexServer server({files.path()});
  ::setenv("http_proxy", ("http://127.0.0.1:" + server.port()).c_str(), 1);
  cas::HttpOptions options = impatient();
  options.allow_insecure = {"example.invalid"};
  const Answer answer = get("http://example.invalid" + wheel, options);
  ::unsetenv("http_proxy");
  BOOST_TEST(answer.body == content);
  BOOST_TEST(has(server.log(), "GET http://example.invalid" + wheel));
}

BOOST_AUTO_TEST_CASE(goes_through_a_proxy_that_is_named) {
  const IndexServer server({files.path()});
  cas::HttpOptions options = impatient();
  options.allow_insecure = {"example.invalid"};
  options.proxy = "http://127.0.0.1:" + server.port();
  BOOST_TEST(get("http://example.invalid" + wheel, options).body == content);
  BOOST_TEST(has(server.log(), "GET http://example.invalid" + wheel));
}

BOOST_AUTO_TEST_CASE(shows_its_certificate_to_whom_it_was_given_for) {
  const cas::test::TempDir keys;
  const cas::test::TempDir own;
  cas::test::make_certificate(keys.path());
  cas::test::make_certificate(own.path());
  const IndexServer server(
      {files.path(), "--tls", keys / "cert.pem", keys / "key.pem", "--client-ca", own / "cert.pem"});
  const IndexServer leading(
      {files.path(), "--tls", keys / "cert.pem", keys / "key.pem", "--other", "https://127.0.0.1:" + server.port()});
  const std::string url = "https://127.0.0.1:" + server.port() + wheel;
  cas::HttpOptions options = impatient();
  options.ca_file = keys / "cert.pem";
  options.tries = 1;
  const Answer without = get(url, options);
  BOOST_TEST(has(without.message(), "alert certificate required"));
  BOOST_TEST(has(without.message(), "--client-cert"));
  options.client_certificate = own / "cert.pem";
  options.client_key = own / "key.pem";
  BOOST_TEST(get(url, options).body == content);
  // Certificate and key in one file, as pip and uv take it.
  std::ofstream(own / "both.pem") << std::ifstream(own / "cert.pem").rdbuf() << std::ifstream(own / "key.pem").rdbuf();
  options.client_certificate = own / "both.pem";
  options.client_key.clear();
  BOOST_TEST(get(url, options).body == content);
  // Another origin does not get to see it.
  BOOST_TEST(has(get("https://127.0.0.1:" + leading.port() + "/fault/elsewhere" + wheel, options).message(),
                 "alert certificate required"));
  options.client_certificate = own / "missing.pem";
  BOOST_TEST(has(get(url, options).message(), "check the client's certificate"));
}

BOOST_AUTO_TEST_CASE(parts_come_over_tls_and_to_others_without_credentials) {
  const cas::test::TempDir keys;
  cas::test::make_certificate(keys.path());
  const IndexServer other({files.path(), "--tls", keys / "cert.pem", keys / "key.pem"});
  const IndexServer server({files.path(), "--tls", keys / "cert.pem", keys / "key.pem", "--user", "me:secret",
                            "--other", "https://127.0.0.1:" + other.port()});
  cas::HttpOptions options = impatient();
  options.ca_file = keys / "cert.pem";
  cas::HttpClient client(options);
  const std::string place = "127.0.0.1:" + server.port();
  for (const std::string& url : {"https://me:secret@" + place + wheel, "https://" + place + "/fault/elsewhere" + wheel,
                                 "https://" + place + "/fault/cut" + wheel}) {
    Answer answer;
    cas::HttpRequest request = request_for(url, answer);
    request.range = cas::HttpRange{1000, 2000, false, {}};
    client.start(std::move(request));
    client.run_all();
    BOOST_TEST(answer.response.status == 206);
    BOOST_TEST(answer.body == content.substr(1000, 2000));
  }
  const std::string log = get(client, "https://127.0.0.1:" + other.port() + "/log").body;
  BOOST_TEST(has(log, "GET " + wheel + " Range=bytes=1000-2999"));
  BOOST_TEST(!has(log, "Authorization"));
}

BOOST_AUTO_TEST_CASE(verifies_certificates) {
  const cas::test::TempDir keys;
  cas::test::make_certificate(keys.path());
  const IndexServer server({files.path(), "--tls", keys / "cert.pem", keys / "key.pem"});
  const std::string url = "https://127.0.0.1:" + server.port() + wheel;
  const Answer untrusted = get(url);
  BOOST_TEST(has(untrusted.message(), "certificate"));
  BOOST_TEST(has(untrusted.message(), "SSL_CERT_FILE"));
  cas::HttpOptions options = impatient();
  options.ca_file = keys / "cert.pem";
  BOOST_TEST(get(url, options).body == content);
  options.ca_file = keys / "missing.pem";
  BOOST_TEST(has(get(url, options).message(), "file of trusted certificates"));
}

BOOST_AUTO_TEST_CASE(never_goes_from_https_to_http_of_strangers) {
  const cas::test::TempDir keys;
  cas::test::make_certificate(keys.path());
  const IndexServer server(
      {files.path(), "--tls", keys / "cert.pem", keys / "key.pem", "--other", "http://example.invalid"});
  cas::HttpOptions options = impatient();
  options.ca_file = keys / "cert.pem";
  const Answer answer = get("https://127.0.0.1:" + server.port() + "/fault/elsewhere/x", options);
  BOOST_TEST(has(answer.message(), "neither encrypted"));
}

BOOST_AUTO_TEST_CASE(what_a_sink_throws_ends_its_request_alone) {
  const IndexServer server({files.path()});
  cas::HttpClient client(impatient());
  Answer bad;
  Answer good;
  cas::HttpRequest request = request_for(server.url(wheel), bad);
  request.on_bytes = [](std::string_view) { throw cas::Error("the disk is full"); };
  client.start(std::move(request));
  client.start(request_for(server.url(wheel), good));
  client.run_all();
  BOOST_TEST(has(bad.message(), "the disk is full"));
  BOOST_TEST(good.body == content);
}

BOOST_AUTO_TEST_CASE(what_on_done_throws_comes_out_of_run) {
  const IndexServer server({files.path()});
  cas::HttpClient client(impatient());
  Answer good;
  for (int i = 0; i < 2; ++i) {
    cas::HttpRequest request;
    request.url = server.url("/fault/404/x");
    request.on_done = [](const cas::HttpResponse&) { throw cas::Error("no"); };
    client.start(std::move(request));
  }
  client.start(request_for(server.url(wheel), good));
  for (int i = 0; i < 2; ++i) BOOST_CHECK_THROW(client.run_all(), cas::Error);
  client.run_all();
  BOOST_TEST(good.body == content);
}

BOOST_AUTO_TEST_SUITE_END()
