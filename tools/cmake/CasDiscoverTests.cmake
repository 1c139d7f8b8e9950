# cas_discover_tests(<target> [PREFIX <text>] [PROPERTIES <name> <value>...])
#
# Gives ctest one entry per test case of a Boost.Test program, found by running it after it is built (CMake has no
# module for this). Rows of data-driven cases stay inside their case. A case whose precondition fails is shown as
# skipped: by itself Boost.Test would report success.

set(CAS_DISCOVER_TESTS_SCRIPT "${CMAKE_CURRENT_LIST_DIR}/discover_tests.cmake")

function(cas_discover_tests target)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "PREFIX" "PROPERTIES")
  set(tests_file "${CMAKE_CURRENT_BINARY_DIR}/${target}_cases.cmake")
  set(include_file "${CMAKE_CURRENT_BINARY_DIR}/${target}_include.cmake")
  add_custom_command(TARGET ${target} POST_BUILD
    COMMAND "${CMAKE_COMMAND}"
      -D "PROGRAM=$<TARGET_FILE:${target}>"
      -D "PREFIX=${arg_PREFIX}"
      -D "PROPERTIES=${arg_PROPERTIES}"
      -D "OUTPUT=${tests_file}"
      -P "${CAS_DISCOVER_TESTS_SCRIPT}"
    BYPRODUCTS "${tests_file}"
    COMMENT "Listing the test cases of ${target}"
    VERBATIM)
  # Before the first build there is no list: ctest must not be silently content with that.
  file(WRITE "${include_file}"
    "if(EXISTS \"${tests_file}\")\n"
    "  include(\"${tests_file}\")\n"
    "else()\n"
    "  add_test(${target}_NOT_BUILT ${target}_NOT_BUILT)\n"
    "endif()\n")
  set_property(DIRECTORY APPEND PROPERTY TEST_INCLUDE_FILES "${include_file}")
endfunction()
