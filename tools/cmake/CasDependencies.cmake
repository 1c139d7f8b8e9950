# All from Debian 12. What is small is linked statically: the program starts in half the time (docs/architecture.md,
# "Libraries"), and a copied binary runs on a machine without the development packages.

set(Boost_USE_STATIC_LIBS ON)
find_package(Boost 1.74 REQUIRED COMPONENTS filesystem program_options)
find_package(nlohmann_json 3.11 REQUIRED)
find_package(fmt 9 REQUIRED)

# cas_find_static(<target> <header> <library>): an imported target cas::<target>, static where the archive exists.
function(cas_find_static target header library)
  find_path(CAS_${target}_INCLUDE ${header} REQUIRED)
  find_library(CAS_${target}_LIBRARY NAMES lib${library}.a ${library} REQUIRED)
  add_library(cas_${target} INTERFACE)
  target_include_directories(cas_${target} SYSTEM INTERFACE "${CAS_${target}_INCLUDE}")
  target_link_libraries(cas_${target} INTERFACE "${CAS_${target}_LIBRARY}")
  add_library(cas::${target} ALIAS cas_${target})
endfunction()

find_package(Threads REQUIRED)

# Debian has no static libfmt. Used as headers it leaves nothing to load at the start, but nearly doubles the time to compile
# (8.4 against 4.8 s for the largest command): so only where people use the program.
add_library(cas_fmt INTERFACE)
if(CMAKE_BUILD_TYPE STREQUAL "Release")
  target_link_libraries(cas_fmt INTERFACE fmt::fmt-header-only)
else()
  target_link_libraries(cas_fmt INTERFACE fmt::fmt)
endif()
add_library(cas::fmt ALIAS cas_fmt)
cas_find_static(lmdb lmdb.h lmdb)
cas_find_static(xxhash xxhash.h xxhash)
cas_find_static(deflate libdeflate.h deflate)
cas_find_static(zlib zlib.h z)
cas_find_static(crypto openssl/sha.h crypto)
cas_find_static(gumbo gumbo.h gumbo)

# Headers alone: the library is loaded by the first command that goes to the network (store/net/curl_api.hpp).
find_path(CAS_curl_INCLUDE curl/curl.h REQUIRED)
add_library(cas_curl INTERFACE)
target_include_directories(cas_curl SYSTEM INTERFACE "${CAS_curl_INCLUDE}")
target_link_libraries(cas_curl INTERFACE ${CMAKE_DL_LIBS})
add_library(cas::curl ALIAS cas_curl)

# The same: loaded by the first command that unpacks a source archive (store/source_archive/archive_api.hpp).
find_path(CAS_archive_INCLUDE archive.h REQUIRED)
add_library(cas_archive INTERFACE)
target_include_directories(cas_archive SYSTEM INTERFACE "${CAS_archive_INCLUDE}")
target_link_libraries(cas_archive INTERFACE ${CMAKE_DL_LIBS})
add_library(cas::archive ALIAS cas_archive)
