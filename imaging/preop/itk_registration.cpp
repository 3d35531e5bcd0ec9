#include "imaging/preop/itk_registration.h"

#include <itkEuler3DTransform.h>
#include <itkImageRegistrationMethodv4.h>
#include <itkMattesMutualInformationImageToImageMetricv4.h>
#include <itkMeanSquaresImageToImageMetricv4.h>
#include <itkRegularStepGradientDescentOptimizerv4.h>

namespace cemscope::imaging::preop {
namespace {

using Transform = itk::Euler3DTransform<double>;
using Metric = itk::ImageToImageMetricv4<ScalarImage, ScalarImage>;
using Method = itk::ImageRegistrationMethodv4<ScalarImage, ScalarImage, Transform>;
using Optimizer = itk::RegularStepGradientDescentOptimizerv4<double>;

constexpr int kBins = 32;

Transform::Pointer transform_of(const CentredMotion& motion) {
  auto transform = Transform::New();
  Transform::InputPointType centre;
  Transform::MatrixType matrix;
  Transform::OutputVectorType translation;
  for (unsigned row = 0; row < 3; ++row) {
    centre[row] = motion.centre[row], translation[row] = motion.translation[row];
    for (unsigned column = 0; column < 3; ++column) matrix[row][column] = motion.rotation[row][column];
  }
  transform->SetCenter(centre);
  transform->SetMatrix(matrix, 1e-6);
  transform->SetTranslation(translation);
  return transform;
}

CentredMotion motion_of(const Transform& transform) {
  CentredMotion motion;
  for (unsigned row = 0; row < 3; ++row) {
    motion.centre[row] = transform.GetCenter()[row], motion.translation[row] = transform.GetTranslation()[row];
    for (unsigned column = 0; column < 3; ++column) motion.rotation[row][column] = transform.GetMatrix()[row][column];
  }
  return motion;
}

/// A metric whose points are summed by one work unit, whatever the machine has: mutual information adds the partial sums of several in the
/// order in which they end.
template <typename OneMetric>
class InOneUnit : public OneMetric {
 public:
  ITK_DISALLOW_COPY_AND_MOVE(InOneUnit);
  using Self = InOneUnit;
  using Pointer = itk::SmartPointer<Self>;
  itkFactorylessNewMacro(Self);

 protected:
  InOneUnit() { this->m_SparseGetValueAndDerivativeThreader->SetNumberOfWorkUnits(1); }
};

template <typename OneMetric>
Metric::Pointer make_metric(const std::vector<std::array<double, 3>>& points) {
  auto metric = InOneUnit<OneMetric>::New();
  auto sample = OneMetric::FixedSampledPointSetType::New();
  for (std::size_t n = 0; n < points.size(); ++n) {
    typename OneMetric::FixedSampledPointSetType::PointType point;
    for (unsigned d = 0; d < 3; ++d) point[d] = points[n][d];
    sample->SetPoint(n, point);
  }
  metric->SetFixedSampledPointSet(sample);
  metric->SetUseSampledPointSet(true);
  // Differences on the spot: the filters would smooth whole images for a few thousand points.
  metric->SetUseFixedImageGradientFilter(false);
  metric->SetUseMovingImageGradientFilter(false);
  if constexpr (requires { metric->SetNumberOfHistogramBins(kBins); }) metric->SetNumberOfHistogramBins(kBins);
  return metric.GetPointer();
}

Optimizer::Pointer make_optimizer(const RigidParameters& p) {
  auto optimizer = Optimizer::New();
  Optimizer::ScalesType scales(6);
  for (unsigned n = 0; n < 6; ++n) scales[n] = n < 3 ? p.radius_mm * p.radius_mm : 1.0;
  optimizer->SetScales(scales);
  optimizer->SetLearningRate(p.first_step_mm);
  optimizer->SetMinimumStepLength(p.first_step_mm / 100);
  optimizer->SetRelaxationFactor(0.6);
  optimizer->SetGradientMagnitudeTolerance(1e-9);
  optimizer->SetNumberOfIterations(static_cast<itk::SizeValueType>(p.steps));
  optimizer->SetReturnBestParametersAndValue(true);
  optimizer->SetNumberOfWorkUnits(1);
  return optimizer;
}

}  // namespace

CentredMotion register_with_itk(const ScalarImage& fixed, const std::vector<std::array<double, 3>>& points, const ScalarImage& moving,
                                const CentredMotion& start, const RigidParameters& p) {
  auto optimizer = make_optimizer(p);
  auto method = Method::New();
  method->SetFixedImage(&fixed);
  method->SetMovingImage(&moving);
  method->SetMetric(p.likeness == Likeness::same_values
                        ? make_metric<itk::MeanSquaresImageToImageMetricv4<ScalarImage, ScalarImage>>(points)
                        : make_metric<itk::MattesMutualInformationImageToImageMetricv4<ScalarImage, ScalarImage>>(points));
  method->SetOptimizer(optimizer);
  method->SetNumberOfWorkUnits(1);
  method->SetMetricSamplingStrategy(Method::MetricSamplingStrategyEnum::NONE);
  method->SetNumberOfLevels(2);
  Method::ShrinkFactorsArrayType shrink(2);
  shrink[0] = 2, shrink[1] = 1;
  method->SetShrinkFactorsPerLevel(shrink);
  Method::SmoothingSigmasArrayType smoothing(2);
  smoothing[0] = 2.0, smoothing[1] = 0.7;
  method->SetSmoothingSigmasPerLevel(smoothing);
  method->SetSmoothingSigmasAreSpecifiedInPhysicalUnits(true);
  method->SetInitialTransform(transform_of(start));
  method->SetInPlace(true);
  try {
    method->Update();
  } catch (const itk::ExceptionObject&) {
    return start;
  }
  return motion_of(*method->GetTransform());
}

}  // namespace cemscope::imaging::preop
