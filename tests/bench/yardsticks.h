#pragma once

#include <cstddef>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

namespace cemscope::bench {

/// Every regular file below the folder, sorted.
std::vector<std::string> files_below(const std::filesystem::path& folder);

/// Reads the files one after the other into a buffer; returns the number of bytes. The least that any reader must do.
std::size_t read_raw(const std::vector<std::string>& files);

/// Loads the folder's only series with itk::ImageSeriesReader and itk::GDCMImageIO, ordered by itk::GDCMSeriesFileNames; returns the number
/// of voxels.
std::size_t read_with_itk(const std::filesystem::path& folder);

/// Wall-clock seconds of a call.
double seconds_of(const std::function<void()>& call);

}  // namespace cemscope::bench
