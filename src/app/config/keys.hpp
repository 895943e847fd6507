#pragma once

#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "app/config/settings.hpp"

/// The one table of configuration keys: reading, checking, `config show`, the environment's names and the
/// docs page come from it.
namespace holdfast::config {

/// How a value is written and checked.
enum class Kind : std::uint8_t {
  text,      ///< any string
  name,      ///< letters, digits, dots, dashes, underscores
  path,      ///< a file or folder
  address,   ///< HOST:PORT
  url,       ///< http:// or https:// address, or empty
  language,  ///< "auto" or a code of two or three letters
  choice,    ///< one of the words in `choices`
  flag,      ///< true or false
  count,     ///< a whole number
  size,      ///< "5 GB"
  duration,  ///< "15 min"
  age,       ///< "30 d", or "keep", which is 0
  words,     ///< ["program", "argument"]
};

/// Does a running server take up a change of the key when it is told to, or must it be started anew?
enum class Takes : std::uint8_t { restart, live };

/// The member of Settings that a key sets.
using Slot =
    std::variant<std::string*, std::uint64_t*, unsigned*, milliseconds*, bool*, std::vector<std::string>*>;

struct Key {
  std::string_view name;  ///< "section.key"
  Kind kind = Kind::text;
  std::string_view
      fallback;  ///< the default as people write it; ${NAME} and ${NAME:-otherwise} are of the environment
  std::string_view unit;  ///< empty where the value carries its unit or has none
  std::string_view sentence;
  Slot (*slot)(Settings&) = nullptr;
  std::string_view least{};    ///< smallest value as people write it; empty: 0
  std::string_view most{};     ///< largest value; empty: no limit
  std::string_view choices{};  ///< separated by |
  Takes takes = Takes::restart;
  bool may_be_empty = false;
  bool secret_file = false;  ///< the file holds a secret
  bool secret = false;       ///< the value is one; of an address, what is behind the host
};

/// In the order of the docs page; the keys of a section stand together.
[[nodiscard]] std::span<const Key> keys();
[[nodiscard]] const Key* find_key(std::string_view name);

/// "server.listen" -> "HOLDFAST_SERVER_LISTEN".
[[nodiscard]] std::string environment_name(std::string_view key);
/// "server.listen" -> "server".
[[nodiscard]] std::string_view section_of(std::string_view key);
/// What a value of this kind looks like, for error messages: "a size such as \"5 GB\"".
[[nodiscard]] std::string_view describe(Kind kind);

}  // namespace holdfast::config
