#include "src/ingest/frame_headers.h"

#include <algorithm>
#include <iterator>
#include <string>

#include "src/ingest/text.h"

namespace cemscope::ingest {
namespace {

std::uint32_t& value(FileHeader& header, HeaderTag tag) { return header.values[static_cast<std::size_t>(tag)]; }

std::int64_t frame_bytes(const FileHeader& header) {
  const auto number = [&](HeaderTag tag) { return static_cast<std::int64_t>(parse_int(header.text(tag), 0)); };
  return number(HeaderTag::Rows) * number(HeaderTag::Columns) * std::max<std::int64_t>(number(HeaderTag::SamplesPerPixel), 1) *
         (number(HeaderTag::BitsAllocated) / 8);
}

}  // namespace

std::vector<FileHeader> frame_headers(const FileHeader& header) {
  if (header.frames.empty()) return {header};
  const auto n_frames = static_cast<int>(header.frames.size());
  std::vector<FileHeader> all;
  for (int n = 0; n < n_frames; ++n) {
    auto frame = header;
    frame.frames.clear();
    frame.is_frame = true;
    frame.frame = n;
    frame.n_frames = n_frames;
    value(frame, HeaderTag::NumberOfFrames) = header.one;
    const auto& own = header.frames[static_cast<std::size_t>(n)];
    for (std::size_t i = 0; i < kNFrameTags; ++i)
      if (own[i] != 0) value(frame, kFrameTags[i]) = own[i];
    if (header.pixel_length >= 0) frame.pixel_offset += n * frame_bytes(header);
    all.push_back(std::move(frame));
  }
  return all;
}

std::vector<FileHeader> with_frames(std::vector<FileHeader> headers) {
  std::vector<FileHeader> all;
  all.reserve(headers.size());
  for (auto& header : headers) {
    if (header.frames.empty() || !header.is_usable()) {
      all.push_back(std::move(header));
      continue;
    }
    auto frames = frame_headers(header);
    std::move(frames.begin(), frames.end(), std::back_inserter(all));
  }
  return all;
}

}  // namespace cemscope::ingest
