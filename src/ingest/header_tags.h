#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace cemscope::ingest {

/// The attributes that the header scan keeps of every file, by their DICOM keywords.
enum class HeaderTag : std::uint8_t {
  TransferSyntaxUID,
  MediaStorageSOPClassUID,
  MediaStorageSOPInstanceUID,
  SpecificCharacterSet,
  ImageType,
  SOPClassUID,
  SOPInstanceUID,
  StudyDate,
  AcquisitionDate,
  StudyTime,
  AcquisitionTime,
  Modality,
  Manufacturer,
  StudyDescription,
  SeriesDescription,
  PatientName,
  PatientID,
  PatientBirthDate,
  PatientSex,
  BodyPartExamined,
  ScanningSequence,
  ScanOptions,
  SequenceName,
  SliceThickness,
  RepetitionTime,
  EchoTime,
  InversionTime,
  EchoNumbers,
  ProtocolName,
  ImagerPixelSpacing,
  ConvolutionKernel,
  ViewPosition,
  PulseSequenceName,
  StudyInstanceUID,
  SeriesInstanceUID,
  SeriesNumber,
  AcquisitionNumber,
  InstanceNumber,
  PatientOrientation,
  ImagePositionPatient,
  ImageOrientationPatient,
  FrameOfReferenceUID,
  Laterality,
  ImageLaterality,
  TemporalPositionIdentifier,
  SamplesPerPixel,
  PhotometricInterpretation,
  NumberOfFrames,
  Rows,
  Columns,
  PixelSpacing,
  BitsAllocated,
  BitsStored,
  HighBit,
  PixelRepresentation,
  PixelPaddingValue,
  PixelPaddingRangeLimit,
  RescaleIntercept,
  RescaleSlope,
  ViewCodeSequence,
  n_tags
};

inline constexpr std::size_t kNHeaderTags = static_cast<std::size_t>(HeaderTag::n_tags);

/// How a value becomes text: as it stands, through SpecificCharacterSet, as a 16-bit number, or from a code sequence's first item.
enum class HeaderValue : std::uint8_t { ascii, text, number16, code_sequence };

struct HeaderTagEntry {
  HeaderTag tag;
  std::uint16_t group, element;
  HeaderValue value;
};

/// One row per HeaderTag, in its order. SpecificCharacterSet stands before every `text` value.
inline constexpr std::array<HeaderTagEntry, kNHeaderTags> kHeaderTags{{
    {HeaderTag::TransferSyntaxUID, 0x0002, 0x0010, HeaderValue::ascii},
    {HeaderTag::MediaStorageSOPClassUID, 0x0002, 0x0002, HeaderValue::ascii},
    {HeaderTag::MediaStorageSOPInstanceUID, 0x0002, 0x0003, HeaderValue::ascii},
    {HeaderTag::SpecificCharacterSet, 0x0008, 0x0005, HeaderValue::ascii},
    {HeaderTag::ImageType, 0x0008, 0x0008, HeaderValue::ascii},
    {HeaderTag::SOPClassUID, 0x0008, 0x0016, HeaderValue::ascii},
    {HeaderTag::SOPInstanceUID, 0x0008, 0x0018, HeaderValue::ascii},
    {HeaderTag::StudyDate, 0x0008, 0x0020, HeaderValue::ascii},
    {HeaderTag::AcquisitionDate, 0x0008, 0x0022, HeaderValue::ascii},
    {HeaderTag::StudyTime, 0x0008, 0x0030, HeaderValue::ascii},
    {HeaderTag::AcquisitionTime, 0x0008, 0x0032, HeaderValue::ascii},
    {HeaderTag::Modality, 0x0008, 0x0060, HeaderValue::ascii},
    {HeaderTag::Manufacturer, 0x0008, 0x0070, HeaderValue::text},
    {HeaderTag::StudyDescription, 0x0008, 0x1030, HeaderValue::text},
    {HeaderTag::SeriesDescription, 0x0008, 0x103e, HeaderValue::text},
    {HeaderTag::PatientName, 0x0010, 0x0010, HeaderValue::text},
    {HeaderTag::PatientID, 0x0010, 0x0020, HeaderValue::text},
    {HeaderTag::PatientBirthDate, 0x0010, 0x0030, HeaderValue::ascii},
    {HeaderTag::PatientSex, 0x0010, 0x0040, HeaderValue::ascii},
    {HeaderTag::BodyPartExamined, 0x0018, 0x0015, HeaderValue::ascii},
    {HeaderTag::ScanningSequence, 0x0018, 0x0020, HeaderValue::ascii},
    {HeaderTag::ScanOptions, 0x0018, 0x0022, HeaderValue::ascii},
    {HeaderTag::SequenceName, 0x0018, 0x0024, HeaderValue::ascii},
    {HeaderTag::SliceThickness, 0x0018, 0x0050, HeaderValue::ascii},
    {HeaderTag::RepetitionTime, 0x0018, 0x0080, HeaderValue::ascii},
    {HeaderTag::EchoTime, 0x0018, 0x0081, HeaderValue::ascii},
    {HeaderTag::InversionTime, 0x0018, 0x0082, HeaderValue::ascii},
    {HeaderTag::EchoNumbers, 0x0018, 0x0086, HeaderValue::ascii},
    {HeaderTag::ProtocolName, 0x0018, 0x1030, HeaderValue::text},
    {HeaderTag::ImagerPixelSpacing, 0x0018, 0x1164, HeaderValue::ascii},
    {HeaderTag::ConvolutionKernel, 0x0018, 0x1210, HeaderValue::ascii},
    {HeaderTag::ViewPosition, 0x0018, 0x5101, HeaderValue::ascii},
    {HeaderTag::PulseSequenceName, 0x0018, 0x9005, HeaderValue::ascii},
    {HeaderTag::StudyInstanceUID, 0x0020, 0x000d, HeaderValue::ascii},
    {HeaderTag::SeriesInstanceUID, 0x0020, 0x000e, HeaderValue::ascii},
    {HeaderTag::SeriesNumber, 0x0020, 0x0011, HeaderValue::ascii},
    {HeaderTag::AcquisitionNumber, 0x0020, 0x0012, HeaderValue::ascii},
    {HeaderTag::InstanceNumber, 0x0020, 0x0013, HeaderValue::ascii},
    {HeaderTag::PatientOrientation, 0x0020, 0x0020, HeaderValue::ascii},
    {HeaderTag::ImagePositionPatient, 0x0020, 0x0032, HeaderValue::ascii},
    {HeaderTag::ImageOrientationPatient, 0x0020, 0x0037, HeaderValue::ascii},
    {HeaderTag::FrameOfReferenceUID, 0x0020, 0x0052, HeaderValue::ascii},
    {HeaderTag::Laterality, 0x0020, 0x0060, HeaderValue::ascii},
    {HeaderTag::ImageLaterality, 0x0020, 0x0062, HeaderValue::ascii},
    {HeaderTag::TemporalPositionIdentifier, 0x0020, 0x0100, HeaderValue::ascii},
    {HeaderTag::SamplesPerPixel, 0x0028, 0x0002, HeaderValue::number16},
    {HeaderTag::PhotometricInterpretation, 0x0028, 0x0004, HeaderValue::ascii},
    {HeaderTag::NumberOfFrames, 0x0028, 0x0008, HeaderValue::ascii},
    {HeaderTag::Rows, 0x0028, 0x0010, HeaderValue::number16},
    {HeaderTag::Columns, 0x0028, 0x0011, HeaderValue::number16},
    {HeaderTag::PixelSpacing, 0x0028, 0x0030, HeaderValue::ascii},
    {HeaderTag::BitsAllocated, 0x0028, 0x0100, HeaderValue::number16},
    {HeaderTag::BitsStored, 0x0028, 0x0101, HeaderValue::number16},
    {HeaderTag::HighBit, 0x0028, 0x0102, HeaderValue::number16},
    {HeaderTag::PixelRepresentation, 0x0028, 0x0103, HeaderValue::number16},
    {HeaderTag::PixelPaddingValue, 0x0028, 0x0120, HeaderValue::number16},
    {HeaderTag::PixelPaddingRangeLimit, 0x0028, 0x0121, HeaderValue::number16},
    {HeaderTag::RescaleIntercept, 0x0028, 0x1052, HeaderValue::ascii},
    {HeaderTag::RescaleSlope, 0x0028, 0x1053, HeaderValue::ascii},
    {HeaderTag::ViewCodeSequence, 0x0054, 0x0220, HeaderValue::code_sequence},
}};

}  // namespace cemscope::ingest
