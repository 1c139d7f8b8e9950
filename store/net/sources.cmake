# Relative to store/.
set(CAS_NET_SOURCES
  net/cache_entry.cpp
  net/credentials.cpp
  net/curl_api.cpp
  net/documents.cpp
  net/http_cache.cpp
  net/http_client.cpp
  net/http_headers.cpp
  net/http_options.cpp
  net/http_transfer.cpp
  net/keyring.cpp
  net/url.cpp)
