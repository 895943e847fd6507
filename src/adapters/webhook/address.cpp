#include "adapters/webhook/address.hpp"

#include <algorithm>

namespace holdfast::webhook {

Result<Address> read_address(const std::string& text) {
  const auto host = text.find("://");
  const auto path = std::min(text.find_first_of("/?#", host == std::string::npos ? 0 : host + 3), text.size());
  Address address;
  HF_TRY(address.url, openai::parse_url(text.substr(0, path)));
  address.path = text.substr(path);
  const bool plain = std::ranges::all_of(address.path, [](char c) { return c > 0x20 && c < 0x7f && c != '#'; });
  if (!plain)
    return fail(ErrorClass::invalid, "HF-CFG-01", "the webhook's address has a character that does not belong there");
  if (!address.path.starts_with('/')) address.path.insert(0, "/");
  return address;
}

}  // namespace holdfast::webhook
