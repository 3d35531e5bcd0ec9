#include <dcmtk/config/osconfig.h>
#include <dcmtk/dcmdata/dctk.h>
#include <dcmtk/oflog/oflog.h>

#include "src/ingest/character_set.h"
#include "src/ingest/dcmtk_setup.h"
#include "src/ingest/header_readers.h"
#include "src/ingest/text.h"

namespace cemscope::ingest {

namespace {

std::string bytes_of(DcmItem& item, const DcmTagKey& key) {
  OFString value;
  if (item.findAndGetOFStringArray(key, value).bad()) return {};
  return std::string(trimmed({value.c_str(), value.size()}));
}

std::string number_text(DcmItem& item, const DcmTagKey& key) {
  Uint16 number = 0;
  if (item.findAndGetUint16(key, number).good()) return std::to_string(number);
  Sint16 signed_number = 0;
  if (item.findAndGetSint16(key, signed_number).good()) return std::to_string(static_cast<Uint16>(signed_number));
  return {};
}

std::string code_text(DcmItem& item, const DcmTagKey& key, std::string_view character_set) {
  DcmItem* code = nullptr;
  if (item.findAndGetSequenceItem(key, code).bad() || code == nullptr) return {};
  return replace_ill_formed(bytes_of(*code, DCM_CodeValue)) + "|" + decode_text(bytes_of(*code, DCM_CodeMeaning), character_set);
}

std::string value_text(DcmFileFormat& file, const HeaderTagEntry& entry, std::string_view character_set) {
  const DcmTagKey key(entry.group, entry.element);
  DcmItem& item = entry.group == 0x0002 ? static_cast<DcmItem&>(*file.getMetaInfo()) : *file.getDataset();
  switch (entry.value) {
    case HeaderValue::number16: return number_text(item, key);
    case HeaderValue::code_sequence: return code_text(item, key, character_set);
    case HeaderValue::text: return decode_text(bytes_of(item, key), character_set);
    case HeaderValue::ascii: break;
  }
  return replace_ill_formed(bytes_of(item, key));
}

// Only the end shows whether a deflated stream is whole; and whoever decodes the pixels relies on the parser getting there alive.
bool is_whole(const char* path) {
  DcmFileFormat file;
  return file.loadFile(path, EXS_Unknown, EGL_noChange, kMaxReadLength).good();
}

}  // namespace

std::optional<RawHeader> read_header_with_dcmtk(const char* path) try {
  prepare_dcmtk();
  DcmFileFormat file;
  const auto status = file.loadFileUntilTag(path, EXS_Unknown, EGL_noChange, kMaxReadLength, ERM_autoDetect, DCM_PixelData);
  if (status.bad()) return std::nullopt;
  RawHeader header;
  header.pixel_place = PixelPlace::unknown;
  const auto& character_set = header.values[static_cast<std::size_t>(HeaderTag::SpecificCharacterSet)];
  for (std::size_t i = 0; i < kNHeaderTags; ++i) header.values[i] = value_text(file, kHeaderTags[i], character_set);
  if (!is_whole(path)) header.pixel_place = PixelPlace::cut_within;
  return header;
} catch (const std::exception&) {
  return std::nullopt;
}

}  // namespace cemscope::ingest
