#pragma once

#include <filesystem>
#include <string>

#include "src/dicom_out/store_scu.h"

namespace cemscope::commands {

/// `cemscope send OUT --to AET@HOST:PORT [--aet TITLE] [--tls [--tls-ca FILE] [--tls-cert FILE --tls-key FILE]]`
struct SendArguments {
  std::filesystem::path output_folder;
  dicom_out::StorePeer peer;
  bool shows_progress = true;
};

/// Title, host and port of "AET@host:port"; the port is 104 when it is left out. Throws Error{usage}.
dicom_out::StorePeer parse_peer(const std::string& text);

/// Sends the DICOM objects in the cases of an output folder to a PACS. Returns the exit code: 0, 3 when some were not taken, 4 when there
/// are none. Throws Error when the folder is none of ours or the PACS cannot be reached.
int run_send(const SendArguments& arguments);

}  // namespace cemscope::commands
