#pragma once

#include <vector>

#include "src/ingest/header_record.h"

namespace cemscope::ingest {

/// One header per frame for an enhanced multi-frame image whose functional groups were read: the values of the frame stand in the place of
/// those of a single-frame image, `frame` and `pixel_offset` are the frame's. Any other header is returned as it is.
std::vector<FileHeader> frame_headers(const FileHeader& header);

/// All files' headers, enhanced ones as their frames.
std::vector<FileHeader> with_frames(std::vector<FileHeader> headers);

}  // namespace cemscope::ingest
