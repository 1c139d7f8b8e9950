// Wheels on their way into the store: they come from one thread while others ingest those that are there.
#pragma once

#include <cstddef>
#include <deque>
#include <exception>
#include <functional>
#include <mutex>
#include <optional>
#include <span>
#include <vector>

#include "store/ingest.hpp"

namespace cas {

class WheelFeed {
 public:
  WheelFeed() = default;
  // All that will ever come.
  explicit WheelFeed(std::span<const WheelRequest> wheels);
  WheelFeed(const WheelFeed&) = delete;
  WheelFeed& operator=(const WheelFeed&) = delete;

  // For those who bring wheels; from any thread. They are numbered in the order in which they come.
  void add(WheelRequest wheel);
  // No more will come. `failure`: why; ingest_wheels() throws it when everything before it is in the store.
  void finish(std::exception_ptr failure = nullptr);

  // For those who take them.
  [[nodiscard]] std::size_t size() const;
  // The same for as long as the feed lives.
  [[nodiscard]] const WheelRequest& request(std::size_t number) const;
  // A wheel that nobody has; never waits.
  [[nodiscard]] std::optional<std::size_t> take();
  // To be taken again, before others.
  void put_back(std::span<const std::size_t> numbers);
  // There is nothing to take, and never will be.
  [[nodiscard]] bool exhausted() const;
  void rethrow_failure() const;

  // While it lives, `on_change` is called after every add() and finish(), in their thread and without a lock of the feed.
  class Listener {
   public:
    Listener(WheelFeed& feed, std::function<void()> on_change);
    ~Listener();
    Listener(const Listener&) = delete;
    Listener& operator=(const Listener&) = delete;

   private:
    WheelFeed& feed_;
  };

 private:
  void tell();

  mutable std::mutex mutex_;
  std::deque<WheelRequest> requests_;
  std::deque<std::size_t> waiting_;
  bool finished_ = false;
  std::exception_ptr failure_;

  std::mutex listener_mutex_;  // held while it is called, so that it ends before its Listener does
  std::function<void()> on_change_;
};

}  // namespace cas
