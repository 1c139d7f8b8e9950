// The functions of libcurl that are used, loaded when the first of them is needed. For store/net/*.cpp only.
//
// Linking libcurl would make every command load its 30 libraries: a program that is linked with it and does nothing takes 5.8 ms of
// CPU to start and end, one without 0.7 (medians of 60, two busy cores). Loading it late costs the same once, and only those who
// go to the network pay.
#pragma once

// In the header "curl_easy_setopt(" and others are macros that check types in C; in C++ they only stand in the way.
#define CURL_DISABLE_TYPECHECK 1
#include <curl/curl.h>

#include "store/sys/shared_library.hpp"

namespace cas {

struct CurlApi {
  CurlApi();

  SharedLibrary library;
  decltype(::curl_global_init)* global_init;
  decltype(::curl_easy_init)* easy_init;
  decltype(::curl_easy_cleanup)* easy_cleanup;
  decltype(::curl_easy_reset)* easy_reset;
  decltype(::curl_easy_setopt)* easy_setopt;
  decltype(::curl_easy_getinfo)* easy_getinfo;
  decltype(::curl_easy_strerror)* easy_strerror;
  decltype(::curl_slist_append)* slist_append;
  decltype(::curl_slist_free_all)* slist_free_all;
  decltype(::curl_multi_init)* multi_init;
  decltype(::curl_multi_cleanup)* multi_cleanup;
  decltype(::curl_multi_setopt)* multi_setopt;
  decltype(::curl_multi_add_handle)* multi_add_handle;
  decltype(::curl_multi_remove_handle)* multi_remove_handle;
  decltype(::curl_multi_perform)* multi_perform;
  decltype(::curl_multi_poll)* multi_poll;
  decltype(::curl_multi_info_read)* multi_info_read;
  decltype(::curl_multi_strerror)* multi_strerror;
};

// Loaded by the first call, for ever. Thread-safe. Throws Error that says what to install.
[[nodiscard]] const CurlApi& curl_api();

}  // namespace cas
