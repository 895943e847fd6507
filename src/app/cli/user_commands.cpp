#include <unistd.h>

#include <boost/json.hpp>
#include <cerrno>
#include <ostream>

#include "app/cli/command.hpp"
#include "app/cli/handlers.hpp"
#include "app/cli/session.hpp"

/// Users of a data folder: what an operator does on the machine itself, with or without a server.
namespace holdfast::cli {

namespace {

namespace json = boost::json;
using Act = UserOrder::Act;

constexpr std::size_t kLineMax = 4096;

/// The first line, without its end. Errors: invalid HF-CLI-01 (none, or too long).
Result<std::string> read_line(int descriptor) {
  std::string line;
  char letter = 0;
  while (true) {
    const ssize_t got = ::read(descriptor, &letter, 1);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0 || letter == '\n') break;
    if (line.size() == kLineMax) return fail(ErrorClass::invalid, kUsage, "the password is too long");
    line += letter;
  }
  if (line.ends_with('\r')) line.pop_back();
  if (line.empty()) return fail(ErrorClass::invalid, kUsage, "there is no password on standard input");
  return line;
}

json::object user_object(const User& user) {
  return {{"name", user.name}, {"superuser", user.superuser}, {"active", user.active}};
}

void print_user(Session& session, const User& user) {
  session.out << user.name << (user.superuser ? "\tsuperuser" : "\tuser") << (user.active ? "" : "\tinactive") << "\n";
}

void print_all(Session& session, const Arguments& arguments, const std::vector<User>& users) {
  if (!arguments.has("--json")) {
    for (const User& user : users) print_user(session, user);
    return;
  }
  json::array data;
  for (const User& user : users) data.push_back(user_object(user));
  session.out << json::serialize(json::object{{"data", std::move(data)}}) << "\n";
}

int handle(Session& session, const Arguments& arguments, Act act, bool with_password) {
  const auto loaded = load_configuration(session, arguments);
  if (!loaded) return fail_with(session, arguments, loaded.error());
  UserOrder order{.act = act, .name = arguments.text("NAME"), .superuser = arguments.has("--superuser")};
  if (with_password && !arguments.has("--password-stdin"))
    return fail_with(session, arguments, usage_problem("give the password on standard input, with --password-stdin"));
  if (with_password) {
    auto password = read_line(session.input);
    if (!password) return fail_with(session, arguments, password.error());
    order.password = *std::move(password);
  }
  if (!session.hooks.user) return fail_with(session, arguments, usage_problem("this program was built without users"));
  const auto users = session.hooks.user(loaded->settings, order);
  if (!users) {
    Problem problem = to_problem(users.error());
    if (problem.code == "HF-CLI-06") problem.exit = Exit::no_data;
    return fail_with(session, arguments, problem);
  }
  print_all(session, arguments, *users);
  return to_int(Exit::done);
}

}  // namespace

int handle_user_add(Session& session, const Arguments& arguments) {
  return handle(session, arguments, Act::add, true);
}

int handle_user_list(Session& session, const Arguments& arguments) {
  return handle(session, arguments, Act::list, false);
}

int handle_user_passwd(Session& session, const Arguments& arguments) {
  return handle(session, arguments, Act::passwd, true);
}

int handle_user_deactivate(Session& session, const Arguments& arguments) {
  return handle(session, arguments, Act::deactivate, false);
}

}  // namespace holdfast::cli
