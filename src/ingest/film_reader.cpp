#include "src/ingest/film_reader.h"

#include <cmath>
#include <memory>
#include <optional>

#include <dcmtk/config/osconfig.h>
#include <dcmtk/dcmdata/dctk.h>
#include <dcmtk/dcmimage/diregist.h>
#include <dcmtk/dcmimgle/dcmimage.h>
#include <fmt/format.h>

#include "imaging/error.h"
#include "imaging/radiograph/working_film.h"
#include "src/ingest/dcmtk_setup.h"
#include "src/ingest/file_header.h"
#include "src/ingest/pixel_decoder.h"
#include "src/ingest/text.h"

namespace cemscope::ingest {

namespace {

using imaging::Radiograph;
using imaging::RowsRun;
using imaging::SpacingSource;

constexpr std::int64_t kMostPixels = std::int64_t{1} << 26;
// Exposure below this share of the film's range is noise; keeps the logarithm finite.
constexpr double kLeastExposure = 0.005;

std::string text_of(DcmItem& item, const DcmTagKey& tag) {
  OFString value;
  return item.findAndGetOFStringArray(tag, value).good() ? std::string(trimmed({value.data(), value.size()})) : std::string();
}

double number_of(DcmItem& item, const DcmTagKey& tag, double missing) {
  Float64 value = 0;
  return item.findAndGetFloat64(tag, value).good() && std::isfinite(value) ? value : missing;
}

int count_of(DcmItem& item, const DcmTagKey& tag, int missing) {
  Uint16 value = 0;
  return item.findAndGetUint16(tag, value).good() ? value : missing;
}

void require_size(DcmItem& item) {
  const std::int64_t rows = count_of(item, DCM_Rows, 0), columns = count_of(item, DCM_Columns, 0);
  if (rows <= 0 || columns <= 0) throw Error(ErrorKind::missing_attribute, "Rows (0028,0010) and Columns (0028,0011) are needed");
  if (rows * columns > kMostPixels) throw Error(ErrorKind::unsupported, fmt::format("a film of {} x {} pixels", columns, rows));
  if (parse_int(text_of(item, DCM_NumberOfFrames), 1) > 1)
    throw Error(ErrorKind::unsupported, "several frames in one file; a single film is needed");
}

SliceHeader header_of(DcmItem& item, const FileHeader& file, const ImageRef& image) {
  SliceHeader slice;
  slice.image = image;
  slice.transfer_syntax_uid = std::string(file.text(HeaderTag::TransferSyntaxUID));
  slice.photometric = text_of(item, DCM_PhotometricInterpretation);
  slice.rows = count_of(item, DCM_Rows, 0), slice.columns = count_of(item, DCM_Columns, 0);
  slice.bits_allocated = count_of(item, DCM_BitsAllocated, 16);
  slice.pixel_representation = count_of(item, DCM_PixelRepresentation, 0);
  slice.coding.bits_stored = std::clamp(count_of(item, DCM_BitsStored, slice.bits_allocated), 1, slice.bits_allocated);
  slice.coding.high_bit =
      std::clamp(count_of(item, DCM_HighBit, slice.coding.bits_stored - 1), slice.coding.bits_stored - 1, slice.bits_allocated - 1);
  slice.coding.is_signed = slice.pixel_representation == 1;
  slice.pixel_offset = file.pixel_offset;
  return slice;
}

void decode_grey(const std::filesystem::path& folder, const SliceHeader& slice, Radiograph& film) {
  if (slice.bits_allocated != 8 && slice.bits_allocated != 16)
    throw Error(ErrorKind::unsupported, fmt::format("BitsAllocated (0028,0100) is {}; 8 or 16 are supported", slice.bits_allocated));
  std::vector<std::uint16_t> words;
  decode_slice(folder, slice, words);
  film.density = imaging::radiograph::Plane<float>(slice.columns, slice.rows);
  for (std::size_t n = 0; n < words.size(); ++n) film.density.values[n] = static_cast<float>(stored_value(words[n], slice.coding));
}

/// A colour picture of a film as DCMTK's luminance.
void decode_colour(const std::filesystem::path& path, Radiograph& film) {
  DicomImage colour(path.c_str());
  const std::unique_ptr<DicomImage> grey(colour.getStatus() == EIS_Normal ? colour.createMonochromeImage() : nullptr);
  const auto* bytes = grey ? static_cast<const Uint8*>(grey->getOutputData(8)) : nullptr;
  if (bytes == nullptr) throw Error(ErrorKind::unreadable, "the colour picture cannot be decoded");
  film.density = imaging::radiograph::Plane<float>(static_cast<int>(grey->getWidth()), static_cast<int>(grey->getHeight()));
  for (std::size_t n = 0; n < film.density.values.size(); ++n) film.density.values[n] = bytes[n];
}

/// Whether the first VOI LUT falls from its first to its last entry.
bool has_falling_voi_lut(DcmItem& item) {
  DcmItem* lut = nullptr;
  const Uint16* values = nullptr;
  unsigned long n = 0;
  if (item.findAndGetSequenceItem(DCM_VOILUTSequence, lut, 0).bad() || lut == nullptr) return false;
  if (lut->findAndGetUint16Array(DCM_LUTData, values, &n).bad() || values == nullptr || n < 2) return false;
  return values[0] > values[n - 1];
}

bool is_dense_low(DcmItem& item, const std::string& photometric) {
  const bool is_mono1 = photometric == "MONOCHROME1";
  const bool is_inverse = to_lower(text_of(item, DCM_PresentationLUTShape)) == "inverse" && !is_mono1;
  return (is_mono1 != has_falling_voi_lut(item)) != is_inverse;
}

void turn_over(Radiograph& film) {
  const auto [low, high] = std::minmax_element(film.density.values.begin(), film.density.values.end());
  const float sum = *low + *high;
  for (float& value : film.density.values) value = sum - value;
}

/// Exposure to its negative logarithm; density is high already.
void take_logarithm(Radiograph& film) {
  const auto [low, high] = std::minmax_element(film.density.values.begin(), film.density.values.end());
  const double floor = *low, range = std::max(1e-6, static_cast<double>(*high) - floor);
  for (float& value : film.density.values) value = static_cast<float>(-std::log(1.0 + kLeastExposure - (value - floor) / range));
}

void set_spacing(DcmItem& item, Radiograph& film) {
  const auto take = [&](const DcmTagKey& tag, SpacingSource source) {
    const double first = number_of(item, tag, 0.0);
    if (film.pixel_mm > 0 || first < 0.03 || first > 1.0) return;
    film.pixel_mm = first, film.spacing_source = source;
  };
  // PixelSpacing that repeats ImagerPixelSpacing is uncalibrated (PS3.3 10.7.1.3).
  const double imager = number_of(item, DCM_ImagerPixelSpacing, 0.0), given = number_of(item, DCM_PixelSpacing, 0.0);
  take(DCM_PixelSpacing, imager > 0 && std::abs(imager - given) < 1e-6 ? SpacingSource::detector : SpacingSource::calibrated);
  take(DCM_ImagerPixelSpacing, SpacingSource::detector);
  take(DCM_NominalScannedPixelSpacing, SpacingSource::detector);
}

RowsRun rows_run(DcmItem& item) {
  const auto direction = text_of(item, DCM_PatientOrientation);
  switch (direction.empty() ? ' ' : direction.front()) {
    case 'L': return RowsRun::to_left;
    case 'R': return RowsRun::to_right;
    case 'P': return RowsRun::to_posterior;
    case 'A': return RowsRun::to_anterior;
    default: return RowsRun::unknown;
  }
}

}  // namespace

LoadedFilm load_film(const std::filesystem::path& folder, const Series&, const ImageRef& image) {
  prepare_dcmtk();
  const auto path = folder / image.path;
  StringPool pool;
  const auto file_header = read_file_header(folder, image.path, pool);
  if (!file_header.is_usable())
    throw Error(ErrorKind::unreadable, file_header.failure_sentence.empty() ? "the file is no DICOM file" : file_header.failure_sentence);
  DcmFileFormat file;
  const auto status = file.loadFileUntilTag(path.c_str(), EXS_Unknown, EGL_noChange, kMaxReadLength, ERM_autoDetect, DCM_PixelData);
  if (status.bad()) throw Error(ErrorKind::unreadable, status.text());
  DcmItem& item = *file.getDataset();
  require_size(item);
  LoadedFilm loaded;
  const auto photometric = text_of(item, DCM_PhotometricInterpretation);
  if (photometric.starts_with("MONOCHROME"))
    decode_grey(folder, header_of(item, file_header, image), loaded.film);
  else
    decode_colour(path, loaded.film);
  if (is_dense_low(item, photometric)) turn_over(loaded.film);
  if (to_lower(text_of(item, DCM_PixelIntensityRelationship)) == "lin") take_logarithm(loaded.film);
  set_spacing(item, loaded.film);
  loaded.film.rows_run = rows_run(item);
  if (loaded.film.spacing_source == SpacingSource::none) loaded.warnings.emplace_back("film_spacing_unknown");
  if (imaging::radiograph::looks_inverted(loaded.film)) {
    turn_over(loaded.film);
    loaded.warnings.emplace_back("film_tones_inverted_by_content");
  }
  return loaded;
}

}  // namespace cemscope::ingest
