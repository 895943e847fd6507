#pragma once

namespace holdfast::whisper {

/// From now on the library's errors, and nothing else, go to standard error.
void keep_errors_only();

/// Whether the library has said since the last call that it got no memory. Its functions give the same nothing for that
/// as for a file that is no model.
[[nodiscard]] bool take_memory_refusal();

}  // namespace holdfast::whisper
