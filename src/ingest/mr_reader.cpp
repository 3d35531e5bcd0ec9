#include "src/ingest/mr_reader.h"

#include <cmath>
#include <mutex>
#include <span>

#include <fmt/format.h>

#include "imaging/error.h"
#include "src/ingest/parallel.h"
#include "src/ingest/pixel_decoder.h"
#include "src/ingest/slice_geometry.h"
#include "src/ingest/slice_header.h"
#include "src/ingest/text.h"

namespace cemscope::ingest {

namespace {

// 256 slices of 1024 x 1024: ten times a large sagittal series.
constexpr std::int64_t kMaxVoxels = std::int64_t{1} << 28;

imaging::SignalImage::Pointer make_image(const StackPlan& plan) {
  const auto n_slices = plan.slices.size();
  if (static_cast<std::int64_t>(plan.columns) * plan.rows * static_cast<std::int64_t>(n_slices) > kMaxVoxels)
    throw Error(ErrorKind::unsupported, fmt::format("the volume would have {} x {} x {} voxels", plan.columns, plan.rows, n_slices));
  auto image = imaging::SignalImage::New();
  image->SetRegions(
      imaging::SignalImage::SizeType{static_cast<itk::SizeValueType>(plan.columns), static_cast<itk::SizeValueType>(plan.rows), n_slices});
  imaging::SignalImage::DirectionType direction;
  imaging::SignalImage::SpacingType spacing;
  imaging::SignalImage::PointType origin;
  for (int axis = 0; axis < 3; ++axis) {
    for (int row = 0; row < 3; ++row) direction(row, axis) = plan.direction(row, axis);
    spacing[axis] = plan.spacing_mm[axis];
    origin[axis] = plan.origin_mm[axis];
  }
  spacing[2] *= (plan.slices.back().k - plan.slices.front().k) / static_cast<double>(n_slices - 1);
  image->SetDirection(direction);
  image->SetSpacing(spacing);
  image->SetOrigin(origin);
  image->Allocate(true);
  return image;
}

// The slice laid into the plan's plane, to the nearest pixel where slices are displaced.
void place(const SliceHeader& header, const std::vector<std::uint16_t>& words, const PlacedSlice& placed, const StackPlan& plan,
           float* to) {
  const int shift_i = plan.has_shifts ? static_cast<int>(std::lround(placed.shift_i)) : 0;
  const int shift_j = plan.has_shifts ? static_cast<int>(std::lround(placed.shift_j)) : 0;
  for (int j = 0; j < header.rows; ++j)
    for (int i = 0; i < header.columns; ++i) {
      const int column = i + shift_i, row = j + shift_j;
      if (column < 0 || row < 0 || column >= plan.columns || row >= plan.rows) continue;
      const auto word = words[static_cast<std::size_t>(j) * header.columns + i];
      const double value = stored_value(word, header.coding) * header.coding.slope + header.coding.intercept;
      to[static_cast<std::size_t>(row) * plan.columns + column] = static_cast<float>(value);
    }
}

std::vector<LeftOutSlice> decode(const std::filesystem::path& folder, const std::vector<SliceHeader>& headers, const StackPlan& plan,
                                 float* pixels, int n_threads) {
  std::mutex mutex;
  std::vector<LeftOutSlice> undecodable;
  const auto n = static_cast<int>(plan.slices.size());
  const auto size = static_cast<std::size_t>(plan.columns) * static_cast<std::size_t>(plan.rows);
  parallel_for(n, thread_count(n_threads, n), [&](int s) {
    const auto& placed = plan.slices[static_cast<std::size_t>(s)];
    thread_local std::vector<std::uint16_t> words;
    try {
      decode_slice(folder, headers[placed.source], words);
      place(headers[placed.source], words, placed, plan, pixels + size * static_cast<std::size_t>(s));
    } catch (const Error& error) {
      const std::lock_guard lock(mutex);
      undecodable.push_back({placed.source, "undecodable_pixel_data", error.what()});
    }
  });
  std::sort(undecodable.begin(), undecodable.end(), [](const auto& a, const auto& b) { return a.source < b.source; });
  return undecodable;
}

Failure failure_of(const LeftOutSlice& slice, const std::vector<SliceHeader>& headers, const Series& series) {
  return {slice.code, slice.sentence, displayed_path(headers[slice.source].image.path), "", "", series.series_uid};
}

}  // namespace

LoadedMr load_mr(const std::filesystem::path& folder, const Series& series, const LoadOptions& options) {
  auto headers = read_slice_headers(folder, series, options.n_threads);
  LoadedMr loaded;
  loaded.failures = std::move(headers.failures);
  for (;;) {
    const auto plan = plan_stack(headers.slices);
    loaded.volume.image = make_image(plan);
    const auto undecodable = decode(folder, headers.slices, plan, loaded.volume.image->GetBufferPointer(), options.n_threads);
    const auto& left_out = undecodable.empty() ? plan.left_out : undecodable;
    for (const auto& slice : left_out) loaded.failures.push_back(failure_of(slice, headers.slices, series));
    if (undecodable.empty()) {
      loaded.warnings = plan.warnings;
      return loaded;
    }
    if (undecodable.size() == headers.slices.size())
      throw Error(ErrorKind::unreadable, fmt::format("no slice of the series can be decoded: {}", undecodable.front().sentence));
    for (auto slice = undecodable.rbegin(); slice != undecodable.rend(); ++slice)
      headers.slices.erase(headers.slices.begin() + static_cast<std::ptrdiff_t>(slice->source));
  }
}

}  // namespace cemscope::ingest
