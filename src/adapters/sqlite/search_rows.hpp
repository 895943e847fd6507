#pragma once

#include <vector>

#include "adapters/sqlite/database.hpp"
#include "ports/session_store.hpp"

/// Tables extraction_words and segment_words, which triggers keep beside the rows that they are made of.
namespace holdfast::sqlite {

Result<FoundTexts> find_texts(Database& database, const TextQuery& query);
Result<std::vector<OwnedExtraction>> load_extractions(Database& database, const std::string& owner,
                                                      const std::vector<std::uint64_t>& ids);
Result<std::vector<Unembedded>> without_vector(Database& database, const UnembeddedQuery& query);

/// The words as FTS5 takes them: each one a text in quotes, of which nothing is read as syntax; any of them may be
/// there. Empty: there is none.
std::string match_of(const std::vector<std::string>& words);

}  // namespace holdfast::sqlite
