#pragma once

#include <functional>
#include <iosfwd>
#include <string>

#include "app/cli/render.hpp"

namespace holdfast::cli {

struct Session;

/// Tells a person how far things are: one redrawn line on a terminal, a plain line at each change otherwise.
class Progress {
 public:
  struct Look {
    bool redraw = false;  ///< a terminal that takes one line again and again
    Style style{};
  };

  /// `out` must outlive this. `now`: milliseconds of any steady clock.
  Progress(std::ostream& out, Look look, std::function<milliseconds()> now);
  ~Progress() { end(); }
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  void sending(const std::string& name, std::uint64_t sent, std::uint64_t total);
  void item(const ItemState& state);
  /// A sentence of its own, said once however often it comes in a row.
  void note(const std::string& sentence);
  /// Leaves the line as it is and begins a new one.
  void end();

  [[nodiscard]] bool redraws() const { return look_.redraw; }

 private:
  void redraw(const std::string& line, bool now_surely);
  void print(const std::string& line);

  std::ostream& out_;
  Look look_;
  std::function<milliseconds()> now_;
  milliseconds drawn_at_{-1'000'000};
  milliseconds said_at_;  ///< when a line about sending was printed last
  bool line_open_ = false;
  std::string last_;  ///< the newest plain line, the newest state or the newest sentence
  int tenths_ = 0;  ///< of the sending, that were said
};

/// For standard error as it is: terminal or not, NO_COLOR, its width, the language's character set.
[[nodiscard]] Progress::Look look_of(const Session& session);
/// Steady time since any moment.
[[nodiscard]] milliseconds steady_now();

}  // namespace holdfast::cli
