# Relative to tests/.
set(CAS_REQUIREMENT_TESTS
  store/requirement/format_control_test.cpp
  store/requirement/marker_test.cpp
  store/requirement/option_words_test.cpp
  store/requirement/pip_config_test.cpp
  store/requirement/project_file_test.cpp
  store/requirement/requirement_file_test.cpp
  store/requirement/requirement_location_test.cpp
  store/requirement/requirement_test.cpp
  store/requirement/requirement_text_test.cpp
  store/requirement/script_block_test.cpp
  store/requirement/url_path_test.cpp
  store/requirement/uv_config_test.cpp)
