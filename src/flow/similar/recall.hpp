#pragma once

#include <optional>
#include <string>
#include <vector>

#include "flow/similar/remembered.hpp"
#include "ports/session_store.hpp"

namespace holdfast::similar {

/// One's own recordings, searched by words and by meaning.
struct RecallQuery {
  std::string owner;
  std::string text;     ///< as somebody wrote it: nothing in it is syntax
  unsigned limit = 20;  ///< at most SessionStore::kFoundMax
};

/// Either of both: what was taken out, or what was said.
struct Recalled {
  std::optional<OwnedExtraction> extraction;
  std::optional<SaidText> said;
  bool by_words = false;
  bool by_meaning = false;
  double similarity = 0;  ///< of what was found by meaning, up to 1
  double score = 0;       ///< core/similar/fusion.hpp
};

struct Recall {
  std::vector<std::string> words;  ///< that were looked for
  std::vector<Recalled> found;     ///< best first
  std::optional<Error> degraded;   ///< why only words were compared; nothing: meanings were as well
};

struct RecallDeps {
  SessionStore& sessions;
  Remembered* remembered = nullptr;  ///< none: only words are compared
  Clock& clock;
};

/// In one ranking what holds the words and what means nearly the same. A segment that a found memory comes from is not
/// told beside it, nor a memory in the very words of an action item of the same recording. Meanings are waited for
/// kMeaningWait; where they do not come, words are enough, and it says so.
/// Errors: invalid HF-REQ-01 (there is no word in it); as SessionStore.
Task<Result<Recall>> recall(RecallDeps deps, RecallQuery query);

inline constexpr milliseconds kMeaningWait{4'000};
/// Of each ranking, before they are made into one.
inline constexpr unsigned kCandidates = 100;

}  // namespace holdfast::similar
