#include "tests/support/temp_environment.hpp"

#include <chrono>
#include <filesystem>
#include <map>

#include "linker/python/python_selection.hpp"
#include "store/base/relpath.hpp"
#include "store/sys/process.hpp"

namespace cas::test {

const InterpreterFacts& real_python() {
  static const InterpreterFacts facts =
      select_python(nullptr, {}, process_surroundings(), {std::chrono::seconds(60), std::chrono::seconds(60)})
          .found.facts;
  return facts;
}

boost::test_tools::assertion_result has_python(boost::unit_test::test_unit_id) {
  boost::test_tools::assertion_result result(true);
  try {
    static_cast<void>(real_python());
  } catch (const Error& error) {
    result = boost::test_tools::assertion_result(false);
    result.message() << "needs a python3: " << error.message();
  }
  return result;
}

Plan plan_of_files(const Files& files) {
  Plan plan;
  plan.directories = {""};
  plan.scripts_directory = "bin";
  std::map<std::string, std::vector<std::pair<std::string, std::string>>> by_directory;
  for (const auto& [path, content] : files) {
    for (std::string parent(parent_of(path));; parent = parent_of(parent)) {
      by_directory[parent];
      if (parent.empty()) break;
    }
    by_directory[std::string(parent_of(path))].emplace_back(name_of(path), content);
  }
  for (const auto& [directory, contents] : by_directory) {
    if (!directory.empty()) plan.directories.push_back(directory);
    const auto number = static_cast<std::uint32_t>(plan.directories.size() - 1);
    for (const auto& [name, content] : contents) {
      if (content.empty()) {
        plan.empty_files.push_back({number, Executable::no, name});
      } else {
        plan.files.push_back({number, 0, {sha256(content), Executable::no}, content.size(), name});
      }
    }
  }
  return plan;
}

Plan plan_of_files(const Files& files, const Store& store) {
  Plan plan = plan_of_files(files);
  for (PlanFile& file : plan.files) {
    if (const auto row = find_object(store, file.object)) file.segment = row->segment;
  }
  return plan;
}

CreateOptions TempEnvironment::options(const std::vector<WheelBuilder>& wheels) const {
  CreateOptions options;
  options.python = real_python().executable;
  options.threads = 2;
  options.base = BaseKind::system;   // capturing takes seconds; who tests it asks for it
  options.compile_bytecode = false;  // takes a compiler's start; who tests it asks for it
  for (const WheelBuilder& wheel : wheels) {
    PackageRequest request;
    request.wheel.path = write_wheel(wheel);
    options.packages.push_back(request);
  }
  return options;
}

void TempEnvironment::edit(const std::string& file, const std::string& bytes) const {
  write_test_file(dir / "edited", bytes);
  std::filesystem::rename(dir / "edited", file);
}

std::string TempEnvironment::run_python(const std::string& name, const std::string& code) const {
  const ProcessResult result =
      run_process({path(name) + "/bin/python", "-B", "-c", code}, {}, std::chrono::seconds(60));
  return result.output + result.errors;
}

}  // namespace cas::test
