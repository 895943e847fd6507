#include "app/backup/command.hpp"

#include <boost/json.hpp>
#include <ostream>

#include "adapters/sqlite/stores.hpp"
#include "app/backup/create.hpp"
#include "app/backup/restore.hpp"
#include "app/backup/verify.hpp"
#include "app/cli/command.hpp"
#include "app/cli/render.hpp"
#include "app/cli/session.hpp"
#include "guard/verify.hpp"

namespace holdfast::backup {
namespace {

namespace json = boost::json;
using cli::Exit;

Exit exit_of(const Error& error) {
  if (error.error_class() == ErrorClass::not_found) return Exit::no_data;
  if (error.error_class() == ErrorClass::corrupt) return Exit::damage;
  return cli::to_problem(error).exit;
}

int end_with(cli::Session& session, const cli::Arguments& arguments, const Error& error) {
  cli::Problem problem = cli::to_problem(error);
  problem.exit = exit_of(error);
  return cli::fail_with(session, arguments, problem);
}

json::object point_object(const Point& point) {
  return {{"at", point.at}, {"last_event", point.last_event}, {"items", point.items}, {"schema", point.schema}};
}

template <class Entries>
json::array named(const Entries& entries) {
  json::array out;
  for (const auto& one : entries) out.push_back(json::object{{"name", one.name}, {"what", one.what}});
  return out;
}

template <class Entries>
void print_named(cli::Session& session, const Entries& entries) {
  for (const auto& one : entries) session.out << one.name << '\t' << one.what << "\n";
}

std::string point_words(const Point& point) {
  return point.at + " (" + std::to_string(point.items) + " items, event " + std::to_string(point.last_event) + ")";
}

int print_created(cli::Session& session, const cli::Arguments& arguments, const Created& made) {
  const Manifest& manifest = made.manifest;
  if (arguments.has("--json")) {
    session.out << json::serialize(json::object{{"ok", manifest.unsound.empty()},
                                                {"backup", made.folder.string()},
                                                {"point", point_object(manifest.point)},
                                                {"files", manifest.files.size()},
                                                {"bytes", made.bytes},
                                                {"bytes_copied", made.bytes_copied},
                                                {"unsound", named(manifest.unsound)}})
                << "\n";
  } else {
    session.out << made.folder.string() << "\nas of " << point_words(manifest.point) << "\n"
                << manifest.files.size() << " files, " << cli::human_size(made.bytes) << ", of which "
                << cli::human_size(made.bytes_copied) << " were copied\n";
    print_named(session, manifest.unsound);
  }
  return cli::to_int(manifest.unsound.empty() ? Exit::done : Exit::damage);
}

/// What one backup is found to be.
struct Verified {
  path folder;
  std::string at;  ///< empty: its manifest cannot be read
  std::vector<Finding> findings{};
};

Verified look_at(const path& folder) {
  Verified out{.folder = folder, .at = {}};
  const auto manifest = read_manifest(folder);
  auto findings = verify(folder);
  if (manifest) out.at = manifest->point.at;
  if (findings) out.findings = *std::move(findings);
  if (!findings) out.findings.push_back({kManifest, findings.error().what()});
  return out;
}

int print_verified(cli::Session& session, const cli::Arguments& arguments, const std::vector<Verified>& all) {
  bool well = true;
  json::array list;
  for (const Verified& one : all) {
    well = well && one.findings.empty();
    list.push_back(json::object{
        {"backup", one.folder.string()}, {"at", one.at}, {"findings", named(one.findings)}});
    if (arguments.has("--json")) continue;
    session.out << one.folder.string() << '\t' << (one.findings.empty() ? "whole" : "damaged") << "\n";
    print_named(session, one.findings);
  }
  if (arguments.has("--json"))
    session.out << json::serialize(json::object{{"ok", well}, {"backups", std::move(list)}}) << "\n";
  return cli::to_int(well ? Exit::done : Exit::damage);
}

int print_restored(cli::Session& session, const cli::Arguments& arguments, const path& from, const Manifest& manifest,
                   const std::vector<Violation>& violations) {
  json::array list;
  for (const Violation& one : violations)
    list.push_back(json::object{{"invariant", one.invariant}, {"subject", one.subject}, {"what", one.what}});
  if (arguments.has("--json")) {
    session.out << json::serialize(json::object{{"ok", violations.empty()},
                                                {"folder", arguments.text("--into")},
                                                {"backup", from.string()},
                                                {"point", point_object(manifest.point)},
                                                {"violations", std::move(list)}})
                << "\n";
  } else {
    session.out << arguments.text("--into") << " is as of " << point_words(manifest.point) << "\n";
    for (const Violation& one : violations)
      session.out << one.invariant << '\t' << one.subject << '\t' << one.what << "\n";
    session.out << (violations.empty() ? "Every promise holds. Serve it with --data.\n" : "");
  }
  return cli::to_int(violations.empty() ? Exit::done : Exit::damage);
}

}  // namespace

int create_command(cli::Session& session, const cli::Arguments& arguments) {
  const auto loaded = cli::load_configuration(session, arguments);
  if (!loaded) return end_with(session, arguments, loaded.error());
  const auto& storage = loaded->settings.storage;
  const auto made = create({.data = storage.data,
                            .spool = storage.spool.empty() ? path{storage.data} / kSpool : path{storage.spool},
                            .target = arguments.text("TARGET"),
                            .incremental = arguments.has("--incremental"),
                            .now = machine_now});
  return made ? print_created(session, arguments, *made) : end_with(session, arguments, made.error());
}

int verify_command(cli::Session& session, const cli::Arguments& arguments) {
  const auto backups = find_backups(arguments.text("TARGET"));
  if (!backups) return end_with(session, arguments, backups.error());
  std::vector<Verified> all;
  for (const path& backup : *backups) all.push_back(look_at(backup));
  return print_verified(session, arguments, all);
}

int restore_command(cli::Session& session, const cli::Arguments& arguments) {
  if (!arguments.has("--into"))
    return cli::fail_with(session, arguments, cli::usage_problem("--into is needed: a folder that is not there yet"));
  auto loaded = cli::load_configuration(session, arguments);
  if (!loaded) return end_with(session, arguments, loaded.error());
  const auto backups = find_backups(arguments.text("TARGET"));
  if (!backups) return end_with(session, arguments, backups.error());
  const path newest = backups->back();
  const auto manifest = restore(newest, arguments.text("--into"));
  if (!manifest) return end_with(session, arguments, manifest.error());
  loaded->settings.storage.data = arguments.text("--into");
  const auto violations = session.hooks.verify(loaded->settings);
  if (!violations) return end_with(session, arguments, violations.error());
  return print_restored(session, arguments, newest, *manifest, *violations);
}

}  // namespace holdfast::backup
