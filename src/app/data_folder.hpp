#pragma once

#include <filesystem>

#include "core/base/result.hpp"
#include "worker/unique_fd.hpp"

namespace holdfast {

/// The folder that holds everything: files/, staging/, work/, holdfast.db. One process serves it at a time.
struct DataFolder {
  std::filesystem::path root;
  UniqueFd
      lock;  ///< held as long as this lives; the kernel lets go of it when the process ends, however it ends

  [[nodiscard]] std::filesystem::path store() const { return root / "holdfast.db"; }
};

/// Makes the folder where it is missing, readable by its owner only, and locks it.
/// Errors: conflict HF-SRV-05 (another process serves it), dependency HF-STO-01 (cannot be made or written).
Result<DataFolder> open_data_folder(const std::filesystem::path& root);

}  // namespace holdfast
