# cas_settings and cas_warnings: linked privately by all product and test code, never by third-party code.

add_library(cas_settings INTERFACE)
target_compile_features(cas_settings INTERFACE cxx_std_20)
target_include_directories(cas_settings INTERFACE "${PROJECT_SOURCE_DIR}")
target_compile_definitions(cas_settings INTERFACE CAS_VERSION="${PROJECT_VERSION}" _FILE_OFFSET_BITS=64)
target_compile_options(cas_settings INTERFACE -fno-omit-frame-pointer)
set(CMAKE_CXX_EXTENSIONS OFF)
# Line numbers for traces, without the full debug information that doubles the time to link. What a preset says stays.
if(CMAKE_CXX_FLAGS_RELWITHDEBINFO STREQUAL "-O2 -g -DNDEBUG")
  set(CMAKE_CXX_FLAGS_RELWITHDEBINFO "-O2 -g1" CACHE STRING "" FORCE)
endif()

if(CAS_SANITIZE)
  target_compile_options(cas_settings INTERFACE -fsanitize=${CAS_SANITIZE} -fno-sanitize-recover=all)
  # What the sanitizers do not see: an empty optional read as if it held something, an index beyond the end inside the capacity.
  target_compile_definitions(cas_settings INTERFACE _GLIBCXX_ASSERTIONS)
  target_link_options(cas_settings INTERFACE -fsanitize=${CAS_SANITIZE})
elseif(CMAKE_BUILD_TYPE STREQUAL "Release")
  # Hardening that costs nothing measurable: the program reads hostile input.
  target_compile_options(cas_settings INTERFACE -fstack-protector-strong -D_FORTIFY_SOURCE=2)
  target_link_options(cas_settings INTERFACE -Wl,-z,relro,-z,now)
endif()

# What most files include, compiled once for each target: half of the time of a file went to reading it again. Files name what they
# use all the same; the preset "fuzz" does without this and finds what one has forgotten.
option(CAS_PRECOMPILE "Compile the headers that most files include only once" ON)
function(cas_precompile target)
  if(CAS_PRECOMPILE)
    target_precompile_headers(${target} PRIVATE <fmt/format.h>
      <algorithm> <chrono> <functional> <map> <memory> <mutex> <optional> <set> <span> <string> <string_view> <unordered_set> <utility> <vector> ${ARGN})
  endif()
endfunction()

add_library(cas_warnings INTERFACE)
target_compile_options(cas_warnings INTERFACE
  -Wall -Wextra -Wpedantic
  -Wshadow                 # a name that hides another is read wrongly sooner or later
  -Wnon-virtual-dtor -Woverloaded-virtual
  -Wold-style-cast -Wcast-align -Wcast-qual
  -Wconversion             # sizes and offsets: a silent narrowing is a security hole
  -Wno-sign-conversion     # noise around the C interfaces
  -Wnull-dereference -Wformat=2 -Wimplicit-fallthrough -Wextra-semi)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  target_compile_options(cas_warnings INTERFACE -Wduplicated-cond -Wlogical-op
    # Reported by g++ 12 inside its own standard library once optimised, and more so under sanitizers:
    -Wno-null-dereference -Wno-restrict -Wno-maybe-uninitialized -Wno-stringop-overflow -Wno-array-bounds)
endif()
if(CAS_WERROR)
  target_compile_options(cas_warnings INTERFACE -Werror)
endif()
