#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace cemscope::dicom_out {

/// How the connection is protected. Without a certificate authority the system's own are asked.
struct TlsOptions {
  std::optional<std::filesystem::path> authority;         ///< PEM file with the certificates that the peer's must lead back to
  std::optional<std::filesystem::path> certificate, key;  ///< PEM files, both or neither: our own, where the peer asks for one
};

/// A storage service class provider.
struct StorePeer {
  std::string ae_title, host;
  std::uint16_t port = 104;
  std::string our_ae_title = "CEMSCOPE";
  std::optional<TlsOptions> tls;
  int timeout_s = 30;  ///< for the connection and for each answer
};

/// What became of a file.
struct StoredFile {
  std::filesystem::path path;
  bool is_stored = false;
  std::string reason;  ///< why not
};

/// Sends the files (SEG, SR and secondary captures) to the peer with C-STORE over one association, in their order. `on_file` is called
/// after each. A refused file does not stop the rest; one after a lost connection is not tried. Throws Error{unreadable} when the peer
/// cannot be reached or refuses the association, Error{usage} when TLS cannot be set up.
std::vector<StoredFile> store_files(const StorePeer& peer, const std::vector<std::filesystem::path>& files,
                                    const std::function<void(const StoredFile&)>& on_file);

}  // namespace cemscope::dicom_out
