#include "store/source/zip_directory.hpp"

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <ostream>

#include "store/base/error.hpp"
#include "tests/support/wheel_builder.hpp"

namespace data = boost::unit_test::data;
using cas::test::DescriptorForm;
using cas::test::extra_field;
using cas::test::put16;
using cas::test::put32;
using cas::test::put64;
using cas::test::ZipImage;

namespace {

struct Archive {
  const char* name;
  void (*change)(ZipImage&);
  const char* problem = "";  // part of the message
};

std::ostream& operator<<(std::ostream& out, const Archive& archive) { return out << archive.name; }

ZipImage three_files() {
  ZipImage image;
  image.add("a.txt", "alpha alpha alpha");
  image.add("pkg/", "");
  image.add("pkg/b.bin", std::string(1000, 'b')).method = 0;
  image.add("c.txt", "gamma");
  return image;
}

std::string zeros(std::size_t count) { return std::string(count, '\0'); }

std::string numbers64(std::initializer_list<std::uint64_t> values) {
  std::string out(8 * values.size(), '\0');
  std::size_t at = 0;
  for (const std::uint64_t value : values) {
    put64(out, at, value);
    at += 8;
  }
  return out;
}

// A complete, empty end record whose comment length is `comment`.
std::string fake_end(std::uint16_t comment) {
  std::string end = "PK\x05\x06" + zeros(18);
  put16(end, 20, comment);
  return end;
}

const Archive kRefused[] = {
    {"prefix", [](ZipImage& z) { z.prefix = "MZ"; }, "2 bytes stand before the first member"},
    {"trailing garbage", [](ZipImage& z) { z.trailing = "x"; }, "bytes after the end"},
    {"trailing garbage behind a comment",
     [](ZipImage& z) {
       z.comment = "hi";
       z.trailing = "x";
     },
     "bytes after the end"},
    {"ambiguous end records", [](ZipImage& z) { z.comment = fake_end(0); }, "ambiguous"},
    {"bytes before the central directory", [](ZipImage& z) { z.before_central = "gap"; },
     "3 bytes that belong to no member"},
    {"bytes behind the central directory", [](ZipImage& z) { z.after_central = "gap"; }, "something stands between"},
    {"gap between members", [](ZipImage& z) { z.at("c.txt").gap_before = zeros(7); },
     "7 bytes that belong to no member"},
    {"too few members counted",
     [](ZipImage& z) {
       z.edit_end = [](std::string& e) {
         put16(e, 8, 3);
         put16(e, 10, 3);
       };
     },
     "holds more than its members"},
    {"too many members counted",
     [](ZipImage& z) {
       z.edit_end = [](std::string& e) {
         put16(e, 8, 5);
         put16(e, 10, 5);
       };
     },
     "ends before all its members"},
    {"two counts", [](ZipImage& z) { z.edit_end = [](std::string& e) { put16(e, 8, 3); }; }, "multi-part"},
    {"disk number", [](ZipImage& z) { z.edit_end = [](std::string& e) { put16(e, 4, 1); }; }, "multi-part"},
    {"disk of the directory", [](ZipImage& z) { z.edit_end = [](std::string& e) { put16(e, 6, 1); }; }, "multi-part"},
    {"disk of a member", [](ZipImage& z) { z.at("a.txt").edit_central = [](std::string& h) { put16(h, 34, 1); }; },
     "multi-part"},
    {"directory offset too large", [](ZipImage& z) { z.edit_end = [](std::string& e) { put32(e, 16, 0x7FFFFFFF); }; },
     "central directory is not where"},
    {"directory offset too small", [](ZipImage& z) { z.edit_end = [](std::string& e) { put32(e, 16, 3); }; },
     "central directory is not where"},
    {"directory size", [](ZipImage& z) { z.edit_end = [](std::string& e) { put32(e, 12, 10); }; },
     "central directory is not where"},
    {"central signature", [](ZipImage& z) { z.at("a.txt").edit_central = [](std::string& h) { h[0] = 'Q'; }; },
     "wrong signature"},
    {"local signature", [](ZipImage& z) { z.at("a.txt").edit_local = [](std::string& h) { h[0] = 'Q'; }; },
     "no local header"},
    {"local name", [](ZipImage& z) { z.at("a.txt").edit_local = [](std::string& h) { h[30] = 'z'; }; },
     "another name, z.txt"},
    {"local name shorter",
     [](ZipImage& z) {
       z.at("a.txt").edit_local = [](std::string& h) {
         put16(h, 26, 4);
         put16(h, 28, 1);
       };
     },
     "another name"},
    {"local flags", [](ZipImage& z) { z.at("a.txt").edit_local = [](std::string& h) { put16(h, 6, 0x800); }; },
     "other flags"},
    {"local method", [](ZipImage& z) { z.at("a.txt").edit_local = [](std::string& h) { put16(h, 8, 0); }; },
     "another compression"},
    {"local crc", [](ZipImage& z) { z.at("a.txt").edit_local = [](std::string& h) { put32(h, 14, 1); }; },
     "another CRC-32"},
    {"local crc 0", [](ZipImage& z) { z.at("a.txt").edit_local = [](std::string& h) { put32(h, 14, 0); }; },
     "another CRC-32"},
    {"local compressed size", [](ZipImage& z) { z.at("a.txt").edit_local = [](std::string& h) { put32(h, 18, 1); }; },
     "other sizes"},
    {"local size", [](ZipImage& z) { z.at("a.txt").edit_local = [](std::string& h) { put32(h, 22, 1); }; },
     "other sizes"},
    {"local extra too long",
     [](ZipImage& z) { z.at("a.txt").edit_local = [](std::string& h) { put16(h, 28, 60000); }; }, "overlaps"},
    {"encrypted", [](ZipImage& z) { z.at("a.txt").flags = 1; }, "encrypted"},
    {"strongly encrypted", [](ZipImage& z) { z.at("a.txt").flags = 1U << 6; }, "encrypted"},
    {"masked headers", [](ZipImage& z) { z.at("a.txt").flags = 1U << 13; }, "encrypted"},
    {"patched data", [](ZipImage& z) { z.at("a.txt").flags = 1U << 5; }, "unsupported flags"},
    {"bzip2", [](ZipImage& z) { z.at("a.txt").method = 12; }, "compression method 12"},
    {"deflate64", [](ZipImage& z) { z.at("a.txt").method = 9; }, "compression method 9"},
    {"stored with two sizes", [](ZipImage& z) { z.at("pkg/b.bin").declared_size = 7; }, "two different sizes"},
    {"bomb", [](ZipImage& z) { z.at("a.txt").declared_size = 1U << 30; }, "more than deflate can do"},
    {"same place twice", [](ZipImage& z) { z.at("c.txt").central_offset = 0; }, "overlaps"},
    {"member inside another", [](ZipImage& z) { z.at("c.txt").central_offset = 40; }, "overlaps"},
    {"member in the directory", [](ZipImage& z) { z.at("c.txt").central_offset = 1300; }, "behind the beginning"},
    {"member beyond the file", [](ZipImage& z) { z.at("c.txt").central_offset = 0x7FFFFFFF; }, "behind the beginning"},
    {"data runs into the next member", [](ZipImage& z) { z.at("a.txt").declared_compressed = 60; }, "overlaps"},
    {"symbolic link", [](ZipImage& z) { z.at("a.txt").mode = 0120777; }, "symbolic link"},
    {"symbolic link, DOS",
     [](ZipImage& z) {
       z.at("a.txt").mode = 0120777;
       z.at("a.txt").host = 0;
     },
     "symbolic link"},
    {"fifo", [](ZipImage& z) { z.at("a.txt").mode = 0010644; }, "neither a file nor a directory"},
    {"device", [](ZipImage& z) { z.at("a.txt").mode = 0020644; }, "neither a file nor a directory"},
    {"socket", [](ZipImage& z) { z.at("a.txt").mode = 0140644; }, "neither a file nor a directory"},
    {"directory without slash", [](ZipImage& z) { z.at("a.txt").mode = 040755; }, "does not end in '/'"},
    {"DOS directory without slash", [](ZipImage& z) { z.at("a.txt").dos_attributes = 0x10; }, "does not end in '/'"},
    {"file with slash", [](ZipImage& z) { z.at("pkg/").mode = 0100644; }, "named like a directory"},
    {"directory with content", [](ZipImage& z) { z.at("pkg/").content = "x"; }, "has content"},
    {"empty name", [](ZipImage& z) { z.add("q", "x").name = ""; }, "no name"},
    {"not ASCII, not marked", [](ZipImage& z) { z.add("caf\xC3\xA9", "x"); }, "bad encoding"},
    {"marked, but not UTF-8", [](ZipImage& z) { z.add("caf\xE9", "x").flags = 0x800; }, "marked as UTF-8 but is not"},
    {"Unicode path, central",
     [](ZipImage& z) { z.at("a.txt").central_extra = extra_field(0x7075, std::string("\1\0\0\0\0", 5) + "b.txt"); },
     "Unicode path"},
    {"Unicode path, local",
     [](ZipImage& z) { z.at("a.txt").local_extra = extra_field(0x7075, std::string("\1\0\0\0\0", 5) + "b.txt"); },
     "Unicode path"},
    {"Unicode path, short", [](ZipImage& z) { z.at("a.txt").central_extra = extra_field(0x7075, "\1"); },
     "Unicode path"},
    {"extra field too long", [](ZipImage& z) { z.at("a.txt").central_extra = std::string("\x07\0\x09\0z", 5); },
     "longer than the space"},
    {"extra garbage", [](ZipImage& z) { z.at("a.txt").local_extra = "abc"; }, "garbage"},
    {"two zip64 fields",
     [](ZipImage& z) {
       z.at("a.txt").zip64 = true;
       z.at("a.txt").local_extra = extra_field(1, "");
     },
     "two zip64"},
    {"zip64 field too short",
     [](ZipImage& z) {
       z.at("a.txt").zip64 = true;
       z.at("a.txt").edit_central = [](std::string& h) { put16(h, 46 + 5 + 2, 16); };
     },
     "too short"},
    {"zip64 field too long",
     [](ZipImage& z) {
       z.at("a.txt").central_extra = extra_field(1, numbers64({17, 5}));
       z.at("a.txt").edit_central = [](std::string& h) { put32(h, 24, 0xFFFFFFFF); };
     },
     "wrong length"},
    {"zip64 field contradicts", [](ZipImage& z) { z.at("a.txt").local_extra = extra_field(1, numbers64({99})); },
     "contradicts"},
    {"zip64 field missing",
     [](ZipImage& z) { z.at("a.txt").edit_central = [](std::string& h) { put32(h, 24, 0xFFFFFFFF); }; }, "not there"},
    {"zip64 sizes differ",
     [](ZipImage& z) {
       z.at("a.txt").zip64 = true;
       z.at("a.txt").edit_local = [](std::string& h) { put64(h, 30 + 5 + 4, 3); };
     },
     "other sizes"},
    {"descriptor wrong",
     [](ZipImage& z) {
       z.at("a.txt").descriptor = DescriptorForm::with_signature;
       z.at("a.txt").descriptor_bytes = zeros(16);
     },
     "data descriptor"},
    {"descriptor missing",
     [](ZipImage& z) {
       z.at("a.txt").descriptor = DescriptorForm::plain;
       z.at("a.txt").descriptor_bytes = "";
     },
     "data descriptor"},
    {"descriptor too long",
     [](ZipImage& z) {
       z.at("a.txt").descriptor = DescriptorForm::plain;
       z.at("a.txt").descriptor_bytes = zeros(90);
     },
     "data descriptor"},
    {"descriptor, other local crc",
     [](ZipImage& z) {
       z.at("a.txt").descriptor = DescriptorForm::plain;
       z.at("a.txt").edit_local = [](std::string& h) { put32(h, 14, 77); };
     },
     "another CRC-32"},
    {"zip64 end elsewhere",
     [](ZipImage& z) {
       z.zip64_end = true;
       z.edit_end64 = [](std::string&, std::string& l) { put64(l, 8, 3); };
     },
     "not where its locator"},
    {"zip64 end beyond the file",
     [](ZipImage& z) {
       z.zip64_end = true;
       z.edit_end64 = [](std::string&, std::string& l) { put64(l, 8, 1ULL << 60); };
     },
     "not where its locator"},
    {"zip64 end size",
     [](ZipImage& z) {
       z.zip64_end = true;
       z.edit_end64 = [](std::string& e, std::string&) { put64(e, 4, 45); };
     },
     "not where its locator"},
    {"zip64 disks",
     [](ZipImage& z) {
       z.zip64_end = true;
       z.edit_end64 = [](std::string&, std::string& l) { put32(l, 16, 2); };
     },
     "multi-part"},
    {"zip64 disk",
     [](ZipImage& z) {
       z.zip64_end = true;
       z.edit_end64 = [](std::string& e, std::string&) { put32(e, 16, 1); };
     },
     "multi-part"},
    {"zip64 two counts",
     [](ZipImage& z) {
       z.zip64_end = true;
       z.edit_end64 = [](std::string& e, std::string&) { put64(e, 24, 1); };
     },
     "multi-part"},
    {"zip64 contradicts the end record",
     [](ZipImage& z) {
       z.zip64_end = true;
       z.edit_end = [](std::string& e) {
         put16(e, 8, 2);
         put16(e, 10, 2);
       };
     },
     "contradict"},
    {"locator in a member's comment",
     [](ZipImage& z) { z.at("c.txt").comment = "PK\x06\x07" + zeros(12) + std::string("\1\0\0\0", 4); },
     "not where its locator"},
    {"too many members",
     [](ZipImage& z) {
       z.zip64_end = true;
       z.edit_end64 = [](std::string& e, std::string&) {
         put64(e, 24, 100001);
         put64(e, 32, 100001);
       };
     },
     "has 100001 members (at most 80000)"},
};

const Archive kAccepted[] = {
    {"plain", [](ZipImage&) {}},
    {"archive comment", [](ZipImage& z) { z.comment = "made by hand"; }},
    {"comment with signature", [](ZipImage& z) { z.comment = "PK\x05\x06 and more"; }},
    {"comment with an end record that does not fit", [](ZipImage& z) { z.comment = fake_end(9) + "xx"; }},
    {"longest comment", [](ZipImage& z) { z.comment = std::string(65535, 'c'); }},
    {"member comment", [](ZipImage& z) { z.at("a.txt").comment = "first"; }},
    {"differing extra fields",
     [](ZipImage& z) {
       z.at("a.txt").local_extra = extra_field(0x5455, "\3abcdefgh");
       z.at("a.txt").central_extra = extra_field(0x5455, "\3abcd");
     }},
    {"long local extra", [](ZipImage& z) { z.at("a.txt").local_extra = extra_field(0xFECA, std::string(5000, 'x')); }},
    {"zero padding in extra", [](ZipImage& z) { z.at("a.txt").local_extra = zeros(3); }},
    {"Unicode path that agrees",
     [](ZipImage& z) { z.at("a.txt").central_extra = extra_field(0x7075, std::string("\1\0\0\0\0", 5) + "a.txt"); }},
    {"UTF-8 name", [](ZipImage& z) { z.add("caf\xC3\xA9", "x").flags = 0x800; }},
    {"compression hints", [](ZipImage& z) { z.at("a.txt").flags = 2; }},
    {"descriptor with signature", [](ZipImage& z) { z.at("a.txt").descriptor = DescriptorForm::with_signature; }},
    {"descriptor plain", [](ZipImage& z) { z.at("a.txt").descriptor = DescriptorForm::plain; }},
    {"descriptor 64 with signature", [](ZipImage& z) { z.at("a.txt").descriptor = DescriptorForm::with_signature_64; }},
    {"descriptor 64 plain", [](ZipImage& z) { z.at("a.txt").descriptor = DescriptorForm::plain_64; }},
    {"descriptor and local values",
     [](ZipImage& z) {
       z.at("a.txt").descriptor = DescriptorForm::with_signature;
       z.at("a.txt").local_values_with_descriptor = true;
     }},
    {"descriptor, last member, zip64",
     [](ZipImage& z) {
       z.at("c.txt").descriptor = DescriptorForm::plain_64;
       z.at("c.txt").zip64 = true;
     }},
    {"zip64 member", [](ZipImage& z) { z.at("a.txt").zip64 = true; }},
    {"needless zip64 field",
     [](ZipImage& z) {
       z.at("pkg/b.bin").local_extra = extra_field(1, numbers64({1000, 1000}));
     }},
    {"zip64 end", [](ZipImage& z) { z.zip64_end = true; }},
    {"zip64 end with extensible data",
     [](ZipImage& z) {
       z.zip64_end = true;
       z.zip64_extensible = "vendor data";
     }},
    {"deflated directory",
     [](ZipImage& z) {
       z.at("pkg/").method = 8;
       z.at("pkg/").raw_data = std::string("\3\0", 2);
     }},
    {"directory without type", [](ZipImage& z) { z.at("pkg/").mode = 0755; }},
};

std::string message_of(const std::string& bytes) {
  const cas::test::MemoryFile file(bytes);
  const cas::InputFile input(file.fd(), "test.zip");
  try {
    const cas::ZipDirectory directory(input);
  } catch (const cas::InvalidInput& error) {
    return error.message();
  }
  return "accepted";
}

}  // namespace

BOOST_AUTO_TEST_SUITE(zip_directory)

BOOST_DATA_TEST_CASE(refuses, data::make(kRefused), archive) {
  ZipImage image = three_files();
  archive.change(image);
  const std::string message = message_of(image.bytes());
  BOOST_TEST(message.find(archive.problem) != std::string::npos, message);
}

BOOST_DATA_TEST_CASE(accepts, data::make(kAccepted), archive) {
  ZipImage image = three_files();
  archive.change(image);
  BOOST_TEST(message_of(image.bytes()) == "accepted");
}

BOOST_AUTO_TEST_CASE(describes_members) {
  ZipImage image = three_files();
  image.at("a.txt").mode = 0100754;
  image.add("dos.txt", "x").host = 0;
  image.at("dos.txt").mode = 0100755;
  image.add("group.sh", "x").mode = 0100654;
  image.add("darwin.sh", "x").mode = 0100755;
  image.at("darwin.sh").host = 19;
  const cas::test::MemoryFile file(image.bytes());
  const cas::InputFile input(file.fd(), "test.zip");
  const cas::ZipDirectory directory(input);
  const auto members = directory.members();
  BOOST_REQUIRE(members.size() == 7U);
  BOOST_TEST(members[0].name == "a.txt");
  BOOST_TEST(members[0].size == 17U);
  BOOST_TEST(members[0].data_offset == 35U);
  BOOST_TEST((members[0].executable == cas::Executable::yes));
  BOOST_TEST((members[1].type == cas::ZipType::directory));
  BOOST_TEST((members[2].method == cas::ZipMethod::stored));
  BOOST_TEST((members[2].executable == cas::Executable::no));
  BOOST_TEST((members[4].executable == cas::Executable::no));
  BOOST_TEST((members[5].executable == cas::Executable::yes));
  BOOST_TEST((members[6].executable == cas::Executable::yes));
}

BOOST_AUTO_TEST_CASE(order_of_the_central_directory_is_free) {
  ZipImage image;
  image.add("aa", "first").method = 0;
  image.add("bb", "other").method = 0;
  const std::size_t local = 30 + 2 + 5;
  image.at("aa").central_offset = local;
  image.at("bb").central_offset = 0;
  for (const char* name : {"aa", "bb"}) {  // swap the names in the local headers only
    image.at(name).edit_local = [name](std::string& h) { h.replace(30, 2, name[0] == 'a' ? "bb" : "aa"); };
    image.at(name).declared_crc = 7;
  }
  BOOST_TEST(message_of(image.bytes()) == "accepted");
}

BOOST_AUTO_TEST_CASE(empty_archive_has_no_members) { BOOST_TEST(message_of(ZipImage().bytes()) == "accepted"); }

BOOST_AUTO_TEST_CASE(every_truncation_is_refused) {
  const std::string bytes = three_files().bytes();
  for (std::size_t length = 0; length < bytes.size(); ++length) {
    BOOST_TEST_CONTEXT("length " << length) { BOOST_TEST(message_of(bytes.substr(0, length)) != "accepted"); }
  }
}

BOOST_AUTO_TEST_CASE(directory_of_more_than_7_mib_is_refused) {
  ZipImage image = three_files();
  for (int i = 0; i < 600; ++i) image.add("f" + std::to_string(i)).comment = std::string(60000, 'c');
  BOOST_TEST(message_of(image.bytes()).find("at most 7340032") != std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()
