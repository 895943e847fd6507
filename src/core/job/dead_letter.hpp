#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/job/job.hpp"

namespace holdfast {

/// What operators see of a dead letter in lists and counts.
struct DeadLetterFacts {
  ItemId id;
  std::string owner;
  std::string recipe;
  std::string stage;  ///< name of the stage that failed
  std::string kind;   ///< of that stage
  std::string code;   ///< of the failure
  WallTime failed_at{};
  bool discarded = false;
};

/// Which dead letters. What is not said does not matter.
struct DeadLetterFilter {
  std::optional<std::string> owner;
  std::optional<std::string> recipe;
  std::optional<std::string> stage;
  std::optional<std::string> kind;
  std::optional<std::string> code;
  std::optional<WallTime> failed_from;   ///< then or later
  std::optional<WallTime> failed_until;  ///< then or earlier
  bool discarded = false;                ///< those that were given up, or those that were not
};

/// Dead letters of one cause.
struct DeadLetterGroup {
  std::string recipe;
  std::string stage;
  std::string kind;
  std::string code;
  std::uint64_t count = 0;
  WallTime first_at{};
  WallTime last_at{};
  std::vector<ItemId> samples;  ///< the newest ones, at most kSamplesMax

  static constexpr std::size_t kSamplesMax = 3;
};

/// Nothing: the job is no dead letter.
[[nodiscard]] std::optional<DeadLetterFacts> dead_letter_facts(const Job& job);
[[nodiscard]] bool matches(const DeadLetterFilter& filter, const DeadLetterFacts& facts);
[[nodiscard]] bool matches(const DeadLetterFilter& filter, const Job& job);

/// By recipe, stage and code; the largest group first. Takes the facts one by one: there may be very many.
class DeadLetterGroups {
 public:
  void add(const DeadLetterFacts& facts);
  [[nodiscard]] std::vector<DeadLetterGroup> sorted() const;

 private:
  struct Sample {
    WallTime at{};
    ItemId id;
  };
  struct Gathered {
    DeadLetterGroup group;
    std::vector<Sample> newest;  ///< newest first
  };
  std::vector<Gathered> groups_;
};

}  // namespace holdfast
