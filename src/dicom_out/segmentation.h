#pragma once

#include <vector>

#include "imaging/volume.h"
#include "src/dicom_out/segment_frames.h"
#include "src/dicom_out/source_study.h"

namespace cemscope::dicom_out {

/// The images that a slice of the volume was made of: itself, or its neighbours where it was interpolated.
using SliceSources = std::vector<std::vector<SourceImage>>;

/// Sources by slice from the image behind each slice (LoadedCt::slices, an interpolated one without path).
SliceSources slice_sources(const std::vector<ingest::ImageRef>& slices);

/// The tracking UID of a segment: the same vertebra and zone of the same patient have the same one in every study once the level is named.
std::string tracking_uid(const SourceStudy& source, const Segment& segment);

/// A DICOM Segmentation (PS3.3 A.51, binary) of `layout` on the grid of `volume`; segments are numbered from 1 in the layout's order.
/// Planes are the volume's own, so that oblique, sagittal and non-square data keep their geometry. Throws Error{inconsistent} when the
/// layout has no frame or DCMTK refuses a value. A frame of 512 x 512 has 32 KB; 118 of them take 20 ms.
DicomObject write_segmentation(const SegmentFrames& layout, const imaging::CtVolume& volume, const SliceSources& sources,
                               const SourceStudy& source, const Producer& producer);

}  // namespace cemscope::dicom_out
