# Relative to tests/.
set(CAS_PACKAGE_INDEX_TESTS
  store/package_index/download_test.cpp
  store/package_index/index_client_test.cpp
  store/package_index/parts_download_test.cpp
  store/package_index/project_page_test.cpp)
