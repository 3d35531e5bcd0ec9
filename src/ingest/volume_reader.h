#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "imaging/spine_location.h"
#include "imaging/volume.h"
#include "src/ingest/export_index.h"

namespace cemscope::ingest {

/// A CT series decoded to one volume, with every decision that was taken about its geometry and pixels.
struct LoadedCt {
  imaging::CtVolume volume;
  std::vector<std::string> warnings;  ///< stable codes: "missing_slices_resampled", "gantry_tilt_sheared", "uneven_slices_resampled" ...
  std::vector<Failure> failures;      ///< files left out
  std::vector<ImageRef> slices;       ///< the image behind each k index; an interpolated slice has an empty path
};

struct LoadOptions {
  int n_threads = 0;  ///< 0: the environment variable CEMSCOPE_THREADS, else one per core
};

/// A part of every slice, pixels.
struct InPlaneWindow {
  int first_column = 0, first_row = 0, columns = 0, rows = 0;
};

/// A CT series whose headers have been read and whose grid is planned: any orientation, any transfer syntax that DCMTK or OpenJPEG decodes.
/// Slice order and spacing come from ImagePositionPatient projected on the normal. The k axis runs along increasing projection on the
/// normal (row x column cosines), so the frame is right-handed. `folder` and `series` must outlive it.
class CtStack {
 public:
  /// Throws Error: unsupported (transfer syntax), missing_attribute (PixelSpacing, position), inconsistent, unreadable.
  CtStack(const std::filesystem::path& folder, const Series& series, const LoadOptions& options = {});
  ~CtStack();
  CtStack(const CtStack&) = delete;
  CtStack& operator=(const CtStack&) = delete;

  [[nodiscard]] std::int64_t n_voxels() const;
  /// Whether load() can leave parts of the slices out: a regular grid of undisplaced slices.
  [[nodiscard]] bool can_be_windowed() const;
  /// A quick look: in-plane block means and one slice in every `grid_mm`, roughly. A slice that cannot be decoded is -1024 HU.
  [[nodiscard]] imaging::CtVolume overview(double grid_mm) const;
  /// The smallest window that holds the part of the box (LPS, mm) within the slices; the whole slices when they do not meet.
  [[nodiscard]] InPlaneWindow window_around(const imaging::Box_mm& box) const;
  /// Decodes in parallel over slices. Rescale, signedness, padding and 12-bit wrap are applied. Missing slices up to 2 in a row are
  /// interpolated and recorded; a larger gap keeps the longest run. Throws Error as the constructor.
  [[nodiscard]] LoadedCt load(const std::optional<InPlaneWindow>& window = {});

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// CtStack(folder, series, options).load().
LoadedCt load_ct(const std::filesystem::path& folder, const Series& series, const LoadOptions& options = {});

/// The densities of about `n_slices` evenly spaced slices, for a quick look at what a series covers: number of mm3 above `hu`, scaled to
/// the whole series. Slices that cannot be decoded are passed over. Throws as load_ct does, unreadable when no sampled slice can be
/// decoded.
double probe_dense_volume_mm3(const std::filesystem::path& folder, const Series& series, int n_slices, int hu);

}  // namespace cemscope::ingest
