# The unit tests of store/base, store/sys (locks and probes) and store/index, relative to tests/.
set(CAS_BASE_TESTS
  main.cpp
  support/temp_dir.cpp
  store/base/byte_ranges_test.cpp
  store/base/codec_test.cpp
  store/base/digest_test.cpp
  store/base/error_test.cpp
  store/base/failpoint_test.cpp
  store/base/ini_test.cpp
  store/base/pool_test.cpp
  store/base/relpath_test.cpp
  store/base/text_test.cpp
  store/index/index_test.cpp
  store/index/schema_test.cpp
  store/index/table_test.cpp
  store/sys/lock_test.cpp
  store/sys/probe_test.cpp)
