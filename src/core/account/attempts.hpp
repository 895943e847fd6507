#pragma once

#include "core/base/time.hpp"

/// Slows down whoever guesses passwords: for each account and for each address, whether the account exists or not.
namespace holdfast::account {

struct AttemptPolicy {
  unsigned free = 5;                    ///< failures in a row without any wait
  milliseconds first_wait{30'000};      ///< after one more; doubles with each
  milliseconds wait_max{15 * 60'000};   ///< so that the owner is never shut out for long
  milliseconds forget_after{3'600'000};  ///< without any attempt
};

inline constexpr AttemptPolicy kOfAccount{};
/// A whole class may sit behind one address.
inline constexpr AttemptPolicy kOfAddress{.free = 100, .first_wait = milliseconds{10'000}};

struct Attempts {
  unsigned failures = 0;
  WallTime last_at{};
  WallTime blocked_until{};
};

struct Admission {
  Attempts after;
  milliseconds wait{};  ///< 0: go on
};

/// An attempt counts as failed before its password is looked at, so that a hundred at once are a hundred failures;
/// `succeeded` or `refunded` takes it back.
[[nodiscard]] Admission admit(const Attempts& before, const AttemptPolicy& policy, WallTime now);

/// The account's owner is in: what others guessed before does not count any more.
[[nodiscard]] Attempts succeeded();

/// One attempt from this address was right. Others from there still count, or whoever has an account could guess on
/// for ever.
[[nodiscard]] Attempts refunded(Attempts before);

}  // namespace holdfast::account
