// The program git, as it is run here: the user's hooks do not run, and nothing is asked on the terminal.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "linker/locked/package_network.hpp"

namespace cas {

class Git {
 public:
  // `url`: of the repository, for messages, which show no credentials. `limit`: of one call. Throws NotFound where there is no git.
  Git(const std::string& url, std::chrono::seconds limit);

  // Where git is to look, for its arguments: user and password go another way (git_address()).
  [[nodiscard]] std::string address(PackageNetwork& network, const std::string& url);
  // What it printed; nullopt: it failed.
  [[nodiscard]] std::optional<std::string> try_run(const std::vector<std::string>& arguments);
  // The same. Throws Error with what git said.
  std::string run(const std::vector<std::string>& arguments);

  [[nodiscard]] const std::string& shown_url() const { return shown_; }

 private:
  std::string program_, shown_, said_;
  std::vector<std::string> environment_{"GIT_TERMINAL_PROMPT=0",   "GIT_DIR",
                                        "GIT_WORK_TREE",           "GIT_INDEX_FILE",
                                        "GIT_OBJECT_DIRECTORY",    "GIT_ALTERNATE_OBJECT_DIRECTORIES",
                                        "GIT_CEILING_DIRECTORIES", "GIT_NAMESPACE"};
  std::chrono::seconds limit_;
};

}  // namespace cas
