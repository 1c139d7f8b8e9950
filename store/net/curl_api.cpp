#include "store/net/curl_api.hpp"

#include "store/base/error.hpp"

namespace cas {

CurlApi::CurlApi()
    : library("libcurl.so.4",
              "install libcurl (Debian: apt-get install libcurl4), or work offline with wheels from a folder") {
  library.find("curl_global_init", global_init);
  library.find("curl_easy_init", easy_init);
  library.find("curl_easy_cleanup", easy_cleanup);
  library.find("curl_easy_reset", easy_reset);
  library.find("curl_easy_setopt", easy_setopt);
  library.find("curl_easy_getinfo", easy_getinfo);
  library.find("curl_easy_strerror", easy_strerror);
  library.find("curl_slist_append", slist_append);
  library.find("curl_slist_free_all", slist_free_all);
  library.find("curl_multi_init", multi_init);
  library.find("curl_multi_cleanup", multi_cleanup);
  library.find("curl_multi_setopt", multi_setopt);
  library.find("curl_multi_add_handle", multi_add_handle);
  library.find("curl_multi_remove_handle", multi_remove_handle);
  library.find("curl_multi_perform", multi_perform);
  library.find("curl_multi_poll", multi_poll);
  library.find("curl_multi_info_read", multi_info_read);
  library.find("curl_multi_strerror", multi_strerror);
  if (global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) throw Error("starting libcurl: it refused without saying why");
}

const CurlApi& curl_api() {
  // Never destroyed: handles may outlive every other static object.
  static const CurlApi* const api = new CurlApi();
  return *api;
}

}  // namespace cas
