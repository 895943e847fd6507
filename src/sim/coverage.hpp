#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace holdfast::sim {

/// How often each kind of fault, change and state was reached: what a run has never reached it has not tried.
class Coverage {
 public:
  void reached(std::string_view what, std::uint64_t times = 1);
  void add(const Coverage& other);
  /// What was reached, and with 0 what is expected of many seeds together and was not.
  [[nodiscard]] std::map<std::string, std::uint64_t> counts() const;

  /// What a few hundred drawn seeds are to reach.
  static const std::vector<std::string_view>& expected();

 private:
  std::map<std::string, std::uint64_t, std::less<>> counts_;
};

/// Counts it where somebody counts.
inline void reach(Coverage* coverage, std::string_view what) {
  if (coverage != nullptr) coverage->reached(what);
}

}  // namespace holdfast::sim
