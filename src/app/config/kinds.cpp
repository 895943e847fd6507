#include "app/config/keys.hpp"

namespace holdfast::config {

std::string_view describe(Kind kind) {
  switch (kind) {
    case Kind::text:
      return "a text in quotes";
    case Kind::name:
      return "a name of letters, digits, dots, dashes and underscores";
    case Kind::path:
      return "a path in quotes";
    case Kind::address:
      return "an address such as \"127.0.0.1:8642\"";
    case Kind::url:
      return "an address that begins with http:// or https://";
    case Kind::language:
      return "\"auto\" or a language code such as \"en\"";
    case Kind::choice:
      return "one of the words";
    case Kind::flag:
      return "true or false";
    case Kind::count:
      return "a whole number";
    case Kind::size:
      return "a size such as \"5 GB\"";
    case Kind::duration:
      return "a duration such as \"15 min\"";
    case Kind::age:
      return "a duration such as \"30 d\", or \"keep\"";
    case Kind::words:
      return "a list of texts such as [\"pg_isready\", \"-q\"]";
  }
  return "";
}

}  // namespace holdfast::config
