#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "core/alert/book.hpp"
#include "ports/clock.hpp"
#include "ports/entropy.hpp"
#include "ports/log.hpp"
#include "ports/notifier.hpp"
#include "ports/state_store.hpp"

namespace holdfast::guard {

/// Tells whoever runs the server what is wrong, without having been asked: looks at the server's figures by the rules
/// of core/alert, keeps in one document what fires, what happened and what is to be delivered, and delivers it. What
/// fired is durable before anybody is told, as long as the store takes it; each event is delivered at least once.
class Alerts {
 public:
  struct Deps {
    StateStore& states;
    Clock& clock;
    Entropy& entropy;
    std::function<Task<alert::Figures>()> look;  ///< what cannot be known is left out of it
    Notifier* notifier = nullptr;                ///< none: nothing is delivered
    /// Tells those who are watching. May be empty.
    std::function<void(const alert::Event&)> on_event{};
    Log* log = nullptr;
    unsigned drill_speed = 1;  ///< the rules' times are so many times as short
  };
  explicit Alerts(Deps deps);

  /// Takes up what an earlier process kept; what cannot be read is told to the log and left out. Errors: as StateStore.
  Task<Result<void>> load();
  /// Looks again and again until it is stopped.
  Task<void> run();
  /// Delivers until it is stopped: the oldest first, again after growing pauses until it is taken. One that is refused
  /// so often that it will not be taken is given up.
  Task<void> deliver();
  void stop();

  [[nodiscard]] const alert::Book& book() const { return book_; }
  [[nodiscard]] const std::vector<alert::Rule>& rules() const { return rules_; }
  /// The last failure to deliver, unless something was delivered since. Empty: none.
  [[nodiscard]] const std::string& trouble() const { return trouble_; }
  [[nodiscard]] bool delivers() const { return deps_.notifier != nullptr; }

  static constexpr milliseconds kLookEvery{15'000};
  static constexpr unsigned kRefusalsMax = 5;  ///< of one event

 private:
  [[nodiscard]] alert::Moment now() const { return {deps_.clock.mono_now(), deps_.clock.wall_now()}; }
  Task<void> look();
  std::vector<alert::Event> judge(alert::Book& book, const alert::Figures& figures);
  void take_out_done();
  Task<void> keep(const alert::Book* book);
  void tell_event(const alert::Event& event);
  [[nodiscard]] const alert::Event* next_to_deliver() const;
  Task<bool> send(alert::Event event);
  void not_taken(const alert::Event& event, const Error& error);
  bool give_up(const alert::Event& event, const Error& error);
  void done_with(const alert::Event& event);

  Deps deps_;
  std::vector<alert::Rule> rules_;
  milliseconds reach_{0};  ///< of the rule that looks back the furthest
  alert::History history_;
  alert::Book book_;  ///< written by `run` alone
  std::set<std::string> done_;  ///< ids of what was delivered or given up, that `run` has not taken out yet
  std::uint64_t given_up_ = 0;  ///< of these
  std::string refused_;         ///< id of the event that was last
  unsigned refusals_ = 0;       ///< of that one
  bool changed_ = false;  ///< the kept document is an older one
  std::string trouble_;
  unsigned failures_ = 0;  ///< to deliver, in a row
  std::unique_ptr<Wakeup> look_bell_;
  std::unique_ptr<Wakeup> deliver_bell_;
  bool stopping_ = false;
};

}  // namespace holdfast::guard
