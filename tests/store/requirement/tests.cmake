# Relative to tests/.
set(CAS_REQUIREMENT_TESTS
  store/requirement/marker_test.cpp
  store/requirement/requirement_test.cpp)
