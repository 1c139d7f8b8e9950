#include "cli/progress.hpp"

#include <boost/test/unit_test.hpp>
#include <mutex>
#include <thread>
#include <vector>

#include "cli/table.hpp"

namespace cas {
namespace {

using namespace std::chrono_literals;

// What the drawing thread and the test's own write.
class Output {
 public:
  LinePrinter::Sink sink() {
    return [this](std::string_view bytes) {
      const std::lock_guard lock(mutex_);
      text_ += bytes;
    };
  }
  [[nodiscard]] std::string text() const {
    const std::lock_guard lock(mutex_);
    return text_;
  }
  // Whether it comes within a minute.
  [[nodiscard]] bool comes(std::string_view part) const {
    for (const auto end = std::chrono::steady_clock::now() + 1min; std::chrono::steady_clock::now() < end;) {
      if (text().find(part) != std::string::npos) return true;
      std::this_thread::sleep_for(5ms);
    }
    return false;
  }

 private:
  mutable std::mutex mutex_;
  std::string text_;
};

}  // namespace

BOOST_AUTO_TEST_SUITE(progress)

BOOST_AUTO_TEST_CASE(without_a_terminal_only_messages_are_written) {
  Output output;
  {
    LinePrinter printer({.live = false}, output.sink());
    printer.phase("adding", 10);
    const auto package = printer.begin(PackageWork::download, "six 1.17.0", 100);
    std::this_thread::sleep_for(250ms);
    printer.advance(5);
    package->received(100);
    package->done();
    printer.warning("one");
    printer.finish();
  }
  BOOST_TEST(output.text() == "cas: warning: one\n");
}

BOOST_AUTO_TEST_CASE(packages_that_are_done_are_lines_where_that_is_wanted) {
  Output output;
  LinePrinter printer({.live = false, .report_packages = true}, output.sink());
  auto given_up = printer.begin(PackageWork::download, "a 1", 100);
  given_up->received(50);
  given_up.reset();
  const auto again = printer.begin(PackageWork::download, "b\x1b 1", 100);
  again->received(60);
  again->restart();
  again->received(40);
  again->spared(60);
  again->done();
  printer.begin(PackageWork::build, "c 1", 0)->done();
  const std::string text = output.text();
  BOOST_TEST(text.starts_with("downloaded b\\x1b 1, 40 B in "));
  BOOST_TEST(text.find(", 60 B spared\nbuilt c 1 in ") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(quick_work_shows_nothing) {
  Output output;
  {
    LinePrinter printer({.live = true}, output.sink());
    printer.phase("adding", 10);
    printer.advance(10);
  }
  BOOST_TEST(output.text() == "");
}

BOOST_AUTO_TEST_CASE(slow_work_shows_a_line_and_erases_it) {
  Output output;
  LinePrinter printer({.live = true}, output.sink());
  printer.phase("adding", 2000);
  printer.advance(1500);
  BOOST_TEST(output.comes("adding  1,500/2,000  "));
  printer.finish();
  BOOST_TEST(output.text().ends_with("\r\x1b[J"));
  // And nothing more is drawn, until there is something anew.
  const std::string before = output.text();
  std::this_thread::sleep_for(250ms);
  BOOST_TEST(output.text() == before);
  printer.phase("collecting", 7);
  BOOST_TEST(output.comes("collecting  0/7"));
}

BOOST_AUTO_TEST_CASE(packages_have_lines_above_the_phase) {
  Output output;
  LinePrinter printer({.live = true}, output.sink());
  printer.downloads(2, 3000);
  const auto a = printer.begin(PackageWork::download, "a 1", 1000);
  const auto b = printer.begin(PackageWork::download, "b 1", 2000);
  a->received(500);
  BOOST_TEST(output.comes(
      "\x1b[K\r\nb 1      0 B of  2.0 kB      0 B/s\x1b[K\r\ndownloaded 0 of 2 packages  500 B of 3.0 kB"));
  a->received(500);
  a->done();
  BOOST_TEST(output.comes("b 1      0 B of  2.0 kB      0 B/s\x1b[K\r\ndownloaded 1 of 2 packages  1.0 kB of 3.0 kB"));
  printer.finish();
  BOOST_TEST(output.text().ends_with("\r\x1b[1A\x1b[J"));
}

BOOST_AUTO_TEST_CASE(lines_change_also_while_nothing_arrives) {
  Output output;
  LinePrinter printer({.live = true}, output.sink());
  const auto build = printer.begin(PackageWork::build, "slow 1", 0);
  BOOST_TEST(output.comes("\x1b[J\rbuilding slow 1  "));
}

BOOST_AUTO_TEST_CASE(messages_erase_the_lines_first) {
  Output output;
  LinePrinter printer({.live = true}, output.sink());
  printer.phase("adding", 0);
  BOOST_REQUIRE(output.comes("adding"));
  printer.warning("look");
  BOOST_TEST(output.comes("\r\x1b[Jcas: warning: look\nadding"));
}

BOOST_AUTO_TEST_CASE(lines_fit_the_terminal_as_it_is_now) {
  Output output;
  std::atomic<unsigned> columns = 30;
  PrinterStyle style{.live = true};
  style.size = [&] { return TerminalSize{columns, 24}; };
  LinePrinter printer(style, output.sink());
  printer.phase("adding a_package_with_quite_a_long_name-1.0-py3-none-any.whl", 0);
  BOOST_REQUIRE(output.comes(" ms\x1b[J"));
  BOOST_TEST(display_width(output.text().substr(0, output.text().find('\x1b'))) <= 29U);
  columns = 120;
  BOOST_TEST(output.comes("quite_a_long_name-1.0-py3-none-any.whl"));
}

BOOST_AUTO_TEST_CASE(one_warning_is_said_once) {
  Output output;
  LinePrinter printer({}, output.sink());
  printer.warning("a");
  printer.warning("b");
  printer.warning("a");
  BOOST_TEST(output.text() == "cas: warning: a\ncas: warning: b\n");
}

BOOST_AUTO_TEST_CASE(errors_have_their_hint_on_a_line_of_its_own) {
  Output output;
  LinePrinter printer({}, output.sink());
  printer.error("no", "");
  printer.error("no", "try");
  BOOST_TEST(output.text() == "cas: error: no\ncas: error: no\nhint: try\n");
}

BOOST_AUTO_TEST_CASE(labels_have_colours_where_wanted) {
  Output output;
  LinePrinter printer({.colour = true}, output.sink());
  printer.error("no", "");
  BOOST_TEST(output.text() == "cas: \x1b[1;31merror:\x1b[0m no\n");
}

BOOST_AUTO_TEST_CASE(messages_cannot_steer_the_terminal) {
  Output output;
  LinePrinter printer({}, output.sink());
  printer.warning("name \x1b]0;title\x07\r");
  printer.warning(
      "grün, and \xc2\x9b"
      "2J");
  printer.warning(
      "no UTF-8: \x9b"
      "2J");
  BOOST_TEST(output.text() ==
             "cas: warning: name \\x1b]0;title\\x07\\x0d\n"
             "cas: warning: grün, and \\xc2\\x9b2J\n"
             "cas: warning: no UTF-8: \\x9b2J\n");
}

BOOST_AUTO_TEST_CASE(many_threads_may_report_at_once) {
  Output output;
  LinePrinter printer({.live = true}, output.sink());
  printer.phase("adding", 40'000);
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      for (int j = 0; j < 10'000; ++j) {
        printer.advance(1);
        if (j % 100 != 0) continue;
        const auto package = printer.begin(PackageWork::download, "a 1", 100);
        package->received(100);
        if (j % 200 == 0) package->done();
      }
      printer.warning("done");
    });
  }
  for (std::thread& thread : threads) thread.join();
  BOOST_TEST(output.comes("40,000/40,000"));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace cas
