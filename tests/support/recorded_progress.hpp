// What was told about packages, for tests that look at it afterwards.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "store/base/progress.hpp"

namespace cas::test {

struct RecordedPackage {
  PackageWork work = PackageWork::download;
  std::uint64_t bytes = 0, received = 0, spared = 0;
  int restarts = 0;
  bool done = false;
};

class RecordedProgress final : public SilentProgress {
 public:
  // Of the last work on the package of that name. Throws where there was none.
  [[nodiscard]] RecordedPackage package(const std::string& name) const {
    const std::lock_guard lock(mutex_);
    return packages_.at(name);
  }

  std::unique_ptr<PackageProgress> begin(PackageWork work, std::string_view name, std::uint64_t bytes) override {
    const std::lock_guard lock(mutex_);
    packages_[std::string(name)] = {work, bytes, 0, 0, 0, false};
    return std::make_unique<Package>(*this, std::string(name));
  }

 private:
  class Package final : public PackageProgress {
   public:
    Package(RecordedProgress& progress, std::string name) : progress_(progress), name_(std::move(name)) {}
    void received(std::uint64_t count) override {
      change([&](RecordedPackage& package) { package.received += count; });
    }
    void restart() override {
      change([](RecordedPackage& package) {
        package.received = 0;
        ++package.restarts;
      });
    }
    void spared(std::uint64_t bytes) override {
      change([&](RecordedPackage& package) { package.spared = bytes; });
    }
    void done() override {
      change([](RecordedPackage& package) { package.done = true; });
    }

   private:
    template <class F>
    void change(const F& f) {
      const std::lock_guard lock(progress_.mutex_);
      f(progress_.packages_.at(name_));
    }
    RecordedProgress& progress_;
    std::string name_;
  };

  mutable std::mutex mutex_;
  std::map<std::string, RecordedPackage> packages_;
};

}  // namespace cas::test
