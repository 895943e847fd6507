#pragma once

#include <string>

namespace holdfast::llama {

/// The shortest JSON that is valid by a schema of objects, lists, texts, numbers and null: every name once,
/// nothing in it. Empty if the schema is no JSON.
std::string skeleton_of(const std::string& schema);

}  // namespace holdfast::llama
