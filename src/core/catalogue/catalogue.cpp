#include "core/catalogue/catalogue.hpp"

#include <algorithm>
#include <array>

namespace holdfast::catalogue {
namespace {

using enum ErrorClass;

// Wording: first what is safe, then what happened, then what happens by itself, then what a person can do. No
// blame, no exclamation marks, no promise of a time.
constexpr std::array kEntries{
    Entry{"HF-UPL-01", invalid, 413, "File too large",
          "The file is larger than this server takes. It was not saved.",
          "Send a shorter or more compressed recording, or ask the operator to raise the limit."},
    Entry{"HF-UPL-02", invalid, 415, "Kind of file cannot be used",
          "This kind of file cannot be used: its content is not audio or video. It was not saved.",
          "Choose an audio or video file. The ending of its name does not matter, its content does."},
    Entry{"HF-UPL-08", invalid, 400, "Empty file", "The file is empty, so there was nothing to save.",
          "Check the file on your device and choose it again."},
    Entry{"HF-UPL-09", invalid, 422, "Unknown recipe",
          "This server has no recipe of that name. The file was not saved.",
          "Choose one of the recipes that /api/v1/recipes lists and send the file again."},
    Entry{"HF-UPL-10", invalid, 400, "Upload cannot be read",
          "The upload ended early or is not well formed. Nothing of it was saved.",
          "Send the file again. A script sends multipart/form-data with exactly one file, or the bytes "
          "themselves.",
          true},

    Entry{"HF-STO-01", transient, 503, "Storage Offline",
          "Storage Offline. The server cannot save new files right now. Everything already saved is safe.",
          "Nothing to do: sending goes on when the storage is back.", true, 30},
    Entry{"HF-STO-02", resource, 507, "No room left",
          "The server has no room for this file. Everything already saved is safe.",
          "Ask the operator to make room, then send the file again."},
    Entry{"HF-STO-03", corrupt, 500, "Stored file missing or damaged",
          "The saved file is missing or damaged on the server's disk.",
          "Tell the operator: a copy from the backup is needed. If you still have the file, send it again."},
    Entry{"HF-STO-04", interrupted, 503, "Storage went away during work",
          "Your file is safe. The storage went away while it was being worked on.",
          "Nothing to do: the work goes on from where it was when the storage is back.", true, 30},

    Entry{"HF-MED-01", permanent, 422, "Cannot be read as audio or video",
          "Your file is saved unchanged, but it cannot be read as audio or video. It may be cut off.",
          "Play it on your device. If it plays there, convert it to MP4 or WAV and send that."},
    Entry{"HF-MED-03", permanent, 422, "No sound track",
          "Your file is saved unchanged. The video has no sound track, so there is nothing to transcribe.",
          "Record again with sound and send the new video."},
    Entry{"HF-MED-04", permanent, 422, "Recording too long",
          "Your file is saved unchanged. The recording is longer than this server works on.",
          "Cut it into shorter parts and send those, or ask the operator to raise the limit."},
    Entry{"HF-MED-05", permanent, 422, "Sound track cannot be decoded",
          "Your file is saved unchanged. It has a sound track, but the sound in it cannot be decoded.",
          "Play it on your device. If you hear sound there, convert it to MP4 or WAV and send that."},
    Entry{"HF-MED-06", permanent, 422, "Too many streams",
          "Your file is saved unchanged. It holds more audio and video streams than this server works on.",
          "Export it with one video and one sound track and send that."},
    Entry{"HF-MED-07", permanent, 422, "Unpacks to too much",
          "Your file is saved unchanged. Unpacked it would be larger than this server works on.",
          "Cut it into shorter parts and send those, or ask the operator to raise the limit."},

    Entry{"HF-ENG-01", transient, 503, "Worker stopped unexpectedly",
          "Your file is safe. The program that worked on it stopped in the middle.",
          "Nothing to do: it is tried again by itself and goes on from the last finished part.", true, 15},
    Entry{"HF-ENG-02", dependency, 503, "Speech model missing or damaged",
          "Your file is safe. The speech model is missing or damaged, so transcription waits.",
          "The operator installs the model; then the work goes on by itself.", true, 60},
    Entry{"HF-ENG-03", transient, 503, "Worker hung",
          "Your file is safe. There was no sign of progress, so the program was restarted.",
          "Nothing to do: it is tried again by itself and goes on from the last finished part.", true, 15},
    Entry{"HF-ENG-04", resource, 503, "Out of memory",
          "Your file is safe. The server ran out of memory while it worked on it.",
          "It is tried again by itself. If this repeats, ask the operator for a smaller model.", true, 60},
    Entry{"HF-ENG-05", permanent, 422, "Set aside",
          "Your file is saved unchanged. Work on it stopped twice at the same place, so it was set aside.",
          "Convert it to MP4 or WAV and send that, or tell the operator; Retry tries this file once more."},
    Entry{"HF-ENG-06", permanent, 500, "Interrupted too often",
          "Your file is safe. The server ended too often while it worked on it, so it was set aside.",
          "Retry starts it again from the last finished part. Tell the operator if this repeats."},
    Entry{"HF-ENG-07", transient, 503, "Worker could not be started",
          "Your file is safe. The program that works on it could not be started.",
          "Nothing to do: it is tried again by itself. Tell the operator if this lasts.", true, 30},

    Entry{"HF-LLM-01", dependency, 503, "Language model not answering",
          "Your file and transcript are safe. The language model is not answering.",
          "Nothing to do: the work goes on by itself when the model answers again.", true, 30},
    Entry{"HF-LLM-02", dependency, 503, "Language model busy",
          "Your file and transcript are safe. The language model is busy.",
          "Nothing to do: the work goes on by itself when the model takes requests again.", true, 15},
    Entry{"HF-LLM-03", transient, 502, "Language model's answer cannot be used",
          "Your file and transcript are safe. The language model's answer could not be used.",
          "It is tried again by itself. When it has given up, Retry asks the model once more.", true},
    Entry{"HF-LLM-04", permanent, 422, "Too long for the language model",
          "Your file and transcript are safe. The text is too long for the language model.",
          "Send a shorter recording, or ask the operator for a model with a longer context."},
    Entry{"HF-LLM-05", dependency, 503, "Language model missing or damaged",
          "Your file and transcript are safe. The language model is missing or damaged.",
          "The operator installs the model; then the work goes on by itself.", true, 60},
    Entry{"HF-FFM-01", dependency, 503, "FFmpeg missing or broken",
          "Your file is safe. FFmpeg, which reads audio and video, is missing or does not work here.",
          "The operator installs FFmpeg; then the work goes on by itself.", true, 60},

    Entry{"HF-IDM-01", invalid, 422, "Key already used for something else",
          "This job_id or Idempotency-Key was used before for something else. Nothing was saved.",
          "Send it with a new key, or with the very file and settings of the first time."},
    Entry{"HF-ITM-03", conflict, 409, "Not possible in this state",
          "This is not possible in the state that the item is in. Nothing was changed.",
          "Look at the item: it may have gone on in the meantime."},
    Entry{"HF-ITM-04", invalid, 422, "No such stage",
          "The item has no stage of that name to start from. Nothing was changed.",
          "Name one of the item's stages after the upload, or none to go on where it stopped."},
    Entry{"HF-ITM-05", conflict, 409, "Lease is over",
          "The right to work on this item has passed to somebody else. Nothing was changed.",
          "A worker drops this piece of work and asks for the next one."},
    Entry{"HF-ITM-06", not_found, 404, "Not found", "There is no such item, or it is not yours.",
          "Check the id. Your own items are listed at /api/v1/items."},
    Entry{"HF-AUT-02", invalid, 403, "Not allowed", "You may not do this. Nothing was changed.",
          "Use the address that the server printed at its start, or ask the operator."},

    Entry{"HF-CFG-01", invalid, 500, "Setting is wrong", "A setting cannot be used as it is written.",
          "The operator corrects the named setting and starts again."},
    Entry{"HF-CFG-02", not_found, 500, "Configuration does not fit",
          "A file or part that the configuration names is not there.",
          "The operator corrects the configuration and starts again."},
    Entry{"HF-SRV-01", unknown, 500, "Unexpected",
          "Something unexpected happened. Nothing that was saved is lost.",
          "Try again. If it repeats, tell the operator the request id.", true},
    Entry{"HF-SRV-02", overloaded, 503, "Shutting down",
          "The server is going down for a moment. Everything already saved is safe.",
          "Try again in a few seconds.", true, 5},
    Entry{"HF-SRV-03", interrupted, 503, "Interrupted by a restart",
          "Your file is safe. The server was restarted while it worked on it.",
          "Nothing to do: the work goes on from the last finished part.", true, 5},
    Entry{"HF-SRV-04", overloaded, 503, "Too many connections",
          "The server has as many connections as it takes. Nothing was accepted.",
          "Try again in a few seconds.", true, 5},
    Entry{"HF-SRV-05", conflict, 409, "Data folder in use", "Another process serves this data folder.",
          "Use the running server, or stop it first; or give this one another folder with --data."},

    Entry{"HF-REQ-01", invalid, 400, "Malformed request",
          "The request is not well formed. Nothing was changed.",
          "Correct the request; /openapi.json describes it."},
    Entry{"HF-REQ-02", invalid, 400, "JSON too deep or too large",
          "The JSON in the request is nested too deeply or is too large. Nothing was changed.",
          "Send at most 1 MiB of JSON, nested at most 32 deep."},
    Entry{"HF-REQ-03", invalid, 405, "Method not allowed", "This address does not take that method.",
          "Use one of the methods in the Allow header."},
    Entry{"HF-REQ-05", overloaded, 429, "Too many streams",
          "As many live streams are open as one user or this server may have.",
          "Close other windows, or ask for the state now and then instead.", true, 10},
    Entry{"HF-REQ-06", not_found, 404, "No such address", "There is nothing at this address.",
          "Check the address; /openapi.json lists every one."},
    Entry{"HF-REQ-07", invalid, 421, "Server is not meant by that name",
          "The request names a host that this server does not answer for. Nothing was changed.",
          "Use the address that the server printed at its start, or set server.public_url."},
    Entry{"HF-REQ-08", invalid, 431, "Header too large",
          "The request's header is too large. Nothing was changed.",
          "Send at most 16 KiB and 100 fields of header, and an address of at most 8 KiB."},
    Entry{"HF-REQ-09", transient, 408, "Request came too slowly",
          "The request did not arrive in time. Nothing of it was saved.", "Send it again.", true},
    Entry{"HF-REQ-10", invalid, 416, "Range not satisfiable", "The file has no bytes in the range asked for.",
          "Ask for a range inside the file, or for the whole file."},
    Entry{"HF-REQ-11", invalid, 415, "Content-Type not taken",
          "The request's body is of a type that this address does not take. Nothing was changed.",
          "Use one of the types that /openapi.json lists for it."},

    Entry{"HF-CLI-01", invalid, 400, "Wrong use of a command",
          "The command cannot be understood. Nothing was done.",
          "See `holdfast help` for the commands, and `holdfast COMMAND --help` for one of them."},
    Entry{"HF-CLI-02", transient, 503, "Server cannot be reached",
          "The server cannot be reached. What it has saved is safe.",
          "Is it running (`holdfast serve`), and is the address right (--server, HOLDFAST_SERVER)? Then try "
          "again.",
          true},
    Entry{"HF-CLI-03", not_found, 400, "File cannot be read or written",
          "The file on this machine cannot be read or written. Nothing was changed on the server.",
          "Check the path and its permissions."},
    Entry{"HF-CLI-04", unknown, 502, "Answer cannot be understood",
          "The answer is not that of a Holdfast server. Nothing is known about what it did.",
          "Check the address (--server, HOLDFAST_SERVER), and that program and server are of the same "
          "version."},
    Entry{"HF-CLI-05", transient, 504, "Waited long enough",
          "The time given with --timeout is over. The item is safe and the work goes on.",
          "Follow it with `holdfast watch ID`.", true},
    Entry{"HF-CLI-06", not_found, 404, "No data folder here", "There is no data folder at that place.",
          "Check --data, HOLDFAST_DATA or storage.data; `holdfast serve` makes the folder."},
};

}  // namespace

std::span<const Entry> all() { return kEntries; }

const Entry* find(std::string_view code) {
  const auto* const found = std::ranges::find(kEntries, code, &Entry::code);
  return found == kEntries.end() ? nullptr : found;
}

const Entry& describe(std::string_view code) {
  const Entry* entry = find(code);
  return entry != nullptr ? *entry : *find("HF-SRV-01");
}

}  // namespace holdfast::catalogue
