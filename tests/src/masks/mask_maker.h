#pragma once

#include <array>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include <itkImage.h>

namespace cemscope::tests {

/// A brick of a label, LPS mm.
struct Brick {
  int label = 0;
  std::array<double, 3> centre_mm{}, size_mm{};
};

struct MaskGrid {
  std::array<double, 3> spacing_mm{2, 2, 2};
  std::array<bool, 3> is_flipped{};             ///< which axes run against left, posterior, superior
  std::array<unsigned, 3> axis_order{0, 1, 2};  ///< which patient axis each index runs along
  std::array<double, 3> low_mm{-60, -60, -150}, high_mm{60, 60, 150};
};

/// Vertebrae as bricks of 40 x 40 x 25 mm (40 mL), 33 mm apart from z = 100 mm downwards, with these labels.
std::vector<Brick> column_of(const std::vector<int>& labels, double pitch_mm = 33, std::array<double, 3> size_mm = {40, 40, 25});

itk::Image<float, 3>::Pointer paint(const std::vector<Brick>& bricks, const MaskGrid& grid = {});

/// By the file name's extension; `names` as 3D Slicer writes them. `is_float`: as floating-point numbers.
void write_mask(const std::filesystem::path& path, const itk::Image<float, 3>& image, bool is_float = false,
                const std::map<int, std::string>& names = {});

struct SegSegment {
  std::string label, code;  ///< code: of the property type, SNOMED CT
};

/// A binary DICOM SEG of the image's labels 1, 2 ...; slices without a label get no frame.
void write_seg(const std::filesystem::path& path, const itk::Image<float, 3>& image, const std::vector<SegSegment>& segments,
               const std::string& frame_of_reference = "1.2.826.0.1.1.9", const std::string& patient_id = "P1");

}  // namespace cemscope::tests
