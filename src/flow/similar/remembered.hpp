#pragma once

#include <memory>
#include <string>
#include <vector>

#include "flow/similar/shelf.hpp"
#include "flow/views/event_hub.hpp"
#include "ports/clock.hpp"
#include "ports/log.hpp"
#include "ports/session_store.hpp"

namespace holdfast::similar {

/// What was taken out of recordings, found again by what it means. Each memory and action item gets its vector after
/// its result was made: soon, where the model answers, and else later; until then it is found by its words. When an
/// item's results go, its vectors are taken out of memory as well. Used from one executor.
class Remembered {
 public:
  struct Deps {
    SessionStore& sessions;
    Shelf& shelf;
    views::EventHub& hub;
    Clock& clock;
    Log* log = nullptr;
  };
  explicit Remembered(Deps deps);

  /// Those of an owner, the nearest first. Errors: as Shelf::nearest.
  Task<Result<std::vector<Found>>> nearest(std::string owner, std::string text, std::size_t count);

  /// Makes what is missing, until it is stopped or cancelled.
  Task<void> run();
  void stop();

  /// Less alike is not alike: what is about something else lies below.
  static constexpr double kSimilarityMin = 0.3;
  static constexpr milliseconds kLookEvery{600'000};  ///< what was missed is found by then
  static constexpr milliseconds kLookApart{1'000};    ///< however much happens
  static constexpr milliseconds kRetryFirst{15'000};
  static constexpr milliseconds kRetryLast{900'000};

 private:
  Task<Result<bool>> make_portion();
  Task<Result<void>> put_vectors(std::vector<Unembedded> portion);
  Task<bool> wait_for_news(views::EventHub::Subscription* news, MonoTime until);
  void take(const views::LiveEvent& event);
  void notice_model();
  [[nodiscard]] MonoTime next_look() const;

  Deps deps_;
  std::unique_ptr<Wakeup> bell_;
  std::string model_;           ///< whose vectors are looked for; empty: nobody has answered yet
  std::uint64_t after_ = 0;     ///< up to this id nothing is missing
  unsigned failures_ = 0;       ///< in a row
  MonoTime looked_at_{};
  bool fresh_ = true;           ///< there may be something new
  bool stopping_ = false;
};

}  // namespace holdfast::similar
