// A DICOM file through header, index and pixels.
#include <fcntl.h>
#include <unistd.h>

#include <cstdint>
#include <filesystem>
#include <new>
#include <string>

#include "imaging/error.h"
#include "src/ingest/file_header.h"
#include "src/ingest/image_geometry.h"
#include "src/ingest/pixel_decoder.h"
#include "src/ingest/series_build.h"
#include "src/ingest/text.h"

namespace {

namespace ingest = cemscope::ingest;
using ingest::HeaderTag;

const std::filesystem::path& folder() {
  static const auto path = [] {
    std::string name = "/dev/shm/cemscope_fuzz_XXXXXX";
    return std::filesystem::path(::mkdtemp(name.data()));
  }();
  return path;
}

void write_input(const std::uint8_t* data, std::size_t size) {
  const int file = ::open((folder() / "x").c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
  if (::write(file, data, size) != static_cast<ssize_t>(size)) std::abort();
  ::close(file);
}

void decode(const ingest::FileHeader& header) {
  const auto number = [&](HeaderTag tag) { return ingest::parse_int(header.text(tag), 0); };
  ingest::SliceHeader slice;
  slice.image.path = "x";
  slice.transfer_syntax_uid = header.text(HeaderTag::TransferSyntaxUID);
  slice.photometric = header.text(HeaderTag::PhotometricInterpretation);
  slice.rows = number(HeaderTag::Rows);
  slice.columns = number(HeaderTag::Columns);
  slice.bits_allocated = number(HeaderTag::BitsAllocated);
  if (slice.rows > 1024 || slice.columns > 1024 || (slice.bits_allocated != 8 && slice.bits_allocated != 16)) return;
  slice.coding.bits_stored = slice.bits_allocated;
  slice.coding.high_bit = slice.bits_allocated - 1;
  std::vector<std::uint16_t> words;
  try {
    ingest::decode_slice(folder(), slice, words);
  } catch (const cemscope::Error&) {
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  write_input(data, size);
  ingest::StringPool pool;
  try {
    const auto header = ingest::read_file_header_slowly(folder(), "x", pool);
    const auto copy = ingest::unpack_header(ingest::pack_header(header), pool);
    ingest::build_patients({header, copy});
    if (header.is_usable()) decode(header);
  } catch (const std::bad_alloc&) {
  }
  return 0;
}
