#include "src/commands/send.h"

#include <algorithm>
#include <charconv>

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include "imaging/error.h"
#include "src/commands/cli.h"
#include "src/commands/progress.h"

namespace cemscope::commands {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMaxTitle = 16;  // value representation AE

/// The objects of one case, the segmentation before the report that refers to it.
std::vector<fs::path> objects_of(const fs::path& case_folder) {
  std::vector<fs::path> files;
  for (const auto& entry : fs::directory_iterator(case_folder))
    if (entry.path().extension() == ".dcm" && entry.is_regular_file() && !entry.is_symlink()) files.push_back(entry.path());
  std::sort(files.begin(), files.end());
  return files;
}

std::vector<fs::path> objects_in(const fs::path& output_folder) {
  if (!fs::is_directory(output_folder / "cases"))
    throw Error(ErrorKind::usage, "the folder holds no cases; give the output folder of cemscope score");
  std::vector<fs::path> cases, files;
  for (const auto& entry : fs::directory_iterator(output_folder / "cases"))
    if (entry.is_directory() && !entry.is_symlink()) cases.push_back(entry.path());
  std::sort(cases.begin(), cases.end());
  for (const auto& folder : cases)
    for (auto& file : objects_of(folder)) files.push_back(std::move(file));
  return files;
}

std::uint16_t port_of(const std::string& text) {
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (error != std::errc{} || end != text.data() + text.size() || port == 0)
    throw Error(ErrorKind::usage, fmt::format("\"{}\" is no port; 1 to 65535 are", text));
  return port;
}

}  // namespace

dicom_out::StorePeer parse_peer(const std::string& text) {
  const auto at = text.find('@');
  if (at == text.npos || at == 0 || at > kMaxTitle || at + 1 == text.size())
    throw Error(ErrorKind::usage,
                fmt::format("\"{}\" is no address of a PACS; AET@host:port is needed, the AE title with at most 16 characters", text));
  dicom_out::StorePeer peer;
  peer.ae_title = text.substr(0, at);
  const auto colon = text.rfind(':');
  const bool has_port = colon != text.npos && colon > at;
  peer.host = text.substr(at + 1, has_port ? colon - at - 1 : text.npos);
  if (has_port) peer.port = port_of(text.substr(colon + 1));
  if (peer.host.empty()) throw Error(ErrorKind::usage, fmt::format("\"{}\" names no host; AET@host:port is needed", text));
  return peer;
}

int run_send(const SendArguments& arguments) {
  const auto files = objects_in(arguments.output_folder);
  if (files.empty()) {
    spdlog::error("the cases hold no DICOM objects to send");
    return kExitNothingToScore;
  }
  Progress progress("sending", "objects", arguments.shows_progress);
  std::int64_t n_done = 0, n_failed = 0;
  dicom_out::store_files(arguments.peer, files, [&](const dicom_out::StoredFile& file) {
    progress.update(++n_done, static_cast<std::int64_t>(files.size()));
    if (file.is_stored) return;
    ++n_failed;
    spdlog::warn("{}/{}: not stored: {}", file.path.parent_path().filename().string(), file.path.filename().string(), file.reason);
  });
  spdlog::info("{} of {} objects stored", n_done - n_failed, n_done);
  return n_failed > 0 ? kExitSomeFailed : kExitScored;
}

}  // namespace cemscope::commands
