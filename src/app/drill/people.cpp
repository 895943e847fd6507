#include "app/drill/people.hpp"

namespace holdfast::drill {
namespace {

namespace json = boost::json;

constexpr std::string_view kOperator = "operator";
constexpr std::string_view kPassword = "a sentence for a drill";  // of a scratch instance on a loopback address

std::string person(std::string_view name) {
  return json::serialize(json::object{{"name", name}, {"password", kPassword}});
}

}  // namespace

Result<std::string> make_first_superuser(Instance& instance) {
  HF_TRY(const std::string token, instance.set_up_token());
  HF_TRY(const json::object session, instance.post("/auth/setup/" + token, person(kOperator)));
  const std::string access = cli::text_at(session, "access_token");
  instance.use_token(access);
  return access;
}

Result<std::string> make_user(const Instance& instance, const std::string& name) {
  HF_TRY_VOID(instance.post("/api/v1/users", person(name)));
  return log_in(instance, name);
}

Result<std::string> log_in(const Instance& instance, const std::string& name) {
  const std::string form = "username=" + cli::percent_encode(name) + "&password=" + cli::percent_encode(kPassword);
  HF_TRY(const json::object session, instance.post_form("/auth/jwt/login", form));
  return cli::text_at(session, "access_token");
}

}  // namespace holdfast::drill
