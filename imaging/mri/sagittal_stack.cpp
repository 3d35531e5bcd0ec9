#include <algorithm>
#include <array>
#include <cmath>

#include "imaging/error.h"
#include "imaging/mri/mr_volume.h"

namespace cemscope::imaging {
namespace {

constexpr double kPixel_mm = 1.0;
constexpr double kMinNormalCosine = 0.766;  // 40 degrees: scoliotic stacks are angled by up to 30
constexpr int kMaxSize = 700;               // 70 cm, more than any field of view

/// Which index axis runs to posterior, to inferior and to the left, and whether against its sense.
struct SagittalAxes {
  std::array<int, 3> source{0, 1, 2};
  std::array<double, 3> sign{1, 1, 1};
};

SagittalAxes axes_of(const SignalImage& image) {
  const auto& direction = image.GetDirection();
  if (std::abs(direction[0][2]) < kMinNormalCosine)
    throw Error(ErrorKind::inconsistent, "the slices are not sagittal; a normal within 40 degrees of left-right is needed");
  SagittalAxes axes;
  const int superior = std::abs(direction[2][0]) > std::abs(direction[2][1]) ? 0 : 1;
  axes.source = {1 - superior, superior, 2};
  axes.sign = {direction[1][1 - superior] > 0 ? 1.0 : -1.0, direction[2][superior] > 0 ? -1.0 : 1.0, direction[0][2] > 0 ? 1.0 : -1.0};
  return axes;
}

/// For each output pixel along a line the input samples it averages, as first index and weights.
struct LineSamples {
  std::vector<int> first;
  std::vector<std::vector<float>> weights;
};

// A tent whose half-width is the larger of the two pixels: linear interpolation when enlarging, an area average when reducing.
LineSamples samples_of(int n_in, double in_mm, int n_out, bool is_flipped) {
  LineSamples line;
  const double reach = std::max(1.0, kPixel_mm / in_mm);
  for (int out = 0; out < n_out; ++out) {
    double centre = out * kPixel_mm / in_mm;
    if (is_flipped) centre = n_in - 1 - centre;
    const int low = std::max(0, static_cast<int>(std::ceil(centre - reach))), high = std::min(n_in - 1, static_cast<int>(centre + reach));
    std::vector<float> weights;
    float sum = 0;
    for (int in = low; in <= high; ++in) {
      weights.push_back(static_cast<float>(std::max(1e-6, 1.0 - std::abs(in - centre) / reach)));
      sum += weights.back();
    }
    for (float& weight : weights) weight /= sum;
    line.first.push_back(low);
    line.weights.push_back(std::move(weights));
  }
  return line;
}

}  // namespace

SagittalStack sagittal_stack(const MrVolume& volume) {
  const auto& image = *volume.image;
  const auto axes = axes_of(image);
  const auto in_size = image.GetLargestPossibleRegion().GetSize();
  const auto spacing = image.GetSpacing();
  const std::array<std::ptrdiff_t, 3> stride{1, static_cast<std::ptrdiff_t>(in_size[0]),
                                             static_cast<std::ptrdiff_t>(in_size[0] * in_size[1])};
  const auto n_out = [&](int d) {
    return std::min(kMaxSize,
                    static_cast<int>((static_cast<double>(in_size[axes.source[d]]) - 1) * spacing[axes.source[d]] / kPixel_mm) + 1);
  };
  const auto lines_of = [&](int d) {
    return samples_of(static_cast<int>(in_size[axes.source[d]]), spacing[axes.source[d]], n_out(d), axes.sign[d] < 0);
  };
  const int nx = n_out(0), ny = n_out(1), nz = static_cast<int>(in_size[2]);
  const auto columns = lines_of(0), rows = lines_of(1);
  SagittalStack stack;
  stack.signal = Grid<float>(nx, ny, nz);
  stack.slice_mm = spacing[2];
  const float* pixels = image.GetBufferPointer();
  for (int z = 0; z < nz; ++z) {
    const float* slice = pixels + (axes.sign[2] < 0 ? nz - 1 - z : z) * stride[2];
    for (int y = 0; y < ny; ++y)
      for (int x = 0; x < nx; ++x) {
        float sum = 0;
        for (std::size_t v = 0; v < rows.weights[y].size(); ++v) {
          const float* line = slice + (rows.first[y] + static_cast<int>(v)) * stride[axes.source[1]];
          float part = 0;
          for (std::size_t u = 0; u < columns.weights[x].size(); ++u)
            part += columns.weights[x][u] * line[(columns.first[x] + static_cast<int>(u)) * stride[axes.source[0]]];
          sum += rows.weights[y][v] * part;
        }
        stack.signal.at(x, y, z) = sum;
      }
  }
  SignalImage::IndexType corner;
  for (int d = 0; d < 3; ++d) {
    const int s = axes.source[d];
    corner[s] = axes.sign[d] < 0 ? static_cast<long>(in_size[s]) - 1 : 0;
    const double step = (d == 2 ? spacing[2] : kPixel_mm) * axes.sign[d];
    for (int row = 0; row < 3; ++row) stack.step_mm(row, d) = image.GetDirection()[row][s] * step;
  }
  SignalImage::PointType origin;
  image.TransformIndexToPhysicalPoint(corner, origin);
  stack.origin_mm = {origin[0], origin[1], origin[2]};
  return stack;
}

SignalImage::Pointer image_of(const SagittalStack& stack) {
  auto image = SignalImage::New();
  image->SetRegions(SignalImage::SizeType{static_cast<itk::SizeValueType>(stack.signal.nx),
                                          static_cast<itk::SizeValueType>(stack.signal.ny),
                                          static_cast<itk::SizeValueType>(stack.signal.nz)});
  SignalImage::DirectionType direction;
  SignalImage::SpacingType spacing;
  SignalImage::PointType origin;
  for (int d = 0; d < 3; ++d) {
    spacing[d] = stack.step_mm.col(d).norm(), origin[d] = stack.origin_mm[d];
    for (int row = 0; row < 3; ++row) direction[row][d] = stack.step_mm(row, d) / spacing[d];
  }
  image->SetDirection(direction);
  image->SetSpacing(spacing);
  image->SetOrigin(origin);
  image->Allocate();
  std::copy(stack.signal.values.begin(), stack.signal.values.end(), image->GetBufferPointer());
  return image;
}

}  // namespace cemscope::imaging
