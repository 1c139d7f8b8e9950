# Relative to tests/.
set(CAS_CLI_TESTS
  cli/command_line_test.cpp
  cli/environment_names_test.cpp
  cli/glob_test.cpp
  cli/json_output_test.cpp
  cli/live_lines_test.cpp
  cli/options_test.cpp
  cli/package_steps_test.cpp
  cli/progress_board_test.cpp
  cli/progress_test.cpp
  cli/settings_test.cpp
  cli/table_test.cpp
  cli/tool_settings_test.cpp
  cli/venv_request_test.cpp
  cli/virtualenv_settings_test.cpp
  cli/wheel_arguments_test.cpp
  cli/words_test.cpp)
