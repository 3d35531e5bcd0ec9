#include "src/phantom/image_series.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "src/phantom/uid.h"

namespace cemscope::phantom {
namespace {

using imaging::Direction;
using imaging::HuImage;
using imaging::Point_mm;

// Where a stack of slices lies.
struct StackGeometry {
  Point_mm origin_mm;
  Direction row_axis, column_axis;  ///< direction along a row, along a column
  Direction slice_step_mm;
  double pixel_x_mm, pixel_y_mm;
  int columns, rows, slices;
};

StackGeometry geometry_of(const imaging::PhantomPatient& phantom) {
  const HuImage& image = *phantom.ct.image;
  const auto size = image.GetLargestPossibleRegion().GetSize();
  const auto column = [&](unsigned axis) {
    return Direction(image.GetDirection()(0, axis), image.GetDirection()(1, axis), image.GetDirection()(2, axis));
  };
  StackGeometry stack{Point_mm(image.GetOrigin()[0], image.GetOrigin()[1], image.GetOrigin()[2]),
                      column(0),
                      column(1),
                      column(2) * image.GetSpacing()[2],
                      image.GetSpacing()[0],
                      image.GetSpacing()[1],
                      static_cast<int>(size[0]),
                      static_cast<int>(size[1]),
                      static_cast<int>(size[2])};
  if (phantom.tilted)
    stack.origin_mm = phantom.tilted->origin_mm, stack.column_axis = phantom.tilted->row_direction,
    stack.slice_step_mm = phantom.tilted->slice_step_mm;
  return stack;
}

std::string joined(const Point_mm& a) { return fmt::format("{:.4f}\\{:.4f}\\{:.4f}", a.x(), a.y(), a.z()); }
std::string joined_axes(const Direction& a, const Direction& b) {
  return fmt::format("{:.8f}\\{:.8f}\\{:.8f}\\{:.8f}\\{:.8f}\\{:.8f}", a.x(), a.y(), a.z(), b.x(), b.y(), b.z());
}

void put_pixels(DcmItem& item, const PixelStyle& pixels, int columns, int rows) {
  put_pixel_format(item, columns, rows, pixels.bits_stored, pixels.is_signed);
  put(item, DCM_PhotometricInterpretation, "MONOCHROME2");
  put(item, DCM_RescaleIntercept, fmt::format("{}", pixels.intercept));
  put(item, DCM_RescaleSlope, "1");
  put(item, DCM_RescaleType, "HU");
  if (pixels.padding) item.putAndInsertSint16(DCM_PixelPaddingValue, static_cast<Sint16>(*pixels.padding));
}

void put_scan(DcmItem& item, const SeriesPlan& series) {
  put(item, DCM_BodyPartExamined, "LSPINE");
  put(item, DCM_KVP, "120");
  put(item, DCM_XRayTubeCurrent, "240");
  put(item, DCM_ConvolutionKernel, series.kernel);
  put(item, DCM_PatientPosition, "HFS");
  put(item, DCM_GantryDetectorTilt, decimal_string(series.scan.gantry_tilt_deg));
  put(item, DCM_AcquisitionNumber, "1");
  put(item, DCM_PositionReferenceIndicator, "");
  put(item, DCM_WindowCenter, "400");
  put(item, DCM_WindowWidth, "2000");
  put(item, DCM_ImageComments, "simulated, no patient");
}

void put_instance(DcmFileFormat& file, const SeriesIdentity& identity, const std::string& sop_uid, int number) {
  DcmItem& item = *file.getDataset();
  put(item, DCM_SOPClassUID, UID_CTImageStorage);
  put(item, DCM_SOPInstanceUID, sop_uid);
  put(item, DCM_FrameOfReferenceUID, identity.frame_uid);
  put(item, DCM_InstanceNumber, fmt::format("{}", number));
  put(item, DCM_AcquisitionDate, identity.study.date);
  put(item, DCM_AcquisitionTime, identity.study.time);
  put(item, DCM_ContentDate, identity.study.date);
  put(item, DCM_ContentTime, identity.study.time);
}

std::int16_t stored_value(std::int16_t hu, const PixelStyle& pixels) {
  const int low = pixels.is_signed ? -(1 << (pixels.bits_stored - 1)) : 0,
            high = pixels.is_signed ? (1 << (pixels.bits_stored - 1)) - 1 : (1 << pixels.bits_stored) - 1;
  return static_cast<std::int16_t>(std::clamp(hu - pixels.intercept, low, high));
}

bool is_padding(int column, int row, const StackGeometry& stack) {
  const double x = column + 0.5 - 0.5 * stack.columns, y = row + 0.5 - 0.5 * stack.rows, radius = 0.5 * std::max(stack.columns, stack.rows);
  return x * x + y * y > radius * radius;
}

std::vector<std::int16_t> stored_slice(const std::int16_t* hu, const StackGeometry& stack, const PixelStyle& pixels) {
  std::vector<std::int16_t> stored(static_cast<std::size_t>(stack.columns) * stack.rows);
  for (int row = 0; row < stack.rows; ++row)
    for (int column = 0; column < stack.columns; ++column) {
      const std::size_t n = static_cast<std::size_t>(row) * stack.columns + column;
      const bool pads = pixels.padding && hu[n] == -1024 && is_padding(column, row, stack);
      stored[n] = pads ? static_cast<std::int16_t>(*pixels.padding) : stored_value(hu[n], pixels);
    }
  return stored;
}

std::string image_type(SeriesKind kind) {
  if (kind == SeriesKind::localizer) return "ORIGINAL\\PRIMARY\\LOCALIZER";
  return kind == SeriesKind::mpr ? "DERIVED\\SECONDARY\\MPR" : "ORIGINAL\\PRIMARY\\AXIAL";
}

// The dataset of one image but for what changes from slice to slice.
void put_common(DcmItem& item, const SeriesIdentity& identity, const SeriesPlan& series, const StackGeometry& stack) {
  put(item, DCM_ImageType, image_type(series.kind));
  put_identity(item, identity, series);
  put_scan(item, series);
  put(item, DCM_ImageOrientationPatient, joined_axes(stack.row_axis, stack.column_axis));
  put(item, DCM_PixelSpacing, decimal_string(stack.pixel_y_mm) + "\\" + decimal_string(stack.pixel_x_mm));
  put(item, DCM_SliceThickness, decimal_string(series.scan.slice_thickness_mm));
  put_pixels(item, identity.patient.pixels, stack.columns, stack.rows);
  if (series.kind == SeriesKind::localizer) put(item, DCM_RescaleType, "US");
}

void write_image(const SeriesIdentity& identity, const SeriesPlan& series, const StackGeometry& stack,
                 const std::vector<std::int16_t>& stored, int number, const NameImage& name) {
  DcmFileFormat file;
  DcmDataset& dataset = *file.getDataset();
  const std::string sop_uid = make_uid(identity.patient.seed, fmt::format("{} image {}", identity.series_uid, number));
  put_common(dataset, identity, series, stack);
  put_instance(file, identity, sop_uid, number);
  put(dataset, DCM_ImagePositionPatient, joined(stack.origin_mm));
  dataset.putAndInsertUint16Array(DCM_PixelData, reinterpret_cast<const Uint16*>(stored.data()), static_cast<unsigned long>(stored.size()));
  save_dicom(file, name(number, sop_uid), identity.patient.transfer_syntax);
}

// Mean density along each ray from front to back, scaled as scanners show it.
std::vector<std::int16_t> project(const HuImage& image, const StackGeometry& film, const PixelStyle& pixels) {
  const auto size = image.GetLargestPossibleRegion().GetSize();
  const double slices_per_row = film.pixel_y_mm / image.GetSpacing()[2];
  const std::int16_t* hu = image.GetBufferPointer();
  std::vector<std::int16_t> stored(static_cast<std::size_t>(film.columns) * film.rows);
  for (int row = 0; row < film.rows; ++row) {
    const auto slice = static_cast<std::size_t>(
        std::clamp(static_cast<double>(size[2]) - 1 - row * slices_per_row, 0.0, static_cast<double>(size[2] - 1)));
    for (int column = 0; column < film.columns; ++column) {
      double sum = 0;
      for (std::size_t j = 0; j < size[1]; ++j)
        sum += std::max<int>(-1000, hu[(slice * size[1] + j) * size[0] + static_cast<std::size_t>(column)]);
      stored[static_cast<std::size_t>(row) * film.columns + column] =
          stored_value(static_cast<std::int16_t>(sum / static_cast<double>(size[1])), pixels);
    }
  }
  return stored;
}

}  // namespace

void write_ct_series(const imaging::PhantomPatient& phantom, const SeriesIdentity& identity, const SeriesPlan& series,
                     const NameImage& name) {
  StackGeometry stack = geometry_of(phantom);
  const Point_mm first = stack.origin_mm;
  const std::int16_t* hu = phantom.tilted ? phantom.tilted->image->GetBufferPointer() : phantom.ct.image->GetBufferPointer();
  for (int slice = 0; slice < stack.slices; ++slice) {
    const std::int16_t* pixels = hu + static_cast<std::size_t>(slice) * stack.columns * stack.rows;
    stack.origin_mm = first + slice * stack.slice_step_mm;
    // Scanners number a spine from the top.
    write_image(identity, series, stack, stored_slice(pixels, stack, identity.patient.pixels), stack.slices - slice, name);
  }
}

void write_localizer(const imaging::PhantomPatient& phantom, const SeriesIdentity& identity, const SeriesPlan& series,
                     const NameImage& name) {
  const HuImage& image = *phantom.ct.image;
  const StackGeometry stack = geometry_of(phantom);
  const double height_mm = (stack.slices - 1) * image.GetSpacing()[2];
  StackGeometry film = stack;
  film.row_axis = Direction(1, 0, 0), film.column_axis = Direction(0, 0, -1);
  film.pixel_y_mm = stack.pixel_x_mm, film.rows = static_cast<int>(height_mm / film.pixel_y_mm) + 1;
  film.origin_mm = stack.origin_mm + Point_mm(0, 0.5 * stack.rows * stack.pixel_y_mm, height_mm);
  write_image(identity, series, film, project(image, film, identity.patient.pixels), 1, name);
}

}  // namespace cemscope::phantom
