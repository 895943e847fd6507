#pragma once

#include <functional>
#include <memory>
#include <utility>

#include "adapters/sqlite/writer.hpp"
#include "ports/account_store.hpp"
#include "ports/job_store.hpp"
#include "ports/retention_store.hpp"
#include "ports/session_store.hpp"
#include "ports/state_store.hpp"
#include "ports/vector_store.hpp"

namespace holdfast::sqlite {

/// The connections of one file and who runs closures on them. Every port that the file answers shares them: there is
/// one writer, and what many callers write at once shares its commits, whatever it is.
class Lanes {
 public:
  struct Options {
    OpenOptions file;  ///< as it is opened to be read
    std::function<WallTime()> now;
    bool own_threads = true;
    OnDamage on_damage;
    bool prepared = true;  ///< see Writer
  };
  Lanes(Database writing, Database reading, Options options);

  /// The store's calendar. Called on the store's own threads.
  [[nodiscard]] WallTime now() const { return now_(); }
  [[nodiscard]] std::uint64_t durable_seq() const { return writer_.durable_seq(); }

  /// `work` is `Result<T>(Database&)`: one transaction on the connection that writes; may be called again.
  template <class T, class Fn>
  Task<Result<T>> write(Fn work, Haste haste = Haste::durable) {
    return on_lane<T>(writer_.lane(), haste, std::move(work));
  }
  template <class T, class Fn>
  Task<Result<T>> read(Fn work) {
    return on_lane<T>(reader_.lane(), Haste::durable, std::move(work));
  }
  /// For what reads everything and takes its time: a connection of its own, so that nobody waits behind it.
  template <class T, class Fn>
  Task<Result<T>> inspect(Fn work) {
    return on_lane<T>(inspector_, Haste::durable, std::move(work));
  }

 private:
  void serve_inspection(Batch batch);

  OpenOptions file_;
  std::function<WallTime()> now_;
  Writer writer_;
  Reader reader_;
  Lane inspector_;
};

std::unique_ptr<JobStore> make_job_store(std::shared_ptr<Lanes> lanes);
std::unique_ptr<AccountStore> make_account_store(std::shared_ptr<Lanes> lanes);
std::unique_ptr<StateStore> make_state_store(std::shared_ptr<Lanes> lanes);
std::unique_ptr<RetentionStore> make_retention_store(std::shared_ptr<Lanes> lanes);
std::unique_ptr<SessionStore> make_session_store(std::shared_ptr<Lanes> lanes);
std::unique_ptr<VectorStore> make_vector_store(std::shared_ptr<Lanes> lanes);

}  // namespace holdfast::sqlite
