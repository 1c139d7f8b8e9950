#include "store/wheel_feed.hpp"

#include <numeric>
#include <utility>

namespace cas {

WheelFeed::WheelFeed(std::span<const WheelRequest> wheels)
    : requests_(wheels.begin(), wheels.end()), waiting_(wheels.size()), finished_(true) {
  std::iota(waiting_.begin(), waiting_.end(), std::size_t{0});
}

void WheelFeed::add(WheelRequest wheel) {
  {
    const std::scoped_lock lock(mutex_);
    waiting_.push_back(requests_.size());
    requests_.push_back(std::move(wheel));
  }
  tell();
}

void WheelFeed::finish(std::exception_ptr failure) {
  {
    const std::scoped_lock lock(mutex_);
    finished_ = true;
    failure_ = std::move(failure);
  }
  tell();
}

void WheelFeed::tell() {
  const std::scoped_lock lock(listener_mutex_);
  if (on_change_) on_change_();
}

std::size_t WheelFeed::size() const {
  const std::scoped_lock lock(mutex_);
  return requests_.size();
}

const WheelRequest& WheelFeed::request(std::size_t number) const {
  const std::scoped_lock lock(mutex_);
  return requests_.at(number);
}

std::optional<std::size_t> WheelFeed::take() {
  const std::scoped_lock lock(mutex_);
  if (waiting_.empty()) return std::nullopt;
  const std::size_t number = waiting_.front();
  waiting_.pop_front();
  return number;
}

void WheelFeed::put_back(std::span<const std::size_t> numbers) {
  const std::scoped_lock lock(mutex_);
  waiting_.insert(waiting_.begin(), numbers.begin(), numbers.end());
}

bool WheelFeed::exhausted() const {
  const std::scoped_lock lock(mutex_);
  return finished_ && waiting_.empty();
}

void WheelFeed::rethrow_failure() const {
  const std::scoped_lock lock(mutex_);
  if (failure_) std::rethrow_exception(failure_);
}

WheelFeed::Listener::Listener(WheelFeed& feed, std::function<void()> on_change) : feed_(feed) {
  const std::scoped_lock lock(feed_.listener_mutex_);
  feed_.on_change_ = std::move(on_change);
}

WheelFeed::Listener::~Listener() {
  const std::scoped_lock lock(feed_.listener_mutex_);
  feed_.on_change_ = nullptr;
}

}  // namespace cas
