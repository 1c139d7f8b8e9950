#include "tests/linker/python/fake_python.hpp"

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>

#include "linker/interpreter_probe.hpp"
#include "store/source/version.hpp"

namespace cas::test {
namespace fs = std::filesystem;

namespace {

// One character per byte, as the probe does.
std::string latin1(const std::string& bytes) {
  std::string text;
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x80) {
      text += c;
    } else {
      text += static_cast<char>(0xC0 | (byte >> 6));
      text += static_cast<char>(0x80 | (byte & 0x3F));
    }
  }
  return text;
}

std::string answer(const InterpreterFacts& facts) {
  return nlohmann::json{{"version", facts.version},
                        {"major", facts.major},
                        {"minor", facts.minor},
                        {"micro", facts.micro},
                        {"executable", latin1(facts.executable)},
                        {"base_prefix", latin1(facts.base_prefix)},
                        {"base_exec_prefix", latin1(facts.base_prefix)},
                        {"implementation", facts.implementation},
                        {"soabi", facts.soabi},
                        {"ext_suffix", ""},
                        {"platform", facts.platform},
                        {"libc", facts.libc},
                        {"libc_version", "2.36"},
                        {"free_threaded", facts.free_threaded},
                        {"debug", facts.debug},
                        {"pointer_bits", facts.pointer_bits},
                        {"site_packages", facts.layout.site_packages},
                        {"scripts", facts.layout.scripts.empty() ? "bin" : facts.layout.scripts},
                        {"stdlib", ""},
                        {"platstdlib", ""},
                        {"shared_library", latin1(facts.shared_library)},
                        {"installed_library", ""},
                        {"bytecode_magic", ""},
                        {"cache_tag", ""},
                        {"externally_managed", false},
                        {"patched_schemes", false}}
      .dump();
}

}  // namespace

std::string fake_program(const std::string& path, const std::string& body) {
  fs::create_directories(fs::path(path).parent_path());
  std::ofstream(path) << "#!/bin/sh\n" << body << "\n";
  fs::permissions(path, fs::perms(0755));
  return path;
}

std::string fake_python(const std::string& path, const InterpreterFacts& facts) {
  return fake_program(
      path, "echo run >> \"$0.runs\"\ncat <<'ANSWER'\n" + std::string(kProbeMark) + answer(facts) + "\nANSWER");
}

std::string fake_python(const std::string& path, const std::string& version, const std::string& implementation,
                        bool free_threaded) {
  InterpreterFacts facts;
  facts.version = version;
  const auto numbers = Version::parse(version).value().release();
  facts.major = static_cast<std::uint32_t>(std::stoul(numbers.at(0).digits));
  facts.minor = static_cast<std::uint32_t>(std::stoul(numbers.at(1).digits));
  facts.micro = static_cast<std::uint32_t>(std::stoul(numbers.at(2).digits));
  facts.implementation = implementation;
  facts.free_threaded = free_threaded;
  facts.executable = path;
  facts.base_prefix = fs::path(path).parent_path().parent_path().string();
  facts.platform = "linux-x86_64";
  facts.libc = "glibc";
  return fake_python(path, facts);
}

int runs_of(const std::string& path) {
  std::ifstream file(path + ".runs");
  int runs = 0;
  for (std::string line; std::getline(file, line);) ++runs;
  return runs;
}

}  // namespace cas::test
