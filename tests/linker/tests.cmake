# Relative to tests/.
set(CAS_LINKER_TESTS
  linker/bytecode/format_test.cpp
  linker/direct_url_test.cpp
  linker/find_links_test.cpp
  linker/interpreter_test.cpp
  linker/plan_bytecode_test.cpp
  linker/plan_codec_test.cpp
  linker/plan_test.cpp
  linker/pyvenv_cfg_test.cpp
  linker/scripts_test.cpp
  linker/tags_test.cpp
  store/sys/process_test.cpp
  store/sys/worker_process_test.cpp)
