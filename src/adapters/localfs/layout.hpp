#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/localfs/file_io.hpp"
#include "ports/blob_store.hpp"

/// The folders below DATA and what lies in them. Blocking.
namespace holdfast::localfs {

inline constexpr std::string_view kPartEnding = ".part";

/// 32 lower-case hexadecimal digits: the only names that are ever looked up.
[[nodiscard]] bool is_token(std::string_view text);

[[nodiscard]] path staging_folder(const path& root);
/// DATA/files/<aa>, `aa` being the first two digits of the token.
[[nodiscard]] path blob_folder(const path& root, std::string_view token);

/// Creates DATA, DATA/staging, DATA/files and its 256 folders, and syncs them. Made at once and not on
/// demand, so that no upload can be acknowledged while the folder of its folder is not durable yet.
Result<void> make_layout(const path& root);

Result<std::vector<StoredBlob>> list_blobs(const path& root);

struct PartEntry {
  path file;
  std::string token;
  WallTime modified{};
};
Result<std::vector<PartEntry>> list_parts(const path& root);

}  // namespace holdfast::localfs
