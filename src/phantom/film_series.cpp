#include "src/phantom/film_series.h"

#include <fmt/format.h>

#include "src/phantom/uid.h"

namespace cemscope::phantom {
namespace {

using imaging::PhantomFilm;
using imaging::PhantomFilmView;

void put_view(DcmItem& item, const PhantomFilm& film) {
  const bool is_ap = film.parameters.view == PhantomFilmView::ap;
  put(item, DCM_ViewPosition, is_ap ? "AP" : "LL");
  put(item, DCM_PatientOrientation, is_ap ? "L\\F" : film.parameters.is_mirrored ? "P\\F" : "A\\F");
}

void put_format(DcmItem& item, const PhantomFilm& film) {
  const int bits = film.parameters.bits_stored;
  put(item, DCM_PhotometricInterpretation, film.parameters.is_monochrome1 ? "MONOCHROME1" : "MONOCHROME2");
  put(item, DCM_PresentationLUTShape, film.parameters.is_monochrome1 ? "INVERSE" : "IDENTITY");
  put_pixel_format(item, film.columns, film.rows, bits);
  put(item, DCM_RescaleIntercept, "0");
  put(item, DCM_RescaleSlope, "1");
  put(item, DCM_RescaleType, "US");
  put(item, DCM_PixelIntensityRelationship, film.parameters.is_linear ? "LIN" : "LOG");
  put(item, DCM_WindowCenter, fmt::format("{}", 1 << (bits - 1)));
  put(item, DCM_WindowWidth, fmt::format("{}", 1 << bits));
}

}  // namespace

void write_film(const PhantomFilm& film, const FilmPlan& plan, const SeriesIdentity& identity, const SeriesPlan& series,
                const NameImage& name) {
  DcmFileFormat file;
  DcmDataset& dataset = *file.getDataset();
  const std::string sop_uid = make_uid(identity.patient.seed, identity.series_uid + " film");
  put(dataset, DCM_ImageType, "DERIVED\\PRIMARY");
  put_identity(dataset, identity, series);
  put(dataset, DCM_SOPClassUID, UID_DigitalXRayImageStorageForPresentation);
  put(dataset, DCM_SOPInstanceUID, sop_uid);
  put(dataset, DCM_InstanceNumber, "1");
  put(dataset, DCM_AcquisitionDate, identity.study.date);
  put(dataset, DCM_ContentDate, identity.study.date);
  put(dataset, DCM_PresentationIntentType, "FOR PRESENTATION");
  put(dataset, DCM_BurnedInAnnotation, film.parameters.letters.empty() ? "NO" : "YES");
  put(dataset, DCM_ImageComments, "simulated, no patient");
  if (plan.has_view_tags) {
    put(dataset, DCM_BodyPartExamined, "LSPINE");
    put_view(dataset, film);
  }
  if (plan.has_spacing)
    put(dataset, DCM_ImagerPixelSpacing, decimal_string(film.parameters.pixel_mm) + "\\" + decimal_string(film.parameters.pixel_mm));
  put_format(dataset, film);
  dataset.putAndInsertUint16Array(DCM_PixelData, film.stored.data(), static_cast<unsigned long>(film.stored.size()));
  save_dicom(file, name(1, sop_uid), identity.patient.transfer_syntax);
}

}  // namespace cemscope::phantom
