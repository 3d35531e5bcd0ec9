#include "src/ingest/pixel_check.h"

#include <unistd.h>

#include <array>
#include <cstring>

#include <fmt/format.h>

#include "src/ingest/text.h"

namespace cemscope::ingest {

namespace {

// Slices have 64-2048 pixels a side, films up to 6000; a header that says more is taken for damaged.
constexpr std::int64_t kMaxSide = 20000;
constexpr std::int64_t kMaxFrames = 100000;

// A fragment walk longer than this (a film of thousands of frames) is broken off as plausible.
constexpr int kMaxFragments = 20000;

std::string_view value(const HeaderValues& values, HeaderTag tag) { return values[static_cast<std::size_t>(tag)]; }

std::optional<Defect> check_dimensions(const PixelLayout& layout) {
  const bool is_possible = layout.rows > 0 && layout.rows <= kMaxSide && layout.columns > 0 && layout.columns <= kMaxSide;
  if (!is_possible) {
    return Defect{"impossible_dimensions", fmt::format("Rows (0028,0010) x Columns (0028,0011) are {} x {}; 1 to {} each are needed",
                                                       layout.rows, layout.columns, kMaxSide)};
  }
  const auto bits = layout.bits_allocated;
  const bool has_possible_depth = bits == 1 || (bits % 8 == 0 && bits >= 8 && bits <= 64);
  if (!has_possible_depth || layout.samples < 1 || layout.samples > 4 || layout.frames < 1 || layout.frames > kMaxFrames) {
    return Defect{"impossible_dimensions", fmt::format("BitsAllocated {}, SamplesPerPixel {}, NumberOfFrames {} describe no image", bits,
                                                       layout.samples, layout.frames)};
  }
  return std::nullopt;
}

Defect truncated(std::int64_t needed, std::int64_t found) {
  return {
      "truncated_pixel_data",
      fmt::format("the file ends within PixelData (7FE0,0010): {} bytes are needed, {} are there; export the image again", needed, found)};
}

std::optional<Defect> check_native(const OpenFile& file, const RawHeader& header, const PixelLayout& layout) {
  const auto present = file.size - header.pixel_offset;
  const auto expected = native_bytes(layout);
  if (!expected) return header.pixel_length > present ? std::optional(truncated(header.pixel_length, present)) : std::nullopt;
  // An odd length is padded to an even one; some writers pad further, but never by a whole row.
  const auto row_bytes = (layout.columns * layout.samples * layout.bits_allocated + 7) / 8;
  if (header.pixel_length < *expected || header.pixel_length >= *expected + std::max<std::int64_t>(row_bytes, 2)) {
    return Defect{"wrong_pixel_length", fmt::format("PixelData (7FE0,0010) holds {} bytes, Rows x Columns x depth x frames need {}",
                                                    header.pixel_length, *expected)};
  }
  if (present < header.pixel_length) return truncated(header.pixel_length, present);
  return std::nullopt;
}

// Without the place of PixelData: uncompressed pixels cannot be larger than their file.
std::optional<Defect> check_by_file_size(const OpenFile& file, const RawHeader& header, const PixelLayout& layout) {
  const auto syntax = value(header.values, HeaderTag::TransferSyntaxUID);
  const bool is_native = syntax == "1.2.840.10008.1.2" || syntax == "1.2.840.10008.1.2.1" || syntax == "1.2.840.10008.1.2.2";
  const auto expected = native_bytes(layout);
  if (is_native && expected && *expected > file.size) return truncated(*expected, file.size);
  return std::nullopt;
}

struct ItemHead {
  std::uint16_t group = 0, element = 0;
  std::uint32_t length = 0;
};

std::optional<ItemHead> read_item_head(const OpenFile& file, std::int64_t position) {
  std::array<unsigned char, 8> bytes{};
  if (pread(file.descriptor, bytes.data(), bytes.size(), position) != static_cast<ssize_t>(bytes.size())) return std::nullopt;
  ItemHead head;
  std::memcpy(&head.group, bytes.data(), 2);
  std::memcpy(&head.element, bytes.data() + 2, 2);
  std::memcpy(&head.length, bytes.data() + 4, 4);
  return head;
}

// Hops from fragment to fragment; the last must be followed by the sequence delimiter.
std::optional<Defect> check_encapsulated(const OpenFile& file, const RawHeader& header) {
  auto position = header.pixel_offset;
  for (int n = 0; n < kMaxFragments; ++n) {
    const auto head = read_item_head(file, position);
    if (!head) return truncated(position + 8, file.size);
    if (head->group == 0xfffe && head->element == 0xe0dd) {
      if (n >= 2) return std::nullopt;
      return Defect{"missing_pixel_data", "the encapsulated PixelData (7FE0,0010) holds no fragment"};
    }
    if (head->group != 0xfffe || head->element != 0xe000) {
      return Defect{
          "wrong_pixel_length",
          fmt::format("a fragment of PixelData (7FE0,0010) is followed by ({:04X},{:04X}) instead of an item", head->group, head->element)};
    }
    position += 8 + static_cast<std::int64_t>(head->length);
    if (position > file.size) return truncated(position, file.size);
  }
  return std::nullopt;
}

bool is_image_class(std::string_view uid) {
  // CT, MR, CR, DX, XA, RF, US, secondary capture storage classes and their enhanced forms.
  for (const std::string_view prefix : {".1", ".1.1", ".2", ".2.1", ".4", ".4.1", ".7", ".12.1", ".12.2"}) {
    constexpr std::string_view kStorage = "1.2.840.10008.5.1.4.1.1";
    if (uid.substr(0, kStorage.size()) == kStorage && uid.substr(kStorage.size()) == prefix) return true;
  }
  return false;
}

std::optional<Defect> check_absence(const RawHeader& header) {
  const auto& values = header.values;
  auto uid = value(values, HeaderTag::SOPClassUID);
  if (uid.empty()) uid = value(values, HeaderTag::MediaStorageSOPClassUID);
  if (!is_image_class(uid) && value(values, HeaderTag::Rows).empty()) return std::nullopt;
  if (header.pixel_place == PixelPlace::cut_off && value(values, HeaderTag::Rows).empty()) {
    return Defect{"truncated_header", "the file ends before its image attributes; export the image again"};
  }
  return Defect{"missing_pixel_data", "the file ends without PixelData (7FE0,0010); export the image again"};
}

}  // namespace

PixelLayout pixel_layout(const HeaderValues& values) {
  PixelLayout layout;
  layout.rows = parse_int(value(values, HeaderTag::Rows), 0);
  layout.columns = parse_int(value(values, HeaderTag::Columns), 0);
  layout.samples = parse_int(value(values, HeaderTag::SamplesPerPixel), 1);
  layout.bits_allocated = parse_int(value(values, HeaderTag::BitsAllocated), 0);
  layout.frames = parse_int(value(values, HeaderTag::NumberOfFrames), 1);
  layout.photometric = value(values, HeaderTag::PhotometricInterpretation);
  return layout;
}

std::optional<std::int64_t> native_bytes(const PixelLayout& layout) {
  if (layout.photometric.find("_422") != std::string::npos || layout.photometric.find("_420") != std::string::npos) return std::nullopt;
  return (layout.rows * layout.columns * layout.samples * layout.bits_allocated * layout.frames + 7) / 8;
}

std::optional<Defect> check_pixel_data(const OpenFile& file, const RawHeader& header) {
  const bool is_absent = header.pixel_place == PixelPlace::absent || header.pixel_place == PixelPlace::cut_off;
  if (is_absent || value(header.values, HeaderTag::Rows).empty()) return check_absence(header);
  const auto layout = pixel_layout(header.values);
  if (auto defect = check_dimensions(layout)) return defect;
  switch (header.pixel_place) {
    case PixelPlace::native: return check_native(file, header, layout);
    case PixelPlace::encapsulated: return check_encapsulated(file, header);
    case PixelPlace::cut_within: return Defect{"truncated_pixel_data", "the file is cut short or damaged; export the image again"};
    default: return check_by_file_size(file, header, layout);
  }
}

}  // namespace cemscope::ingest
