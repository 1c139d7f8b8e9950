// Wheels of which only parts are there.
#include <boost/test/unit_test.hpp>

#include "store/source/input_file.hpp"
#include "tests/store/source/wheel_fixture.hpp"

using namespace cas;
using namespace cas::test;

namespace {

// The end of a ZIP file is searched for in its last 64 kB.
constexpr std::size_t kEndBytes = 66'000;

std::string large(char c) { return std::string(20'000, c); }

struct Parts {
  explicit Parts(const WheelBuilder& builder) : name(builder.file_name), bytes(builder.bytes()) {}

  // What the file's end, its listing and scripts are.
  void add_what_opening_needs() {
    for (int round = 0; round < 10; ++round) {
      try {
        outline = outline_wheel(MemoryFile(sparse()).fd(), name, parts);
        for (const ByteRange& range : outline.opening) parts.add(range);
        return;
      } catch (const MissingBytes& missing) {
        parts.add(missing.range());
      }
    }
  }
  // The file with other bytes where it has holes, so that nobody can have read them and be right.
  [[nodiscard]] std::string sparse() const {
    std::string result = bytes;
    for (const ByteRange& hole : parts.missing({0, bytes.size()}))
      result.replace(hole.begin, hole.size(), hole.size(), '?');
    return result;
  }
  [[nodiscard]] std::unique_ptr<Source> open() {
    file.emplace(sparse());
    return open_wheel_parts(file->fd(), name, parts);
  }
  [[nodiscard]] std::string problem() {
    try {
      add_what_opening_needs();
      (void)open();
    } catch (const InvalidInput& error) {
      return error.message();
    }
    return "accepted";
  }

  std::string name, bytes;
  ByteRanges parts;
  WheelOutline outline;
  std::optional<MemoryFile> file;
};

WheelBuilder wheel() {
  WheelBuilder builder = demo();
  builder.add("demo/a.bin", large('a')).method = 0;
  builder.add("demo/b.bin", large('b')).method = 0;
  ZipEntry& executable = builder.add("demo/c.bin", large('c'));
  executable.method = 0;
  executable.mode = 0100755;
  builder.add("demo/z.bin", std::string(kEndBytes, 'z')).method = 0;
  builder.add("demo-1.0.data/scripts/tool", "#!python\n");
  return builder;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(wheel_parts)

BOOST_AUTO_TEST_CASE(the_listing_is_enough_to_open_it) {
  const OpenWheel whole(wheel());
  Parts parts(wheel());
  parts.add_what_opening_needs();
  BOOST_TEST(!parts.parts.contains({0, parts.bytes.size()}));
  const auto source = parts.open();
  BOOST_TEST((source->listing() == whole.source->listing()));
  BOOST_TEST((parts.outline.directory == whole.source->listing()->directory));
  BOOST_REQUIRE(source->entries().size() == whole.source->entries().size());
  std::size_t absent = 0;
  for (std::size_t i = 0; i < source->entries().size(); ++i) {
    const SourceEntry& entry = source->entries()[i];
    const SourceEntry& real = whole.source->entries()[i];
    BOOST_TEST(entry.path == real.path);
    BOOST_TEST((entry.scheme == real.scheme && entry.kind == real.kind && entry.executable == real.executable));
    BOOST_TEST((entry.expected == real.expected && entry.size == real.size && entry.crc32 == real.crc32));
    BOOST_TEST(!real.absent);
    if (!entry.absent) continue;
    ++absent;
    BOOST_CHECK_THROW(source->read(i, [](std::string_view) {}), MissingBytes);
  }
  BOOST_TEST(absent == 6U);
}

BOOST_AUTO_TEST_CASE(members_are_read_once_their_bytes_are_there) {
  const OpenWheel whole(wheel());
  Parts parts(wheel());
  parts.add_what_opening_needs();
  parts.parts.add(parts.open()->entries()[whole.index_of("demo/b.bin")].absent.value());
  const auto source = parts.open();
  std::string content;
  (void)source->read(whole.index_of("demo/b.bin"), [&](std::string_view piece) { content += piece; });
  BOOST_TEST(content == large('b'));
  BOOST_TEST(source->entries()[whole.index_of("demo/a.bin")].absent.has_value());
}

BOOST_AUTO_TEST_CASE(the_digests_are_those_of_record_and_of_the_end) {
  WheelBuilder builder = wheel();
  builder.edit_zip = [](ZipImage& zip) { zip.comment = "a comment"; };
  const OpenWheel whole(builder);
  const std::string bytes = builder.bytes();
  const std::size_t directory = bytes.find("PK\x01\x02");
  BOOST_TEST((whole.source->listing()->directory == sha256(std::string_view(bytes).substr(directory))));
  Parts parts(builder);
  parts.add_what_opening_needs();
  BOOST_TEST((parts.open()->listing() == whole.source->listing()));
  builder.more_record = "\n";
  const ListingDigests other = OpenWheel(builder).source->listing().value();
  BOOST_TEST((other.record != whole.source->listing()->record));
}

BOOST_AUTO_TEST_CASE(zip64_and_descriptors_are_as_good) {
  WheelBuilder builder = wheel();
  builder.edit_zip = [](ZipImage& zip) {
    zip.zip64_end = true;
    for (ZipEntry& entry : zip.entries) {
      entry.zip64 = true;
      entry.descriptor = DescriptorForm::with_signature_64;
    }
  };
  Parts parts(builder);
  parts.add_what_opening_needs();
  BOOST_TEST((parts.open()->listing() == OpenWheel(builder).source->listing()));
}

BOOST_AUTO_TEST_CASE(without_its_end_nothing_is_known) {
  Parts parts(wheel());
  BOOST_CHECK_THROW((void)outline_wheel(MemoryFile(parts.bytes).fd(), parts.name, parts.parts), MissingBytes);
  parts.add_what_opening_needs();
  Parts only_end(wheel());
  only_end.parts.add({parts.bytes.size() - 22, parts.bytes.size()});
  BOOST_CHECK_THROW((void)only_end.open(), MissingBytes);
}

BOOST_AUTO_TEST_CASE(what_record_does_not_vouch_for_needs_the_whole_wheel) {
  WheelBuilder builder = wheel();
  builder.more_record = "demo-1.0.dist-info/RECORD.jws,,\n";
  builder.add_info("RECORD.jws", "signature");
  builder.edit_record = [](std::string& rows) {
    const std::size_t at = rows.find("demo-1.0.dist-info/RECORD.jws,sha256");
    if (at != std::string::npos) rows.erase(at, rows.find('\n', at) + 1 - at);
  };
  BOOST_TEST(problem_of(builder) == "accepted");
  BOOST_TEST(Parts(builder).problem().find("RECORD.jws") != std::string::npos);
  BOOST_TEST(Parts(wheel()).problem() == "accepted");
}

BOOST_AUTO_TEST_CASE(absent_members_must_have_room_and_no_more_than_they_can_fill) {
  WheelBuilder builder = wheel();
  builder.edit_zip = [](ZipImage& zip) {
    // Says that it begins where the one before it ends too early for that.
    zip.at("demo/b.bin").central_offset = 100;
  };
  BOOST_TEST(Parts(builder).problem().find("overlaps") != std::string::npos);

  WheelBuilder padded = wheel();
  padded.edit_zip = [](ZipImage& zip) { zip.at("demo/c.bin").gap_before = std::string(70'000, 'x'); };
  BOOST_TEST(Parts(padded).problem().find("belong to no member") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_wrong_byte_in_a_part_is_noticed) {
  const OpenWheel whole(wheel());
  Parts parts(wheel());
  parts.add_what_opening_needs();
  const ByteRange place = parts.open()->entries()[whole.index_of("demo/a.bin")].absent.value();
  parts.parts.add(place);
  for (const std::uint64_t at : {place.begin, place.begin + 20, place.end - 1}) {
    Parts damaged = Parts(wheel());
    damaged.parts = parts.parts;
    damaged.bytes[at] = static_cast<char>(damaged.bytes[at] ^ 1);
    try {
      const auto source = damaged.open();
      BOOST_CHECK_THROW(source->read(whole.index_of("demo/a.bin"), [](std::string_view) {}), InvalidInput);
    } catch (const InvalidInput&) {  // of the local header
    }
  }
}

BOOST_AUTO_TEST_SUITE_END()
