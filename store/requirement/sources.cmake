# Relative to store/.
set(CAS_REQUIREMENT_SOURCES
  requirement/cursor.cpp
  requirement/marker.cpp
  requirement/marker_evaluate.cpp
  requirement/requirement.cpp)
