#include "core/fragrance/rules.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include "core/fragrance/mentions.hpp"
#include "core/fragrance/stated_number.hpp"

namespace holdfast::fragrance {
namespace {

constexpr double kMiddle = 0.5;
constexpr std::size_t kNamedMax = kNotesMax - kNoteFamilies.size();  ///< the families have room beside them
constexpr double kOfItsFamily = 0.75;  ///< how much wanting a note says of its whole family
// How much a word speaks for a style.
constexpr double kNamesStyle = 3;
constexpr double kNamesFamily = 1.5;
constexpr double kNamesNote = 1;
constexpr double kMoodSpeaks = 0.75;

double rounded(double value) { return std::round(std::clamp(value, 0.0, 1.0) * 100) / 100; }

void add_word(std::map<std::string, std::string>& found, const std::string& field, std::string_view word) {
  constexpr std::size_t kWordsBytesMax = 200;
  std::string& words = found[field];
  const std::string wrapped = ", " + words + ", ";
  if (wrapped.find(", " + std::string{word} + ", ") != std::string::npos) return;
  if (words.size() + word.size() + 2 <= kWordsBytesMax) words += (words.empty() ? "" : ", ") + std::string{word};
}

/// Votes for the styles, in the order of kStyles; of equal ones that which was spoken for first wins.
class StyleVotes {
 public:
  void add(std::string_view style, double votes) {
    const auto at = static_cast<std::size_t>(std::ranges::find(kStyles, style) - kStyles.begin());
    if (votes_[at] == 0) first_[at] = ++spoken_;
    votes_[at] += votes;
  }
  /// Nothing said for any that is wanted: the first that is not unwanted.
  [[nodiscard]] std::string_view winner(const std::set<std::string>& unwanted) const {
    std::size_t best = kStyles.size();
    for (std::size_t at = 0; at < kStyles.size(); ++at) {
      if (unwanted.contains(std::string{kStyles[at]})) continue;
      if (best == kStyles.size() || beats(at, best)) best = at;
    }
    return best == kStyles.size() ? kStyleOtherwise : kStyles[best];
  }
  [[nodiscard]] bool any() const { return spoken_ > 0; }

 private:
  [[nodiscard]] bool beats(std::size_t at, std::size_t other) const {
    if (votes_[at] != votes_[other]) return votes_[at] > votes_[other];
    return votes_[at] > 0 && first_[at] < first_[other];
  }
  std::array<double, kStyles.size()> votes_{};
  std::array<unsigned, kStyles.size()> first_{};
  unsigned spoken_ = 0;
};

/// The mean of what several words say.
class Mean {
 public:
  void add(double value) {
    sum_ += value;
    ++count_;
  }
  [[nodiscard]] bool any() const { return count_ > 0; }
  [[nodiscard]] double value() const { return sum_ / static_cast<double>(count_); }

 private:
  double sum_ = 0;
  std::size_t count_ = 0;
};

/// "Very" takes it away from the middle, "slightly" towards it, and "not strong" is somewhat below it.
double degree(const Mention& mention) {
  const double away = mention.term->value - kMiddle;
  if (mention.unwanted) return kMiddle - away / 3;
  if (mention.wanted == kWantedALittle) return kMiddle + away / 2;
  if (mention.wanted == kWantedALot) return kMiddle + away * 1.3;
  return mention.term->value;
}

class Reader {
 public:
  explicit Reader(std::string_view text) : tokens_{tokens_of(text)} {}

  Reading read() {
    for (const Mention& mention : mentions_of(tokens_)) take(mention);
    settle_style();
    settle_category();
    settle_notes();
    settle_number("intensity", intensity_, kMiddle + lean_, out_.brief.intensity);
    settle_number("complexity", complexity_, complexity_of_notes(), out_.brief.complexity);
    if (!out_.found.contains("product_category")) assume_category();
    return std::move(out_);
  }

 private:
  void take(const Mention& mention) {
    switch (mention.term->topic) {
      case Topic::style:
        return take_style(mention);
      case Topic::family:
        return take_note(mention, mention.term->means, kNamesFamily);
      case Topic::note:
        return take_note(mention, mention.name, kNamesNote);
      case Topic::mood:
        return take_mood(mention);
      case Topic::intensity:
        intensity_.add(degree(mention));
        return add_word(out_.found, "intensity", mention.name);
      case Topic::complexity:
        complexity_.add(degree(mention));
        return add_word(out_.found, "complexity", mention.name);
      case Topic::category:
        if (mention.unwanted) return;
        if (std::ranges::find(categories_, mention.term->means) == categories_.end())
          categories_.push_back(mention.term->means);
        return add_word(out_.found, "product_category", mention.name);
    }
  }

  void take_style(const Mention& mention) {
    const std::string style{mention.term->means};
    if (is_family(style)) name_note(style, mention);
    if (mention.unwanted) {
      out_.styles_unwanted.insert(style);
      return;
    }
    if (std::ranges::find(out_.styles_named, style) == out_.styles_named.end()) out_.styles_named.push_back(style);
    styles_.add(style, kNamesStyle);
    add_word(out_.found, "style", mention.name);
  }

  void take_note(const Mention& mention, std::string_view name, double votes) {
    name_note(std::string{name}, mention);
    if (mention.unwanted) return;
    styles_.add(style_of_family(mention.term->means), votes * mention.wanted);
    add_word(out_.found, "style", mention.name);
    if (mention.term->topic == Topic::note) ++notes_count_;
    double& share = families_[std::string{mention.term->means}];
    share = std::max(share, mention.wanted * kOfItsFamily);
  }

  /// What is unwanted once is unwanted.
  void name_note(const std::string& name, const Mention& mention) {
    const auto there = out_.named.find(name);
    if (there == out_.named.end() && out_.named.size() >= kNamedMax) {
      too_many_ = true;
      return;
    }
    const bool wanted_so_far = there == out_.named.end() || there->second > 0;
    out_.named[name] = wanted_so_far ? mention.wanted : 0;
    add_word(out_.found, "notes_preference", mention.name);
  }

  void take_mood(const Mention& mention) {
    if (mention.unwanted) return;
    styles_.add(mention.term->means, kMoodSpeaks);
    lean_ += mention.term->value;
    add_word(out_.found, "style", mention.name);
  }

  void settle_style() {
    for (const auto& style : out_.styles_named) out_.styles_unwanted.erase(style);
    out_.brief.style = styles_.winner(out_.styles_unwanted);
    if (!styles_.any()) out_.assumed.emplace_back("style");
    if (out_.styles_named.size() == 1) out_.stated.insert("style");
  }

  void settle_category() {
    if (categories_.empty()) return;
    out_.brief.product_category = categories_.front();
    if (categories_.size() == 1) out_.stated.insert("product_category");
  }

  /// What is stronger stays longer on the skin.
  void assume_category() {
    constexpr double kStrong = 0.65;
    constexpr double kWeak = 0.25;
    const double intensity = out_.brief.intensity;
    out_.brief.product_category = intensity >= kStrong ? "EDP" : intensity <= kWeak ? "Body Spray" : "EDT";
    out_.assumed.emplace_back("product_category");
  }

  void settle_notes() {
    Notes& notes = out_.brief.notes_preference;
    notes = out_.named;
    for (const auto& [family, share] : families_) notes.emplace(family, rounded(share));
    if (too_many_) out_.remarks.push_back("only " + std::to_string(kNamedMax) + " notes of the text were taken");
    const bool any_wanted = std::ranges::any_of(notes, [](const auto& note) { return note.second > 0; });
    if (any_wanted) return;
    for (const auto family : kNoteFamilies) {
      if (style_of_family(family) == out_.brief.style) notes.emplace(family, kMiddle);
    }
    out_.assumed.emplace_back("notes_preference");
  }

  [[nodiscard]] double complexity_of_notes() const {
    if (notes_count_ == 0) return kMiddle;
    return std::min(0.2 + 0.06 * static_cast<double>(notes_count_), 0.9);
  }

  void settle_number(const std::string& field, const Mean& words, double otherwise, double& value) {
    const auto number = number_for(tokens_, field);
    if (number && !number->usable)
      out_.remarks.push_back(field + " " + number->written + " is not within 0 to 1 and was not taken");
    const bool usable = number && number->usable;
    value = rounded(usable ? number->value : words.any() ? words.value() : otherwise);
    if (usable) {
      out_.found[field] = number->written;
      out_.exact.insert(field);
    }
    if (usable || words.any()) {
      out_.stated.insert(field);
    } else {
      out_.assumed.push_back(field);
    }
  }

  Tokens tokens_;
  Reading out_;
  StyleVotes styles_;
  Mean intensity_;
  Mean complexity_;
  double lean_ = 0;
  std::vector<std::string_view> categories_;
  Notes families_;
  std::size_t notes_count_ = 0;
  bool too_many_ = false;
};

void put_number(const std::string& field, double& value, double stated, const Reading& said,
                std::vector<std::string>& remarks) {
  constexpr double kNearWords = 0.15;  // "strong" is no number
  const double near = said.exact.contains(field) ? 0 : kNearWords;
  if (!said.stated.contains(field) || std::abs(value - stated) <= near) return;
  value = stated;
  remarks.push_back(field + " is taken from the text (" + said.found.at(field) + "), not from the model");
}

bool style_fits(const std::string& style, const Reading& said) {
  if (said.styles_unwanted.contains(style)) return false;
  return said.styles_named.empty() || std::ranges::find(said.styles_named, style) != said.styles_named.end();
}

}  // namespace

Reading brief_from_rules(std::string_view text) { return Reader{text}.read(); }

Brief held_to(Brief by_model, const Reading& said, std::vector<std::string>& remarks) {
  if (!style_fits(by_model.style, said)) {
    by_model.style = said.brief.style;
    remarks.emplace_back("style is taken from the text, not from the model");
  }
  if (said.stated.contains("product_category") && by_model.product_category != said.brief.product_category) {
    by_model.product_category = said.brief.product_category;
    remarks.emplace_back("product_category is taken from the text, not from the model");
  }
  put_number("intensity", by_model.intensity, said.brief.intensity, said, remarks);
  put_number("complexity", by_model.complexity, said.brief.complexity, said, remarks);
  for (const auto& [name, weight] : said.named) {
    const auto there = by_model.notes_preference.find(name);
    const bool known = there != by_model.notes_preference.end();
    const bool opposite = known && (there->second > kMiddle) != (weight > kMiddle);
    if (opposite) remarks.push_back("\"" + name + "\" is weighed as in the text, not as by the model");
    by_model.notes_preference[name] = weight;
  }
  return by_model;
}

}  // namespace holdfast::fragrance
