#include "src/phantom/plan_parts.h"

#include <chrono>

#include <fmt/format.h>

namespace cemscope::phantom {

using imaging::ReconstructionKernel;
using imaging::phantom::Random;

std::string shifted_date(const std::string& date, int n_days) {
  using namespace std::chrono;
  const year_month_day day{year{std::stoi(date.substr(0, 4))}, month{static_cast<unsigned>(std::stoi(date.substr(4, 2)))},
                           std::chrono::day{static_cast<unsigned>(std::stoi(date.substr(6, 2)))}};
  const year_month_day shifted{sys_days{day} + days{n_days}};
  return fmt::format("{:04}{:02}{:02}", static_cast<int>(shifted.year()), static_cast<unsigned>(shifted.month()),
                     static_cast<unsigned>(shifted.day()));
}

std::string iso_date(const std::string& date) {
  return date.empty() ? "" : date.substr(0, 4) + "-" + date.substr(4, 2) + "-" + date.substr(6, 2);
}

std::string treated_levels(const imaging::PhantomParameters& parameters) {
  std::string levels;
  for (const imaging::PhantomDeposit& deposit : parameters.deposits) levels += (levels.empty() ? "" : ";") + deposit.level;
  return levels;
}

std::string kernel_name(ReconstructionKernel kernel, const PixelStyle& pixels) {
  const int index = kernel == ReconstructionKernel::soft ? 0 : kernel == ReconstructionKernel::standard ? 1 : 2;
  static constexpr const char* kNames[4][3] = {
      {"B20f", "B31f", "B60f"}, {"SOFT", "STANDARD", "BONEPLUS"}, {"A", "B", "YD"}, {"FC04", "FC12", "FC30"}};
  const int vendor = pixels.padding ? 1 : pixels.is_signed ? 3 : pixels.intercept == -1000 ? 2 : 0;
  return kNames[vendor][index];
}

std::string series_description(const imaging::PhantomScan& scan) {
  const std::string kernel = scan.kernel == ReconstructionKernel::bone   ? "BONE"
                             : scan.kernel == ReconstructionKernel::soft ? "SOFT"
                                                                         : "STD";
  const std::string plane = scan.plane == imaging::SlicePlane::sagittal  ? " SAG MPR"
                            : scan.plane == imaging::SlicePlane::coronal ? " COR MPR"
                                                                         : "";
  return fmt::format("T-L SPINE {:.4g} {}{}", scan.slice_thickness_mm, kernel, plane);
}

SeriesPlan plan_series(SeriesKind kind, int number, const imaging::PhantomScan& scan, const PixelStyle& pixels) {
  SeriesPlan series{kind, number, series_description(scan), kernel_name(scan.kernel, pixels), scan};
  if (kind == SeriesKind::localizer) series.description = "Topogram";
  if (kind == SeriesKind::dose_report) series.description = "Dose Report";
  if (kind == SeriesKind::dose_page) series.description = "Patient Protocol";
  return series;
}

ClinicalRow full_clinical_row(const PatientPlan& patient, const std::string& surgery_date, Random& random) {
  ClinicalRow row;
  row.surgery_date = iso_date(surgery_date);
  row.treated_levels = treated_levels(patient.parameters);
  // T-scores fall with the trabecular density, with a scatter of half an SD.
  row.bmd_t_score = fmt::format("{:.1f}", -4.3 + 0.017 * patient.parameters.anatomy.trabecular_hu + random.normal(0, 0.5));
  row.age = fmt::format("{}", patient.age);
  row.sex = patient.sex;
  row.bmi = fmt::format("{:.1f}", 17.5 + 0.28 * patient.parameters.anatomy.subcutaneous_fat_mm + random.normal(0, 1.2));
  row.approach = random.chance(0.5) ? "unilateral" : "bilateral";
  row.adjacent_fracture = fmt::format("{}", random.chance(0.1) ? 1 : 0);
  row.soft_tissue_injury = fmt::format("{}", random.chance(0.2) ? 1 : 0);
  row.vas_preop = fmt::format("{}", random.integer(6, 9));
  row.vas_1_month = fmt::format("{}", random.chance(0.15) ? random.integer(4, 6) : random.integer(0, 3));
  return row;
}

}  // namespace cemscope::phantom
