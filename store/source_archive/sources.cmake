# Relative to store/.
set(CAS_SOURCE_ARCHIVE_SOURCES
  source_archive/archive_api.cpp
  source_archive/link_targets.cpp
  source_archive/unpack.cpp
  source_archive/zip_file.cpp)
