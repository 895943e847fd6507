#include "app/cli/progress.hpp"

#include <chrono>
#include <ostream>

#include "app/cli/session.hpp"

namespace holdfast::cli {

namespace {

/// Ten times a second is as often as an eye follows.
constexpr milliseconds kRedrawEvery{100};
/// A log gets no line for what is over in a moment.
constexpr milliseconds kSayEvery{1'000};
/// Back to the first column, and clear the line.
constexpr std::string_view kAgain = "\r\x1b[K";

bool is_utf8(const Environment& environment) {
  for (const char* name : {"LC_ALL", "LC_CTYPE", "LANG"}) {
    const std::string value = lookup(environment, name);
    if (!value.empty())
      return value.find("UTF-8") != std::string::npos || value.find("utf8") != std::string::npos;
  }
  return false;
}

}  // namespace

Progress::Progress(std::ostream& out, Look look, std::function<milliseconds()> now)
    : out_{out}, look_{look}, now_{std::move(now)}, said_at_{now_()} {}

void Progress::sending(const std::string& name, std::uint64_t sent, std::uint64_t total) {
  if (look_.redraw) return redraw(sending_line(name, sent, total, look_.style), sent == total);
  const int tenths = total == 0 ? 10 : static_cast<int>(sent * 10 / total);
  const milliseconds now = now_();
  const bool soon = sent != total && now - said_at_ < kSayEvery;
  if (tenths <= tenths_ || soon) return;
  tenths_ = tenths;
  said_at_ = now;
  print(printable(name) + ": sent " + std::to_string(tenths * 10) + " %, " + human_size(sent) + " of " +
        human_size(total));
}

void Progress::item(const ItemState& state) {
  const bool over = state.status == "completed" || state.status == "failed" || state.status == "cancelled";
  const std::string change = state.status + "/" + state.stage + "/" + std::to_string(state.attempts);
  const bool changed = change != last_;
  last_ = change;
  if (look_.redraw) {
    redraw(item_line(state, look_.style), changed || over);
  } else if (changed) {
    print(printable(state.name) + ": " + state_words(state));
  }
}

void Progress::note(const std::string& sentence) {
  if (sentence == last_) return;
  end();
  last_ = sentence;
  print(sentence);
}

void Progress::end() {
  if (line_open_) out_ << "\n" << std::flush;
  line_open_ = false;
}

void Progress::redraw(const std::string& line, bool now_surely) {
  const milliseconds now = now_();
  if (!now_surely && now - drawn_at_ < kRedrawEvery) return;
  drawn_at_ = now;
  line_open_ = true;
  out_ << kAgain << line << std::flush;
}

void Progress::print(const std::string& line) { out_ << line << "\n" << std::flush; }

Progress::Look look_of(const Session& session) {
  const bool dumb = lookup(session.environment, "TERM") == "dumb";
  Progress::Look look{.redraw = session.err_terminal && !dumb, .style = {.columns = session.columns}};
  look.style.unicode = is_utf8(session.environment);
  look.style.colour = look.redraw && lookup(session.environment, "NO_COLOR").empty();
  return look;
}

milliseconds steady_now() {
  return std::chrono::duration_cast<milliseconds>(std::chrono::steady_clock::now().time_since_epoch());
}

}  // namespace holdfast::cli
