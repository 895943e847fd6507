#pragma once

#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

#include <atomic>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <future>
#include <thread>

#include "core/base/rng.hpp"
#include "sim/map_states.hpp"
#include "web/fake_sessions.hpp"
#include "web/fake_store.hpp"
#include "web/test_accounts.hpp"
#include "web/web_server.hpp"

/// For tests: a real server on a free port of 127.0.0.1, over a store and files in memory.
namespace holdfast::web::testing {

/// Nanoseconds, in which a timer counts, reach no further than 292 years.
inline constexpr MonoTime kFarAway{std::chrono::hours{24 * 365 * 200}};

class TestWakeup final : public Wakeup {
 public:
  explicit TestWakeup(asio::io_context& io) : timer_{io} {}
  void ring() override {
    rung_ = true;
    timer_.cancel();
  }
  Task<Result<bool>> wait_until(MonoTime deadline) override {
    while (!rung_) {
      timer_.expires_at(asio::steady_timer::time_point{std::min(deadline, kFarAway).time_since_epoch()});
      const auto [ec] = co_await timer_.async_wait(asio::as_tuple(asio::use_awaitable));
      if (!ec) break;
      const auto state = co_await asio::this_coro::cancellation_state;
      if (state.cancelled() != asio::cancellation_type::none) {
        co_return fail(ErrorClass::canceled, "HF-SRV-02", "stopped");
      }
    }
    co_return std::exchange(rung_, false);
  }

 private:
  asio::steady_timer timer_;
  bool rung_ = false;
};

class TestClock final : public Clock {
 public:
  explicit TestClock(asio::io_context& io) : io_{io} {}
  WallTime wall_now() override { return std::chrono::floor<milliseconds>(std::chrono::system_clock::now()); }
  MonoTime mono_now() override {
    return MonoTime{std::chrono::floor<milliseconds>(std::chrono::steady_clock::now().time_since_epoch())};
  }
  Task<Result<void>> sleep_until(MonoTime deadline) override {
    ++sleeps;
    asio::steady_timer timer{io_, asio::steady_timer::time_point{deadline.time_since_epoch()}};
    const auto [ec] = co_await timer.async_wait(asio::as_tuple(asio::use_awaitable));
    if (ec) co_return fail(ErrorClass::canceled, "HF-SRV-02", "stopped");
    co_return Result<void>{};
  }
  std::unique_ptr<Wakeup> make_wakeup() override { return std::make_unique<TestWakeup>(io_); }

  std::atomic<int> sleeps = 0;  ///< may be read on any thread

 private:
  asio::io_context& io_;
};

class TestEntropy final : public Entropy {
 public:
  std::uint64_t next() override { return rng_.next(); }

 private:
  Rng rng_{7};
};

/// Files in memory. Counts what an upload must not do.
class FakeBlobs final : public BlobStore {
 public:
  class MemoryStaging final : public Staging {
   public:
    explicit MemoryStaging(FakeBlobs& blobs) : blobs_{blobs} { ++blobs_.open_stagings; }
    ~MemoryStaging() override { --blobs_.open_stagings; }
    Task<Result<void>> append(std::string chunk) override {
      if (chunk.size() > kChunkMax) co_return fail(ErrorClass::invalid, "HF-SRV-01", "the piece is too long");
      if (blobs_.append_error) co_return std::unexpected(*blobs_.append_error);
      if (blobs_.keep_bytes) bytes_ += chunk;
      size_ += chunk.size();
      co_return Result<void>{};
    }
    Task<Result<BlobInfo>> seal() override {
      const BlobId id{"blob" + std::to_string(blobs_.sealed.size())};
      BlobInfo info{.id = id, .bytes = size_, .sha256 = std::to_string(std::hash<std::string>{}(bytes_))};
      info.sha256.resize(64, '0');
      blobs_.sealed[id] = std::move(bytes_);
      co_return info;
    }

   private:
    FakeBlobs& blobs_;
    std::string bytes_;
    std::uint64_t size_ = 0;
  };

  Task<Result<std::unique_ptr<Staging>>> open_staging(std::uint64_t expected_bytes) override {
    ++opened;
    if (open_error) co_return std::unexpected(*open_error);
    if (expected_bytes > free) co_return fail(ErrorClass::resource, "HF-STO-02", "no room");
    co_return std::make_unique<MemoryStaging>(*this);
  }
  Task<Result<void>> remove(BlobId id) override {
    sealed.erase(id);
    co_return Result<void>{};
  }
  Task<Result<BlobInfo>> measure(BlobId) override {
    co_return fail(ErrorClass::not_found, "HF-STO-03", "not here");
  }
  Task<Result<std::vector<StoredBlob>>> list() override { co_return std::vector<StoredBlob>{}; }
  Task<Result<std::size_t>> sweep_staging(WallTime, bool) override { co_return std::size_t{0}; }
  Task<Result<std::uint64_t>> free_bytes() override {
    if (open_error) co_return std::unexpected(*open_error);
    co_return free;
  }

  Result<int> open(const BlobId& id) const {
    const auto found = sealed.find(id);
    if (found == sealed.end()) return fail(ErrorClass::corrupt, "HF-STO-03", "the stored file is missing");
    const int descriptor = ::memfd_create("blob", MFD_CLOEXEC);
    if (::write(descriptor, found->second.data(), found->second.size()) !=
        static_cast<ssize_t>(found->second.size())) {
      return fail(ErrorClass::corrupt, "HF-STO-03", "cannot be written");
    }
    return descriptor;
  }

  std::map<BlobId, std::string> sealed;
  std::uint64_t free = 1ULL << 40U;
  int open_stagings = 0;
  int opened = 0;
  bool keep_bytes = true;
  std::optional<Error> open_error;
  std::optional<Error> append_error;
};

/// Documents in memory. `error`: what every call that writes gets instead.
inline Recipe test_recipe(std::string name) {
  Recipe recipe{.name = std::move(name), .title = "Introductions", .accepts = {"audio", "video"}};
  recipe.modes = {{.name = "full", .stages = {"stt"}}, {.name = "fast", .stages = {"stt"}}, {.name = "none"}};
  recipe.stages = {{.name = "upload", .kind = "upload", .title = "Saved"},
                   {.name = "convert", .kind = "convert", .title = "Converting"},
                   {.name = "stt", .kind = "transcribe", .title = "Transcribing"}};
  return recipe;
}

/// Who everybody is: "local", with or without the right to manage; or whoever they log in as.
enum class Visitors : std::uint8_t { one_user, one_superuser, who_log_in };

inline std::optional<Principal> principal_for(Visitors visitors) {
  if (visitors == Visitors::who_log_in) return std::nullopt;
  return Principal{.owner = "local", .superuser = visitors == Visitors::one_superuser};
}

/// A server that answers until the world ends. What belongs to it is touched on its own thread only:
/// `on_thread`.
class World {
 public:
  explicit World(WebConfig config = {}, std::uint64_t upload_bytes_max = 4ULL << 30U,
                 Visitors visitors = Visitors::one_user) {
    recipes.emplace("introductions", test_recipe("introductions"));
    recipes.emplace("voicesync", test_recipe("voicesync"));
    recipes.emplace("notes", test_recipe("notes")).first->second.accepts = {"text"};
    add_dialect_recipes();
    Deps deps{.intake = {blobs, store, clock, entropy, recipes, {.upload_bytes_max = upload_bytes_max}},
              .engine = control(),
              .limits = {.show = [this] { return limits; },
                         .change = [this](std::string json) { return change_limits(std::move(json)); },
                         .refusing = [this] { return refusing; }},
              .hub = hub,
              .sessions = sessions,
              .health = [this] { return health; },
              .status = [] { return status(); },
              .metrics = [] { return metrics(); },
              .open_blob = [this](BlobId id) { return blobs.open(id); },
              .recovery = recovery_control(),
              .keep = keep,
              .redriver = redriver,
              .rules = rules,
              .services = &services,
              .probe = [this](std::string name) { return probe(std::move(name)); },
              .alerts = &alerts,
              .accounts = accounts.accounts,
              .single_user = principal_for(visitors),
              .on_log_in = [this](std::string owner) { return log_in_seen(std::move(owner)); },
              .models = {{.id = "base", .kind = WorkerKind::speech},
                         {.id = "small", .kind = WorkerKind::language, .role = "chat"},
                         {.id = "mini", .kind = WorkerKind::embedding}},
              .digest = &sodium::digest};
    services.add({.name = "store"});
    services.add({.name = "speech", .breaks = true});
    services.add({.name = "language", .breaks = true});
    services.add({.name = "language/mistral", .probed_by = "language", .breaks = true});
    start_accounts();
    server = std::make_unique<WebServer>(io.get_executor(), std::move(deps), std::move(config));
    const auto listening = server->listen("127.0.0.1", 0);
    if (!listening) throw std::runtime_error{listening.error().what()};
    port = *listening;
    asio::co_spawn(io, redriver.run(), [](std::exception_ptr) {});
    thread = std::thread{[this] { io.run(); }};
  }
  ~World() {
    stop(milliseconds{0});
    work.reset();
    thread.join();  // returns only when nothing is left waiting
    server.reset();
  }

  static Task<alert::Figures> nothing_known() { co_return alert::Figures{}; }
  static Task<Result<std::string>> metrics() { co_return std::string{"holdfast_build_info 1\n"}; }
  Task<Result<void>> change_limits(std::string json) {
    if (json == "{}") co_return fail(ErrorClass::invalid, "HF-REQ-01", "nothing is named");
    limits = std::move(json);
    co_return Result<void>{};
  }
  template <class Fn>
  auto on_thread(Fn fn) {
    // Shared: it is still ending on its thread when its result is here already.
    const auto task = std::make_shared<std::packaged_task<decltype(fn())()>>(std::move(fn));
    auto result = task->get_future();
    asio::post(io, [task] { (*task)(); });
    return result.get();
  }

  /// The result of a coroutine that runs on the world's own thread.
  template <class T>
  T run(Task<T> task) {
    std::promise<T> result;
    asio::post(io, [this, &task, &result] {
      asio::co_spawn(io, std::move(task), [&result](std::exception_ptr bug, T value) {
        if (bug) std::terminate();
        result.set_value(std::move(value));
      });
    });
    return result.get_future().get();
  }

  /// Returns when the server has stopped.
  void stop(milliseconds grace) {
    if (std::exchange(stopped, true)) return;
    std::promise<void> done;
    asio::post(io, [this, grace, &done] {
      redriver.finish();
      asio::co_spawn(io, server->stop(grace), [&done](std::exception_ptr) { done.set_value(); });
    });
    done.get_future().wait();
  }
  /// Puts a job into the store and returns its id.
  std::string put(Job job) {
    std::string id = job.id.text();
    on_thread([this, &job] { store.jobs[job.id] = job; });
    return id;
  }
  /// Puts an event into the log and tells everybody who watches.
  void happen(std::uint64_t seq, const std::string& item, const std::string& type,
              const std::string& owner = "local") {
    on_thread([&] {
      store.log.push_back({.seq = seq, .item = ItemId{item}, .owner = owner, .entry = {.type = type}});
      hub.publish({.seq = seq, .item = ItemId{item}, .owner = owner, .type = type, .status = "processing"});
    });
  }
  [[nodiscard]] std::string host() const { return "127.0.0.1:" + std::to_string(port); }

  asio::io_context io{1};
  asio::executor_work_guard<asio::io_context::executor_type> work{io.get_executor()};
  TestClock clock{io};
  TestEntropy entropy;
  FakeStore store;
  FakeBlobs blobs;
  sim::MapStates::Documents documents;
  sim::MapStates states{documents};
  FakeSessions sessions;
  RecipeBook recipes;
  retention::Policy keep;
  recovery::RuleBook rules{{states, clock, {{"convert", {.attempts_max = 9}}}}};
  recovery::Redriver redriver{{store, states, clock, entropy, [this] { ++woken; }}};
  views::EventHub hub{clock};
  guard::Services services{{.clock = clock, .entropy = entropy}};
  guard::Alerts alerts{{.states = states, .clock = clock, .entropy = entropy, .look = &World::nothing_known}};
  boost::json::object health{{"status", "pass"}};
  std::string limits = "{}";
  bool refusing = false;
  TestAccounts accounts{clock, entropy};
  std::vector<std::string> logged_in;
  std::vector<std::string> retried;
  std::vector<std::string> filled;
  int woken = 0;
  std::unique_ptr<WebServer> server;
  std::uint16_t port = 0;

 private:
  void add_dialect_recipes() {
    for (const char* name : {"chat", "embeddings"}) {
      Recipe& recipe = recipes.emplace(name, test_recipe(name)).first->second;
      recipe.accepts = {"text"};
      recipe.modes.clear();
      recipe.stages = {{.name = "upload", .kind = "upload"}, {.name = "work", .kind = "complete"}};
    }
  }
  void start_accounts() {
    asio::co_spawn(io, accounts.accounts.start(), [](std::exception_ptr, Result<void> started) {
      if (!started) throw std::runtime_error{started.error().what()};
    });
    while (io.poll() > 0) continue;
  }
  Task<void> log_in_seen(std::string owner) {
    logged_in.push_back(std::move(owner));
    co_return;
  }
  EngineControl control() {
    return {.cancel = [this](ItemId id) { return cancel(std::move(id)); },
            .retry = [this](ItemId id, std::string stage) { return retry(std::move(id), std::move(stage)); },
            .fill_gaps = [this](ItemId id, std::int64_t start_ms) { return fill_gaps(std::move(id), start_ms); },
            .redo_in = [this](ItemId id, std::string mode) { return redo_in(std::move(id), std::move(mode)); },
            .progress_of = [](const ItemId&) { return 0.25; },
            .wake = [this](const Job&) { ++woken; }};
  }
  RecoveryControl recovery_control() {
    return {.discard =
                [this](ItemId id, std::string who, std::string reason) {
                  return store.update(id, [who, reason](const Job& job, WallTime now) {
                    return decide::discard(job, who, reason, now);
                  });
                },
            .complete_by_hand =
                [this](ItemId id, decide::ByHand made) {
                  return store.update(id, [made](const Job& job, WallTime now) {
                    return decide::complete_by_hand(job, made, now);
                  });
                },
            .recover_now = [](std::string kind) { return recover(std::move(kind)); },
            .sweep_now = [](bool dry_run) { return sweep(dry_run); },
            .figures = [] { return RecoveryFigures{.interrupted = 1, .stuck = 2, .released = 3}; }};
  }
  static Task<Result<Recovered>> recover(std::string kind) {
    if (kind != "transcribe") co_return fail(ErrorClass::not_found, "HF-QUE-01", "there is no queue of that type");
    co_return Recovered{.interrupted = 1, .stuck = 2, .released = 3};
  }
  static Task<Result<Swept>> sweep(bool dry_run) {
    co_return Swept{.staged = 4, .orphans = 5, .suspects = 6, .taken = {.files = 7, .dead_letters = dry_run ? 8U : 0U}};
  }
  Task<Result<Job>> cancel(ItemId id) {
    Job& job = store.jobs[id];
    if (is_terminal(job.status)) co_return fail(ErrorClass::conflict, "HF-ITM-03", "it is over");
    job.status = JobStatus::cancelled;
    ++job.version;
    co_return job;
  }
  Task<Result<Job>> retry(ItemId id, std::string stage) {
    if (stage == "nonsense") co_return fail(ErrorClass::invalid, "HF-ITM-04", "no such stage");
    retried.push_back(id.text() + " from " + stage);
    Job& job = store.jobs[id];
    job.status = JobStatus::pending;
    ++job.version;
    co_return job;
  }
  Task<Result<Job>> fill_gaps(ItemId id, std::int64_t start_ms) {
    Job& job = store.jobs[id];
    if (job.status != JobStatus::completed) co_return fail(ErrorClass::conflict, "HF-ITM-03", "it is not completed");
    if (start_ms == 13'000) co_return fail(ErrorClass::conflict, "HF-GAP-01", "no gap begins there");
    filled.push_back(id.text() + " at " + std::to_string(start_ms));
    job.status = JobStatus::pending;
    job.stage = 1;
    ++job.version;
    co_return job;
  }
  Task<Result<Job>> redo_in(ItemId id, std::string mode) {
    if (mode == "nonsense") co_return fail(ErrorClass::invalid, "HF-UPL-11", "no such mode");
    auto begun = retry(std::move(id), "what is missing of " + mode);
    co_return co_await std::move(begun);
  }
  Task<Result<void>> probe(std::string name) {
    services.seen(name, fail(ErrorClass::dependency, "HF-ENG-02", "the model is away"), milliseconds{7});
    co_return Result<void>{};
  }
  static Task<Result<boost::json::object>> status() {
    const boost::json::object worker{{"kind", "speech"}, {"item", "itm_1"}, {"job_id", "key"}};
    co_return boost::json::object{{"queues", nullptr}, {"workers", boost::json::array{worker}}};
  }

  std::thread thread;
  bool stopped = false;
};

inline Job a_job(const std::string& id, JobStatus status = JobStatus::pending,
                 const std::string& owner = "local") {
  Job job{.id = ItemId{id},
          .job_key = id,
          .owner = owner,
          .recipe = "introductions",
          .status = status,
          .version = 1};
  job.input = {.name = "ana.mp4",
               .bytes = 10,
               .sha256 = std::string(64, 'a'),
               .media_type = "video/mp4",
               .blob = BlobId{"b"}};
  job.stages = {{.name = "upload", .title = "Saved", .state = StageState::completed},
                {.name = "stt", .title = "Transcribing"}};
  job.stage = status == JobStatus::completed ? 2 : 1;
  return job;
}

/// The first bytes of a WAV file, then as many zeros as asked for.
inline std::string wav(std::size_t bytes) {
  std::string file{
      "RIFF\xff\xff\xff\x7fWAVEfmt \x10\0\0\0\1\0\1\0\x80\x3e\0\0\0\x7d\0\0\2\0\x10\0data\xff\xff\xff\x7f",
      44};
  file.resize(std::max(bytes, file.size()), '\0');
  return file;
}

}  // namespace holdfast::web::testing
