#include "src/ingest/slice_header.h"

#include <algorithm>
#include <optional>
#include <variant>

#include <fmt/format.h>

#include "imaging/error.h"
#include "src/ingest/frame_headers.h"
#include "src/ingest/image_geometry.h"
#include "src/ingest/parallel.h"
#include "src/ingest/scan_pool.h"
#include "src/ingest/text.h"

namespace cemscope::ingest {

namespace {

/// Why a file is no usable slice.
struct Refusal {
  ErrorKind kind;
  std::string code, sentence;
};

using Outcome = std::variant<Refusal, SliceHeader>;

std::optional<Refusal> refusal_of(const FileHeader& header) {
  if (!header.is_usable()) {
    const bool is_junk = header.failure_code.empty();
    return Refusal{ErrorKind::unreadable, is_junk ? "not_dicom" : header.failure_code,
                   is_junk ? "the file is no DICOM file any more" : header.failure_sentence};
  }
  if (!image_position_mm(header)) {
    return Refusal{ErrorKind::missing_attribute, "missing_position",
                   "no usable ImagePositionPatient (0020,0032); three numbers are needed"};
  }
  if (!image_orientation(header)) {
    return Refusal{ErrorKind::missing_attribute, "missing_orientation",
                   "no usable ImageOrientationPatient (0020,0037); two perpendicular unit vectors are needed"};
  }
  if (!pixel_spacing_mm(header)) {
    return Refusal{ErrorKind::missing_attribute, "missing_pixel_spacing",
                   "no usable PixelSpacing (0028,0030); two positive numbers are needed"};
  }
  return std::nullopt;
}

std::optional<Refusal> unsupported_form(const FileHeader& header) {
  const auto bits = parse_int(header.text(HeaderTag::BitsAllocated), 0);
  if (parse_int(header.text(HeaderTag::NumberOfFrames), 1) != 1) {
    return Refusal{ErrorKind::unsupported, "enhanced_multiframe_unsupported",
                   "multi-frame image without readable functional groups; export the classic single-frame form"};
  }
  if (bits != 8 && bits != 16) {
    return Refusal{ErrorKind::unsupported, "unsupported_pixel_format",
                   fmt::format("BitsAllocated (0028,0100) is {}; 8 or 16 are supported", bits)};
  }
  if (parse_int(header.text(HeaderTag::SamplesPerPixel), 1) != 1) {
    return Refusal{ErrorKind::unsupported, "unsupported_pixel_format", "a colour image has no densities"};
  }
  const auto slope = parse_number(header.text(HeaderTag::RescaleSlope));
  if (slope && *slope == 0.0) {
    return Refusal{ErrorKind::inconsistent, "impossible_rescale", "RescaleSlope (0028,1053) is 0"};
  }
  return std::nullopt;
}

std::optional<std::uint16_t> word_of(std::string_view text) {
  const auto number = parse_number(text);
  if (!number) return std::nullopt;
  return static_cast<std::uint16_t>(static_cast<int>(*number));
}

// The stored words between PixelPaddingValue and PixelPaddingRangeLimit, in the order of their values.
void fill_padding(PixelCoding& coding, const FileHeader& header) {
  const auto value = word_of(header.text(HeaderTag::PixelPaddingValue));
  if (!value) return;
  const auto limit = word_of(header.text(HeaderTag::PixelPaddingRangeLimit)).value_or(*value);
  const auto order = [&](std::uint16_t word) { return coding.is_signed ? static_cast<std::int16_t>(word) : static_cast<int>(word); };
  coding.padding_first = order(*value) <= order(limit) ? *value : limit;
  coding.padding_last = order(*value) <= order(limit) ? limit : *value;
}

PixelCoding coding_of(const FileHeader& header) {
  PixelCoding coding;
  const auto allocated = parse_int(header.text(HeaderTag::BitsAllocated), 16);
  coding.bits_stored = std::clamp(parse_int(header.text(HeaderTag::BitsStored), allocated), 1, allocated);
  coding.high_bit = std::clamp(parse_int(header.text(HeaderTag::HighBit), coding.bits_stored - 1), coding.bits_stored - 1, allocated - 1);
  coding.is_signed = header.text(HeaderTag::PixelRepresentation) == "1";
  coding.slope = parse_number(header.text(HeaderTag::RescaleSlope)).value_or(1.0);
  coding.intercept = parse_number(header.text(HeaderTag::RescaleIntercept)).value_or(0.0);
  fill_padding(coding, header);
  return coding;
}

SliceHeader slice_of(const FileHeader& header, const ImageRef& image) {
  SliceHeader slice;
  slice.image = image;
  slice.transfer_syntax_uid = header.text(HeaderTag::TransferSyntaxUID);
  slice.photometric = header.text(HeaderTag::PhotometricInterpretation);
  slice.position_mm = *image_position_mm(header);
  const auto orientation = *image_orientation(header);
  slice.row = Eigen::Vector3d(orientation[0], orientation[1], orientation[2]).normalized();
  slice.column = Eigen::Vector3d(orientation[3], orientation[4], orientation[5]);
  slice.column = (slice.column - slice.column.dot(slice.row) * slice.row).normalized();
  const auto spacing = *pixel_spacing_mm(header);
  slice.row_spacing_mm = spacing[0];
  slice.column_spacing_mm = spacing[1];
  slice.rows = parse_int(header.text(HeaderTag::Rows), 0);
  slice.columns = parse_int(header.text(HeaderTag::Columns), 0);
  slice.bits_allocated = parse_int(header.text(HeaderTag::BitsAllocated), 16);
  slice.pixel_representation = parse_int(header.text(HeaderTag::PixelRepresentation), 0);
  slice.coding = coding_of(header);
  slice.pixel_offset = header.pixel_offset;
  slice.n_frames = header.n_frames;
  return slice;
}

Outcome outcome_of(const FileHeader& header, const ImageRef& image) {
  if (auto refusal = refusal_of(header)) return *refusal;
  if (auto refusal = unsupported_form(header)) return *refusal;
  return slice_of(header, image);
}

/// The header of each image of the series, that of its frame for an enhanced file.
std::vector<FileHeader> headers_by_image(const Series& series, const std::vector<std::string>& paths,
                                         const std::vector<FileHeader>& files) {
  std::vector<std::vector<FileHeader>> frames;
  for (const auto& file : files) frames.push_back(file.is_usable() ? frame_headers(file) : std::vector{file});
  std::vector<FileHeader> headers;
  for (const auto& image : series.images) {
    const auto& of_file = frames[static_cast<std::size_t>(std::lower_bound(paths.begin(), paths.end(), image.path) - paths.begin())];
    const auto frame = static_cast<std::size_t>(std::max(image.frame, 0));
    headers.push_back(of_file[frame < of_file.size() ? frame : 0]);
  }
  return headers;
}

}  // namespace

SliceHeaders read_slice_headers(const std::filesystem::path& folder, const Series& series, int n_threads) {
  if (series.images.empty()) throw Error(ErrorKind::unreadable, "the series has no usable image");
  std::vector<std::string> paths;  // each file once: an enhanced one holds many images
  for (const auto& image : series.images)
    if (paths.empty() || paths.back() != image.path) paths.push_back(image.path);
  std::sort(paths.begin(), paths.end());
  paths.erase(std::unique(paths.begin(), paths.end()), paths.end());
  ScanOptions options;
  options.n_workers = thread_count(n_threads, static_cast<int>(paths.size()));
  StringPool pool;
  const auto files = scan_headers(folder, paths, options, pool);
  SliceHeaders headers;
  std::optional<Refusal> first_refusal;
  const auto by_image = headers_by_image(series, paths, files);
  for (std::size_t i = 0; i < series.images.size(); ++i) {
    const auto& image = series.images[i];
    auto outcome = outcome_of(by_image[i], image);
    if (auto* slice = std::get_if<SliceHeader>(&outcome)) {
      headers.slices.push_back(std::move(*slice));
      continue;
    }
    const auto& refusal = std::get<Refusal>(outcome);
    headers.failures.push_back({refusal.code, refusal.sentence, displayed_path(image.path), "", "", series.series_uid});
    if (!first_refusal) first_refusal = refusal;
  }
  if (!headers.slices.empty()) return headers;
  throw Error(first_refusal->kind, fmt::format("{}: {}", first_refusal->code, first_refusal->sentence));
}

}  // namespace cemscope::ingest
