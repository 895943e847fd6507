#pragma once

#include <algorithm>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/this_coro.hpp>
#include <functional>
#include <list>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <variant>

#include "async/task_group.hpp"

namespace holdfast {

/// Work that several want at the same moment is done once: equal keys under way share one call.
///
/// The first who comes leads: its work is run, and what comes of it is everybody's. When it fails, the failure is the
/// leader's alone and the next one leads with its own work, because what went wrong may be over; only what is wrong
/// with the input itself (permanent, invalid) is told to all, as their inputs are equal. Who is cancelled leaves, and
/// the work goes on for the others, the leader's too; when nobody is left it is cancelled.
///
/// On one thread. Whoever owns it calls `stop` before it goes.
template <class T>
class Coalescer {
 public:
  /// Must own everything that it needs: it may outlive the one who asked for it.
  using Work = std::function<Task<Result<T>>()>;

  Coalescer(asio::any_io_executor executor, Clock& clock) : clock_{clock}, group_{executor, clock} {}

  /// A caller limits its own wait by being cancelled. Errors: of the work; canceled; overloaded HF-ADM-02 (kWaitersMax
  /// wait for this key), HF-SRV-02 (stopped).
  Task<Result<T>> once(std::string key, Work work);
  /// Keys under way.
  [[nodiscard]] std::size_t size() const { return flights_.size(); }
  /// Cancels what is under way after `grace`, and waits for its end.
  Task<void> stop(milliseconds grace) { return group_.stop(grace); }

  static constexpr std::size_t kWaitersMax = 1'000;

 private:
  struct Seat {
    Work work;
    std::unique_ptr<Wakeup> bell;
    std::optional<Result<T>> outcome{};
  };
  struct Flight {
    std::list<std::pair<std::uint64_t, Seat*>> waiting{};  ///< with a number that is never used again
    std::unique_ptr<Wakeup> deserted;
  };
  /// A seat among those who wait, for as long as its coroutine does.
  class Place {
   public:
    Place(std::shared_ptr<Flight> flight, std::uint64_t number, Seat& seat)
        : flight_{std::move(flight)}, number_{number} {
      flight_->waiting.emplace_back(number, &seat);
    }
    ~Place() {
      const bool left = std::erase_if(flight_->waiting, [this](const auto& one) { return one.first == number_; }) > 0;
      if (left && flight_->waiting.empty()) flight_->deserted->ring();
    }
    Place(const Place&) = delete;
    Place& operator=(const Place&) = delete;

   private:
    std::shared_ptr<Flight> flight_;
    std::uint64_t number_;
  };

  /// However a flight ends: nobody waits any longer, and the key is free.
  class Ending {
   public:
    Ending(Coalescer& coalescer, std::string key, Flight& flight)
        : coalescer_{coalescer}, key_{std::move(key)}, flight_{flight} {}
    ~Ending() {
      tell_all(flight_, fail(ErrorClass::canceled, "HF-SRV-02", "stopped"));
      coalescer_.flights_.erase(key_);
    }
    Ending(const Ending&) = delete;
    Ending& operator=(const Ending&) = delete;

   private:
    Coalescer& coalescer_;
    std::string key_;
    Flight& flight_;
  };

  Task<void> fly(std::string key, std::shared_ptr<Flight> flight);
  Task<std::optional<Result<T>>> lead(Flight* flight, Work work);
  static void tell(Seat* seat, const Result<T>& outcome) {
    seat->outcome = outcome;
    seat->bell->ring();
  }
  static void tell_all(Flight& flight, const Result<T>& outcome) {
    for (auto& [number, seat] : flight.waiting) tell(seat, outcome);
    flight.waiting.clear();
  }
  static bool is_for_all(const Result<T>& outcome) {
    return outcome || outcome.error().error_class() == ErrorClass::permanent ||
           outcome.error().error_class() == ErrorClass::invalid;
  }

  Clock& clock_;
  TaskGroup group_;
  std::map<std::string, std::shared_ptr<Flight>> flights_;  ///< shared with those who wait, and with the flight itself
  std::uint64_t numbers_ = 0;
};

template <class T>
Task<Result<T>> Coalescer<T>::once(std::string key, Work work) {
  if (group_.stopping()) co_return fail(ErrorClass::overloaded, "HF-SRV-02", "the server is going down");
  auto& flight = flights_[key];
  const bool first = !flight;
  if (first) flight = std::make_shared<Flight>(Flight{.deserted = clock_.make_wakeup()});
  if (flight->waiting.size() >= kWaitersMax)
    co_return fail(ErrorClass::overloaded, "HF-ADM-02", "too many wait for the same answer");
  Seat seat{.work = std::move(work), .bell = clock_.make_wakeup()};
  const Place place{flight, ++numbers_, seat};
  if (first) group_.spawn(fly(std::move(key), flight));
  while (!seat.outcome) {
    const auto rung = co_await seat.bell->wait_until(MonoTime::max());
    if (!rung && !seat.outcome) co_return std::unexpected{rung.error()};
  }
  co_return *std::move(seat.outcome);
}

template <class T>
Task<void> Coalescer<T>::fly(std::string key, std::shared_ptr<Flight> flight) {
  const Ending ending{*this, std::move(key), *flight};
  while (!flight->waiting.empty()) {
    const auto [number, leader] = flight->waiting.front();
    auto leading = lead(flight.get(), leader->work);
    const auto outcome = co_await std::move(leading);
    const auto state = co_await asio::this_coro::cancellation_state;
    if (state.cancelled() != asio::cancellation_type::none) co_return;
    if (outcome && is_for_all(*outcome)) {
      tell_all(*flight, *outcome);
    } else if (outcome && !flight->waiting.empty() && flight->waiting.front().first == number) {
      tell(flight->waiting.front().second, *outcome);
      flight->waiting.pop_front();
    }
  }
}

/// Nothing: everybody had left, and the work was cancelled.
template <class T>
Task<std::optional<Result<T>>> Coalescer<T>::lead(Flight* flight, Work work) {
  using namespace asio::experimental::awaitable_operators;
  auto working = work();
  auto waiting = flight->deserted->wait_until(MonoTime::max());
  auto first = co_await (std::move(working) || std::move(waiting));
  if (first.index() == 0) co_return std::get<0>(std::move(first));
  co_return std::nullopt;
}

}  // namespace holdfast
