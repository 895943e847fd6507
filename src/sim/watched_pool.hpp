#pragma once

#include <functional>

#include "ports/worker_pool.hpp"

namespace holdfast::sim {

/// A pool whose answers to questions somebody hears.
class WatchedPool final : public WorkerPool {
 public:
  struct Ears {
    std::function<void(WorkerKind, bool well)> probed{};
    std::function<void(WorkerKind, bool repeats, unsigned room)> offered{};
    bool boasts = false;  ///< a planted bug: there is always room, it says
  };
  WatchedPool(WorkerPool& inner, Ears ears) : inner_{inner}, ears_{std::move(ears)} {}

  Task<Result<std::unique_ptr<WorkRun>>> start(WorkRequest request) override {
    return inner_.start(std::move(request));
  }
  Task<Result<void>> probe(WorkerKind kind) override {
    auto asking = inner_.probe(kind);
    auto answer = co_await std::move(asking);
    if (ears_.probed) ears_.probed(kind, answer.has_value());
    co_return answer;
  }
  unsigned room(WorkerKind kind, const std::string& role, bool repeats) override {
    const unsigned room = inner_.room(kind, role, repeats);
    if (ears_.offered) ears_.offered(kind, repeats, room);
    return ears_.boasts ? kRoomForAll : room;
  }
  bool has_less(WorkerKind kind, const std::string& role) override { return inner_.has_less(kind, role); }
  std::vector<WorkerStatus> status() override { return inner_.status(); }

 private:
  WorkerPool& inner_;
  Ears ears_;
};

}  // namespace holdfast::sim
