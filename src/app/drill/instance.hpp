#pragma once

#include <sys/types.h>

#include <filesystem>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "app/cli/client.hpp"
#include "app/cli/json_read.hpp"
#include "app/cli/subprocess.hpp"
#include "app/config/environment.hpp"
#include "app/drill/child.hpp"
#include "core/base/result.hpp"

namespace holdfast::drill {

/// What a scratch instance is started with.
struct Setup {
  std::map<std::string, std::string> settings{};  ///< HOLDFAST_... variables, on top of short waits
  std::string config{};                           ///< a configuration file, for what has no variable
  bool single_user = true;
  bool files_expire = false;  ///< the drill has files deleted by rule: what went so is not lost
};

struct Upload {
  std::string content;
  std::string name = "recording.wav";
  std::string recipe = "voicesync";
  std::string mode{};   ///< of the recipe; empty: the fullest
  std::string key{};    ///< Idempotency-Key; empty: none
  std::string token{};  ///< whose; empty: the instance's own
};

/// One `holdfast serve` on a folder of its own, met only through its HTTP API, the command line and signals.
/// Killed when it goes out of scope.
class Instance {
 public:
  struct Place {
    std::string program;             ///< the holdfast to start
    std::filesystem::path folder;    ///< holds data/, tmp/, config/ and the log
    Environment environment;         ///< of the one who plays the drill; few of it are passed on
  };
  Instance(Place place, Setup setup);
  /// Returns when it takes uploads. Errors: transient HF-DRL-01 (it ended, or said nothing in time).
  Result<void> start();
  /// The process dies in an instant, as by the out-of-memory killer.
  void kill9();
  /// Asks it to drain, and waits. Errors: permanent HF-DRL-01 (it did not end, or not well).
  Result<void> drain();
  [[nodiscard]] pid_t pid() const { return process_.pid(); }
  [[nodiscard]] const std::string& url() const { return url_; }
  /// The part behind the # of the link that makes the first user; printed by an instance that has none.
  Result<std::string> set_up_token();
  [[nodiscard]] std::filesystem::path data() const { return place_.folder / "data"; }
  [[nodiscard]] const std::filesystem::path& folder() const { return place_.folder; }
  /// The last lines of its log.
  [[nodiscard]] std::string log_tail() const;
  /// Changes what the next start has.
  Setup& setup() { return setup_; }
  /// Sent with every request that names none.
  void use_token(std::string token) { token_ = std::move(token); }

  /// One exchange; an answer of any status is an answer. Errors: as cli::exchange.
  Result<cli::Response> ask(const std::string& method, const std::string& target, const std::string& json_body = "",
                            const std::string& token = "") const;
  /// Errors: as ask; permanent HF-DRL-01 (another status than 2xx).
  Result<boost::json::object> get(const std::string& target, const std::string& token = "") const;
  Result<boost::json::object> post(const std::string& target, const std::string& json_body = "",
                                   const std::string& token = "") const;
  /// `form`: percent-encoded fields.
  Result<boost::json::object> post_form(const std::string& target, const std::string& form) const;

  /// Sends and takes whatever answer comes; what was acknowledged counts as sent from then on. Several threads may.
  Result<cli::Response> offer(const Upload& upload);
  /// Sends, and gives the item's id. Errors: permanent HF-DRL-01 (refused).
  Result<std::string> send(const Upload& upload);
  Result<boost::json::object> item(const std::string& id, const std::string& token = "") const;

  /// Runs a command of the same program against this instance, to its end.
  Result<cli::ChildEnd> command(std::vector<std::string> words) const;

  /// Acknowledged items that are gone, or whose file is not what was sent. An item that was given up is not lost, nor
  /// is one whose file was deleted by rule where the set-up wants that.
  Result<unsigned> lost() const;
  [[nodiscard]] unsigned sent() const { return static_cast<unsigned>(acknowledged_.size()); }

 private:
  [[nodiscard]] std::map<std::string, std::string> variables() const;
  Result<cli::Response> exchange(cli::Request request, const std::string& token) const;
  Result<bool> is_there(const std::string& id, const std::string& content) const;

  Place place_;
  Setup setup_;
  std::string token_;
  std::string url_;
  Child process_;
  std::mutex guard_;                                 ///< several may send at once
  std::map<std::string, std::string> acknowledged_;  ///< content by id
};

}  // namespace holdfast::drill
