#include "app/drill/command.hpp"

#include <algorithm>
#include <fstream>
#include <ostream>

#include "app/cli/command.hpp"
#include "app/cli/interrupt.hpp"
#include "app/cli/session.hpp"
#include "app/drill/report.hpp"
#include "app/drill/run.hpp"
#include "core/base/units.hpp"

namespace holdfast::drill {
namespace {

namespace fs = std::filesystem;

Result<Company> company_of(cli::Session& session, const cli::Arguments& arguments) {
  HF_TRY(const auto loaded, cli::load_configuration(session, arguments));
  const fs::path models = loaded.settings.models.dir;
  Company company{.program = session.program_folder + "/holdfast",
                  .models = models,
                  .sample = models.parent_path() / "samples" / "jfk.wav",
                  .environment = session.environment,
                  .keep = arguments.has("--keep")};
  if (arguments.has("--sample")) company.sample = arguments.text("--sample");
  return company;
}

Result<std::vector<const Drill*>> chosen(const cli::Arguments& arguments) {
  std::vector<const Drill*> list;
  for (const Drill& drill : drills()) {
    if (arguments.has("--all")) list.push_back(&drill);
  }
  for (const std::string& id : arguments.list("ID")) {
    const Drill* const drill = find_drill(id);
    if (drill == nullptr)
      return fail(ErrorClass::invalid, cli::kUsage, "there is no drill " + id + "; `holdfast drill list` has them all");
    list.push_back(drill);
  }
  if (list.empty()) return fail(ErrorClass::invalid, cli::kUsage, "name one ID or more, or --all");
  return list;
}

int tell(cli::Session& session, const cli::Arguments& arguments, const Played& played) {
  if (arguments.has("--table")) {
    const std::string path = arguments.text("--table");
    std::ofstream file{path};
    if (!(file << played_page(played)).flush())
      return cli::fail_with(session, arguments,
                            Error{ErrorClass::not_found, cli::kLocalFile, path + " cannot be written"});
  }
  session.out << (arguments.has("--json") ? played_json(played) : sum_text(played));
  const bool kept = std::ranges::all_of(played, [](const auto& one) {
    return one.second.ok() || !one.second.skipped.empty();
  });
  return cli::to_int(kept ? cli::Exit::done : cli::Exit::failed);
}

}  // namespace

int list_command(cli::Session& session, const cli::Arguments& arguments) {
  session.out << (arguments.has("--json") ? list_json() : list_text());
  return cli::to_int(cli::Exit::done);
}

int run_command(cli::Session& session, const cli::Arguments& arguments) {
  const auto list = chosen(arguments);
  if (!list) return cli::fail_with(session, arguments, list.error());
  const auto company = company_of(session, arguments);
  if (!company) return cli::fail_with(session, arguments, company.error());
  cli::interrupt::install();
  std::ostream& lines = arguments.has("--json") ? session.err : session.out;
  Played played;
  for (const Drill* drill : *list) {
    auto findings = play(*drill, *company);
    if (!findings) return cli::fail_with(session, arguments, findings.error());
    lines << findings_text(*drill, *findings) << std::flush;
    played.emplace_back(drill, *std::move(findings));
  }
  return tell(session, arguments, played);
}

int acceptance_command(cli::Session& session, const cli::Arguments& arguments) {
  const auto company = company_of(session, arguments);
  if (!company) return cli::fail_with(session, arguments, company.error());
  AcceptanceOrder order;
  order.uploads = static_cast<unsigned>(std::stoul(arguments.text("--uploads")));
  const auto length = units::parse_duration(arguments.text("--for"));
  if (!length) return cli::fail_with(session, arguments, length.error());
  order.length = *length;
  cli::interrupt::install();
  const auto acceptance = accept(order, *company);
  if (!acceptance) return cli::fail_with(session, arguments, acceptance.error());
  session.out << (arguments.has("--json") ? acceptance_json(*acceptance) : acceptance_text(*acceptance));
  return cli::to_int(acceptance->ok() ? cli::Exit::done : cli::Exit::failed);
}

}  // namespace holdfast::drill
