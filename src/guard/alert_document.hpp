#pragma once

#include <string>
#include <string_view>

#include "core/alert/book.hpp"
#include "core/base/result.hpp"

namespace holdfast::guard {

/// What of the alerts is kept over a restart, as JSON that fits into a document of the state store.
[[nodiscard]] std::string write_alerts(const alert::Book& book, alert::Moment now);

/// The book of an earlier process. What is about a rule that there is not any more is left out. A calendar that jumped
/// makes nothing pending for longer than its rule lasts. Errors: corrupt HF-SVC-03.
Result<alert::Book> read_alerts(std::string_view text, alert::Moment now);

}  // namespace holdfast::guard
