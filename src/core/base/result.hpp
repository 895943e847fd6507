#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/base/time.hpp"

namespace holdfast {

/// What the caller may do about a failure. Retry policy and HTTP status mapping switch on this and on nothing
/// else. The first five are the failure classes of a stage (docs/failure-classes.md); the rest never settle a
/// job.
enum class ErrorClass : std::uint8_t {
  transient,    ///< may succeed if repeated: timeout, worker crash, lost connection
  dependency,   ///< something we stand on is away (model, endpoint, tool): wait until it is back, does not
                ///< count
  resource,     ///< out of memory or time: repeat with less
  permanent,    ///< will never succeed for this input: not a media file
  interrupted,  ///< our own process ended under it: resume from the checkpoint, counted apart
  overloaded,   ///< refused for now: repeat later and slow down
  invalid,      ///< the request itself is wrong: nothing was changed
  not_found,    ///< there is no such thing, or it is not yours
  conflict,  ///< somebody else changed it first: stale fencing token, illegal transition; nothing was changed
  corrupt,   ///< stored bytes do not match their checksum
  unknown,   ///< the call may or may not have taken effect: read before repeating
  canceled,  ///< we stopped it ourselves
};

/// A failure as a value: class (what to do), code (stable, listed in core/catalogue), and a sentence for
/// people.
class Error {
 public:
  Error(ErrorClass cls, std::string_view code, std::string what)
      : class_{cls}, code_{code}, what_{std::move(what)} {}
  [[nodiscard]] ErrorClass error_class() const noexcept { return class_; }
  [[nodiscard]] const std::string& code() const noexcept { return code_; }
  [[nodiscard]] const std::string& what() const noexcept { return what_; }

  /// A figure that belongs to the failure and is shown with it: how long the queue is that was full.
  using Fact = std::pair<std::string, std::int64_t>;
  void state(std::string name, std::int64_t value) { facts_.emplace_back(std::move(name), value); }
  [[nodiscard]] const std::vector<Fact>& facts() const noexcept { return facts_; }

  /// After how long the one who refused wants to be asked again; nothing: he did not say.
  [[nodiscard]] std::optional<milliseconds> retry_after() const noexcept { return retry_after_; }
  [[nodiscard]] Error asked_again_after(milliseconds wait) && {
    retry_after_ = wait;
    return std::move(*this);
  }

 private:
  ErrorClass class_;
  std::string code_;
  std::string what_;
  std::vector<Fact> facts_;
  std::optional<milliseconds> retry_after_;
};

/// std::expected of libstdc++ 12 is not [[nodiscard]]; this is.
template <class T>
class [[nodiscard]] Result : public std::expected<T, Error> {
  using Base = std::expected<T, Error>;

 public:
  using Base::Base;
};

inline std::unexpected<Error> fail(ErrorClass cls, std::string_view code, std::string what) {
  return std::unexpected<Error>{std::in_place, cls, code, std::move(what)};
}

}  // namespace holdfast

#define HF_CAT_(a, b) a##b
#define HF_CAT(a, b) HF_CAT_(a, b)
#define HF_TRY_IMPL_(ret, tmp, decl, ...)                \
  auto tmp = __VA_ARGS__;                                \
  if (!tmp) ret std::unexpected(std::move(tmp).error()); \
  decl = *std::move(tmp)
/// HF_TRY(auto row, parse(text));  returns the error to the caller, or binds the value.
#define HF_TRY(decl, ...) HF_TRY_IMPL_(return, HF_CAT(hf_try_, __COUNTER__), decl, __VA_ARGS__)
/// HF_CO_TRY(auto lease, co_await queue.lease(...));  the same inside a coroutine.
#define HF_CO_TRY(decl, ...) HF_TRY_IMPL_(co_return, HF_CAT(hf_try_, __COUNTER__), decl, __VA_ARGS__)
/// HF_TRY_VOID(check(...));  for results that carry no value.
#define HF_TRY_VOID(...) \
  if (auto hf_void_ = __VA_ARGS__; !hf_void_) return std::unexpected(std::move(hf_void_).error())
/// HF_CO_TRY_VOID(co_await queue.settle(...));  the same inside a coroutine.
#define HF_CO_TRY_VOID(...) \
  if (auto hf_void_ = __VA_ARGS__; !hf_void_) co_return std::unexpected(std::move(hf_void_).error())
