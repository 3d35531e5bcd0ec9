#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

class DcmDataset;

namespace cemscope::tests {

/// A folder below the system's temporary one that is gone with the object.
class TemporaryFolder {
 public:
  TemporaryFolder();
  ~TemporaryFolder();
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

inline constexpr const char* kImplicitLittle = "1.2.840.10008.1.2";
inline constexpr const char* kExplicitLittle = "1.2.840.10008.1.2.1";
inline constexpr const char* kDeflated = "1.2.840.10008.1.2.1.99";
inline constexpr const char* kExplicitBig = "1.2.840.10008.1.2.2";
inline constexpr const char* kJpegBaseline = "1.2.840.10008.1.2.4.50";
inline constexpr const char* kJpegExtended = "1.2.840.10008.1.2.4.51";
inline constexpr const char* kJpegLossless14 = "1.2.840.10008.1.2.4.57";
inline constexpr const char* kJpegLossless = "1.2.840.10008.1.2.4.70";
inline constexpr const char* kJpegLs = "1.2.840.10008.1.2.4.80";
inline constexpr const char* kJpegLsNear = "1.2.840.10008.1.2.4.81";
inline constexpr const char* kJpeg2000 = "1.2.840.10008.1.2.4.90";
inline constexpr const char* kJpeg2000Lossy = "1.2.840.10008.1.2.4.91";
inline constexpr const char* kRle = "1.2.840.10008.1.2.5";

/// One DICOM image to be written. The defaults are a small axial CT slice of a patient "P1"; an empty text or optional leaves its attribute
/// out. `words` are the stored words, rows x columns; when empty they follow test_word().
struct DicomSpec {
  std::string transfer_syntax = kExplicitLittle;
  std::string sop_class = "1.2.840.10008.5.1.4.1.1.2", modality = "CT", image_type = "ORIGINAL\\PRIMARY\\AXIAL";
  std::string patient_id = "P1", patient_name = "TEST^ONE", birth_date, sex, character_set;
  std::string study_uid = "1.2.826.0.1.1", series_uid = "1.2.826.0.1.1.1", sop_uid;  ///< sop_uid empty: series_uid and instance number
  std::string study_date = "20240102", study_time = "101112", study_description, series_description = "SPINE", kernel = "B30f";
  std::string frame_of_reference = "1.2.826.0.1.1.9", photometric = "MONOCHROME2";
  int series_number = 2, instance_number = 1, acquisition_number = 1;
  int rows = 8, columns = 10, bits_allocated = 16, bits_stored = 12;
  bool is_signed = false;
  std::string position = "-10\\-20\\30", orientation = "1\\0\\0\\0\\1\\0", pixel_spacing = "0.5\\0.75", slope = "1", intercept = "-1024";
  std::string slice_thickness = "7";  ///< deliberately not the distance of the slices
  std::optional<std::uint16_t> padding;
  std::vector<std::uint16_t> words;
  std::function<void(DcmDataset&)> finish;  ///< last changes to the data set
};

/// Writes the image, encoded in its transfer syntax, and makes the folders above it. Throws std::runtime_error when it cannot be encoded.
void write_dicom(const std::filesystem::path& path, const DicomSpec& spec);

/// The stored word of pixel (i, j) of slice k that write_dicom uses without `words`: i + 10 j + 100 k + 1000, below 4096.
std::uint16_t test_word(int i, int j, int k);

/// The slices of an upright axial stack: slice k at z = first + k * step, instance numbers from 1, words test_word(i, j, k).
std::vector<DicomSpec> axial_stack(int n_slices, double step_mm, const DicomSpec& common = {});

/// Writes the slices as `folder`/I0001 ...
void write_stack(const std::filesystem::path& folder, const std::vector<DicomSpec>& slices);

std::string read_bytes(const std::filesystem::path& path);
void write_bytes(const std::filesystem::path& path, const std::string& bytes);

}  // namespace cemscope::tests
