# Relative to store/.
set(CAS_SOURCE_SOURCES
  source/entry_points.cpp
  source/inflate.cpp
  source/input_file.cpp
  source/metadata_headers.cpp
  source/record.cpp
  source/record_hash.cpp
  source/reserved.cpp
  source/specifier.cpp
  source/version.cpp
  source/wheel.cpp
  source/wheel_layout.cpp
  source/wheel_metadata.cpp
  source/wheel_name.cpp
  source/wheel_record.cpp
  source/zip_directory.cpp
  source/zip_format.cpp)
