#include "store/source/inflate.hpp"

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <random>
#include <thread>

#include "store/base/error.hpp"
#include "tests/support/wheel_builder.hpp"

namespace data = boost::unit_test::data;
using cas::test::deflated;
using cas::test::ZipEntry;
using cas::test::ZipImage;

namespace {

// Compressible, but at its beginning not absurdly.
std::string sample(std::size_t size) {
  std::mt19937 random(static_cast<unsigned>(size));
  std::string out;
  while (out.size() < std::min(size, std::size_t{10'000'000}))
    out += "line " + std::to_string(random() % 100000) + "\n";
  out.resize(size);
  return out;
}

std::string read_only_member(const ZipImage& image) {
  const cas::test::MemoryFile file(image.bytes());
  const cas::InputFile input(file.fd(), "test.zip");
  const cas::ZipDirectory directory(input);
  std::string content;
  cas::inflate_member(input, directory.members()[0], [&](std::string_view piece) {
    BOOST_TEST(!piece.empty());
    content += piece;
  });
  return content;
}

std::string problem_of(const ZipImage& image) {
  try {
    (void)read_only_member(image);
  } catch (const cas::InvalidInput& error) {
    return error.message();
  }
  return "accepted";
}

// Small, large, and what is streamed.
const std::size_t kSizes[] = {0,
                              1,
                              17,
                              100'000,
                              cas::kMaxWholeBytes - 1,
                              cas::kMaxWholeBytes,
                              cas::kMaxWholeBytes + 1,
                              9'000'000,
                              cas::kMaxLargeBytes + 1};
const std::size_t kSmallAndLarge[] = {1000, cas::kMaxWholeBytes + 1000, cas::kMaxLargeBytes + 1000};

ZipImage one(std::string content) {
  ZipImage image;
  image.add("m.bin", std::move(content));
  return image;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(inflate)

BOOST_DATA_TEST_CASE(content_comes_back, data::make(kSizes) * data::make({0, 8}), size, method) {
  const std::string content = sample(size);
  ZipImage image = one(content);
  image.at("m.bin").method = static_cast<std::uint16_t>(method);
  BOOST_TEST((read_only_member(image) == content));
}

// The last bits of the input stand for far more than one piece of output.
BOOST_AUTO_TEST_CASE(a_long_run_at_the_end) {
  for (const std::size_t size : {cas::kMaxWholeBytes * 2 + 1, cas::kMaxLargeBytes + 1}) {
    for (std::size_t more = 0; more < 300; more += 73) {
      const std::string content = sample(100'000) + std::string(size + more, '\0');
      ZipImage image = one(content);
      image.at("m.bin").method = 8;
      BOOST_TEST_CONTEXT(content.size()) { BOOST_TEST((read_only_member(image) == content)); }
    }
  }
}

BOOST_DATA_TEST_CASE(declared_size_too_small, data::make(kSmallAndLarge), size) {
  ZipImage image = one(sample(size));
  image.at("m.bin").declared_size = size - 1;
  const std::string problem = problem_of(image);
  BOOST_TEST(problem.find("inflates to more than") != std::string::npos, problem);
}

BOOST_DATA_TEST_CASE(declared_size_too_large, data::make(kSmallAndLarge), size) {
  ZipImage image = one(sample(size));
  image.at("m.bin").declared_size = size + 1;
  const std::string problem = problem_of(image);
  BOOST_TEST(problem.find("inflates to less than") != std::string::npos, problem);
}

BOOST_DATA_TEST_CASE(bytes_behind_the_compressed_data, data::make(kSmallAndLarge), size) {
  const std::string content = sample(size);
  ZipImage image = one(content);
  image.at("m.bin").raw_data = deflated(content) + "x";
  const std::string problem = problem_of(image);
  BOOST_TEST(problem.find("behind the end of its compressed data") != std::string::npos, problem);
}

BOOST_DATA_TEST_CASE(compressed_data_cut_off, data::make(kSmallAndLarge), size) {
  const std::string content = sample(size);
  ZipImage image = one(content);
  const std::string whole = deflated(content);
  image.at("m.bin").raw_data = whole.substr(0, whole.size() - 1);
  BOOST_TEST(problem_of(image) != "accepted");
}

BOOST_DATA_TEST_CASE(damaged_data, data::make(kSmallAndLarge), size) {
  ZipImage image = one(sample(size));
  image.at("m.bin").raw_data = std::string(size / 2, '\xFF');
  const std::string problem = problem_of(image);
  BOOST_TEST(problem.find("damaged") != std::string::npos, problem);
}

BOOST_DATA_TEST_CASE(wrong_crc, data::make(kSmallAndLarge) * data::make({0, 8}), size, method) {
  ZipImage image = one(sample(size));
  image.at("m.bin").method = static_cast<std::uint16_t>(method);
  image.at("m.bin").declared_crc = 1;
  const std::string problem = problem_of(image);
  BOOST_TEST(problem.find("CRC-32") != std::string::npos, problem);
}

BOOST_AUTO_TEST_CASE(bomb_is_refused_before_it_is_inflated) {
  ZipImage image = one("x");
  image.at("m.bin").declared_size = 1ULL << 31;
  BOOST_TEST(problem_of(image).find("more than deflate can do") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(largest_ratio_of_deflate_is_accepted) {
  const std::string content(3'000'000, '\0');
  BOOST_TEST((read_only_member(one(content)) == content));
}

BOOST_AUTO_TEST_CASE(read_member_has_a_limit) {
  const cas::test::MemoryFile file(one(sample(100)).bytes());
  const cas::InputFile input(file.fd(), "test.zip");
  const cas::ZipDirectory directory(input);
  BOOST_TEST(cas::read_member(input, directory.members()[0], 100) == sample(100));
  BOOST_CHECK_THROW((void)cas::read_member(input, directory.members()[0], 99), cas::InvalidInput);
}

BOOST_DATA_TEST_CASE(peek_gives_the_beginning, data::make({0, 8}), method) {
  ZipImage image = one("#!python\nprint()\n" + sample(5000));
  image.at("m.bin").method = static_cast<std::uint16_t>(method);
  image.add("empty");
  image.add("short", "ab");
  const cas::test::MemoryFile file(image.bytes());
  const cas::InputFile input(file.fd(), "test.zip");
  const cas::ZipDirectory directory(input);
  BOOST_TEST(cas::peek_member(input, directory.members()[0], 8) == "#!python");
  BOOST_TEST(cas::peek_member(input, directory.members()[1], 8) == "");
  BOOST_TEST(cas::peek_member(input, directory.members()[2], 8) == "ab");
}

BOOST_AUTO_TEST_CASE(threads_do_not_disturb_each_other) {
  ZipImage image;
  for (int i = 0; i < 20; ++i) image.add("m" + std::to_string(i), sample(10'000 + static_cast<std::size_t>(i)));
  const cas::test::MemoryFile file(image.bytes());
  const cas::InputFile input(file.fd(), "test.zip");
  const cas::ZipDirectory directory(input);
  std::atomic<int> wrong{0};
  const auto work = [&] {
    for (const cas::ZipMember& member : directory.members()) {
      if (cas::read_member(input, member, 1U << 20) != sample(static_cast<std::size_t>(member.size))) ++wrong;
    }
  };
  {
    const std::jthread a(work);
    const std::jthread b(work);
  }
  BOOST_TEST(wrong == 0);
}

BOOST_AUTO_TEST_CASE(file_that_became_shorter) {
  const std::string bytes = one(sample(5000)).bytes();
  const cas::test::MemoryFile file(bytes);
  const cas::InputFile input(file.fd(), "test.zip");
  const cas::ZipDirectory directory(input);
  BOOST_REQUIRE(::ftruncate(file.fd(), 100) == 0);
  BOOST_CHECK_THROW((void)cas::read_member(input, directory.members()[0], 1U << 20), cas::InvalidInput);
}

BOOST_AUTO_TEST_SUITE_END()
