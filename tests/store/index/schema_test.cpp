#include "store/index/schema.hpp"

#include <boost/test/unit_test.hpp>
#include <limits>
#include <set>
#include <string>

#include "store/base/error.hpp"

using namespace cas;

namespace {

std::string hex(std::string_view bytes) {
  constexpr char kDigits[] = "0123456789abcdef";
  std::string text;
  for (const char c : bytes) {
    text += kDigits[static_cast<unsigned char>(c) >> 4];
    text += kDigits[static_cast<unsigned char>(c) & 15];
  }
  return text;
}

// Every record that is too short or too long is refused, and the message says what it should have been.
template <class C>
void check_exact_length(const std::string& bytes, const std::string& what) {
  for (std::size_t length = 0; length < bytes.size(); ++length) {
    BOOST_TEST_CONTEXT(what << " cut to " << length) {
      BOOST_CHECK_EXCEPTION(static_cast<void>(C::decode(std::string_view(bytes).substr(0, length))), Corruption,
                            [&](const Corruption& error) {
                              return error.message().find(what) != std::string::npos &&
                                     error.hint().find("cas index rebuild") != std::string::npos;
                            });
    }
  }
  BOOST_CHECK_THROW(static_cast<void>(C::decode(bytes + '\0')), Corruption);
}

PackageRow package_row() {
  PackageRow row;
  row.manifest = sha256("manifest");
  row.sequence = 7;
  row.added_at = 1'714'564'800;
  row.used_at = 1'714'564'801;
  row.artifact_bytes = 5'000'000'000;
  row.content_bytes = std::numeric_limits<std::uint64_t>::max();
  row.files = 1234;
  row.normalized_name = "numpy";
  row.version = "2.1.0";
  row.file_name = "numpy-2.1.0-cp312-cp312-manylinux_2_17_x86_64.whl";
  return row;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(schema)

BOOST_AUTO_TEST_CASE(object_ids) {
  const ObjectId id{sha256("abc"), Executable::yes};
  const std::string bytes = ObjectIdCodec::encode(id);
  BOOST_TEST(hex(bytes) == id.digest.hex() + "01");
  BOOST_TEST((ObjectIdCodec::decode(bytes) == id));
  check_exact_length<ObjectIdCodec>(bytes, "object id");
  BOOST_CHECK_THROW(static_cast<void>(ObjectIdCodec::decode(bytes.substr(0, 32) + '\x02')), Corruption);
}

BOOST_AUTO_TEST_CASE(digests) {
  const std::string bytes = DigestCodec::encode(sha256("abc"));
  BOOST_TEST((DigestCodec::decode(bytes) == sha256("abc")));
  check_exact_length<DigestCodec>(bytes, "digest");
}

BOOST_AUTO_TEST_CASE(numbers) {
  BOOST_TEST(hex(U32Codec::encode(0x01020304)) == "01020304");
  BOOST_TEST(U32Codec::decode(U32Codec::encode(0xfffffffe)) == 0xfffffffe);
  check_exact_length<U32Codec>(U32Codec::encode(1), "number");
}

// The bytes are persistent: this fails when the format changes without its table's name changing.
BOOST_AUTO_TEST_CASE(object_rows) {
  const ObjectRow row{0x01020304, 0x05060708090a0b0c, 0x0d0e0f10, {0x1112131415161718, 0x191a1b1c1d1e1f20}};
  const std::string bytes = ObjectRowCodec::encode(row);
  BOOST_TEST(hex(bytes) == "0102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f20");
  const ObjectRow back = ObjectRowCodec::decode(bytes);
  BOOST_TEST(back.segment == row.segment);
  BOOST_TEST(back.size == row.size);
  BOOST_TEST(back.crc32 == row.crc32);
  BOOST_TEST((back.fingerprint == row.fingerprint));
  check_exact_length<ObjectRowCodec>(bytes, "object row");
}

BOOST_AUTO_TEST_CASE(segment_rows) {
  const std::string bytes = SegmentRowCodec::encode({4096});
  BOOST_TEST(hex(bytes) == "00001000");
  BOOST_TEST(SegmentRowCodec::decode(bytes).objects == 4096U);
  check_exact_length<SegmentRowCodec>(bytes, "segment row");
}

BOOST_AUTO_TEST_CASE(package_rows) {
  const PackageRow row = package_row();
  const std::string bytes = PackageRowCodec::encode(row);
  BOOST_TEST(hex(std::string_view(bytes).substr(0, 40)) == row.manifest.hex() + "0000000000000007");
  const PackageRow back = PackageRowCodec::decode(bytes);
  BOOST_TEST((back.manifest == row.manifest));
  BOOST_TEST(back.sequence == row.sequence);
  BOOST_TEST(back.added_at == row.added_at);
  BOOST_TEST(back.used_at == row.used_at);
  BOOST_TEST(back.artifact_bytes == row.artifact_bytes);
  BOOST_TEST(back.content_bytes == row.content_bytes);
  BOOST_TEST(back.files == row.files);
  BOOST_TEST(back.normalized_name == row.normalized_name);
  BOOST_TEST(back.version == row.version);
  BOOST_TEST(back.file_name == row.file_name);
  check_exact_length<PackageRowCodec>(bytes, "package row");
}

BOOST_AUTO_TEST_CASE(plan_rows) {
  PlanRow row;
  row.objects =
      ObjectIdCodec::encode({sha256("a"), Executable::no}) + ObjectIdCodec::encode({sha256("b"), Executable::yes});
  row.body = std::string("body\0with zero", 14);
  const PlanRow back = PlanRowCodec::decode(PlanRowCodec::encode(row));
  BOOST_TEST((back.objects == row.objects));
  BOOST_TEST((back.body == row.body));

  const PlanRow empty = PlanRowCodec::decode(PlanRowCodec::encode({}));
  BOOST_TEST(empty.objects.empty());
  BOOST_TEST(empty.body.empty());

  PlanRow broken = row;
  broken.objects.pop_back();
  BOOST_CHECK_THROW(static_cast<void>(PlanRowCodec::decode(PlanRowCodec::encode(broken))), Corruption);
  BOOST_CHECK_THROW(static_cast<void>(PlanRowCodec::decode("")), Corruption);
}

BOOST_AUTO_TEST_CASE(bytecode_rows) {
  const BytecodeRow row{sha256("source"), {sha256("code"), Executable::no}, 0x0102030405060708};
  const std::string bytes = BytecodeRowCodec::encode(row);
  BOOST_TEST(hex(bytes) == sha256("source").hex() + sha256("code").hex() + "000102030405060708");
  const BytecodeRow back = BytecodeRowCodec::decode(bytes);
  BOOST_TEST((back.source == row.source));
  BOOST_TEST((back.object == row.object));
  BOOST_TEST(back.size == row.size);
  check_exact_length<BytecodeRowCodec>(bytes, "bytecode row");
}

BOOST_AUTO_TEST_CASE(table_names_are_distinct_and_carry_a_version) {
  std::set<std::string> names;
  Schema().for_each([&](const auto& table) {
    names.insert(table.name());
    BOOST_TEST(std::string(table.name()).find(".v") != std::string::npos);
  });
  BOOST_TEST(names.size() == 7U);
}

BOOST_AUTO_TEST_SUITE_END()
