# Relative to tests/.
set(CAS_SOURCE_ARCHIVE_TESTS
  store/source_archive/link_targets_test.cpp
  store/source_archive/unpack_test.cpp
  store/source_archive/zip_file_test.cpp)
