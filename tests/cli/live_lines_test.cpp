#include "cli/live_lines.hpp"

#include <boost/test/unit_test.hpp>
#include <cstdlib>

using namespace cas;

namespace {

// As much of a terminal as the lines need: text, line breaks, "one line up" and erasing; a line that becomes too long for the
// terminal is broken.
class Screen {
 public:
  void write(std::string_view bytes) {
    ++writes;
    for (std::size_t i = 0; i < bytes.size(); ++i) {
      if (bytes[i] == '\r') {
        column_ = 0;
      } else if (bytes[i] == '\n') {
        if (++row_ == rows_.size()) rows_.emplace_back();
      } else if (bytes.substr(i, 2) == "\x1b[") {
        i = control(bytes, i + 2);
      } else {
        std::string& row = rows_[row_];
        row.resize(std::max(row.size(), column_ + 1), ' ');
        row[column_++] = bytes[i];
      }
    }
  }

  // The user makes it so narrow: terminals break what does not fit, and the cursor stays with its text.
  void narrow(std::size_t columns) {
    std::vector<std::string> broken;
    for (std::string& row : rows_) {
      do {
        broken.push_back(row.substr(0, columns));
        row.erase(0, columns);
      } while (!row.empty());
    }
    rows_ = broken;
    row_ = rows_.size() - 1;
    column_ = rows_.back().size();
  }

  [[nodiscard]] std::string text() const {
    std::string all;
    for (const std::string& row : rows_) all += row + "|";
    return all;
  }

  int writes = 0;

 private:
  std::size_t control(std::string_view bytes, std::size_t at) {
    std::size_t number = 0;
    for (; at < bytes.size() && bytes[at] >= '0' && bytes[at] <= '9'; ++at) {
      number = number * 10 + static_cast<std::size_t>(bytes[at] - '0');
    }
    BOOST_REQUIRE(at < bytes.size());
    switch (bytes[at]) {
      case 'A':
        BOOST_REQUIRE(number <= row_);
        row_ -= number;
        break;
      case 'J':
        rows_.resize(row_ + 1);
        [[fallthrough]];
      case 'K':
        rows_[row_].resize(std::min(rows_[row_].size(), column_));
        break;
      default:
        BOOST_FAIL("a control sequence that is not expected");
    }
    return at;
  }

  std::vector<std::string> rows_{""};
  std::size_t row_ = 0, column_ = 0;
};

struct Fixture {
  Screen screen;
  LiveLines lines{[this](std::string_view bytes) { screen.write(bytes); }};
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(live_lines, Fixture)

BOOST_AUTO_TEST_CASE(lines_take_the_place_of_those_before) {
  screen.write("$ cas sync\r\n");
  lines.draw({"numpy", "scipy", "total"}, 80);
  BOOST_TEST(screen.text() == "$ cas sync|numpy|scipy|total|");
  lines.draw({"numpy 2", "total of all"}, 80);
  BOOST_TEST(screen.text() == "$ cas sync|numpy 2|total of all|");
  lines.draw({"a", "b", "c", "d"}, 80);
  BOOST_TEST(screen.text() == "$ cas sync|a|b|c|d|");
  lines.draw({"e"}, 80);
  BOOST_TEST(screen.text() == "$ cas sync|e|");
  lines.erase(80);
  BOOST_TEST(screen.text() == "$ cas sync||");
}

BOOST_AUTO_TEST_CASE(nothing_is_written_where_nothing_is_shown) {
  lines.erase(80);
  lines.draw({}, 80);
  BOOST_TEST(screen.writes == 0);
  lines.draw({"a", "b"}, 80);
  BOOST_TEST(screen.writes == 1);
  lines.draw({}, 80);
  BOOST_TEST(screen.text() == "|");
  lines.erase(80);
  BOOST_TEST(screen.writes == 2);
}

BOOST_AUTO_TEST_CASE(text_between_two_drawings_stays) {
  lines.draw({"a", "b"}, 80);
  lines.erase(80);
  screen.write("cas: warning: look\r\n");
  lines.draw({"a", "b"}, 80);
  lines.draw({"c"}, 80);
  BOOST_TEST(screen.text() == "cas: warning: look|c|");
}

BOOST_AUTO_TEST_CASE(lines_that_a_narrower_terminal_has_broken_are_found_again) {
  screen.write("above\r\n");
  lines.draw({"0123456789", "abc", "0123456789ab"}, 40);
  screen.narrow(5);
  BOOST_TEST(screen.text() == "above|01234|56789|abc|01234|56789|ab|");
  lines.draw({"new"}, 5);
  BOOST_TEST(screen.text() == "above|new|");
}

BOOST_AUTO_TEST_CASE(width_is_counted_in_characters) {
  std::string written;
  LiveLines other([&](std::string_view bytes) { written += bytes; });
  other.draw({"äöüäö", "…"}, 5);
  written.clear();
  other.erase(5);
  BOOST_TEST(written == "\r\x1b[1A\x1b[J");
}

BOOST_AUTO_TEST_SUITE_END()
