#pragma once

#include <array>
#include <cstdint>
#include <limits>
#include <string_view>

#include "core/base/time.hpp"

/// A circuit breaker as a value: each function takes it as it is and returns it as it is afterwards. Closed lets
/// every call through and counts; open lets none through; half-open lets a few through to find out.
/// Source: Nygard, "Release It!", chapter 5; the time window and permits as in resilience4j.
namespace holdfast::breaker {

/// Enumerators are the very words of the API.
enum class State : std::uint8_t { closed, open, half_open };
[[nodiscard]] std::string_view to_word(State state);

/// How a call ended.
enum class Outcome : std::uint8_t {
  success,
  slow,      ///< it worked, but took longer than it should
  failure,   ///< the service's own, or that of an input that had not failed before
  repeated,  ///< the input that failed last failed again: it says more of the input than of the service
  dropped,   ///< nobody knows: it was given up before it could tell anything
};

struct Policy {
  milliseconds window{60'000};  ///< what is counted
  unsigned calls_min = 10;      ///< fewer calls in the window have no rate
  unsigned failure_percent = 50;
  unsigned slow_percent = 80;
  /// So many failures in a row, each within the window of the one before, open it as well; 0: they do not. Media
  /// work is a few long calls: ten in a minute never come together, and a rate would never be judged.
  unsigned row_max = 3;
  std::array<unsigned, 2> permits{1, 3};  ///< half-open: calls of the first round and of the second
  milliseconds open_for{30'000};          ///< times the number of openings in a row
  milliseconds open_max{300'000};
  milliseconds gate_max{600'000};  ///< however long somebody asks us to wait
};

struct Bucket {
  unsigned calls = 0;
  unsigned failures = 0;
  unsigned slow = 0;
};
inline constexpr std::size_t kBuckets = 10;

struct Breaker {
  State state = State::closed;
  MonoTime since{};          ///< when this state began
  MonoTime retry_at{};       ///< open: half-open from then on
  bool by_hand = false;      ///< open: until somebody closes it
  MonoTime gate_until{};     ///< we were asked to wait: nothing goes through before, whatever the state
  unsigned trips = 0;        ///< openings in a row, without having been closed in between
  unsigned row = 0;          ///< closed: failures in a row
  MonoTime row_at{};         ///< closed: when the last of them was
  std::size_t round = 0;     ///< half-open: index of the permits
  unsigned under_way = 0;    ///< half-open: calls let through whose end is not known
  unsigned proven = 0;       ///< half-open: calls of this round that worked
  std::uint64_t era = 0;     ///< grows with every change of state: ends of calls of an earlier one do not count
  MonoTime bucket_at{};      ///< when the newest bucket began
  std::array<Bucket, kBuckets> buckets{};  ///< the newest first
};

/// Why a call is not let through.
enum class Refusal : std::uint8_t { none, open, by_hand, gated, proving };

struct Admission {
  Breaker after;
  Refusal refusal = Refusal::none;
  std::uint64_t era = 0;  ///< to be given back with the call's outcome
};

/// The breaker with the change of state that time alone has brought about: open -> half-open.
[[nodiscard]] Breaker as_of(Breaker breaker, MonoTime now);
/// May a call begin now?
[[nodiscard]] Admission admit(Breaker breaker, const Policy& policy, MonoTime now);
/// A call that was let through in `era` has ended. `dice`: 64 bits for the jitter of the open time.
[[nodiscard]] Breaker record(Breaker breaker, const Policy& policy, std::uint64_t era, Outcome outcome,
                             std::uint64_t dice, MonoTime now);
/// The service asked to be left alone until then. It is there, so this is no failure and opens nothing.
[[nodiscard]] Breaker gate(Breaker breaker, const Policy& policy, MonoTime until, MonoTime now);
/// There is a sign that the service is back: an open breaker may be half-open from now on, unless it was opened
/// by hand.
[[nodiscard]] Breaker hope(Breaker breaker, MonoTime now);

/// By hand: open until somebody closes it; closed with nothing counted; as new, without a gate as well.
[[nodiscard]] Breaker open_by_hand(Breaker breaker, MonoTime now);
[[nodiscard]] Breaker close_by_hand(Breaker breaker, MonoTime now);
[[nodiscard]] Breaker reset(Breaker breaker, MonoTime now);

/// How many calls would be let through now; kRoomForAll: any number.
[[nodiscard]] unsigned room(const Breaker& breaker, const Policy& policy, MonoTime now);
inline constexpr unsigned kRoomForAll = std::numeric_limits<unsigned>::max();
/// When a refused call may be worth another try; `now` where nobody can say.
[[nodiscard]] MonoTime worth_trying_at(const Breaker& breaker, MonoTime now);
/// What is counted in the window that ends now.
[[nodiscard]] Bucket counted(const Breaker& breaker, const Policy& policy, MonoTime now);
/// Which state may follow which.
[[nodiscard]] bool may_follow(State before, State after);

}  // namespace holdfast::breaker
