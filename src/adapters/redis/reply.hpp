#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.hpp"
#include "core/cache/entry.hpp"

struct redisReader;

namespace holdfast::redis {

/// What Redis answered to one command.
struct Reply {
  enum class Kind : std::uint8_t { text, number, list, nothing, refused };
  Kind kind = Kind::nothing;
  std::string text{};  ///< of `refused`: the first word of it alone, as the rest may repeat what was sent
  std::int64_t number = 0;
  std::vector<Reply> list{};
};

/// Larger answers are not read: the largest entry and what stands around it.
inline constexpr std::size_t kReplyMax = cache::kValueMax + (64U << 10U);

/// One command in the form in which it is sent. Words may hold any bytes. Source: RESP, version 2.
[[nodiscard]] std::string encode(const std::vector<std::string>& words);

/// Takes bytes as they arrive and gives whole replies.
class ReplyReader {
 public:
  ReplyReader();
  ~ReplyReader();
  ReplyReader(const ReplyReader&) = delete;
  ReplyReader& operator=(const ReplyReader&) = delete;

  void feed(std::string_view bytes);
  /// Nothing: there are bytes to come. Errors: dependency HF-CCH-01 (that is no Redis, or more than kReplyMax).
  Result<std::optional<Reply>> next();

 private:
  struct Free {
    void operator()(redisReader* reader) const;
  };
  std::unique_ptr<redisReader, Free> reader_;
  std::size_t fed_ = 0;  ///< since the last whole reply
};

}  // namespace holdfast::redis
