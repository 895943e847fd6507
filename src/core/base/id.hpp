#pragma once

#include <compare>
#include <functional>
#include <string>
#include <utility>

namespace holdfast {

/// A string that means one thing: ids of different kinds do not convert into each other.
template <class Tag>
class Id {
 public:
  Id() = default;
  explicit Id(std::string text) : text_{std::move(text)} {}
  [[nodiscard]] const std::string& text() const noexcept { return text_; }
  [[nodiscard]] bool empty() const noexcept { return text_.empty(); }
  friend auto operator<=>(const Id&, const Id&) = default;

 private:
  std::string text_;
};

/// An accepted piece of work: "itm_" and 26 characters in base 32 (ULID), sorted by creation.
using ItemId = Id<struct ItemIdTag>;
/// Stored bytes: 32 random hexadecimal digits, unguessable, without extension.
using BlobId = Id<struct BlobIdTag>;
/// One run of one server process; leases name it.
using NodeId = Id<struct NodeIdTag>;

}  // namespace holdfast
