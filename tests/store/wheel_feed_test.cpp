#include "store/wheel_feed.hpp"

#include <boost/test/unit_test.hpp>
#include <filesystem>
#include <thread>

#include "store/base/error.hpp"
#include "store/sys/file.hpp"
#include "tests/store/source/wheel_fixture.hpp"
#include "tests/support/temp_store.hpp"

using namespace cas;
using namespace cas::test;

namespace {

WheelRequest named(const std::string& path) {
  WheelRequest wheel;
  wheel.path = path;
  return wheel;
}

struct Fixture : TempStore {
  [[nodiscard]] WheelRequest request(const std::string& name, const std::string& content = "x = 1\n") const {
    return named(write_wheel(make_wheel(name, "1.0", {{name + "/core.py", content}})));
  }
  // As somebody who downloads leaves it.
  [[nodiscard]] WheelRequest scratch(const std::string& name, const std::string& content = "x = 1\n") const {
    WheelRequest wheel = request(name, content);
    wheel.pinned = sha256(slurp(wheel.path));
    wheel.own_scratch = true;
    return wheel;
  }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(wheel_feed_tests, Fixture)

BOOST_AUTO_TEST_CASE(what_is_taken_is_gone_until_it_is_put_back) {
  const std::vector<WheelRequest> all{named("a"), named("b"), named("c")};
  WheelFeed feed(all);
  BOOST_TEST(feed.size() == 3U);
  BOOST_TEST((feed.take() == 0U));
  BOOST_TEST((feed.take() == 1U));
  feed.put_back(std::vector<std::size_t>{1});
  BOOST_TEST(!feed.exhausted());
  BOOST_TEST((feed.take() == 1U));
  BOOST_TEST((feed.take() == 2U));
  BOOST_TEST(!feed.take().has_value());
  BOOST_TEST(feed.exhausted());
}

BOOST_AUTO_TEST_CASE(an_empty_feed_is_exhausted_only_when_nothing_more_comes) {
  WheelFeed feed;
  BOOST_TEST(!feed.take().has_value());
  BOOST_TEST(!feed.exhausted());
  feed.finish();
  BOOST_TEST(feed.exhausted());
}

BOOST_AUTO_TEST_CASE(listeners_hear_of_what_comes_while_they_live) {
  WheelFeed feed;
  int heard = 0;
  {
    const WheelFeed::Listener listener(feed, [&] { ++heard; });
    feed.add(named("a"));
    feed.finish();
  }
  feed.add(named("b"));
  BOOST_TEST(heard == 2);
}

BOOST_AUTO_TEST_CASE(wheels_that_come_while_others_are_read_are_ingested_in_their_order) {
  WheelFeed feed;
  std::thread bringer([&] {
    for (int i = 0; i < 20; ++i) {
      feed.add(scratch("demo" + std::to_string(i), "x = " + std::to_string(i) + "\n"));
      std::this_thread::yield();
    }
    feed.finish();
  });
  const std::vector<IngestResult> results = ingest_wheels(store, feed, {}, silent);
  bringer.join();
  BOOST_REQUIRE(results.size() == 20U);
  for (int i = 0; i < 20; ++i) BOOST_TEST(results[static_cast<std::size_t>(i)].name == "demo" + std::to_string(i));
  BOOST_TEST(problems().empty());
}

BOOST_AUTO_TEST_CASE(what_is_there_is_committed_while_more_is_awaited) {
  WheelFeed feed;
  const WheelRequest first = scratch("first");
  std::thread bringer([&] {
    feed.add(first);
    // Nothing comes before it is in the store, for as long as that takes.
    while (!has_package(*first.pinned)) std::this_thread::sleep_for(std::chrono::milliseconds(20));
    feed.add(scratch("second"));
    feed.finish();
  });
  const std::vector<IngestResult> results = ingest_wheels(store, feed, {}, silent);
  bringer.join();
  BOOST_REQUIRE(results.size() == 2U);
  BOOST_TEST(results[1].name == "second");
}

BOOST_AUTO_TEST_CASE(a_failure_is_thrown_after_what_came_before_is_in_the_store) {
  WheelFeed feed;
  const WheelRequest wheel = scratch("demo");
  feed.add(wheel);
  feed.finish(std::make_exception_ptr(Error("the network is gone")));
  BOOST_CHECK_EXCEPTION((void)ingest_wheels(store, feed, {}, silent), Error,
                        [](const Error& error) { return error.message() == "the network is gone"; });
  BOOST_TEST(has_package(*wheel.pinned));
}

BOOST_AUTO_TEST_CASE(own_scratch_is_removed_when_it_was_ingested_known_or_refused) {
  const WheelRequest good = scratch("good");
  WheelRequest bad = scratch("bad");
  std::filesystem::resize_file(bad.path, 100);
  const WheelRequest users = request("users");
  const std::vector<WheelRequest> wheels{good, bad, users};
  const std::vector<IngestResult> results = ingest_wheels(store, wheels, {}, silent);
  BOOST_TEST(results[0].error == "");
  BOOST_TEST(results[1].error != "");
  BOOST_TEST(!std::filesystem::exists(good.path));
  BOOST_TEST(!std::filesystem::exists(bad.path));
  BOOST_TEST(std::filesystem::exists(users.path));

  const WheelRequest again = scratch("good");
  BOOST_TEST(ingest_wheels(store, std::vector<WheelRequest>{again}, {}, silent).at(0).already);
  BOOST_TEST(!std::filesystem::exists(again.path));
}

// It cannot be read again: who wrote it has to bring it again.
BOOST_AUTO_TEST_CASE(own_scratch_whose_shared_files_are_collected_meanwhile_is_said_to_be) {
  WheelBuilder wheel = make_wheel("demo", "1.0", {{"demo/core.py", "shared = 1\n"}});
  add(wheel);
  wheel.zip.comment = "another archive of the same files";
  WheelRequest request = named(write_wheel(wheel));
  request.pinned = sha256(slurp(request.path));
  request.own_scratch = true;
  const std::vector<WheelRequest> wheels{request};
  HookProgress progress;
  int collections = 0;
  progress.on_advance = [&] {
    if (collections++ == 0) (void)collect();
  };
  IngestOptions options;
  options.threads = 1;
  options.record = RecordStrictness::always;  // else the content of a pinned wheel is read in any case
  const IngestResult result = ingest_wheels(store, wheels, options, progress).at(0);
  BOOST_TEST(result.collected);
  BOOST_TEST(!has_package(*wheels[0].pinned));
  BOOST_TEST(problems().empty());
}

BOOST_AUTO_TEST_SUITE_END()
