#include "app/backup/verify.hpp"

#include "app/backup/copy_file.hpp"

namespace holdfast::backup {

Result<std::vector<Finding>> verify(const path& backup) {
  HF_TRY(const Manifest manifest, read_manifest(backup));
  std::vector<Finding> found;
  for (const FileEntry& file : manifest.files) {
    const auto measured = measure(backup / file.name);
    if (!measured && measured.error().error_class() == ErrorClass::not_found) {
      found.push_back({file.name, "is not there"});
    } else if (!measured) {
      found.push_back({file.name, "cannot be read: " + measured.error().what()});
    } else if (measured->bytes != file.bytes || measured->sha256 != file.sha256) {
      found.push_back({file.name, "has other bytes than were written"});
    }
  }
  return found;
}

}  // namespace holdfast::backup
