// Interpreters that need not be installed.
#pragma once

#include <fmt/format.h>

#include <string>

#include "linker/interpreter.hpp"

namespace cas::test {

// CPython 3.`minor` on Linux with glibc 2.36.
inline InterpreterFacts cpython_facts(std::uint32_t minor, const std::string& arch = "x86_64") {
  InterpreterFacts facts;
  facts.binary_name = fmt::format("python3.{}", minor);
  facts.library_name = facts.binary_name;
  facts.executable = "/opt/python/bin/" + facts.binary_name;
  facts.base_prefix = "/opt/python";
  facts.implementation = "cpython";
  facts.version = fmt::format("3.{}.1", minor);
  facts.major = 3;
  facts.minor = minor;
  facts.micro = 1;
  facts.soabi = fmt::format("cpython-3{}{}-{}-linux-gnu", minor, minor < 8 ? "m" : "", arch);
  facts.platform = "linux-" + arch;
  facts.libc = "glibc";
  facts.libc_major = 2;
  facts.libc_minor = 36;
  facts.cache_tag = fmt::format("cpython-3{}", minor);
  facts.bytecode_magic = fmt::format("{:02x}0d0d0a", minor);
  facts.layout = {"lib/" + facts.library_name + "/site-packages", "bin", "include/site/" + facts.library_name};
  return facts;
}

}  // namespace cas::test
