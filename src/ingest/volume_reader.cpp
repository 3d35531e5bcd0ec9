#include "src/ingest/volume_reader.h"

#include <sys/mman.h>

#include <algorithm>
#include <cmath>
#include <mutex>
#include <optional>
#include <span>

#include <fmt/format.h>

#include "imaging/error.h"
#include "src/ingest/coding_probe.h"
#include "src/ingest/parallel.h"
#include "src/ingest/pixel_decoder.h"
#include "src/ingest/slice_geometry.h"
#include "src/ingest/slice_header.h"
#include "src/ingest/slice_resample.h"
#include "src/ingest/text.h"

namespace cemscope::ingest {

namespace {

using Densities = std::span<std::int16_t>;

// A volume above this is a damaged header: 4 G voxels are 8 GB, ten times a 1024 x 1024 x 400 scan.
constexpr std::int64_t kMaxVoxels = std::int64_t{1} << 32;

std::size_t slice_size(const StackPlan& plan) { return static_cast<std::size_t>(plan.columns) * static_cast<std::size_t>(plan.rows); }

imaging::HuImage::Pointer make_image(const StackPlan& plan) {
  if (static_cast<std::int64_t>(plan.columns) * plan.rows * plan.n_slices > kMaxVoxels) {
    throw Error(ErrorKind::unsupported, fmt::format("the volume would have {} x {} x {} voxels", plan.columns, plan.rows, plan.n_slices));
  }
  auto image = imaging::HuImage::New();
  image->SetRegions(imaging::HuImage::SizeType{static_cast<itk::SizeValueType>(plan.columns), static_cast<itk::SizeValueType>(plan.rows),
                                               static_cast<itk::SizeValueType>(plan.n_slices)});
  imaging::HuImage::DirectionType direction;
  imaging::HuImage::SpacingType spacing;
  imaging::HuImage::PointType origin;
  for (int axis = 0; axis < 3; ++axis) {
    for (int row = 0; row < 3; ++row) direction(row, axis) = plan.direction(row, axis);
    spacing[axis] = plan.spacing_mm[axis];
    origin[axis] = plan.origin_mm[axis];
  }
  image->SetDirection(direction);
  image->SetSpacing(spacing);
  image->SetOrigin(origin);
  image->Allocate();
  return image;
}

// Large pages make the first touch of the volume several times cheaper; without them everything works the same.
void prefer_large_pages(Densities values) {
  constexpr std::uintptr_t kPage = 4096;
  const auto begin = (reinterpret_cast<std::uintptr_t>(values.data()) + kPage - 1) / kPage * kPage;
  const auto end = reinterpret_cast<std::uintptr_t>(values.data() + values.size()) / kPage * kPage;
  if (end > begin) madvise(reinterpret_cast<void*>(begin), end - begin, MADV_HUGEPAGE);
}

Densities voxels_of(imaging::HuImage& image) { return {image.GetBufferPointer(), image.GetLargestPossibleRegion().GetNumberOfPixels()}; }

/// Decodes the planned slices into consecutive slots of a buffer.
class StackDecoder {
 public:
  StackDecoder(const std::filesystem::path& folder, const std::vector<SliceHeader>& headers, const StackPlan& plan)
      : folder_(folder), headers_(headers), plan_(plan) {}

  struct Result {
    PeakCount peak;
    std::vector<LeftOutSlice> undecodable;
  };

  // On an even grid a slice goes to the slot of its k, else to that of its rank.
  Result run(Densities slots, int n_threads) {
    const auto n = static_cast<int>(plan_.slices.size());
    parallel_for(n, thread_count(n_threads, n), [&](int i) {
      const auto& placed = plan_.slices[static_cast<std::size_t>(i)];
      const auto slot = plan_.is_even ? static_cast<std::size_t>(std::lround(placed.k)) : static_cast<std::size_t>(i);
      decode(placed, slots.subspan(slot * slice_size(plan_), slice_size(plan_)));
    });
    std::sort(result_.undecodable.begin(), result_.undecodable.end(), [](const auto& a, const auto& b) { return a.source < b.source; });
    return std::move(result_);
  }

 private:
  void decode(const PlacedSlice& placed, Densities slot) {
    thread_local std::vector<std::uint16_t> words;
    const auto& header = headers_[placed.source];
    try {
      decode_slice(folder_, header, words);
    } catch (const Error& error) {
      const std::lock_guard lock(mutex_);
      result_.undecodable.push_back({placed.source, "undecodable_pixel_data", error.what()});
      return;
    }
    const auto peak = convert(header, words, placed, slot);
    const std::lock_guard lock(mutex_);
    result_.peak = merged(result_.peak, peak);
  }

  PeakCount convert(const SliceHeader& header, const std::vector<std::uint16_t>& words, const PlacedSlice& placed, Densities slot) const {
    const auto coding = with_plausible_padding(header, words);
    if (!plan_.has_shifts) return convert_to_hounsfield(words, coding, slot);
    thread_local std::vector<std::int16_t> upright;
    upright.resize(words.size());
    const auto peak = convert_to_hounsfield(words, coding, upright);
    place_shifted({upright, header.columns, header.rows}, placed.shift_i, placed.shift_j, {slot, plan_.columns, plan_.rows});
    return peak;
  }

  const std::filesystem::path& folder_;
  const std::vector<SliceHeader>& headers_;
  const StackPlan& plan_;
  std::mutex mutex_;
  Result result_;
};

/// Neighbours of an output slice among the decoded ones, and the weight of the second.
struct Neighbours {
  std::size_t below, above;
  double weight;
};

Neighbours neighbours_of(const StackPlan& plan, double k) {
  const auto above =
      std::lower_bound(plan.slices.begin(), plan.slices.end(), k - 1e-6, [](const auto& slice, double at) { return slice.k < at; });
  const auto j = std::min(static_cast<std::size_t>(above - plan.slices.begin()), plan.slices.size() - 1);
  if (j == 0 || std::abs(plan.slices[j].k - k) < 1e-3) return {j, j, 0};
  return {j - 1, j, (k - plan.slices[j - 1].k) / (plan.slices[j].k - plan.slices[j - 1].k)};
}

void fill_holes(const StackPlan& plan, Densities volume) {
  const auto size = slice_size(plan);
  const auto slot = [&](double k) { return volume.subspan(static_cast<std::size_t>(std::lround(k)) * size, size); };
  for (int k = 0; k < plan.n_slices; ++k) {
    const auto [below, above, weight] = neighbours_of(plan, k);
    if (below != above) blend(slot(plan.slices[below].k), slot(plan.slices[above].k), weight, slot(k));
  }
}

void resample(const StackPlan& plan, Densities decoded, Densities volume) {
  const auto size = slice_size(plan);
  for (int k = 0; k < plan.n_slices; ++k) {
    const auto [below, above, weight] = neighbours_of(plan, k);
    blend(decoded.subspan(below * size, size), decoded.subspan(above * size, size), weight,
          volume.subspan(static_cast<std::size_t>(k) * size, size));
  }
}

StackDecoder::Result decode_even(StackDecoder& decoder, const StackPlan& plan, Densities volume, int n_threads) {
  auto result = decoder.run(volume, n_threads);
  if (result.undecodable.empty() && static_cast<std::size_t>(plan.n_slices) > plan.slices.size()) fill_holes(plan, volume);
  return result;
}

StackDecoder::Result decode_uneven(StackDecoder& decoder, const StackPlan& plan, Densities volume, int n_threads) {
  std::vector<std::int16_t> decoded(slice_size(plan) * plan.slices.size());
  auto result = decoder.run(decoded, n_threads);
  if (result.undecodable.empty()) resample(plan, decoded, volume);
  return result;
}

std::vector<ImageRef> images_by_slice(const std::vector<SliceHeader>& headers, const StackPlan& plan) {
  std::vector<ImageRef> images(static_cast<std::size_t>(plan.n_slices));
  for (int k = 0; k < plan.n_slices; ++k) {
    const auto [below, above, weight] = neighbours_of(plan, k);
    if (below == above) images[static_cast<std::size_t>(k)] = headers[plan.slices[below].source].image;
  }
  return images;
}

/// The state of a load: slices that cannot be decoded are taken out and the stack is planned anew.
class CtLoader {
 public:
  CtLoader(const std::filesystem::path& folder, const Series& series, const LoadOptions& options)
      : folder_(folder), series_(series), options_(options) {}

  LoadedCt run() {
    auto headers = read_slice_headers(folder_, series_, options_.n_threads);
    failures_ = std::move(headers.failures);
    const auto coding_warnings = correct_codings(folder_, headers.slices);
    for (;;) {
      const auto plan = plan_stack(headers.slices);
      auto image = make_image(plan);
      const auto volume = voxels_of(*image);
      prefer_large_pages(volume);
      StackDecoder decoder(folder_, headers.slices, plan);
      const auto result =
          plan.is_even ? decode_even(decoder, plan, volume, options_.n_threads) : decode_uneven(decoder, plan, volume, options_.n_threads);
      if (result.undecodable.empty()) return finished(image, headers.slices, plan, result.peak, coding_warnings);
      drop(headers.slices, result.undecodable);
    }
  }

 private:
  void record(const std::vector<SliceHeader>& slices, const LeftOutSlice& left_out) {
    failures_.push_back({left_out.code, left_out.sentence, displayed_path(slices[left_out.source].image.path), "", "", series_.series_uid});
  }

  void drop(std::vector<SliceHeader>& slices, const std::vector<LeftOutSlice>& undecodable) {
    for (const auto& slice : undecodable) record(slices, slice);
    if (undecodable.size() == slices.size()) {
      throw Error(ErrorKind::unreadable, fmt::format("no slice of the series can be decoded: {}", undecodable.front().sentence));
    }
    for (auto slice = undecodable.rbegin(); slice != undecodable.rend(); ++slice) {
      slices.erase(slices.begin() + static_cast<std::ptrdiff_t>(slice->source));
    }
  }

  LoadedCt finished(const imaging::HuImage::Pointer& image, const std::vector<SliceHeader>& slices, const StackPlan& plan,
                    const PeakCount& peak, const std::vector<std::string>& coding_warnings) {
    LoadedCt loaded;
    loaded.volume.image = image;
    loaded.volume.saturation_hu = saturation_hu(slices[plan.slices.front().source].coding, peak);
    loaded.warnings = coding_warnings;
    loaded.warnings.insert(loaded.warnings.end(), plan.warnings.begin(), plan.warnings.end());
    for (const auto& left_out : plan.left_out) record(slices, left_out);
    loaded.failures = std::move(failures_);
    loaded.slices = images_by_slice(slices, plan);
    return loaded;
  }

  const std::filesystem::path& folder_;
  const Series& series_;
  const LoadOptions& options_;
  std::vector<Failure> failures_;
};

// About n evenly spaced members.
std::vector<ImageRef> sampled(const std::vector<ImageRef>& images, int n) {
  std::vector<ImageRef> chosen;
  const auto count = std::min(static_cast<std::size_t>(std::max(n, 1)), images.size());
  for (std::size_t i = 0; i < count; ++i) chosen.push_back(images[(2 * i + 1) * images.size() / (2 * count)]);
  return chosen;
}

// Empty when the slice cannot be decoded; loading the series will say so.
std::optional<double> dense_area_mm2(const std::filesystem::path& folder, const SliceHeader& slice, int hu) {
  std::vector<std::uint16_t> words;
  try {
    decode_slice(folder, slice, words);
  } catch (const Error&) {
    return std::nullopt;
  }
  std::vector<std::int16_t> densities(words.size());
  convert_to_hounsfield(words, with_plausible_padding(slice, words), densities);
  const auto n = std::count_if(densities.begin(), densities.end(), [&](std::int16_t density) { return density > hu; });
  return static_cast<double>(n) * slice.row_spacing_mm * slice.column_spacing_mm;
}

double mean_of_known(const std::vector<std::optional<double>>& values) {
  double sum = 0;
  int n = 0;
  for (const auto& value : values) {
    if (value) sum += *value, ++n;
  }
  if (n == 0) throw Error(ErrorKind::unreadable, "no sampled slice of the series can be decoded");
  return sum / n;
}

}  // namespace

LoadedCt load_ct(const std::filesystem::path& folder, const Series& series, const LoadOptions& options) {
  return CtLoader(folder, series, options).run();
}

double probe_dense_volume_mm3(const std::filesystem::path& folder, const Series& series, int n_slices, int hu) {
  auto sample = series;
  sample.images = sampled(series.images, n_slices);
  auto headers = read_slice_headers(folder, sample, 0);
  correct_codings(folder, headers.slices);
  std::vector<std::optional<double>> areas_mm2(headers.slices.size());
  const auto n = static_cast<int>(headers.slices.size());
  parallel_for(n, thread_count(0, n), [&](int i) {
    const auto index = static_cast<std::size_t>(i);
    areas_mm2[index] = dense_area_mm2(folder, headers.slices[index], hu);
  });
  return mean_of_known(areas_mm2) * series.slice_spacing_mm.value_or(0) * static_cast<double>(series.images.size());
}

}  // namespace cemscope::ingest
