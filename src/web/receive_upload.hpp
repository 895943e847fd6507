#pragma once

#include "web/context.hpp"

namespace holdfast::web {

/// Takes the file of a request (multipart/form-data, or the bytes themselves) into the store and records its
/// job. While one piece is written the next is read, so that neither the disk nor the line waits for the
/// other; memory does not grow with the file. `recipe_default`: what is done with it if the sender does not
/// say; empty: the sender must. Crash: as intake::Upload::finish; before it nothing was promised.
Task<Result<Enqueued>> receive_upload(Context* context, Exchange* exchange, std::string recipe_default);

}  // namespace holdfast::web
