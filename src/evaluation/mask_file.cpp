#include "src/evaluation/mask_file.h"

#include <fmt/format.h>
#include <itkImageFileReader.h>
#include <itkNiftiImageIO.h>
#include <itkNrrdImageIO.h>

#include "imaging/error.h"

namespace cemscope::evaluation {
namespace {

using LabelImage = itk::Image<std::uint8_t, 3>;

LabelImage::Pointer read_by(itk::ImageIOBase* io, const std::filesystem::path& path) {
  auto reader = itk::ImageFileReader<LabelImage>::New();
  reader->SetImageIO(io);
  reader->SetFileName(path.string());
  try {
    reader->Update();
  } catch (const itk::ExceptionObject& error) {
    throw Error(ErrorKind::unreadable, fmt::format("{}: {}", path.filename().string(), error.GetDescription()));
  }
  return reader->GetOutput();
}

}  // namespace

LabelImage::Pointer read_nrrd_mask(const std::filesystem::path& path) { return read_by(itk::NrrdImageIO::New(), path); }

LabelImage::Pointer read_nifti_mask(const std::filesystem::path& path) { return read_by(itk::NiftiImageIO::New(), path); }

}  // namespace cemscope::evaluation
