#include "src/ingest/volume_reader.h"

#include <algorithm>
#include <cmath>
#include <mutex>
#include <optional>
#include <span>
#include <utility>

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

InPlaneWindow whole_slice(const StackPlan& plan) { return {0, 0, plan.columns, plan.rows}; }

/// The plan of a grid that keeps a window of every slice.
StackPlan windowed(const StackPlan& plan, const InPlaneWindow& window) {
  StackPlan part = plan;
  part.origin_mm += plan.direction * plan.spacing_mm.cwiseProduct(Eigen::Vector3d(window.first_column, window.first_row, 0));
  part.columns = window.columns;
  part.rows = window.rows;
  return part;
}

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

Densities voxels_of(imaging::HuImage& image) { return {image.GetBufferPointer(), image.GetLargestPossibleRegion().GetNumberOfPixels()}; }

/// Decodes the planned slices into consecutive slots of a buffer.
class StackDecoder {
 public:
  /// `plan` is that of the window; a window other than the whole slice needs a plan without shifts.
  StackDecoder(const std::filesystem::path& folder, const std::vector<SliceHeader>& headers, const StackPlan& plan,
               const InPlaneWindow& window)
      : folder_(folder), headers_(headers), plan_(plan), window_(window) {}

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
    if (!plan_.has_shifts) return convert_to_hounsfield(cut_out(words, header), coding, slot);
    thread_local std::vector<std::int16_t> upright;
    upright.resize(words.size());
    const auto peak = convert_to_hounsfield(words, coding, upright);
    place_shifted({upright, header.columns, header.rows}, placed.shift_i, placed.shift_j, {slot, plan_.columns, plan_.rows});
    return peak;
  }

  /// The window's words, contiguous.
  std::span<const std::uint16_t> cut_out(const std::vector<std::uint16_t>& words, const SliceHeader& header) const {
    if (window_.columns == header.columns && window_.rows == header.rows) return words;
    thread_local std::vector<std::uint16_t> part;
    part.resize(slice_size(plan_));
    for (int row = 0; row < window_.rows; ++row) {
      const auto from = static_cast<std::size_t>(window_.first_row + row) * static_cast<std::size_t>(header.columns) +
                        static_cast<std::size_t>(window_.first_column);
      std::copy_n(words.begin() + static_cast<std::ptrdiff_t>(from), window_.columns,
                  part.begin() + static_cast<std::ptrdiff_t>(row) * window_.columns);
    }
    return part;
  }

  const std::filesystem::path& folder_;
  const std::vector<SliceHeader>& headers_;
  const StackPlan& plan_;
  const InPlaneWindow window_;
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

/// Means over blocks of factor x factor pixels; what is left over at the far edges is dropped.
void reduce(std::span<const std::int16_t> slice, int columns, int factor, const StackPlan& target, Densities means) {
  std::vector<std::int32_t> sums(static_cast<std::size_t>(target.columns));
  for (int j = 0; j < target.rows; ++j) {
    std::fill(sums.begin(), sums.end(), 0);
    for (int dj = 0; dj < factor; ++dj) {
      const auto row = slice.subspan(static_cast<std::size_t>(j * factor + dj) * static_cast<std::size_t>(columns));
      for (std::size_t i = 0; i < sums.size(); ++i)
        for (int di = 0; di < factor; ++di) sums[i] += row[i * static_cast<std::size_t>(factor) + static_cast<std::size_t>(di)];
    }
    const auto to = means.subspan(static_cast<std::size_t>(j) * sums.size(), sums.size());
    for (std::size_t i = 0; i < sums.size(); ++i) to[i] = static_cast<std::int16_t>(sums[i] / (factor * factor));
  }
}

/// The grid of an overview: `factor` pixels and `step` slices become one.
StackPlan reduced(const StackPlan& plan, int factor, int step) {
  StackPlan coarse = plan;
  const double half_block = (factor - 1) / 2.0;
  coarse.origin_mm += plan.direction * plan.spacing_mm.cwiseProduct(Eigen::Vector3d(half_block, half_block, 0));
  coarse.spacing_mm = plan.spacing_mm.cwiseProduct(Eigen::Vector3d(factor, factor, step));
  coarse.columns = plan.columns / factor;
  coarse.rows = plan.rows / factor;
  coarse.n_slices = (plan.n_slices - 1) / step + 1;
  return coarse;
}

int factor_for(double grid_mm, double spacing_mm, int size) {
  return std::clamp(static_cast<int>(std::lround(grid_mm / spacing_mm)), 1, std::max(1, size));
}

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

/// What is known of a series before its pixels are read, and the load itself.
struct CtStack::State {
  State(const std::filesystem::path& folder_, const Series& series_, const LoadOptions& options_)
      : folder(folder_), series(series_), options(options_) {
    auto headers = read_slice_headers(folder, series, options.n_threads);
    failures = std::move(headers.failures);
    slices = std::move(headers.slices);
    coding_warnings = correct_codings(folder, slices);
    plan = plan_stack(slices);
  }

  /// Slices that cannot be decoded are taken out and the stack is planned anew, with its whole slices.
  LoadedCt load(const std::optional<InPlaneWindow>& wanted) {
    auto window = wanted.value_or(whole_slice(plan));
    for (;;) {
      const auto part = windowed(plan, window);
      auto image = make_image(part);
      const auto volume = voxels_of(*image);
      StackDecoder decoder(folder, slices, part, window);
      const auto result =
          plan.is_even ? decode_even(decoder, part, volume, options.n_threads) : decode_uneven(decoder, part, volume, options.n_threads);
      if (result.undecodable.empty()) return finished(image, result.peak);
      drop(result.undecodable);
      plan = plan_stack(slices);
      window = whole_slice(plan);
    }
  }

  void record(const LeftOutSlice& left_out) {
    failures.push_back({left_out.code, left_out.sentence, displayed_path(slices[left_out.source].image.path), "", "", series.series_uid});
  }

  void drop(const std::vector<LeftOutSlice>& undecodable) {
    for (const auto& slice : undecodable) record(slice);
    if (undecodable.size() == slices.size()) {
      throw Error(ErrorKind::unreadable, fmt::format("no slice of the series can be decoded: {}", undecodable.front().sentence));
    }
    for (auto slice = undecodable.rbegin(); slice != undecodable.rend(); ++slice) {
      slices.erase(slices.begin() + static_cast<std::ptrdiff_t>(slice->source));
    }
  }

  LoadedCt finished(const imaging::HuImage::Pointer& image, const PeakCount& peak) {
    LoadedCt loaded;
    loaded.volume.image = image;
    loaded.volume.saturation_hu = saturation_hu(slices[plan.slices.front().source].coding, peak);
    loaded.warnings = coding_warnings;
    loaded.warnings.insert(loaded.warnings.end(), plan.warnings.begin(), plan.warnings.end());
    for (const auto& left_out : plan.left_out) record(left_out);
    loaded.failures = std::exchange(failures, {});
    loaded.slices = images_by_slice(slices, plan);
    return loaded;
  }

  const std::filesystem::path& folder;
  const Series& series;
  LoadOptions options;
  std::vector<SliceHeader> slices;
  std::vector<std::string> coding_warnings;
  std::vector<Failure> failures;
  StackPlan plan;
};

CtStack::CtStack(const std::filesystem::path& folder, const Series& series, const LoadOptions& options)
    : state_(std::make_unique<State>(folder, series, options)) {}

CtStack::~CtStack() = default;

std::int64_t CtStack::n_voxels() const {
  const auto& plan = state_->plan;
  return static_cast<std::int64_t>(plan.columns) * plan.rows * plan.n_slices;
}

bool CtStack::can_be_windowed() const { return state_->plan.is_even && !state_->plan.has_shifts; }

imaging::CtVolume CtStack::overview(double grid_mm) const {
  const auto& plan = state_->plan;
  const int factor = std::min(factor_for(grid_mm, plan.spacing_mm[0], plan.columns), factor_for(grid_mm, plan.spacing_mm[1], plan.rows));
  const int step = factor_for(grid_mm, plan.spacing_mm[2], plan.n_slices);
  const auto coarse = reduced(plan, factor, step);
  auto image = make_image(coarse);
  const auto means = voxels_of(*image);
  std::fill(means.begin(), means.end(), kPaddingHu);
  parallel_for(coarse.n_slices, thread_count(state_->options.n_threads, coarse.n_slices), [&](int k) {
    const auto& slice = state_->slices[plan.slices[neighbours_of(plan, k * step).below].source];
    thread_local std::vector<std::uint16_t> words;
    thread_local std::vector<std::int16_t> densities;
    try {
      decode_slice(state_->folder, slice, words);
    } catch (const Error&) {
      return;  // load() will say so
    }
    densities.resize(words.size());
    convert_to_hounsfield(words, with_plausible_padding(slice, words), densities);
    reduce(densities, slice.columns, factor, coarse, means.subspan(static_cast<std::size_t>(k) * slice_size(coarse), slice_size(coarse)));
  });
  return {image, imaging::CtVolume{}.saturation_hu};
}

InPlaneWindow CtStack::window_around(const imaging::Box_mm& box) const {
  const auto& plan = state_->plan;
  Eigen::Vector3d low = Eigen::Vector3d::Constant(1e9), high = -low;
  for (int corner = 0; corner < 8; ++corner) {
    Eigen::Vector3d point;
    for (int axis = 0; axis < 3; ++axis) point[axis] = (corner >> axis & 1) != 0 ? box.high[axis] : box.low[axis];
    const Eigen::Vector3d index = (plan.direction.transpose() * (point - plan.origin_mm)).cwiseQuotient(plan.spacing_mm);
    low = low.cwiseMin(index), high = high.cwiseMax(index);
  }
  const int first_column = std::max(0, static_cast<int>(std::floor(low[0]))), first_row = std::max(0, static_cast<int>(std::floor(low[1])));
  const int columns = std::min(plan.columns, static_cast<int>(std::ceil(high[0])) + 1) - first_column;
  const int rows = std::min(plan.rows, static_cast<int>(std::ceil(high[1])) + 1) - first_row;
  if (columns <= 0 || rows <= 0) return whole_slice(plan);
  return {first_column, first_row, columns, rows};
}

LoadedCt CtStack::load(const std::optional<InPlaneWindow>& window) {
  return state_->load(window && can_be_windowed() ? window : std::nullopt);
}

LoadedCt load_ct(const std::filesystem::path& folder, const Series& series, const LoadOptions& options) {
  return CtStack(folder, series, options).load();
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
