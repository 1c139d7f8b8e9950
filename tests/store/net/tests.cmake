# Relative to tests/.
set(CAS_NET_TESTS
  store/net/credentials_test.cpp
  store/net/documents_test.cpp
  store/net/http_client_test.cpp
  store/net/http_headers_test.cpp
  store/net/http_options_test.cpp
  store/net/keyring_test.cpp
  store/net/url_test.cpp
  support/index_server.cpp)
