# Relative to linker/. Planning and what it needs to know; nothing here changes a disk.
set(CAS_LINKER_PURE_SOURCES
  direct_url.cpp
  find_links.cpp
  interpreter.cpp
  interpreter_discovery.cpp
  interpreter_facts.cpp
  plan.cpp
  plan_builder.cpp
  plan_codec.cpp
  plan_finish.cpp
  plan_paths.cpp
  plan_record.cpp
  platform_tags.cpp
  pyvenv_cfg.cpp
  scripts.cpp
  tags.cpp)
