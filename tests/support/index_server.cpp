#include "tests/support/index_server.hpp"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <stdexcept>

#include "store/net/http_client.hpp"
#include "store/sys/process.hpp"

namespace cas::test {
namespace {

// Beside this file.
std::string script() { return CAS_TESTS_SUPPORT "/index_server.py"; }

}  // namespace

IndexServer::IndexServer(const std::vector<std::string>& arguments) {
  for (const char* name : {"http_proxy", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"}) ::unsetenv(name);
  int in[2];
  int out[2];
  if (::pipe2(in, O_CLOEXEC) != 0 || ::pipe2(out, O_CLOEXEC) != 0) throw std::runtime_error("pipe2 failed");
  std::vector<std::string> words{"python3", script()};
  words.insert(words.end(), arguments.begin(), arguments.end());
  std::vector<char*> argv;
  for (std::string& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_adddup2(&actions, in[0], 0);
  ::posix_spawn_file_actions_adddup2(&actions, out[1], 1);
  const int failed = ::posix_spawnp(&pid_, "python3", &actions, nullptr, argv.data(), environ);
  ::posix_spawn_file_actions_destroy(&actions);
  ::close(in[0]);
  ::close(out[1]);
  input_ = in[1];
  char digit = 0;
  while (failed == 0 && ::read(out[0], &digit, 1) == 1 && digit != '\n') port_ += digit;
  ::close(out[0]);
  if (port_.empty()) throw std::runtime_error("the index server does not start");
}

IndexServer::~IndexServer() {
  ::close(input_);
  if (pid_ > 0) ::waitpid(pid_, nullptr, 0);
}

std::string IndexServer::url(const std::string& path, const std::string& credentials) const {
  return "http://" + credentials + (credentials.empty() ? "" : "@") + "127.0.0.1:" + port_ + path;
}

std::string IndexServer::log() const {
  HttpClient client;
  std::string text;
  HttpRequest request;
  request.url = url("/log");
  request.max_body_bytes = 1 << 20;
  request.on_bytes = [&](std::string_view bytes) { text += bytes; };
  request.on_done = [](const HttpResponse& response) { response.require_ok(); };
  client.start(std::move(request));
  client.run_all();
  return text;
}

void make_certificate(const std::string& directory) {
  const ProcessResult made =
      run_process({"/usr/bin/openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                   "-days", "1", "-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout",
                   directory + "/key.pem", "-out", directory + "/cert.pem"},
                  {}, std::chrono::seconds{60});
  if (made.exit_status != 0) throw std::runtime_error("openssl makes no certificate: " + made.errors);
}

}  // namespace cas::test
