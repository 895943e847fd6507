#pragma once

#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/execution/outstanding_work.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/prefer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <new>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

#include "adapters/sqlite/database.hpp"
#include "ports/task.hpp"

namespace holdfast::sqlite {

/// When the caller of a work that writes may be answered.
enum class Haste : std::uint8_t {
  durable,   ///< after the sync that a power cut cannot take it back from
  deferred,  ///< after the commit; the next sync of anything makes it durable too
  flush,     ///< writes nothing: when all that was committed before is durable; waits a moment for company
};

/// A closure that waits for a connection, and the coroutine that waits for its result.
class Work {
 public:
  explicit Work(Haste haste) : haste_{haste} {}
  virtual ~Work() = default;
  [[nodiscard]] Haste haste() const { return haste_; }
  /// Runs the closure; may be called again. False: it returned an error, and nothing that it wrote may stay.
  virtual bool run(Database& database) = 0;
  /// What the caller gets instead, whatever `run` said.
  virtual void refuse(const Error& error) = 0;
  /// Hands the result to the caller, on the caller's own executor. Call once, last.
  virtual void finish() = 0;

 private:
  Haste haste_;
};
using Batch = std::vector<std::unique_ptr<Work>>;

/// A thread that serves work in the order of arrival: everything that waits is handed over as one batch.
class Lane {
 public:
  using Serve = std::function<void(Batch)>;
  /// More than this waiting is refused: transient HF-STO-01.
  static constexpr std::size_t kWaitingMax = 4096;
  /// So long a flush waits for a commit that would sync anyway.
  static constexpr std::chrono::milliseconds kPatience{20};

  /// `own_thread` false: serves each work at once on the thread that submits it (for one-threaded worlds).
  Lane(Serve serve, bool own_thread);
  /// Serves what waits, then ends the thread.
  ~Lane();
  Lane(const Lane&) = delete;
  Lane& operator=(const Lane&) = delete;

  void submit(std::unique_ptr<Work> work);
  /// Whether nothing waits.
  [[nodiscard]] bool idle();

 private:
  void loop();
  bool enqueue(std::unique_ptr<Work>& work);
  Batch take();
  [[nodiscard]] bool only_flushes() const;

  Serve serve_;
  std::mutex mutex_;
  std::condition_variable changed_;
  Batch waiting_;
  bool stopping_ = false;
  std::thread thread_;
};

/// Work of a coroutine: `Fn` is `Result<T>(Database&)`, `Handler` takes a Result<T>.
template <class T, class Fn, class Handler>
class CallerWork final : public Work {
 public:
  CallerWork(Haste haste, Fn fn, Handler handler)
      : Work{haste},
        fn_{std::move(fn)},
        executor_{
            asio::prefer(asio::get_associated_executor(handler), asio::execution::outstanding_work.tracked)},
        handler_{std::move(handler)} {}

  bool run(Database& database) override {
    try {
      result_.emplace(fn_(database));
    } catch (const std::bad_alloc&) {
      refuse(error_of(SQLITE_NOMEM, "out of memory"));
    }
    return result_->has_value();
  }
  void refuse(const Error& error) override { result_.emplace(std::unexpected{error}); }
  void finish() override {
    auto answer = [handler = std::move(handler_), result = *std::move(result_)]() mutable {
      std::move(handler)(std::move(result));
    };
    asio::post(executor_, std::move(answer));
  }

 private:
  using Executor = decltype(asio::prefer(std::declval<asio::associated_executor_t<Handler>>(),
                                         asio::execution::outstanding_work.tracked));
  Fn fn_;
  Executor executor_;  ///< keeps the caller's io_context running until it has its answer
  Handler handler_;
  std::optional<Result<T>> result_;
};

/// Runs `fn` on the lane's connection and resumes the caller on the caller's own executor. Cannot be
/// cancelled: what was handed over is done, and a caller that were told "cancelled" would not know.
template <class T, class Fn>
Task<Result<T>> on_lane(Lane& lane, Haste haste, Fn fn) {
  auto start = [](auto handler, Lane* to, Haste when, Fn call) {
    using Made = CallerWork<T, Fn, decltype(handler)>;
    to->submit(std::make_unique<Made>(when, std::move(call), std::move(handler)));
  };
  return asio::async_initiate<const asio::use_awaitable_t<>&, void(Result<T>)>(
      start, asio::use_awaitable, &lane, haste, std::move(fn));
}

}  // namespace holdfast::sqlite
