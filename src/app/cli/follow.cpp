#include "app/cli/follow.hpp"

#include <algorithm>
#include <csignal>
#include <ostream>

#include "app/cli/command.hpp"
#include "app/cli/interrupt.hpp"
#include "app/cli/session.hpp"
#include "core/base/units.hpp"

namespace holdfast::cli {

namespace {

/// How long the server is asked to hold an answer: as long as it may for a log; shorter where a bar is drawn.
constexpr milliseconds kHold{20'000};
constexpr milliseconds kHoldForBar{1'000};
/// A server that answers at once although asked to hold is not asked more often than this.
constexpr milliseconds kAskEvery{200};
constexpr milliseconds kTryAgainMax{5'000};

bool is_temporary(const Problem& problem) {
  return problem.exit == Exit::unreachable || problem.exit == Exit::refused_for_now;
}

/// What is left until a moment; very long when there is none.
milliseconds rest_until(std::optional<milliseconds> end) {
  return end ? std::max(*end - steady_now(), milliseconds{0}) : milliseconds{std::chrono::hours{24}};
}

Problem interrupted() {
  const bool terminated = interrupt::caught() == SIGTERM;
  return {.exit = terminated ? Exit::terminated : Exit::interrupted,
          .code = {},
          .message = "interrupted",
          .what_to_do = {}};
}

Outcome<void> pause(milliseconds time, std::optional<milliseconds> end) {
  if (interrupt::sleep_for(std::min(time, rest_until(end)))) return {};
  return std::unexpected{interrupted()};
}

/// The loop of `follow`, one look at a time.
class Follower {
 public:
  Follower(const Api& api, const std::string& id, std::optional<milliseconds> end, Progress& progress)
      : api_{api}, id_{id}, end_{end}, progress_{progress} {}

  Outcome<Followed> run() {
    for (;;) {
      const milliseconds asked_at = steady_now();
      if (auto looked = look(); !looked) return std::unexpected{looked.error()};
      if (followed_.over || rest_until(end_).count() == 0) return std::move(followed_);
      const milliseconds spent = steady_now() - asked_at;
      if (auto paused = pause(std::max(again_after_, kAskEvery - spent), end_); !paused) {
        return std::unexpected{paused.error()};
      }
    }
  }

 private:
  Outcome<void> look() {
    const milliseconds hold = progress_.redraws() ? kHoldForBar : kHold;
    const auto response = api_.item(id_, std::min(hold, rest_until(end_)));
    if (interrupt::caught() != 0) return std::unexpected{interrupted()};
    if (!response && !is_temporary(response.error())) return std::unexpected{response.error()};
    if (!response) return wait_for_server();
    const auto state = read_item(response->body);
    if (!state) return std::unexpected{state.error()};
    again_after_ = milliseconds{0};
    followed_ = {.body = response->body, .state = *state, .over = is_over(*state)};
    progress_.item(*state);
    return {};
  }

  Outcome<void> wait_for_server() {
    progress_.note("server is not answering, trying again");
    again_after_ = std::clamp(again_after_ * 2, milliseconds{500}, kTryAgainMax);
    return {};
  }

  const Api& api_;
  const std::string& id_;
  std::optional<milliseconds> end_;
  Progress& progress_;
  Followed followed_{};
  milliseconds again_after_{0};
};

void say_how_to_go_on(Session& session, const std::string& id) {
  session.err << "Stopped watching. The server goes on. `holdfast watch " << id << "` follows it again.\n"
              << std::flush;
}

void print_followed(Session& session, const Arguments& arguments, const std::string& body) {
  if (arguments.has("--json")) {
    print_body(session, body);
  } else {
    session.out << item_page(body);
  }
}

}  // namespace

Outcome<Followed> follow(const Api& api, const std::string& id, std::optional<milliseconds> time,
                         Progress& progress) {
  const auto end = time ? std::optional{steady_now() + *time} : std::nullopt;
  auto followed = Follower{api, id, end, progress}.run();
  progress.end();
  return followed;
}

Exit exit_of(const Followed& followed) {
  if (!followed.over) return Exit::waited;
  return followed.state.status == "completed" ? Exit::done : Exit::items_failed;
}

std::optional<milliseconds> timeout_of(const Arguments& arguments) {
  if (!arguments.has("--timeout")) return std::nullopt;
  const auto parsed = units::parse_duration(arguments.text("--timeout"));
  return parsed ? std::optional{*parsed} : std::nullopt;
}

int follow_and_print(Session& session, const Arguments& arguments, const Api& api, const std::string& id,
                     Progress& progress) {
  const auto followed = follow(api, id, timeout_of(arguments), progress);
  if (!followed && interrupt::caught() != 0) {
    say_how_to_go_on(session, id);
    return to_int(followed.error().exit);
  }
  if (!followed) return fail_with(session, arguments, followed.error());
  if (followed->body.empty()) {
    return fail_with(
        session, arguments,
        Error{ErrorClass::transient, kUnreachable, "the server did not answer in the given time"});
  }
  print_followed(session, arguments, followed->body);
  if (!followed->over) say_how_to_go_on(session, id);
  return to_int(exit_of(*followed));
}

}  // namespace holdfast::cli
