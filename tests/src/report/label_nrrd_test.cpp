#include "src/report/label_nrrd.h"

#include <zlib.h>

#include <cstdlib>
#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "imaging/error.h"

namespace cemscope::report {
namespace {

using testing::HasSubstr;
using Size = std::array<int, 3>;

template <typename Image>
typename Image::Pointer image(const Size& size) {
  auto result = Image::New();
  typename Image::RegionType region;
  region.SetSize(
      {static_cast<itk::SizeValueType>(size[0]), static_cast<itk::SizeValueType>(size[1]), static_cast<itk::SizeValueType>(size[2])});
  result->SetRegions(region);
  result->Allocate(true);
  return result;
}

std::string gunzip(const std::string& bytes, std::size_t n_expected) {
  std::string result(n_expected + 1, '\0');
  z_stream stream{};
  inflateInit2(&stream, 16 + MAX_WBITS);
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
  stream.avail_in = static_cast<uInt>(bytes.size());
  stream.next_out = reinterpret_cast<Bytef*>(result.data());
  stream.avail_out = static_cast<uInt>(result.size());
  EXPECT_EQ(inflate(&stream, Z_FINISH), Z_STREAM_END);  // checks CRC and length, too
  result.resize(stream.total_out);
  inflateEnd(&stream);
  return result;
}

struct Scene {
  imaging::HuImage::Pointer grid = image<imaging::HuImage>({7, 6, 5});
  imaging::LabelMask labels{image<imaging::LabelImage>({3, 2, 2})};
  imaging::Region region{{2, 3, 1}, {3, 2, 2}};

  Scene() {
    grid->SetSpacing(std::array{0.5, 0.75, 2.0}.data());
    grid->SetOrigin(std::array{-10.0, 20.0, 30.5}.data());
    labels.image->GetBufferPointer()[0] = 1;   // (0,0,0) of the region, (2,3,1) of the grid
    labels.image->GetBufferPointer()[11] = 7;  // (2,1,1) of the region, (4,4,2) of the grid
  }
};

std::string data_of(const std::string& nrrd) { return nrrd.substr(nrrd.find("\n\n") + 2); }

TEST(LabelNrrd, LabelsStandAtTheirPlaceOnTheWholeGrid) {
  const Scene scene;
  const auto voxels = gunzip(data_of(label_nrrd(scene.labels, scene.region, *scene.grid, {})), 7 * 6 * 5);
  ASSERT_EQ(voxels.size(), 7U * 6 * 5);
  std::string expected(7 * 6 * 5, '\0');
  expected[2 + 7 * (3 + 6 * 1)] = 1;
  expected[4 + 7 * (4 + 6 * 2)] = 7;
  EXPECT_EQ(voxels, expected);
}

TEST(LabelNrrd, TheHeaderHoldsGeometryAndNotes) {
  const Scene scene;
  const auto nrrd = label_nrrd(scene.labels, scene.region, *scene.grid, {{"cemscope", "1"}});
  EXPECT_EQ(nrrd.substr(0, 9), "NRRD0004\n");
  EXPECT_THAT(nrrd, HasSubstr("space: left-posterior-superior\nsizes: 7 6 5\nspace directions: (0.5,0,0) (0,0.75,0) (0,0,2)\n"));
  EXPECT_THAT(nrrd, HasSubstr("space origin: (-10,20,30.5)\ncemscope:=1\n\n"));
}

TEST(LabelNrrd, TheSameLabelsMakeTheSameBytes) {
  const Scene scene;
  EXPECT_EQ(label_nrrd(scene.labels, scene.region, *scene.grid, {}), label_nrrd(scene.labels, scene.region, *scene.grid, {}));
}

TEST(LabelNrrd, ARegionBeyondTheGridIsRefused) {
  Scene scene;
  scene.region.start = {5, 3, 1};
  EXPECT_THROW(label_nrrd(scene.labels, scene.region, *scene.grid, {}), Error);
  scene.region.start = {-1, 3, 1};
  EXPECT_THROW(label_nrrd(scene.labels, scene.region, *scene.grid, {}), Error);
}

}  // namespace
}  // namespace cemscope::report
