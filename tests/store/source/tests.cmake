# Relative to tests/.
set(CAS_SOURCE_TESTS
  store/source/elf_dynamic_test.cpp
  store/source/entry_points_test.cpp
  store/source/inflate_test.cpp
  store/source/metadata_headers_test.cpp
  store/source/python_rewrite_test.cpp
  store/source/python_tree_test.cpp
  store/source/record_test.cpp
  store/source/reserved_test.cpp
  store/source/version_test.cpp
  store/source/wheel_name_test.cpp
  store/source/wheel_parts_test.cpp
  store/source/wheel_rules_test.cpp
  store/source/wheel_test.cpp
  store/source/zip_directory_test.cpp
  support/wheel_builder.cpp)
