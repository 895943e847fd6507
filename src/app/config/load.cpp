#include "app/config/load.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <filesystem>

#include "adapters/redis/address.hpp"
#include "adapters/webhook/address.hpp"
#include "adapters/webhook/signature.hpp"
#include "app/config/endpoint_keys.hpp"
#include "app/config/named_table.hpp"
#include "app/config/retention.hpp"
#include "app/config/service_keys.hpp"
#include "app/config/suggest.hpp"
#include "app/config/toml_file.hpp"
#include "app/config/value.hpp"

namespace holdfast::config {

namespace {

namespace fs = std::filesystem;

constexpr std::string_view kPrefix = "HOLDFAST_";
constexpr std::string_view kRoles = "roles.";
constexpr std::string_view kRoleVariable = "HOLDFAST_ROLES_";
constexpr std::string_view kFileSuffix = "_FILE";
constexpr std::string_view kDataVariable = "HOLDFAST_DATA";
/// A value that stands in a file of its own (containers do it so) is one line.
constexpr std::size_t kValueFileMax = 64U << 10U;
/// Variables with a meaning of their own, which set no key.
constexpr std::array<std::string_view, 6> kOtherVariables = {"HOLDFAST_CONFIG", "HOLDFAST_CACHE",
                                                             "HOLDFAST_SHARED", "HOLDFAST_TOKEN_FILE",
                                                             "HOLDFAST_SERVER", "HOLDFAST_JOBS"};

/// A value on its way into Settings.
struct Given {
  std::string value;
  std::string origin;
  std::string where;  ///< prefix of error messages
};

struct Gathering {
  std::map<std::string, Given> given{};  ///< the strongest so far, by key
  std::map<std::string, NamedEntries> families{};  ///< by family of tables
  std::map<std::string, Given> roles{};            ///< by role
  std::vector<std::string> problems{};
  Loaded loaded{};
};

std::vector<std::string> key_names() {
  std::vector<std::string> names;
  for (const Key& key : keys()) names.emplace_back(key.name);
  return names;
}

/// The key that was probably meant: the same name in another section is nearer than any spelling.
std::string meant_key(const std::string& wrong) {
  const auto dot = wrong.find('.');
  const std::string name = wrong.substr(dot == std::string::npos ? 0 : dot);
  for (const Key& key : keys()) {
    if (dot != std::string::npos && key.name.ends_with(name))
      return "; did you mean " + std::string{key.name} + "?";
  }
  return did_you_mean(wrong, key_names());
}

/// [roles] has no keys of its own: any name is a role.
void take_role(const TomlEntry& entry, Gathering& gathering) {
  const std::string role = entry.key.substr(kRoles.size());
  if (!is_role(role) || entry.written != Written::text || entry.value.empty()) {
    gathering.problems.push_back(entry.where + ": " + entry.key + " must be the name of a model, and its own name of " +
                                 "a-z, 0-9, dot, dash, underscore");
    return;
  }
  gathering.roles[role] = {.value = entry.value, .origin = entry.where, .where = entry.where + ": "};
}

void take_entry(const TomlEntry& entry, Gathering& gathering) {
  if (!entry.family.empty()) {
    gathering.families[entry.family][entry.name].insert_or_assign(entry.field, entry);
    return;
  }
  if (entry.key.starts_with(kRoles)) return take_role(entry, gathering);
  const Key* const key = find_key(entry.key);
  if (key == nullptr) {
    gathering.problems.push_back(entry.where + ": unknown key " + entry.key + meant_key(entry.key));
    return;
  }
  if (entry.written != written_as(key->kind)) {
    gathering.problems.push_back(entry.where + ": " + entry.key + " must be " +
                                 std::string{describe(key->kind)});
    return;
  }
  gathering.given[entry.key] = {.value = entry.value, .origin = entry.where, .where = entry.where + ": "};
}

void take_file(const std::string& path, Gathering& gathering) {
  const auto entries = read_toml(path);
  if (!entries) {
    gathering.problems.push_back(entries.error().what());
    return;
  }
  gathering.loaded.files.push_back(path);
  for (const auto& entry : *entries) take_entry(entry, gathering);
}

std::vector<std::string> drop_ins(const fs::path& folder) {
  std::vector<std::string> found;
  std::error_code problem;
  for (const auto& entry : fs::directory_iterator{folder, problem}) {
    if (entry.path().extension() == ".toml") found.push_back(entry.path().string());
  }
  std::ranges::sort(found);
  return found;
}

/// The file in force. One that was named must be there; otherwise the first place that has one.
std::string choose_file(const Sources& sources, Gathering& gathering) {
  const std::string named =
      sources.file.empty() ? lookup(sources.environment, "HOLDFAST_CONFIG") : sources.file;
  std::error_code problem;
  if (!named.empty()) {
    if (!fs::is_regular_file(named, problem))
      gathering.problems.push_back(named + ": there is no such configuration file");
    return named;
  }
  const std::string home = expand("${XDG_CONFIG_HOME:-${HOME}/.config}/holdfast", sources.environment);
  for (const std::string& folder : {home, sources.system_folder}) {
    const bool here =
        fs::exists(folder + "/config.toml", problem) || fs::is_directory(folder + "/conf.d", problem);
    if (here) return folder + "/config.toml";
  }
  return {};
}

void take_files(const Sources& sources, Gathering& gathering) {
  const std::string file = choose_file(sources, gathering);
  if (file.empty()) return;
  std::error_code problem;
  if (fs::is_regular_file(file, problem)) take_file(file, gathering);
  for (const auto& path : drop_ins(fs::path{file}.parent_path() / "conf.d")) take_file(path, gathering);
}

const Key* key_of_variable(std::string_view variable) {
  if (variable == kDataVariable) return find_key("storage.data");
  const auto found =
      std::ranges::find_if(keys(), [&](const Key& key) { return environment_name(key.name) == variable; });
  return found == keys().end() ? nullptr : &*found;
}

void warn_unknown(const std::string& variable, Gathering& gathering) {
  std::vector<std::string> known{std::string{kDataVariable}};
  for (const auto& other : kOtherVariables) known.emplace_back(other);
  for (const Key& key : keys()) known.push_back(environment_name(key.name));
  gathering.loaded.warnings.push_back("unknown environment variable " + variable +
                                      did_you_mean(variable, known));
}

void take_from_environment(const Key& key, Given given, Gathering& gathering) {
  auto& held = gathering.given[std::string{key.name}];
  if (held.origin.starts_with("environment ") && held.value != given.value) {
    gathering.problems.push_back(given.origin + " and " + held.origin + " give " + std::string{key.name} +
                                 " different values; keep one");
  }
  held = std::move(given);
}

/// NAME_FILE: the value is the content of that file, without the newline at its end.
void take_value_file(const std::string& variable, const std::string& path, Gathering& gathering) {
  const Key* const key =
      key_of_variable(std::string_view{variable}.substr(0, variable.size() - kFileSuffix.size()));
  if (key == nullptr) return warn_unknown(variable, gathering);
  auto text = read_text(path, kValueFileMax);
  if (!text) {
    gathering.problems.push_back("environment " + variable + ": " + text.error().what());
    return;
  }
  while (!text->empty() && (text->back() == '\n' || text->back() == '\r')) text->pop_back();
  take_from_environment(
      *key, {*text, "environment " + variable + " (file " + path + ")", "environment " + variable + ": "},
      gathering);
}

/// HOLDFAST_ROLES_MISTRAL is the role mistral.
void take_role_variable(const std::string& variable, const std::string& value, Gathering& gathering) {
  std::string role = variable.substr(kRoleVariable.size());
  std::ranges::transform(role, role.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  if (!is_role(role) || value.empty()) {
    gathering.problems.push_back("environment " + variable + ": must be the name of a model for a role");
    return;
  }
  gathering.roles[role] = {.value = value, .origin = "environment " + variable, .where = ""};
}

void take_environment(const Sources& sources, Gathering& gathering) {
  for (const auto& [variable, value] : sources.environment) {
    if (!variable.starts_with(kPrefix) ||
        std::ranges::find(kOtherVariables, variable) != kOtherVariables.end())
      continue;
    const Key* const key = key_of_variable(variable);
    if (variable.starts_with(kRoleVariable)) {
      take_role_variable(variable, value, gathering);
    } else if (key != nullptr) {
      take_from_environment(*key, {value, "environment " + variable, "environment " + variable + ": "},
                            gathering);
    } else if (variable.ends_with(kFileSuffix)) {
      take_value_file(variable, value, gathering);
    } else {
      warn_unknown(variable, gathering);
    }
  }
}

void take_flags(const Sources& sources, Gathering& gathering) {
  for (const auto& [key, flag] : sources.flags) {
    gathering.given[key] = {.value = flag.value, .origin = "flag " + flag.flag, .where = flag.flag + ": "};
  }
}

void settle(const Sources& sources, Gathering& gathering) {
  for (const Key& key : keys()) {
    const auto found = gathering.given.find(std::string{key.name});
    const bool given = found != gathering.given.end();
    Effective value{.key = &key, .value = {}, .origin = given ? found->second.origin : "default"};
    value.value = given ? found->second.value : expand(key.fallback, sources.environment);
    const auto assigned = assign(key, value.value, gathering.loaded.settings);
    if (!assigned) gathering.problems.push_back((given ? found->second.where : "") + assigned.error().what());
    gathering.loaded.values.push_back(std::move(value));
  }
}

void settle_named(Gathering& gathering) {
  auto& [settings, values, named, files, warnings] = gathering.loaded;
  for (const auto& [name, entries] : gathering.families["services"])
    settings.services.push_back(read_service(name, entries, gathering.problems));
  for (const auto& [name, entries] : gathering.families["endpoints"])
    settings.endpoints.push_back(read_endpoint(name, entries, gathering.problems));
  for (const auto& [family, tables] : gathering.families) {
    for (const auto& [name, entries] : tables) {
      for (const auto& [field, entry] : entries) named.push_back({family, name, field, as_toml(entry), entry.where});
    }
  }
  for (const auto& [role, given] : gathering.roles) {
    settings.roles[role] = given.value;
    named.push_back({"roles", "", role, quoted(given.value), given.origin});
  }
}

/// The sentences repeat neither of them.
void check_alerts(Gathering& gathering) {
  const auto& alerts = gathering.loaded.settings.alerts;
  if (alerts.webhook.empty() && !alerts.secret.empty())
    gathering.problems.emplace_back("alerts.secret is set, but no alerts.webhook for which it would sign");
  if (alerts.webhook.empty()) return;
  if (const auto address = webhook::read_address(alerts.webhook); !address)
    gathering.problems.push_back("alerts.webhook: " + address.error().what());
  if (alerts.secret.empty()) return;
  if (const auto secret = webhook::secret_bytes(alerts.secret); !secret)
    gathering.problems.push_back("alerts.secret: " + secret.error().what());
}

void check_cache(Gathering& gathering) {
  const auto& settings = gathering.loaded.settings;
  if (settings.cache.backend != "redis") return;
  if (const auto address = redis::read_address(settings.cache.url); !address)
    gathering.problems.push_back("cache.url: " + address.error().what());
  if (std::ranges::find(settings.services, "redis", &Settings::Service::name) != settings.services.end())
    gathering.problems.emplace_back("services.redis: with cache.backend = \"redis\" it is looked at by itself; another "
                                    "Redis needs another name");
}

void check_together(Gathering& gathering) {
  check_alerts(gathering);
  check_cache(gathering);
  const auto& engine = gathering.loaded.settings.engine;
  if (engine.heartbeat * 2 > engine.lease) {
    gathering.problems.emplace_back(
        "engine.heartbeat must be at most half of engine.lease, or one lost heartbeat ends the lease");
  }
  const auto& recovery = gathering.loaded.settings.recovery;
  for (const auto* rule : {&recovery.convert, &recovery.transcribe, &recovery.generate}) {
    if (rule->backoff_ceiling.count() > 0 && rule->backoff_ceiling < rule->backoff_base)
      gathering.problems.emplace_back("recovery: a backoff_ceiling must not be shorter than its backoff_base");
  }
  if (const auto policy = retention_policy(gathering.loaded.settings.retention, {}); !policy)
    gathering.problems.push_back(policy.error().what());
}

std::string joined(const std::vector<std::string>& lines) {
  std::string text;
  for (const auto& line : lines) text += (text.empty() ? "" : "\n") + line;
  return text;
}

}  // namespace

Result<Loaded> load(const Sources& sources) {
  Gathering gathering;
  take_files(sources, gathering);
  take_environment(sources, gathering);
  take_flags(sources, gathering);
  settle(sources, gathering);
  settle_named(gathering);
  if (gathering.problems.empty()) check_together(gathering);
  if (!gathering.problems.empty()) return fail(ErrorClass::invalid, "HF-CFG-01", joined(gathering.problems));
  return std::move(gathering.loaded);
}

}  // namespace holdfast::config
