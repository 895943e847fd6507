#include <fcntl.h>
#include <unistd.h>

#include <filesystem>

#include "app/drill/plays/plays.hpp"
#include "app/drill/scene.hpp"
#include "worker/unique_fd.hpp"

/// The store takes no writes, or is lost: FG_11 and FG_15.
namespace holdfast::drill {
namespace {

namespace json = boost::json;

constexpr unsigned kUploads = 102;  ///< more than HoldfastSpoolLong allows

/// Holds the locks of a writer of the database, as another process in the middle of a transaction does. Lets go when it
/// goes. Source: sqlite.org/walformat.html, bytes of the shared-memory file: 120 is the writer's, and 128 is shared by
/// all who have it open, so that who comes later knows that it is not the first.
class StoreLock {
 public:
  /// Errors: not_found HF-DRL-02 (it cannot be taken).
  static Result<StoreLock> take(const Instance& instance) {
    StoreLock lock;
    lock.file_.reset(::open((instance.data() / "holdfast.db-shm").c_str(), O_RDWR | O_CLOEXEC));
    if (!lock.file_ || !lock.take(F_RDLCK, 128) || !lock.take(F_WRLCK, 120))
      return not_here("the store cannot be locked");
    return lock;
  }

 private:
  [[nodiscard]] bool take(short kind, off_t byte) const {
    struct flock wanted{};
    wanted.l_type = kind;
    wanted.l_whence = SEEK_SET;
    wanted.l_start = byte;
    wanted.l_len = 1;
    return ::fcntl(file_.get(), F_SETLKW, &wanted) == 0;
  }

  UniqueFd file_;
};

Result<json::object> spool_of(const Instance& instance) {
  HF_TRY(const json::object health, instance.get("/health"));
  const json::array& entries = cli::array_at(cli::object_at(health, "checks"), "spool");
  return entries.empty() || !entries[0].is_object() ? json::object{} : entries[0].get_object();
}

Result<void> until_records(const Instance& instance, unsigned count) {
  return Scene::until(std::to_string(count) + " records in the spool", [&]() -> Result<bool> {
    HF_TRY(const json::object spool, spool_of(instance));
    return cli::number_at(spool, "records", -1) == count;
  });
}

/// Different recordings, so that each is known by its own bytes.
Upload numbered(unsigned number) {
  return {.content = Recording::silence(milliseconds{300 + number}), .name = std::to_string(number) + ".wav"};
}

/// In the order in which they were recorded: the newest are listed first.
Result<void> check_order(const Instance& instance) {
  HF_TRY(const json::object page, instance.get("/api/v1/items?limit=200"));
  std::vector<std::string> names;
  for (const json::value& item : cli::array_at(page, "data"))
    names.push_back(cli::text_at(cli::object_at(item.get_object(), "input"), "name"));
  if (names.size() != kUploads) return unkept(std::to_string(names.size()) + " items were recorded");
  for (unsigned i = 0; i < kUploads; ++i)
    if (names[kUploads - 1 - i] != std::to_string(i) + ".wav") return unkept("the order is not that of the answers");
  return {};
}

/// A command of the same program that ends well.
Result<void> must_do(const Instance& instance, const std::vector<std::string>& words) {
  HF_TRY(const cli::ChildEnd end, instance.command(words));
  if (end.code == 0) return {};
  return unkept("`holdfast " + words.front() + "` ended in " + std::to_string(end.code));
}

}  // namespace

Result<void> play_restored(Scene& scene) {
  HF_TRY(Instance* const instance, scene.start());
  const std::string backups = (instance->folder() / "backups").string();
  const std::string data = instance->data().string();
  HF_TRY(const std::string done, instance->send({.content = scene.recording().sentence()}));
  HF_TRY_VOID(Scene::until_completed(*instance, done));
  HF_TRY_VOID(must_do(*instance, {"backup", "create", backups}));
  HF_TRY(const std::string busy, instance->send({.content = scene.recording().speech(milliseconds{20'000})}));
  HF_TRY_VOID(must_do(*instance, {"backup", "create", backups, "--incremental"}));
  scene.saw("operator: two backups are made while the server works, the second of only what is new");
  instance->kill9();
  std::error_code bad;
  std::filesystem::remove_all(data, bad);
  scene.broke("the machine dies, and the data folder is lost");
  HF_TRY_VOID(must_do(*instance, {"backup", "verify", backups}));
  HF_TRY_VOID(must_do(*instance, {"restore", backups, "--into", data}));
  HF_TRY_VOID(instance->start());
  scene.mended("operator: verifies the backups, restores the newest, and starts the server");
  HF_TRY(const json::object old, instance->item(done));
  if (transcript_of(old).empty()) return unkept("the transcript is not in the backup");
  HF_TRY_VOID(Scene::until_completed(*instance, busy));
  scene.recovered();
  scene.saw("user: everything that was sent is there, and what was in work is completed");
  return scene.nothing_lost();
}

Result<void> play_store_locked(Scene& scene) {
  HF_TRY(Instance* const instance, scene.start({.settings = {{"HOLDFAST_ALERTS_DRILL_SPEED", "120"}}}));
  HF_TRY_VOID(instance->send(numbered(0)));
  {
    HF_TRY(const StoreLock lock, StoreLock::take(*instance));
    scene.broke("another process holds the database locked");
    HF_TRY(const std::string id, instance->send(numbered(1)));
    HF_TRY(const json::object item, instance->item(id));
    if (cli::text_at(item, "held_for") != "HF-SPL-01") return unkept("the item does not say what it waits for");
    scene.saw("user: saved, and told that it is recorded when the store takes it; what is there can be read");
    instance->kill9();
    scene.broke("kill -9 of the server while the store is locked");
    HF_TRY_VOID(instance->start());
    for (unsigned i = 2; i < kUploads; ++i) HF_TRY_VOID(instance->send(numbered(i)));
    HF_TRY_VOID(until_alert(*instance, "HoldfastSpoolLong", true));
    scene.saw("operator: 101 records in the spool, and HoldfastSpoolLong fires as critical");
  }
  scene.mended("the other process lets go");
  HF_TRY_VOID(until_records(*instance, 0));
  scene.recovered();
  HF_TRY_VOID(check_order(*instance));
  scene.saw("user: every upload is there once, in the order in which they were sent");
  HF_TRY_VOID(until_alert(*instance, "HoldfastSpoolLong", false));
  scene.saw("operator: the alert is over");
  return scene.nothing_lost();
}

}  // namespace holdfast::drill
