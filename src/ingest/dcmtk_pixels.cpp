#include "src/ingest/dcmtk_pixels.h"

#include <cstring>
#include <memory>
#include <string>

#include <dcmtk/config/osconfig.h>
#include <dcmtk/dcmdata/dcpixseq.h>
#include <dcmtk/dcmdata/dcpxitem.h>
#include <dcmtk/dcmdata/dctk.h>
#include <fmt/format.h>

#include "imaging/error.h"
#include "src/ingest/dcmtk_setup.h"

namespace cemscope::ingest {

namespace {

void require(const OFCondition& condition, const char* what) {
  if (condition.bad()) throw Error(ErrorKind::unreadable, fmt::format("{}: {}", what, condition.text()));
}

void put_number(DcmDataset& data_set, const DcmTagKey& key, int value) {
  require(data_set.putAndInsertUint16(key, static_cast<Uint16>(value)), "an image attribute");
}

// What the codecs ask for (PS3.3 C.7.6.3).
void put_layout(DcmDataset& data_set, const SliceHeader& slice) {
  put_number(data_set, DCM_SamplesPerPixel, 1);
  put_number(data_set, DCM_Rows, slice.rows);
  put_number(data_set, DCM_Columns, slice.columns);
  put_number(data_set, DCM_BitsAllocated, slice.bits_allocated);
  put_number(data_set, DCM_BitsStored, slice.coding.bits_stored);
  put_number(data_set, DCM_HighBit, slice.coding.high_bit);
  put_number(data_set, DCM_PixelRepresentation, slice.pixel_representation);
  require(data_set.putAndInsertString(DCM_PhotometricInterpretation, slice.photometric.c_str()), "PhotometricInterpretation");
}

// The sequence of an empty offset table and one fragment; an odd length gets its padding byte.
std::unique_ptr<DcmPixelSequence> make_sequence(std::span<const std::uint8_t> stream) {
  auto sequence = std::make_unique<DcmPixelSequence>(DcmTag(DCM_PixelData, EVR_OB));
  auto table = std::make_unique<DcmPixelItem>(DcmTag(DCM_Item, EVR_OB));
  require(sequence->insert(table.get()), "the offset table");
  table.release();
  auto fragment = std::make_unique<DcmPixelItem>(DcmTag(DCM_Item, EVR_OB));
  require(fragment->putUint8Array(stream.data(), stream.size()), "a fragment");
  require(sequence->insert(fragment.get()), "a fragment");
  fragment.release();
  return sequence;
}

void put_stream(DcmDataset& data_set, std::span<const std::uint8_t> stream, const std::string& transfer_syntax_uid) {
  auto pixels = std::make_unique<DcmPixelData>(DCM_PixelData);
  pixels->putOriginalRepresentation(DcmXfer(transfer_syntax_uid.c_str()).getXfer(), nullptr, make_sequence(stream).release());
  require(data_set.insert(pixels.get(), OFTrue), "PixelData (7FE0,0010)");
  pixels.release();
}

void decode(DcmDataset& data_set, const SliceHeader& slice, std::vector<std::uint16_t>& words) {
  require(data_set.chooseRepresentation(EXS_LittleEndianExplicit, nullptr), "PixelData (7FE0,0010) cannot be decoded");
  const Uint16* decoded = nullptr;
  unsigned long count = 0;
  require(data_set.findAndGetUint16Array(DCM_PixelData, decoded, &count), "PixelData (7FE0,0010) cannot be decoded");
  const auto n = static_cast<std::size_t>(slice.rows) * static_cast<std::size_t>(slice.columns);
  const auto needed = slice.bits_allocated == 8 ? (n + 1) / 2 : n;
  if (decoded == nullptr || count < needed) {
    throw Error(ErrorKind::unreadable, fmt::format("PixelData (7FE0,0010) decodes to {} words, {} are needed", count, needed));
  }
  words.resize(n);
  std::memcpy(words.data(), decoded, slice.bits_allocated == 8 ? n : 2 * n);
  if (slice.bits_allocated == 8) widen_bytes(words);
}

void check_unchanged(DcmDataset& data_set, const SliceHeader& slice) {
  Uint16 rows = 0, columns = 0, allocated = 0;
  data_set.findAndGetUint16(DCM_Rows, rows);
  data_set.findAndGetUint16(DCM_Columns, columns);
  data_set.findAndGetUint16(DCM_BitsAllocated, allocated);
  if (rows == slice.rows && columns == slice.columns && allocated == slice.bits_allocated) return;
  throw Error(ErrorKind::inconsistent, "the file has changed since its header was read");
}

DcmPixelSequence& fragments_of(DcmDataset& data_set) {
  DcmElement* element = nullptr;
  require(data_set.findAndGetElement(DCM_PixelData, element), "PixelData (7FE0,0010)");
  auto* pixels = dynamic_cast<DcmPixelData*>(element);
  if (pixels == nullptr) throw Error(ErrorKind::unreadable, "PixelData (7FE0,0010) has no pixels");
  E_TransferSyntax syntax = EXS_Unknown;
  const DcmRepresentationParameter* parameter = nullptr;
  pixels->getOriginalRepresentationKey(syntax, parameter);
  DcmPixelSequence* sequence = nullptr;
  require(pixels->getEncapsulatedRepresentation(syntax, parameter, sequence), "PixelData (7FE0,0010) is not encapsulated");
  return *sequence;
}

}  // namespace

void widen_bytes(std::vector<std::uint16_t>& words) {
  const auto* bytes = reinterpret_cast<const std::uint8_t*>(words.data());
  for (std::size_t i = words.size(); i-- > 0;) {
    const std::uint16_t value = bytes[i];
    words[i] = value;
  }
}

void decode_stream_with_dcmtk(std::span<const std::uint8_t> stream, const SliceHeader& slice, std::vector<std::uint16_t>& words) {
  prepare_dcmtk();
  DcmDataset data_set;
  put_layout(data_set, slice);
  put_stream(data_set, stream, slice.transfer_syntax_uid);
  decode(data_set, slice, words);
}

void decode_file_with_dcmtk(const std::filesystem::path& path, const SliceHeader& slice, std::vector<std::uint16_t>& words) {
  prepare_dcmtk();
  DcmFileFormat file;
  require(file.loadFile(path.c_str(), EXS_Unknown, EGL_noChange, kMaxReadLength), "the file cannot be read");
  check_unchanged(*file.getDataset(), slice);
  decode(*file.getDataset(), slice, words);
}

std::vector<std::uint8_t> read_fragments_with_dcmtk(const std::filesystem::path& path) {
  prepare_dcmtk();
  DcmFileFormat file;
  require(file.loadFile(path.c_str(), EXS_Unknown, EGL_noChange, kMaxReadLength), "the file cannot be read");
  auto& sequence = fragments_of(*file.getDataset());
  std::vector<std::uint8_t> stream;
  for (unsigned long n = 1; n < sequence.card(); ++n) {
    DcmPixelItem* item = nullptr;
    Uint8* bytes = nullptr;
    require(sequence.getItem(item, n), "a fragment");
    require(item->getUint8Array(bytes), "a fragment");
    stream.insert(stream.end(), bytes, bytes + item->getLength());
  }
  return stream;
}

}  // namespace cemscope::ingest
