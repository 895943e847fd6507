#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <string>

#include "app/drill/drill.hpp"
#include "app/drill/instance.hpp"
#include "app/drill/recording.hpp"

namespace holdfast::drill {

/// What every drill is played with.
struct Props {
  std::string program;             ///< the holdfast that is drilled
  std::filesystem::path folder;    ///< scratch, this drill's alone
  std::filesystem::path models;    ///< folder of the model files
  Environment environment;
  Recording recording;             ///< with speech in it
};

/// Where one drill is played: it makes the instance, keeps the story, and waits for what should be seen.
class Scene {
 public:
  explicit Scene(Props props) : props_{std::move(props)} {}

  /// Starts an instance. Errors: as Instance::start.
  Result<Instance*> start(Setup setup = {});
  /// Makes one without starting it; its data folder is in this scene's folder.
  Instance* make(Setup setup);
  [[nodiscard]] const Props& props() const { return props_; }
  [[nodiscard]] const Recording& recording() const { return props_.recording; }

  // The story. `broke` and `mended` set the clock that `recovered` reads.
  void broke(const std::string& what);
  void mended(const std::string& what);
  void saw(const std::string& what) { findings_.seen.push_back(what); }
  void recovered();
  [[nodiscard]] Findings& findings() { return findings_; }

  /// Waits until `look` is true. Errors: permanent HF-DRL-01 (not in time: says what was waited for), those of `look`.
  using Look = std::function<Result<bool>()>;
  static Result<void> until(const std::string& what, const Look& look, milliseconds time = kPatience);
  /// The item once `look` is true of it.
  using ItemLook = std::function<bool(const boost::json::object& item)>;
  static Result<boost::json::object> until_item(const Instance& instance, const std::string& id,
                                                const std::string& what, const ItemLook& look);
  /// The item completed. Errors: permanent HF-DRL-01 (it failed, or not in time).
  static Result<boost::json::object> until_completed(const Instance& instance, const std::string& id);
  /// The item over with a failure. Errors: permanent HF-DRL-01 (it was completed, or not in time).
  static Result<boost::json::object> until_failed(const Instance& instance, const std::string& id);
  /// How much of the recording a stage has done and stored, seconds. Errors: permanent HF-DRL-01 (no such stage).
  static Result<double> checkpoint(const Instance& instance, const std::string& id, std::string_view stage);
  /// The item transcribed so far that a good part of it is stored, and not to its end. Its checkpoint, seconds.
  static Result<double> until_half_heard(const Instance& instance, const std::string& id);
  /// The process id of a worker whose program begins so.
  static Result<pid_t> worker(const Instance& instance, const std::string& program);

  /// What every drill ends with: every acknowledged item and file is there, and `holdfast verify` finds every promise
  /// kept. Errors: permanent HF-DRL-01.
  Result<void> nothing_lost();

  static constexpr milliseconds kPatience{180'000};  ///< ends a hang; nothing is measured by it

 private:
  Props props_;
  Findings findings_;
  std::unique_ptr<Instance> instance_;
  milliseconds clock_{0};
};

/// A promise that was not kept.
std::unexpected<Error> unkept(const std::string& what);
/// This machine does not let the part be broken.
std::unexpected<Error> not_here(const std::string& why);

inline constexpr std::string_view kRecoveryRoutes = "/api/failure-recovery";

/// Waits until the alert of that name fires, or is over. Errors: permanent HF-DRL-01 (not in time), those of asking.
Result<void> until_alert(const Instance& instance, std::string_view name, bool firing);

/// In which mode the recipe stands, as everybody is told. Errors: those of asking; permanent HF-DRL-01 (nothing is
/// told of it).
Result<std::string> standing_of(const Instance& instance, std::string_view recipe);

// Reading items
[[nodiscard]] std::string status_of(const boost::json::object& item);
[[nodiscard]] double progress_of(const boost::json::object& item);
[[nodiscard]] std::string error_of(const boost::json::object& item);
[[nodiscard]] bool says(const boost::json::object& item, std::string_view message);
[[nodiscard]] std::string transcript_of(const boost::json::object& item);
/// Attempts of a stage; 0: it has none of that name.
[[nodiscard]] unsigned attempts_of(const boost::json::object& item, std::string_view stage);

}  // namespace holdfast::drill
