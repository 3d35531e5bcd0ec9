#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "imaging/ct_reading.h"
#include "src/ingest/export_index.h"

namespace cemscope::dicom_out {

/// What a segment holds: the cement of one zone of a treated vertebra, or the body of that vertebra.
struct Segment {
  std::string label;  ///< "Cement L1 disc leak", "Vertebra L1"
  std::string level;  ///< "L1", or empty
  int ordinal = 0;    ///< of the treated vertebra, 1 at the top
  bool is_cement = false;
  imaging::CementZone zone = imaging::CementZone::body;  ///< of a cement segment
};

/// One slice of one segment that is not empty.
struct SegmentFrame {
  std::size_t segment = 0;  ///< index into `segments`
  int k = 0;                ///< slice of the volume
};

/// The pixels of a frame: columns run along the volume's index i, rows along j, and pixel (0, 0) lies at index (-first_i, -first_j).
struct FrameGrid {
  int rows = 0, columns = 0;
  int first_i = 0, first_j = 0;  ///< column and row of the volume's first voxel
};

/// The source images' own matrix when the volume is a window of it, so that viewers can lay the frames over the images; the volume's
/// slices when pixels do not fall on pixels (sheared or resampled scans). `slices` are the images behind the volume's slices.
FrameGrid frame_grid(const imaging::CtVolume& volume, const ingest::Series& series, const std::vector<ingest::ImageRef>& slices);

/// Segments of a reading on the slices of the volume that it was made of.
struct SegmentFrames {
  FrameGrid grid;
  std::vector<Segment> segments;     ///< by vertebra, the body first, then the zones in their order; only those that are not empty
  std::vector<SegmentFrame> frames;  ///< by segment, then k
  std::vector<std::uint8_t>
      bits;  ///< of all frames: a bit per pixel, the first in the lowest bit, no padding but to an even number of bytes
};

/// "L1", or "V1" for the first treated vertebra from the top when its level is not known.
std::string vertebra_name(const imaging::CtReading& reading, std::size_t treated);

/// Lays the labels of `reading`, which was made of `volume`, on the slices of `volume`. Cement belongs to the treated vertebra
/// whose body is nearest. Labels on the volume's own voxels (permuted or flipped) are moved exactly, labels on any other grid by the
/// nearest voxel. Complexity: O(labelled voxels).
SegmentFrames lay_out_segments(const imaging::CtReading& reading, const imaging::CtVolume& volume, const FrameGrid& grid);

}  // namespace cemscope::dicom_out
