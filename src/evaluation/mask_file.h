#pragma once

#include <cstdint>
#include <filesystem>

#include <itkImage.h>

namespace cemscope::evaluation {

/// A label volume of an NRRD or NIfTI file in patient space (LPS), any orientation. Throws Error{unreadable}. (ITK's readers bring an Eigen
/// of their own that does not go with the system's, hence a source file without the latter.)
itk::Image<std::uint8_t, 3>::Pointer read_nrrd_mask(const std::filesystem::path& path);
itk::Image<std::uint8_t, 3>::Pointer read_nifti_mask(const std::filesystem::path& path);

}  // namespace cemscope::evaluation
