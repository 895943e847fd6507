#include "app/backup/manifest.hpp"

#include <fcntl.h>

#include <algorithm>
#include <boost/json.hpp>
#include <fstream>
#include <optional>
#include <sstream>
#include <system_error>

#include "adapters/localfs/file_io.hpp"
#include "adapters/localfs/layout.hpp"

namespace holdfast::backup {
namespace {

namespace json = boost::json;
namespace fs = std::filesystem;

constexpr std::int64_t kFormat = 1;

std::unexpected<Error> damaged(const std::string& what) {
  return fail(ErrorClass::corrupt, "HF-BAK-02", std::string{kManifest} + ' ' + what);
}

std::string sum_of(std::string_view text) {
  localfs::Sha256 hash;
  hash.add(text);
  return hash.digest();
}

Result<void> write_new(const path& file, std::string_view text) {
  HF_TRY(const UniqueFd fd, localfs::open_file(file, O_WRONLY | O_CREAT | O_EXCL));
  return localfs::write_all(fd.get(), text);
}

/// Nothing: it cannot be read.
std::optional<std::string> text_of(const path& file) {
  std::ifstream in{file, std::ios::binary};
  std::ostringstream text;
  if (!in || !(text << in.rdbuf())) return std::nullopt;
  return std::move(text).str();
}

json::object to_json(const Manifest& manifest) {
  json::array files;
  for (const FileEntry& file : manifest.files)
    files.push_back(json::object{{"name", file.name}, {"bytes", file.bytes}, {"sha256", file.sha256}});
  json::array unsound;
  for (const Unsound& one : manifest.unsound) unsound.push_back(json::object{{"name", one.name}, {"what", one.what}});
  const Point& point = manifest.point;
  return {{"format", kFormat},
          {"made_by", manifest.made_by},
          {"point", json::object{{"at", point.at},
                                 {"last_event", point.last_event},
                                 {"items", point.items},
                                 {"schema", point.schema}}},
          {"files", std::move(files)},
          {"unsound", std::move(unsound)}};
}

/// A manifest names files of its own folder only, whoever wrote it.
bool may_be_named(std::string_view name) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  constexpr std::string_view kFiles = "files/";
  const std::string of_spool = std::string{kSpool} + '/';
  if (name == kStore) return true;
  if (name.starts_with(of_spool) && name.ends_with(".spool"))
    return name.find_first_not_of(kDigits, of_spool.size()) == name.size() - std::string_view{".spool"}.size();
  if (!name.starts_with(kFiles)) return false;
  name.remove_prefix(kFiles.size());
  const bool fans_out = name.size() > 5 && name[2] == '/' && name.substr(0, 2) == name.substr(3, 2);
  return fans_out && localfs::is_token(name.substr(3));
}

template <class T>
T number(const json::object& from, std::string_view name) {
  return json::value_to<T>(from.at(name));
}

std::string text(const json::object& from, std::string_view name) {
  return json::value_to<std::string>(from.at(name));
}

Manifest from_json(const json::object& read) {
  const json::object& point = read.at("point").as_object();
  Manifest out{.made_by = text(read, "made_by"),
               .point = {.at = text(point, "at"),
                         .last_event = number<std::uint64_t>(point, "last_event"),
                         .items = number<std::uint64_t>(point, "items"),
                         .schema = number<unsigned>(point, "schema")}};
  for (const json::value& one : read.at("files").as_array()) {
    const json::object& file = one.as_object();
    out.files.push_back({text(file, "name"), number<std::uint64_t>(file, "bytes"), text(file, "sha256")});
  }
  for (const json::value& one : read.at("unsound").as_array()) {
    const json::object& entry = one.as_object();
    out.unsound.push_back({text(entry, "name"), text(entry, "what")});
  }
  return out;
}

Result<Manifest> parse(const std::string& text) {
  try {
    const json::value read = json::parse(text);
    if (read.at("format").to_number<std::int64_t>() != kFormat) return damaged("is of a newer program");
    Manifest out = from_json(read.as_object());
    for (const FileEntry& file : out.files)
      if (!may_be_named(file.name)) return damaged("names a file that no backup has");
    return out;
  } catch (const std::exception& bad) {
    return damaged(std::string{"cannot be understood: "} + bad.what());
  }
}

bool is_backup(const path& folder) {
  std::error_code bad;
  return fs::exists(folder / kManifest, bad);
}

}  // namespace

Result<void> write_manifest(const path& backup, const Manifest& manifest) {
  const std::string text = json::serialize(to_json(manifest)) + "\n";
  HF_TRY_VOID(write_new(backup / kManifest, text));
  return write_new(backup / kManifestSum, sum_of(text) + "  " + kManifest + "\n");
}

Result<Manifest> read_manifest(const path& backup) {
  const auto written = text_of(backup / kManifest);
  if (!written) return fail(ErrorClass::not_found, "HF-BAK-01", "there is no backup at " + backup.string());
  const auto sum = text_of(backup / kManifestSum);
  if (!sum || !sum->starts_with(sum_of(*written))) return damaged("is not as it was written");
  return parse(*written);
}

Result<std::vector<path>> find_backups(const path& place) {
  if (is_backup(place)) return std::vector{place};
  std::vector<path> found;
  std::error_code bad;
  for (fs::directory_iterator entry{place, bad}; !bad && entry != fs::directory_iterator{}; entry.increment(bad)) {
    const bool half = entry->path().filename().string().starts_with('.');
    if (!half && is_backup(entry->path())) found.push_back(entry->path());
  }
  if (found.empty()) return fail(ErrorClass::not_found, "HF-BAK-01", "there is no backup at " + place.string());
  std::ranges::sort(found);
  return found;
}

}  // namespace holdfast::backup
