#include "flow/recovery/redrive.hpp"

#include <boost/json.hpp>

#include "core/base/instant.hpp"
#include "flow/recovery/filter_json.hpp"
#include "flow/stages/body.hpp"
#include "flow/views/item_view.hpp"
#include "flow/views/json_text.hpp"

namespace holdfast::recovery {
namespace {

namespace json = boost::json;
using stages::body::count_or;
using stages::body::text_or_empty;

std::unexpected<Error> damaged_redrive() {
  return fail(ErrorClass::corrupt, "HF-STO-03", "a kept redrive cannot be read");
}

}  // namespace

std::string to_json(const Redrive& redrive) {
  const json::object out{{"id", redrive.id},
                         {"state", redrive.state},
                         {"filter", filter_object(redrive.filter)},
                         {"from_stage", redrive.from_stage},
                         {"per_minute", redrive.per_minute},
                         {"matched", redrive.matched},
                         {"retried", redrive.retried},
                         {"refused", redrive.refused},
                         {"by", redrive.who},
                         {"before", redrive.before.text()},
                         {"began_at", views::to_rfc3339(redrive.began_at)},
                         {"portion_at", views::to_rfc3339(redrive.portion_at)}};
  return views::to_text(out);
}

Result<Redrive> redrive_from(const std::string& text) {
  boost::system::error_code bad;
  const json::value parsed = json::parse(text, bad);
  if (bad || !parsed.is_object()) return damaged_redrive();
  const json::object& fields = parsed.get_object();
  const auto began_at = parse_instant(text_or_empty(fields, "began_at"));
  const auto portion_at = parse_instant(text_or_empty(fields, "portion_at"));
  const json::value* filter = fields.if_contains("filter");
  if (!began_at || !portion_at || filter == nullptr || !filter->is_object()) return damaged_redrive();
  Redrive read{.id = text_or_empty(fields, "id"),
               .from_stage = text_or_empty(fields, "from_stage"),
               .per_minute = static_cast<unsigned>(count_or(fields, "per_minute", 0)),
               .state = text_or_empty(fields, "state"),
               .who = text_or_empty(fields, "by"),
               .matched = static_cast<std::uint64_t>(count_or(fields, "matched", 0)),
               .retried = static_cast<std::uint64_t>(count_or(fields, "retried", 0)),
               .refused = static_cast<std::uint64_t>(count_or(fields, "refused", 0)),
               .before = ItemId{text_or_empty(fields, "before")},
               .began_at = *began_at,
               .portion_at = *portion_at};
  HF_TRY(read.filter, read_filter(filter->get_object()));
  return read;
}

}  // namespace holdfast::recovery
