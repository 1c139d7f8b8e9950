// The program git, as it is run here: the user's hooks do not run, and nothing is asked on the terminal.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

namespace cas {

class Git {
 public:
  // `url`: of the repository, for messages, which show no credentials. `limit`: of one call. Throws NotFound where there is no git.
  Git(const std::string& url, std::chrono::seconds limit);

  // What it printed; nullopt: it failed.
  [[nodiscard]] std::optional<std::string> try_run(const std::vector<std::string>& arguments);
  // The same. Throws Error with what git said.
  std::string run(const std::vector<std::string>& arguments);

  [[nodiscard]] const std::string& shown_url() const { return shown_; }

 private:
  std::string program_, shown_, said_;
  std::chrono::seconds limit_;
};

}  // namespace cas
