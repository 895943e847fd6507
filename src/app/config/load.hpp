#pragma once

#include <map>
#include <string>
#include <vector>

#include "app/config/environment.hpp"
#include "app/config/keys.hpp"
#include "core/base/result.hpp"

/// Makes Settings of all sources: flags over environment over conf.d over the file over the defaults.
namespace holdfast::config {

/// A value given on the command line.
struct FlagValue {
  std::string flag;  ///< "--listen"
  std::string value;
};

struct Sources {
  std::map<std::string, FlagValue> flags{};  ///< by key: "server.listen"
  Environment environment{};
  std::string file{};  ///< of --config; empty: looked for
  std::string system_folder{"/etc/holdfast"};
};

/// One effective value and where it came from.
struct Effective {
  const Key* key = nullptr;
  std::string value;   ///< as it was written
  std::string origin;  ///< "default", "FILE:LINE:COLUMN", "environment NAME", "flag --NAME"
};

/// A value of a table whose names are not in the table of keys: [services.NAME], [endpoints.NAME], [roles].
struct NamedValue {
  std::string table;  ///< "services", "endpoints", "roles"
  std::string name;   ///< empty in [roles]
  std::string field;
  std::string value;  ///< as TOML
  std::string origin;
};

struct Loaded {
  Settings settings{};
  std::vector<Effective> values{};   ///< one for each key, in the table's order
  std::vector<NamedValue> named{};   ///< those that were given, by table, name and field
  std::vector<std::string> files{};  ///< read, in the order in which later ones win
  std::vector<std::string> warnings{};
};

/// Looks at every source and reports every mistake at once, one line each: FILE:LINE:COLUMN, what is wrong,
/// and the nearest known key. Unknown HOLDFAST_ variables are warnings. Errors: invalid HF-CFG-01, not_found
/// HF-CFG-02 (a file that was named is not there).
Result<Loaded> load(const Sources& sources);

}  // namespace holdfast::config
