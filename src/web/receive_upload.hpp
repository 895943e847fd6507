#pragma once

#include "web/context.hpp"
#include "web/upload_form.hpp"

namespace holdfast::web {

/// Takes the file of a request (multipart/form-data, or the bytes themselves) into the store and records its
/// job. While one piece is written the next is read, so that neither the disk nor the line waits for the
/// other; memory does not grow with the file. `recipe_default`: what is done with it if the sender does not
/// say; empty: the sender must. Crash: as intake::Upload::finish; before it nothing was promised.
Task<Result<Enqueued>> receive_upload(Context* context, Exchange* exchange, std::string recipe_default);

/// Takes a multipart form whose file goes into `upload`, piece by piece, and its fields into `form`. Nothing is
/// recorded. Errors: those of the form, of MultipartParser, of Upload::write and of the body; invalid HF-UPL-10 (none).
Task<Result<void>> receive_form(Exchange* exchange, FileForm* form, intake::Upload* upload);

/// How much of a body so long is the file at least, for whoever has to make room; 0: nobody can say.
std::uint64_t file_bytes_least(const Exchange& exchange);

}  // namespace holdfast::web
