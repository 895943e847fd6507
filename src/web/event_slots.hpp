#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>

#include "ports/clock.hpp"

namespace holdfast::web {

/// How many event streams are open, or calls held, in all and for each user.
class EventSlots {
 public:
  /// A place; gives itself back when it ends.
  class Slot {
   public:
    Slot(EventSlots& slots, std::string owner) : slots_{&slots}, owner_{std::move(owner)} {}
    Slot(Slot&& other) noexcept
        : slots_{std::exchange(other.slots_, nullptr)}, owner_{std::move(other.owner_)} {}
    Slot& operator=(Slot&&) = delete;
    ~Slot() {
      if (slots_ != nullptr) slots_->leave(owner_);
    }

   private:
    EventSlots* slots_;
    std::string owner_;
  };

  EventSlots(std::size_t total_max, std::size_t per_owner_max)
      : total_max_{total_max}, per_owner_max_{per_owner_max} {}

  /// Nothing: there is no place left.
  std::optional<Slot> enter(const std::string& owner) {
    if (total_ == total_max_ || open_[owner] == per_owner_max_) return std::nullopt;
    ++total_;
    ++open_[owner];
    return std::optional<Slot>{std::in_place, *this, owner};
  }
  [[nodiscard]] std::size_t size() const { return total_; }

 private:
  void leave(const std::string& owner) {
    --total_;
    if (--open_[owner] == 0) open_.erase(owner);
  }

  std::size_t total_max_;
  std::size_t per_owner_max_;
  std::size_t total_ = 0;
  std::map<std::string, std::size_t> open_;
};

/// Tells everything that waits inside an answer that the server is going down.
class StopSignal {
 public:
  /// Rings when stopping begins; destroy it to stop listening. Single-threaded.
  class Bell {
   public:
    Bell(StopSignal& signal, Clock& clock) : signal_{signal}, wakeup_{clock.make_wakeup()} {
      signal_.bells_.insert(this);
      if (signal_.stopping_) wakeup_->ring();
    }
    Bell(const Bell&) = delete;
    Bell& operator=(const Bell&) = delete;
    ~Bell() { signal_.bells_.erase(this); }
    [[nodiscard]] Wakeup& wakeup() { return *wakeup_; }

   private:
    friend class StopSignal;
    StopSignal& signal_;
    std::unique_ptr<Wakeup> wakeup_;
  };

  [[nodiscard]] bool stopping() const { return stopping_; }
  void stop() {
    stopping_ = true;
    for (Bell* bell : bells_) bell->wakeup_->ring();
  }

 private:
  bool stopping_ = false;
  std::set<Bell*> bells_;
};

}  // namespace holdfast::web
