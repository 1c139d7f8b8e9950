#include "cli/progress.hpp"

#include <boost/test/unit_test.hpp>
#include <thread>
#include <vector>

#include "cli/table.hpp"

namespace cas {
namespace {

const auto kPastInterval = std::chrono::milliseconds{120};

struct Output {
  std::string text;
  LinePrinter::Sink sink() {
    return [this](std::string_view bytes) { text += bytes; };
  }
  [[nodiscard]] bool holds(std::string_view part) const { return text.find(part) != std::string::npos; }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(progress)

BOOST_AUTO_TEST_CASE(without_a_terminal_only_messages_are_written) {
  Output output;
  {
    LinePrinter printer({.live = false}, output.sink());
    printer.phase("adding", 10);
    std::this_thread::sleep_for(kPastInterval);
    printer.advance(5);
    printer.warning("one");
    printer.finish();
  }
  BOOST_TEST(output.text == "cas: warning: one\n");
}

BOOST_AUTO_TEST_CASE(quick_work_shows_nothing) {
  Output output;
  {
    LinePrinter printer({.live = true}, output.sink());
    printer.phase("adding", 10);
    printer.advance(10);
  }
  BOOST_TEST(output.text == "");
}

BOOST_AUTO_TEST_CASE(slow_work_shows_a_line_and_erases_it) {
  Output output;
  LinePrinter printer({.live = true}, output.sink());
  printer.phase("adding", 2000);
  std::this_thread::sleep_for(kPastInterval);
  printer.advance(1500);
  BOOST_TEST(output.holds("\r\x1b[Kadding  1,500/2,000  "));
  printer.finish();
  BOOST_TEST(output.text.ends_with("\r\x1b[K"));
}

BOOST_AUTO_TEST_CASE(messages_erase_the_line_first) {
  Output output;
  LinePrinter printer({.live = true}, output.sink());
  printer.phase("adding", 0);
  std::this_thread::sleep_for(kPastInterval);
  printer.advance(1);
  printer.warning("look");
  BOOST_TEST(output.text.ends_with("\r\x1b[Kcas: warning: look\n"));
}

BOOST_AUTO_TEST_CASE(the_line_fits_the_terminal) {
  Output output;
  LinePrinter printer({.live = true, .columns = 30}, output.sink());
  printer.phase("adding a_package_with_quite_a_long_name-1.0-py3-none-any.whl", 0);
  std::this_thread::sleep_for(kPastInterval);
  printer.advance(1);
  BOOST_REQUIRE(output.text.starts_with("\r\x1b[K"));
  BOOST_TEST(display_width(output.text.substr(4)) <= 29u);
}

BOOST_AUTO_TEST_CASE(one_warning_is_said_once) {
  Output output;
  LinePrinter printer({}, output.sink());
  printer.warning("a");
  printer.warning("b");
  printer.warning("a");
  BOOST_TEST(output.text == "cas: warning: a\ncas: warning: b\n");
}

BOOST_AUTO_TEST_CASE(errors_have_their_hint_on_a_line_of_its_own) {
  Output output;
  LinePrinter printer({}, output.sink());
  printer.error("no", "");
  printer.error("no", "try");
  BOOST_TEST(output.text == "cas: error: no\ncas: error: no\nhint: try\n");
}

BOOST_AUTO_TEST_CASE(labels_have_colours_where_wanted) {
  Output output;
  LinePrinter printer({.colour = true}, output.sink());
  printer.error("no", "");
  BOOST_TEST(output.text == "cas: \x1b[1;31merror:\x1b[0m no\n");
}

BOOST_AUTO_TEST_CASE(messages_cannot_steer_the_terminal) {
  Output output;
  LinePrinter printer({}, output.sink());
  printer.warning("name \x1b]0;title\x07\r");
  BOOST_TEST(output.text == "cas: warning: name \\x1b]0;title\\x07\\x0d\n");
}

BOOST_AUTO_TEST_CASE(many_threads_may_report_at_once) {
  Output output;
  LinePrinter printer({.live = true}, output.sink());
  printer.phase("adding", 40'000);
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      for (int j = 0; j < 10'000; ++j) printer.advance(1);
      printer.warning("done");
    });
  }
  for (std::thread& thread : threads) thread.join();
  std::this_thread::sleep_for(kPastInterval);
  printer.advance(0);
  BOOST_TEST(output.holds("40,000/40,000"));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace cas
