#include "linker/bytecode/format.hpp"

#include <boost/test/unit_test.hpp>

using namespace cas;
using namespace std::string_literals;

BOOST_AUTO_TEST_SUITE(bytecode_format_tests)

BOOST_AUTO_TEST_CASE(an_identity_is_read_back) {
  const BytecodeFormat format{"cpython", "cpython-312", "cb0d0d0a", 16};
  BOOST_TEST(bytecode_identity(format) == "cpython cpython-312 cb0d0d0a 16 0");
  const auto read = parse_bytecode_identity(bytecode_identity(format));
  BOOST_REQUIRE(read);
  BOOST_TEST(bytecode_identity(*read) == bytecode_identity(format));
}

BOOST_AUTO_TEST_CASE(anything_else_is_no_identity) {
  for (const char* text :
       {"", " ", "cpython", "cpython cpython-312 cb0d0d0a 16", "cpython cpython-312 cb0d0d0a 16 0 ",
        "cpython cpython-312 cb0d0d0a 16 1", "cpython cpython-312 cb0d0d0a 8 0", "cpython cpython-312 cb0d0d 16 0",
        "cpython cpython-312 CB0D0D0A 16 0", "cpython ../../x cb0d0d0a 16 0", "cpython a/b cb0d0d0a 16 0",
        "cpython  cb0d0d0a 16 0", "cpython cpython-312 zzzzzzzz 16 0", "cpython a.b cb0d0d0a 16 0"}) {
    BOOST_TEST_CONTEXT(text) { BOOST_TEST(!parse_bytecode_identity(text)); }
  }
}

BOOST_AUTO_TEST_CASE(the_header_has_magic_time_and_size) {
  const BytecodeFormat now{"cpython", "cpython-312", "cb0d0d0a", 16};
  const BytecodeFormat before{"cpython", "cpython-36", "330d0d0a", 12};
  BOOST_TEST(bytecode_header(now, 0x01020304, 0x050607) == "\xcb\r\r\n\0\0\0\0\4\3\2\1\7\6\5\0"s);
  BOOST_TEST(bytecode_header(before, 0x01020304, 0) == "\x33\r\r\n\4\3\2\1\0\0\0\0"s);
}

BOOST_AUTO_TEST_SUITE_END()
