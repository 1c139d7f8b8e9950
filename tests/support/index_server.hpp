// tests/support/index_server.py while a test needs it.
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

namespace cas::test {

class IndexServer {
 public:
  // `arguments`: as the script takes them, the folder first. Proxies of the surroundings are taken out of this process's way.
  explicit IndexServer(const std::vector<std::string>& arguments);
  // Ends when its standard input does.
  ~IndexServer();
  IndexServer(const IndexServer&) = delete;
  IndexServer& operator=(const IndexServer&) = delete;

  [[nodiscard]] const std::string& port() const { return port_; }
  // "http://127.0.0.1:PORT" and `path`; with "USER:PASSWORD@" if given.
  [[nodiscard]] std::string url(const std::string& path, const std::string& credentials = {}) const;
  // What it was asked so far, one line each.
  [[nodiscard]] std::string log() const;

 private:
  pid_t pid_ = -1;
  int input_ = -1;
  std::string port_;
};

// Makes a certificate for 127.0.0.1, valid for a day, by `openssl`: DIRECTORY/cert.pem and DIRECTORY/key.pem.
void make_certificate(const std::string& directory);

}  // namespace cas::test
