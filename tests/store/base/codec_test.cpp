#include "store/base/codec.hpp"

#include <boost/test/unit_test.hpp>
#include <cstdint>
#include <limits>
#include <string>

using namespace cas;

BOOST_AUTO_TEST_SUITE(codec)

BOOST_AUTO_TEST_CASE(integers_are_big_endian) {
  std::string bytes;
  ByteWriter out(bytes);
  out.u8(0x01);
  out.u16(0x0203);
  out.u32(0x04050607);
  out.u64(0x08090a0b0c0d0e0f);
  std::string expected;
  for (char c = 1; c <= 15; ++c) expected += c;
  BOOST_TEST((bytes == expected));
}

BOOST_AUTO_TEST_CASE(byte_order_is_number_order) {
  std::string previous;
  for (const std::uint32_t value : {0U, 1U, 255U, 256U, 65'535U, 65'536U, 0x7fffffffU, 0x80000000U, 0xffffffffU}) {
    std::string bytes;
    ByteWriter(bytes).u32(value);
    BOOST_TEST((previous < bytes), "at " << value);
    previous = bytes;
  }
}

BOOST_AUTO_TEST_CASE(everything_round_trips) {
  const ObjectId object{sha256("abc"), Executable::yes};
  std::string bytes;
  ByteWriter out(bytes);
  out.u8(255);
  out.u16(65'535);
  out.u32(std::numeric_limits<std::uint32_t>::max());
  out.u64(std::numeric_limits<std::uint64_t>::max());
  out.string("");
  out.string(std::string("with\0zero", 9));
  out.digest(object.digest);
  out.object(object);
  out.raw("tail");

  ByteReader in(bytes);
  BOOST_TEST(in.u8() == 255);
  BOOST_TEST(in.u16() == 65'535);
  BOOST_TEST(in.u32() == std::numeric_limits<std::uint32_t>::max());
  BOOST_TEST(in.u64() == std::numeric_limits<std::uint64_t>::max());
  BOOST_TEST(in.string() == "");
  BOOST_TEST((in.string() == std::string("with\0zero", 9)));
  BOOST_TEST((in.digest() == object.digest));
  BOOST_TEST((in.object() == object));
  BOOST_TEST(!in.at_end());
  BOOST_TEST(in.remaining() == 4U);
  BOOST_TEST(in.raw(4) == "tail");
  BOOST_TEST(in.at_end());
}

BOOST_AUTO_TEST_CASE(a_record_that_ends_early_is_corruption_at_every_length) {
  std::string bytes;
  ByteWriter out(bytes);
  out.u32(7);
  out.string("text");
  out.object({sha256("abc"), Executable::no});
  const auto read_all = [](std::string_view record) {
    ByteReader in(record);
    static_cast<void>(in.u32());
    static_cast<void>(in.string());
    static_cast<void>(in.object());
  };
  read_all(bytes);
  for (std::size_t length = 0; length < bytes.size(); ++length) {
    BOOST_TEST_CONTEXT("length " << length) {
      BOOST_CHECK_THROW(read_all(std::string_view(bytes).substr(0, length)), Corruption);
    }
  }
}

BOOST_AUTO_TEST_CASE(a_length_beyond_the_end_is_corruption) {
  BOOST_CHECK_THROW(static_cast<void>(ByteReader("\xff\xff\xff\xff"
                                                 "abc")
                                          .string()),
                    Corruption);
}

BOOST_AUTO_TEST_CASE(an_executable_bit_is_0_or_1) {
  const std::string bytes = std::string(32, 'd') + '\x02';
  BOOST_CHECK_THROW(static_cast<void>(ByteReader(bytes).object()), Corruption);
}

BOOST_AUTO_TEST_SUITE_END()
