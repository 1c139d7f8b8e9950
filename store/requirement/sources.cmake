# Relative to store/.
set(CAS_REQUIREMENT_SOURCES
  requirement/cursor.cpp
  requirement/format_control.cpp
  requirement/marker.cpp
  requirement/marker_evaluate.cpp
  requirement/option_words.cpp
  requirement/pip_config.cpp
  requirement/project_file.cpp
  requirement/project_requirements.cpp
  requirement/requirement.cpp
  requirement/requirement_file.cpp
  requirement/requirement_location.cpp
  requirement/requirement_text.cpp
  requirement/script_block.cpp
  requirement/tool_setting.cpp
  requirement/url_path.cpp
  requirement/uv_config.cpp)
