#include "tests/bench/yardsticks.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <stdexcept>

#include <itkGDCMImageIO.h>
#include <itkGDCMSeriesFileNames.h>
#include <itkImageSeriesReader.h>

#include "imaging/volume.h"

namespace cemscope::bench {

std::vector<std::string> files_below(const std::filesystem::path& folder) {
  std::vector<std::string> files;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder))
    if (entry.is_regular_file()) files.push_back(entry.path().string());
  std::sort(files.begin(), files.end());
  return files;
}

std::size_t read_raw(const std::vector<std::string>& files) {
  std::vector<char> buffer(std::size_t{1} << 20);
  std::size_t n_bytes = 0;
  for (const auto& file : files) {
    const int descriptor = ::open(file.c_str(), O_RDONLY | O_CLOEXEC);
    if (descriptor < 0) throw std::runtime_error("cannot open " + file);
    for (ssize_t n = 0; (n = ::read(descriptor, buffer.data(), buffer.size())) > 0;) n_bytes += static_cast<std::size_t>(n);
    ::close(descriptor);
  }
  return n_bytes;
}

std::size_t read_with_itk(const std::filesystem::path& folder) {
  auto names = itk::GDCMSeriesFileNames::New();
  names->SetRecursive(true);
  names->SetDirectory(folder.string());
  auto reader = itk::ImageSeriesReader<imaging::HuImage>::New();
  reader->SetImageIO(itk::GDCMImageIO::New());
  reader->SetFileNames(names->GetInputFileNames());
  reader->Update();
  return reader->GetOutput()->GetLargestPossibleRegion().GetNumberOfPixels();
}

double seconds_of(const std::function<void()>& call) {
  const auto start = std::chrono::steady_clock::now();
  call();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

}  // namespace cemscope::bench
