#include "flow/recovery/filter_json.hpp"

#include "core/base/instant.hpp"
#include "flow/views/item_view.hpp"

namespace holdfast::recovery {
namespace {

namespace json = boost::json;

std::unexpected<Error> bad(std::string_view name, const char* what) {
  return fail(ErrorClass::invalid, "HF-REQ-01", std::string{name} + " is " + what);
}

Result<std::optional<std::string>> text_of(const json::object& fields, std::string_view name) {
  const json::value* value = fields.if_contains(name);
  if (value == nullptr || value->is_null()) return std::optional<std::string>{};
  if (!value->is_string()) return bad(name, "a text");
  return std::optional{std::string{value->get_string()}};
}

Result<std::optional<WallTime>> time_of(const json::object& fields, std::string_view name) {
  HF_TRY(const auto text, text_of(fields, name));
  if (!text) return std::optional<WallTime>{};
  const auto time = parse_instant(*text);
  if (!time) return bad(name, "a time such as 2026-11-22T04:19:07Z");
  return time;
}

}  // namespace

Result<DeadLetterFilter> read_filter(const json::object& fields) {
  DeadLetterFilter filter;
  HF_TRY(filter.owner, text_of(fields, "owner"));
  HF_TRY(filter.recipe, text_of(fields, "recipe"));
  HF_TRY(filter.stage, text_of(fields, "stage"));
  HF_TRY(filter.kind, text_of(fields, "kind"));
  HF_TRY(filter.code, text_of(fields, "code"));
  HF_TRY(filter.failed_from, time_of(fields, "failed_from"));
  HF_TRY(filter.failed_until, time_of(fields, "failed_until"));
  return filter;
}

json::object filter_object(const DeadLetterFilter& filter) {
  json::object out;
  const auto put = [&out](const char* name, const std::optional<std::string>& text) {
    if (text) out[name] = *text;
  };
  put("owner", filter.owner);
  put("recipe", filter.recipe);
  put("stage", filter.stage);
  put("kind", filter.kind);
  put("code", filter.code);
  if (filter.failed_from) out["failed_from"] = views::to_rfc3339(*filter.failed_from);
  if (filter.failed_until) out["failed_until"] = views::to_rfc3339(*filter.failed_until);
  return out;
}

}  // namespace holdfast::recovery
