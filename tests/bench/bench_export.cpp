#include "tests/bench/bench_export.h"

#include <algorithm>
#include <stdexcept>
#include <string>

#include <fmt/format.h>

#include "src/phantom/image_series.h"
#include "src/phantom/plan_parts.h"
#include "src/phantom/uid.h"

namespace cemscope::bench {
namespace {

namespace fs = std::filesystem;
using imaging::HuImage;
using phantom::PatientPlan;
using phantom::SeriesIdentity;

constexpr int kNPatients = 20, kNSeries = 4;

PatientPlan plan(int number) {
  PatientPlan patient;
  patient.patient_id = fmt::format("BENCH{:03}", number), patient.patient_name = fmt::format("BENCH^PATIENT{:03}", number);
  patient.seed = static_cast<std::uint64_t>(number), patient.sex = "F", patient.birth_date = "19500101";
  patient.studies = {{"20210610", "101500", "CT SPINE", false, {}}};
  return patient;
}

SeriesIdentity identity_of(const PatientPlan& patient, int series_number) {
  const auto uid = [&](const std::string& name) { return phantom::make_uid(patient.seed, name); };
  return {patient, patient.studies.front(), uid("study"), uid(fmt::format("series {}", series_number)), uid("frame"), "CT"};
}

void write_series(const fs::path& folder, const imaging::PhantomPatient& phantom, const PatientPlan& patient, int series_number) {
  const auto series = phantom::plan_series(phantom::SeriesKind::axial, series_number, patient.parameters.scan, patient.pixels);
  const auto root = folder / patient.patient_id / fmt::format("SE{:03}", series_number);
  phantom::write_ct_series(phantom, identity_of(patient, series_number), series,
                           [&](int number, const std::string&) { return root / fmt::format("IM{:06}", number); });
}

HuImage::Pointer make_image(const HuImage::SizeType& size) {
  auto image = HuImage::New();
  image->SetRegions(size);
  image->Allocate();
  image->FillBuffer(40);
  return image;
}

/// The slices in the middle of the volume.
HuImage::Pointer middle_slices(const HuImage& image, int n_slices) {
  auto size = image.GetLargestPossibleRegion().GetSize();
  if (size[2] < static_cast<std::size_t>(n_slices)) throw std::runtime_error("the simulated field is too short for the benchmark");
  const std::size_t n_pixels = size[0] * size[1], first = (size[2] - n_slices) / 2;
  size[2] = n_slices;
  auto middle = make_image(size);
  middle->SetSpacing(image.GetSpacing());
  HuImage::IndexType start{{0, 0, static_cast<itk::IndexValueType>(first)}};
  HuImage::PointType origin;
  image.TransformIndexToPhysicalPoint(start, origin);
  middle->SetOrigin(origin);
  std::copy_n(image.GetBufferPointer() + first * n_pixels, n_pixels * n_slices, middle->GetBufferPointer());
  return middle;
}

imaging::PhantomParameters treated_l1(const CtCase& size) {
  imaging::PhantomParameters parameters;
  parameters.seed = 2021;
  parameters.fractures = {{"L1", imaging::FractureType::wedge, 0.25}};
  parameters.deposits = {{"L1", imaging::CementPattern::bilateral, 5.0, {{imaging::CementZone::paravertebral, 0.4}}}};
  auto& scan = parameters.scan;
  scan.columns = size.columns, scan.rows = size.rows;
  scan.slice_thickness_mm = scan.slice_spacing_mm = 0.8;
  scan.top_level = "T8", scan.bottom_level = "S1";
  return parameters;
}

}  // namespace

int write_small_files(const fs::path& folder, int n_files) {
  phantom::prepare_encoders();
  imaging::PhantomPatient phantom;
  const int n_slices = n_files / (kNPatients * kNSeries);
  phantom.ct.image = make_image({{32, 32, static_cast<itk::SizeValueType>(n_slices)}});
  for (int number = 1; number <= kNPatients; ++number)
    for (int series = 1; series <= kNSeries; ++series) write_series(folder, phantom, plan(number), series);
  return n_slices * kNPatients * kNSeries;
}

void write_ct_case(const fs::path& folder, const CtCase& size) {
  phantom::prepare_encoders();
  auto patient = plan(1);
  patient.parameters = treated_l1(size);
  auto phantom = imaging::make_phantom(patient.parameters);
  phantom.ct.image = middle_slices(*phantom.ct.image, size.slices);
  write_series(folder, phantom, patient, 2);
}

}  // namespace cemscope::bench
