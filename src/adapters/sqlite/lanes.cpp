#include "adapters/sqlite/lanes.hpp"

namespace holdfast::sqlite {

Lanes::Lanes(Database writing, Database reading, Options options)
    : file_{std::move(options.file)},
      now_{std::move(options.now)},
      writer_{std::move(writing), options.own_threads, std::move(options.on_damage), options.prepared},
      reader_{std::move(reading), options.own_threads},
      inspector_{[this](Batch batch) { serve_inspection(std::move(batch)); }, options.own_threads} {}

void Lanes::serve_inspection(Batch batch) {
  auto database = Database::open(file_);
  for (const auto& work : batch) {
    database ? static_cast<void>(work->run(*database)) : work->refuse(database.error());
    work->finish();
  }
}

}  // namespace holdfast::sqlite
