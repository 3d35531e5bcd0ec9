#include "tests/src/dicom_out/seg_reader.h"

#include <cmath>
#include <cstring>
#include <sstream>
#include <stdexcept>

#include <fmt/format.h>
#include <gdcmReader.h>
#include <gdcmSequenceOfItems.h>

namespace cemscope::tests {
namespace {

const gdcm::Tag kSegments(0x0062, 0x0002), kLabel(0x0062, 0x0005), kNumber(0x0062, 0x0004);
const gdcm::Tag kShared(0x5200, 0x9229), kPerFrame(0x5200, 0x9230);

std::string text(const gdcm::DataSet& data_set, const gdcm::Tag& tag) {
  if (!data_set.FindDataElement(tag)) return {};
  const auto* value = data_set.GetDataElement(tag).GetByteValue();
  if (value == nullptr) return {};
  std::string content(value->GetPointer(), value->GetLength());
  while (!content.empty() && (content.back() == ' ' || content.back() == '\0')) content.pop_back();
  return content;
}

int number16(const gdcm::DataSet& data_set, const gdcm::Tag& tag) {
  std::uint16_t number = 0;
  const auto* value = data_set.GetDataElement(tag).GetByteValue();
  if (value == nullptr || value->GetLength() != sizeof number) throw std::runtime_error("a number is missing");
  std::memcpy(&number, value->GetPointer(), sizeof number);
  return number;
}

std::vector<double> numbers(const std::string& values) {
  std::vector<double> all;
  std::stringstream stream(values);
  for (std::string one; std::getline(stream, one, '\\');) all.push_back(std::stod(one));
  return all;
}

using Items = gdcm::SmartPointer<gdcm::SequenceOfItems>;

Items items_of(const gdcm::DataSet& data_set, const gdcm::Tag& tag) { return data_set.GetDataElement(tag).GetValueAsSQ(); }

const gdcm::DataSet& item(const gdcm::DataSet& data_set, const gdcm::Tag& tag, std::size_t n = 1) {
  const auto items = items_of(data_set, tag);
  if (!items || items->GetNumberOfItems() < n)
    throw std::runtime_error(fmt::format("no item {} in ({:04x},{:04x})", n, tag.GetGroup(), tag.GetElement()));
  return items->GetItem(n).GetNestedDataSet();
}

struct Plane {
  Eigen::Vector3d row, column;
  double row_spacing_mm = 0, column_spacing_mm = 0;
};

Plane shared_plane(const gdcm::DataSet& data_set) {
  const auto& shared = item(data_set, kShared);
  const auto o = numbers(text(item(shared, {0x0020, 0x9116}), {0x0020, 0x0037}));
  const auto s = numbers(text(item(shared, {0x0028, 0x9110}), {0x0028, 0x0030}));
  return {{o.at(0), o.at(1), o.at(2)}, {o.at(3), o.at(4), o.at(5)}, s.at(0), s.at(1)};
}

std::vector<std::string> sources_of(const gdcm::DataSet& frame) {
  std::vector<std::string> uids;
  const auto images = items_of(item(frame, {0x0008, 0x9124}), {0x0008, 0x2112});
  for (std::size_t n = 1; n <= images->GetNumberOfItems(); ++n)
    uids.push_back(text(images->GetItem(n).GetNestedDataSet(), {0x0008, 0x1155}));
  return uids;
}

}  // namespace

Point_um rounded(const imaging::Point_mm& point) {
  return {std::lround(point.x() * 1000), std::lround(point.y() * 1000), std::lround(point.z() * 1000)};
}

ReadSegmentation read_segmentation(const std::string& bytes) {
  std::istringstream stream(bytes);
  gdcm::Reader reader;
  reader.SetStream(stream);
  if (!reader.Read()) throw std::runtime_error("GDCM cannot read the segmentation");
  const auto& data_set = reader.GetFile().GetDataSet();
  ReadSegmentation read;
  read.rows = number16(data_set, {0x0028, 0x0010});
  read.columns = number16(data_set, {0x0028, 0x0011});
  for (const auto& element : data_set.GetDES())
    if (element.GetByteValue() != nullptr && element.GetTag() != gdcm::Tag(0x7fe0, 0x0010))
      read.texts[fmt::format("{:04x},{:04x}", element.GetTag().GetGroup(), element.GetTag().GetElement())] =
          text(data_set, element.GetTag());
  const auto plane = shared_plane(data_set);
  const auto frames = items_of(data_set, kPerFrame);
  read.n_frames = static_cast<int>(frames->GetNumberOfItems());
  const auto* pixels = data_set.GetDataElement(gdcm::Tag(0x7fe0, 0x0010)).GetByteValue();
  const auto n_pixels = static_cast<std::size_t>(read.rows) * static_cast<std::size_t>(read.columns);
  if (pixels == nullptr || pixels->GetLength() < (n_pixels * frames->GetNumberOfItems() + 7) / 8)
    throw std::runtime_error("too few pixels");
  for (std::size_t f = 0; f < frames->GetNumberOfItems(); ++f) {
    const auto& frame = frames->GetItem(f + 1).GetNestedDataSet();
    read.sources.push_back(sources_of(frame));
    const auto corner = numbers(text(item(frame, {0x0020, 0x9113}), {0x0020, 0x0032}));
    const auto segment = static_cast<std::size_t>(number16(item(frame, {0x0062, 0x000a}), {0x0062, 0x000b}));
    const auto& description = item(data_set, kSegments, segment);
    if (number16(description, kNumber) != static_cast<int>(segment)) throw std::runtime_error("segments are not numbered in order");
    auto& points = read.points[text(description, kLabel)];
    for (std::size_t p = 0; p < n_pixels; ++p) {
      const auto bit = f * n_pixels + p;
      if (((static_cast<unsigned char>(pixels->GetPointer()[bit / 8]) >> (bit % 8)) & 1) == 0) continue;
      const auto row = static_cast<double>(p / static_cast<std::size_t>(read.columns));
      const auto column = static_cast<double>(p % static_cast<std::size_t>(read.columns));
      points.insert(rounded(Eigen::Vector3d(corner.at(0), corner.at(1), corner.at(2)) + plane.row * plane.column_spacing_mm * column +
                            plane.column * plane.row_spacing_mm * row));
    }
  }
  return read;
}

}  // namespace cemscope::tests
