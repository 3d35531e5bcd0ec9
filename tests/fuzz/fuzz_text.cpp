// DICOM text of any character set, and file names of any bytes.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "src/ingest/character_set.h"
#include "src/ingest/text.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace cemscope::ingest;
  const std::string_view all(reinterpret_cast<const char*>(data), size);
  const auto split = all.find('\n');
  const auto text = split == all.npos ? all : all.substr(split + 1);
  if (!is_utf8(decode_text(text, split == all.npos ? "" : all.substr(0, split)))) std::abort();
  if (path_from_utf8(path_to_utf8(all)) != all) std::abort();
  if (!is_utf8(displayed_path(all)) || !is_utf8(path_to_utf8(all))) std::abort();
  parse_numbers(all);
  return 0;
}
