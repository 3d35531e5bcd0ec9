// The options of the command that sends results.
#include <memory>

#include <CLI/CLI.hpp>

#include "imaging/error.h"
#include "src/commands/cli_parts.h"
#include "src/commands/send.h"

namespace cemscope::commands {
namespace {

std::string peer_check(const std::string& text) {
  try {
    parse_peer(text);
    return {};
  } catch (const Error& error) {
    return error.what();
  }
}

/// What the options say before they are put together.
struct SendOptions {
  SendArguments arguments;
  std::string to, our_ae_title = "CEMSCOPE";
  bool is_tls = false;
  dicom_out::TlsOptions tls;
};

int send(SendOptions options) {
  auto peer = parse_peer(options.to);
  peer.our_ae_title = options.our_ae_title;
  if (options.is_tls) peer.tls = options.tls;
  options.arguments.peer = peer;
  return run_send(options.arguments);
}

}  // namespace

void add_send(CLI::App& app, Request& request) {
  auto options = std::make_shared<SendOptions>();
  auto* command = app.add_subcommand("send", "Send the cases' DICOM objects (SEG, SR, secondary captures) to a PACS by C-STORE");
  command->add_option("OUT", options->arguments.output_folder, "Output folder of cemscope score")->required();
  command->add_option("--to", options->to, "The PACS as AET@host:port")->required()->check(peer_check);
  command->add_option("--aet", options->our_ae_title, "Our own AE title")->capture_default_str();
  auto* tls = command->add_flag("--tls", options->is_tls, "Encrypt the connection (BCP 195) and check the PACS's certificate");
  command->add_option("--tls-ca", options->tls.authority, "Certificates to trust (PEM); the system's when not given")->needs(tls);
  command->add_option("--tls-cert", options->tls.certificate, "Our own certificate (PEM)")->needs(tls);
  command->add_option("--tls-key", options->tls.key, "The key of our certificate (PEM)")->needs(tls);
  add_log_options(*command, request.log);
  command->footer("Exit codes: 0 all stored, 2 wrong usage or PACS not reached, 3 some objects not stored, 4 nothing to send.");
  command->callback([options, &request] {
    request.run = [options, &request] {
      options->arguments.shows_progress = !request.log.is_quiet;
      return send(*options);
    };
  });
}

}  // namespace cemscope::commands
