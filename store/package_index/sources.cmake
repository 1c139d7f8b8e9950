# Relative to store/.
set(CAS_PACKAGE_INDEX_SOURCES
  package_index/download.cpp
  package_index/html_page.cpp
  package_index/index_client.cpp
  package_index/json_page.cpp
  package_index/parts_download.cpp
  package_index/project_page.cpp)
