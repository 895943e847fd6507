#pragma once

#include <string>

#include "adapters/openai/url.hpp"

namespace holdfast::webhook {

struct Address {
  openai::Url url;   ///< without its path
  std::string path;  ///< with the query, which a webhook's address often has
};

/// Errors: invalid HF-CFG-01, in a sentence that does not repeat the address: it may hold a secret.
Result<Address> read_address(const std::string& text);

}  // namespace holdfast::webhook
