#include "src/dicom_out/secondary_capture.h"

#include <png.h>

#include <vector>

#include "imaging/error.h"
#include "src/dicom_out/derived_object.h"
#include "src/dicom_out/uid.h"
#include "src/ingest/dcmtk_setup.h"

namespace cemscope::dicom_out {
namespace {

struct Picture {
  int width = 0, height = 0;
  std::vector<Uint8> rgb;
};

Picture decode_png(const std::string& png) {
  png_image image{};
  image.version = PNG_IMAGE_VERSION;
  Picture picture;
  if (png_image_begin_read_from_memory(&image, png.data(), png.size()) != 0) {
    image.format = PNG_FORMAT_RGB;
    picture.width = static_cast<int>(image.width);
    picture.height = static_cast<int>(image.height);
    picture.rgb.resize(PNG_IMAGE_SIZE(image));
    if (png_image_finish_read(&image, nullptr, picture.rgb.data(), 0, nullptr) != 0) return picture;
  }
  png_image_free(&image);
  throw Error(ErrorKind::inconsistent, "a picture is no PNG and cannot become a secondary capture");
}

void put(DcmDataset& data_set, const DcmTagKey& key, const std::string& value) {
  require(data_set.putAndInsertString(key, value.c_str()), "an attribute");
}

void put_number(DcmDataset& data_set, const DcmTagKey& key, int value) {
  require(data_set.putAndInsertUint16(key, static_cast<Uint16>(value)), "an attribute");
}

void put_image(DcmDataset& data_set, const Picture& picture) {
  put(data_set, DCM_PhotometricInterpretation, "RGB");
  put_number(data_set, DCM_SamplesPerPixel, 3);
  put_number(data_set, DCM_PlanarConfiguration, 0);
  put_number(data_set, DCM_Rows, picture.height);
  put_number(data_set, DCM_Columns, picture.width);
  put_number(data_set, DCM_BitsAllocated, 8);
  put_number(data_set, DCM_BitsStored, 8);
  put_number(data_set, DCM_HighBit, 7);
  put_number(data_set, DCM_PixelRepresentation, 0);
  auto rgb = picture.rgb;
  rgb.resize((rgb.size() + 1) / 2 * 2);
  require(data_set.putAndInsertUint8Array(DCM_PixelData, rgb.data(), rgb.size()), "PixelData");
}

}  // namespace

DicomObject write_secondary_capture(const std::string& png, int number, const std::string& title, const SourceStudy& source,
                                    const Producer& producer) {
  ingest::prepare_dcmtk();
  DcmFileFormat file;
  auto& data_set = *file.getDataset();
  put_common(data_set, source, producer);
  put(data_set, DCM_SOPClassUID, UID_SecondaryCaptureImageStorage);
  put(data_set, DCM_Modality, "OT");
  put(data_set, DCM_ConversionType, "WSD");
  put(data_set, DCM_ImageType, "DERIVED\\SECONDARY");
  put(data_set, DCM_SeriesNumber, "9003");
  put(data_set, DCM_SeriesDescription, "cemscope: pictures");
  put(data_set, DCM_InstanceNumber, std::to_string(number));
  put(data_set, DCM_PatientOrientation, "");
  put(data_set, DCM_Laterality, "");
  put(data_set, DCM_BurnedInAnnotation, "NO");
  put(data_set, DCM_ImageComments, title);
  put_image(data_set, decode_png(png));
  return sealed(file, "SC", uid_from({"SC", "series", source.series_uid, producer.version, producer.definitions}));
}

}  // namespace cemscope::dicom_out
