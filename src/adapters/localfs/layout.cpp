#include "adapters/localfs/layout.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <system_error>

namespace holdfast::localfs {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kHex = "0123456789abcdef";
constexpr std::size_t kTokenDigits = 32;

WallTime modified_at(const struct stat& info) {
  return WallTime{std::chrono::seconds{info.st_mtim.tv_sec} + milliseconds{info.st_mtim.tv_nsec / 1'000'000}};
}

/// Names in one folder. A folder that vanishes while it is read is an error, not an empty list.
Result<std::vector<path>> names_in(const path& folder) {
  std::error_code error;
  std::vector<path> names;
  fs::directory_iterator entry{folder, error};
  for (; !error && entry != fs::directory_iterator{}; entry.increment(error)) names.push_back(entry->path());
  if (error) return file_failure(error.value(), "read folder");
  return names;
}

/// False: not a plain file, or gone since it was listed.
bool look_at(const path& file, struct stat& info) {
  return ::lstat(file.c_str(), &info) == 0 && S_ISREG(info.st_mode);
}

Result<void> list_fan_out(const path& folder, std::vector<StoredBlob>& into) {
  HF_TRY(const auto names, names_in(folder));
  for (const path& file : names) {
    struct stat info{};
    if (!is_token(file.filename().string()) || !look_at(file, info)) continue;
    into.push_back({.id = BlobId{file.filename().string()},
                    .bytes = static_cast<std::uint64_t>(info.st_size),
                    .modified = modified_at(info)});
  }
  return {};
}

template <class Visit>
Result<void> each_fan_out(const path& root, Visit visit) {
  for (const char high : kHex) {
    for (const char low : kHex) HF_TRY_VOID(visit(root / "files" / std::string{high, low}));
  }
  return {};
}

}  // namespace

bool is_token(std::string_view text) {
  return text.size() == kTokenDigits && text.find_first_not_of(kHex) == std::string_view::npos;
}

path staging_folder(const path& root) { return root / "staging"; }

path blob_folder(const path& root, std::string_view token) { return root / "files" / token.substr(0, 2); }

Result<void> make_layout(const path& root) {
  for (const path& folder : {root, staging_folder(root), root / "files"}) HF_TRY_VOID(make_folder(folder));
  HF_TRY_VOID(each_fan_out(root, make_folder));
  HF_TRY_VOID(sync_folder(root / "files"));
  HF_TRY_VOID(sync_folder(root));
  return sync_folder(fs::absolute(root).lexically_normal().parent_path());
}

Result<std::vector<StoredBlob>> list_blobs(const path& root) {
  std::vector<StoredBlob> blobs;
  HF_TRY_VOID(each_fan_out(root, [&](const path& folder) { return list_fan_out(folder, blobs); }));
  return blobs;
}

Result<std::vector<PartEntry>> list_parts(const path& root) {
  HF_TRY(const auto names, names_in(staging_folder(root)));
  std::vector<PartEntry> parts;
  for (const path& file : names) {
    struct stat info{};
    if (file.extension() != kPartEnding || !look_at(file, info)) continue;
    parts.push_back({.file = file, .token = file.stem().string(), .modified = modified_at(info)});
  }
  return parts;
}

}  // namespace holdfast::localfs
