# Run by cas_discover_tests: writes add_test lines for the test cases of PROGRAM into OUTPUT.
#
# `--list_content` prints the tree on standard error: four blanks per level, `*` after what is enabled, then perhaps
# `: description`. A leaf is a case, except that the rows of a data-driven case are leaves named `_0`, `_1`, …
execute_process(COMMAND "${PROGRAM}" --list_content --color_output=no
  RESULT_VARIABLE status OUTPUT_QUIET ERROR_VARIABLE tree)
if(NOT status EQUAL 0)
  message(FATAL_ERROR "${PROGRAM} --list_content failed (${status}):\n${tree}")
endif()

string(REPLACE ";" "," tree "${tree}")
string(REPLACE "[" "(" tree "${tree}")
string(REPLACE "]" ")" tree "${tree}")
string(REPLACE "\n" ";" lines "${tree}")

set(depths "")
set(names "")
set(enabled "")
foreach(line IN LISTS lines)
  if(NOT line MATCHES "^( *)([^*: ]+)(\\*?)")
    continue()
  endif()
  set(indent "${CMAKE_MATCH_1}")
  set(name "${CMAKE_MATCH_2}")
  set(mark "${CMAKE_MATCH_3}")
  if(name MATCHES "^_[0-9]+$")
    continue()
  endif()
  string(LENGTH "${indent}" blanks)
  math(EXPR depth "${blanks} / 4")
  list(APPEND depths ${depth})
  list(APPEND names "${name}")
  if(mark STREQUAL "*")
    list(APPEND enabled ON)
  else()
    list(APPEND enabled OFF)
  endif()
endforeach()

set(script "# Written by ${CMAKE_CURRENT_LIST_FILE}\n")
set(path "")
list(LENGTH names count)
set(i 0)
while(i LESS count)
  list(GET depths ${i} depth)
  list(GET names ${i} name)
  list(GET enabled ${i} is_enabled)
  list(SUBLIST path 0 ${depth} path)
  list(APPEND path "${name}")

  math(EXPR i "${i} + 1")
  set(next_depth 0)
  if(i LESS count)
    list(GET depths ${i} next_depth)
  endif()
  if(next_depth GREATER depth)
    continue()  # a suite
  endif()

  list(JOIN path "/" case)
  string(APPEND script
    "add_test([==[${PREFIX}${case}]==] [==[${PROGRAM}]==] [==[--run_test=${case}]==] --log_level=test_suite --color_output=no)\n"
    "set_tests_properties([==[${PREFIX}${case}]==] PROPERTIES TIMEOUT 300"
    " SKIP_REGULAR_EXPRESSION \"skipped because precondition failed\"")
  if(NOT is_enabled)
    string(APPEND script " DISABLED ON")
  endif()
  foreach(word IN LISTS PROPERTIES)
    string(APPEND script " [==[${word}]==]")
  endforeach()
  string(APPEND script ")\n")
endwhile()
file(WRITE "${OUTPUT}" "${script}")
