#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "src/ingest/header_tags.h"

namespace cemscope::ingest {

/// Keeps each distinct text once: most header values of a series repeat from file to file.
class StringPool {
 public:
  StringPool();
  /// The number of the text; 0 is the empty one.
  std::uint32_t intern(std::string_view text);
  [[nodiscard]] std::string_view view(std::uint32_t id) const { return strings_[id]; }

 private:
  std::deque<std::string> strings_;
  std::unordered_map<std::string_view, std::uint32_t> ids_;
};

enum class FileKind : std::uint8_t { not_dicom, dicom, dicomdir, failed };

/// What the scan keeps of one file. Texts are UTF-8 and trimmed; multiple values are joined by backslashes.
/// `failure_code` is set when the file cannot be used; its header values may be known all the same (truncated pixel data).
struct FileHeader {
  FileKind kind = FileKind::not_dicom;
  std::string path;  ///< relative to the export folder, the file system's bytes
  std::string failure_code, failure_sentence;
  std::int64_t pixel_offset = -1;  ///< of the value of PixelData from the file's start; -1 when unknown
  std::int64_t pixel_length = -1;  ///< bytes of a native value; -1 when encapsulated or unknown
  std::array<std::uint32_t, kNHeaderTags> values{};
  std::vector<std::array<std::uint32_t, kNFrameTags>> frames;  ///< of an enhanced multi-frame image, see frame_headers
  std::uint32_t one = 0;                                       ///< the number of the text "1" when there are frames
  bool is_frame = false;                                       ///< the values are those of one frame of such an image
  int frame = 0, n_frames = 1;                                 ///< which one, 0-based, and of how many
  const StringPool* pool = nullptr;

  [[nodiscard]] std::string_view text(HeaderTag tag) const { return pool->view(values[static_cast<std::size_t>(tag)]); }
  [[nodiscard]] std::uint32_t id(HeaderTag tag) const { return values[static_cast<std::size_t>(tag)]; }
  [[nodiscard]] bool is_usable() const { return kind == FileKind::dicom && failure_code.empty(); }
};

/// Values of a header before they are pooled; what the two header readers return.
using HeaderValues = std::array<std::string, kNHeaderTags>;
using FrameValues = std::array<std::string, kNFrameTags>;

/// What the reader found in front of PixelData.
enum class PixelPlace : std::uint8_t {
  absent,      ///< the data set has none
  cut_off,     ///< the file ended before it
  cut_within,  ///< the file ended within it
  unknown,     ///< not looked for
  native,
  encapsulated
};

struct RawHeader {
  HeaderValues values;
  std::vector<FrameValues> frames;  ///< one per frame of an enhanced image whose functional groups are complete, else none
  std::int64_t pixel_offset = -1, pixel_length = -1;
  PixelPlace pixel_place = PixelPlace::absent;
};

FileHeader make_header(FileKind kind, const RawHeader& raw, StringPool& pool);

/// The record as bytes, so that a scanning process can hand it over; `unpack_header` throws Error{inconsistent} on malformed bytes.
std::string pack_header(const FileHeader& header);
FileHeader unpack_header(std::string_view bytes, StringPool& pool);

/// SOPClassUID and SOPInstanceUID, else those of the file meta information: anonymisers have been seen to empty the former.
std::string_view sop_class_uid(const FileHeader& header);
std::string_view sop_instance_uid(const FileHeader& header);

}  // namespace cemscope::ingest
