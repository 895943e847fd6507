#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/id.hpp"
#include "core/base/result.hpp"
#include "core/base/time.hpp"
#include "core/job/job.hpp"
#include "core/transcript/segment.hpp"

/// Bytes inside a row. Numbers are LEB128 varints, signed ones zigzag first, strings have their length before
/// them. What is decoded comes from disk: every length is checked, and what does not fit is corrupt
/// HF-STO-03.
namespace holdfast::sqlite {

/// A ULID item id as 16 bytes; anything else: empty, and it is stored as it is.
[[nodiscard]] std::string pack_id(const ItemId& id);
/// The inverse, for 16 bytes.
[[nodiscard]] ItemId unpack_id(std::string_view packed);

/// `digits` lower-case hexadecimal digits as half as many bytes; anything else: empty, and it is stored as it
/// is.
[[nodiscard]] std::string pack_hex(std::string_view text, std::size_t digits);
[[nodiscard]] std::string unpack_hex(std::string_view packed);

/// The part of the stages that is the same for every job of a recipe: names, kinds, titles, bulkheads.
[[nodiscard]] std::string encode_plan(const std::vector<StageRecord>& stages);
[[nodiscard]] bool same_plan(const std::vector<StageRecord>& left, const std::vector<StageRecord>& right);
[[nodiscard]] Result<std::vector<StageRecord>> decode_plan(std::string_view bytes);

/// The part of the stages that changes. Times are kept as distances from `created_at`.
[[nodiscard]] std::string encode_progress(const std::vector<StageRecord>& stages, WallTime created_at);
/// Fills in what `encode_progress` kept.
[[nodiscard]] Result<void> decode_progress(std::string_view bytes, WallTime created_at,
                                           std::vector<StageRecord>& stages);

/// No strings: no bytes.
[[nodiscard]] std::string encode_strings(const std::vector<std::string>& strings);
[[nodiscard]] Result<std::vector<std::string>> decode_strings(std::string_view bytes);

/// Times are kept as distances from `start_ms` of the segment.
[[nodiscard]] std::string encode_words(const std::vector<Word>& words, std::int64_t start_ms);
[[nodiscard]] Result<std::vector<Word>> decode_words(std::string_view bytes, std::int64_t start_ms);

}  // namespace holdfast::sqlite
