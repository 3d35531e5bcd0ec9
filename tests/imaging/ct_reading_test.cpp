#include "imaging/ct_reading.h"

#include <gtest/gtest.h>
#include <itkImageRegionConstIteratorWithIndex.h>
#include <itkImageRegionIteratorWithIndex.h>

#include "imaging/error.h"
#include "imaging/phantom/phantom.h"
#include "imaging/spine_location.h"

namespace cemscope::imaging {
namespace {

/// A plain patient: T12-L3 in the field, cement in L1.
PhantomParameters patient(std::vector<PhantomDeposit> deposits) {
  PhantomParameters p;
  p.seed = 7;
  p.deposits = std::move(deposits);
  p.anatomy.trabecular_hu = 110;
  p.scan.columns = p.scan.rows = 200;
  p.scan.pixel_mm = 0.8;
  p.scan.top_level = "T11", p.scan.bottom_level = "L3";
  return p;
}

PhantomDeposit deposit(CementPattern pattern, std::vector<PhantomLeak> leaks = {}) {
  PhantomDeposit d;
  d.level = "L1", d.pattern = pattern, d.body_ml = 4, d.leaks = std::move(leaks);
  return d;
}

CtReading read(const PhantomPatient& patient, std::vector<std::string> levels = {}) { return read_ct(patient.ct, {std::move(levels)}, {}); }

TEST(CtReading, ABilateralDepositWithoutLeak) {
  const auto p = make_phantom(patient({deposit(CementPattern::bilateral)}));
  const auto r = read(p, {"L1"});
  ASSERT_EQ(r.treated.size(), 1u);
  const auto& m = r.treated[0].measurement;
  const auto& truth = p.truth.vertebrae[0];
  EXPECT_NEAR(*m.cement_ml, truth.cement_ml, 0.06 * truth.cement_ml);
  EXPECT_EQ(m.midline_crossed.answer, Answer::yes);
  EXPECT_EQ(m.leakage.answer, Answer::no);
  EXPECT_EQ(m.level, "L1");
  EXPECT_LT((*m.centre_mm - truth.frame.centre_mm).norm(), 3.0);
  EXPECT_NEAR(*m.left_ml + *m.right_ml, *m.cement_ml - m.leak_ml.value_or(0) - m.needle_tract_ml.value_or(0), 0.05);
}

TEST(CtReading, AOneSidedDepositWithAParavertebralLeak) {
  const auto p = make_phantom(patient({deposit(CementPattern::left, {{CementZone::paravertebral, 0.5}})}));
  const auto r = read(p);
  ASSERT_EQ(r.treated.size(), 1u);
  const auto& m = r.treated[0].measurement;
  EXPECT_EQ(m.midline_crossed.answer, Answer::no);
  EXPECT_EQ(m.distribution, Distribution::unsatisfactory);
  EXPECT_EQ(m.leakage.answer, Answer::yes);
  EXPECT_EQ(m.leakage_type, LeakageType::paravertebral);
  EXPECT_GT(*m.left_ml, *m.right_ml);
  EXPECT_EQ(m.level, "");
}

TEST(CtReading, AThinVeinInThickSlicesIsFoundThoughHalfAsDenseAsItsDeposit) {
  auto parameters = patient({deposit(CementPattern::left, {{CementZone::vascular, 0.2}})});
  parameters.deposits[0].plateau_hu = 3000;
  parameters.scan.slice_thickness_mm = parameters.scan.slice_spacing_mm = 3;
  const auto p = make_phantom(parameters);
  ASSERT_TRUE(p.truth.vertebrae[0].leaks_ml.contains(CementZone::vascular));
  const auto r = read(p);
  ASSERT_EQ(r.treated.size(), 1u);
  const auto& m = r.treated[0].measurement;
  EXPECT_EQ(m.leakage.answer, Answer::yes);
  EXPECT_GT(m.leak_ml.value_or(0), 0.5 * p.truth.vertebrae[0].leaks_ml.at(CementZone::vascular));
}

// A leak that no thread which shows joins to its deposit, as dense as the scan can express.
TEST(CtReading, CementInTheCanalThatClipsTheScaleIsNoScrew) {
  const auto p = make_phantom(draw_phantom_parameters(95083));
  const auto r = read(p);
  ASSERT_EQ(r.treated.size(), 1u);
  const auto& m = r.treated[0].measurement;
  EXPECT_FALSE(m.hardware);
  EXPECT_EQ(m.leakage.answer, Answer::yes);
  const double leaked_ml = p.truth.vertebrae[0].leaks_ml.at(CementZone::canal);
  EXPECT_NEAR(m.leak_canal_ml.value_or(0), leaked_ml, 0.25 * leaked_ml);
}

// An aorta full of contrast medium and the bodies behind it look like bodies and spinous processes about a canal.
TEST(CtReading, TheCanalLiesBehindTheBodiesNotBeforeThem) {
  for (const unsigned seed : {60011U, 70078U}) {
    const auto p = make_phantom(draw_phantom_parameters(seed));
    const auto r = read(p);
    ASSERT_EQ(r.treated.size(), 1u) << seed;
    EXPECT_LT((*r.treated[0].measurement.centre_mm - p.truth.vertebrae[0].frame.centre_mm).norm(), 5.0) << seed;
  }
}

// Cement of little barium in a slanted field, its vein half as dense and farther than two voxels from the deposit.
TEST(CtReading, AFaintVeinBesideTheWallIsFound) {
  const auto p = make_phantom(draw_phantom_parameters(7082));
  const auto r = read(p);
  ASSERT_EQ(r.treated.size(), 1u);
  EXPECT_EQ(r.treated[0].measurement.leakage.answer, Answer::yes);
  EXPECT_GT(r.treated[0].measurement.leak_vascular_ml.value_or(0), 0.05);
}

/// The scan's upper end cut off aslant by `per_mm` of height for every mm to the back, as sheared slices end, and padded.
void cut_aslant(HuImage& image, double top_mm, double per_mm) {
  HuImage::PointType first;
  image.TransformIndexToPhysicalPoint({{0, 0, 0}}, first);
  itk::ImageRegionIteratorWithIndex<HuImage> it(&image, image.GetLargestPossibleRegion());
  for (; !it.IsAtEnd(); ++it) {
    HuImage::PointType at;
    image.TransformIndexToPhysicalPoint(it.GetIndex(), at);
    if (at[2] > top_mm + per_mm * (at[1] - first[1])) it.Set(-1024);
  }
}

TEST(CtReading, TheEndOfAScanThatRunsAslantIsNoDisc) {
  const auto p = make_phantom(patient({deposit(CementPattern::bilateral)}));
  const auto whole = read(p);
  ASSERT_EQ(whole.treated.size(), 1u);
  const auto& frame = whole.treated[0].frame;
  HuImage::PointType first;
  p.ct.image->TransformIndexToPhysicalPoint({{0, 0, 0}}, first);
  // Through the body above the treated one, rising to the back by 20 degrees.
  const double at_centre = frame.centre_mm[2] + 2.6 * frame.half_height_mm;
  cut_aslant(*p.ct.image, at_centre - 0.36 * (frame.centre_mm[1] - first[1]), 0.36);
  const auto cut = read(p);
  ASSERT_EQ(cut.treated.size(), 1u);
  EXPECT_NEAR(*cut.treated[0].measurement.body_ml, *whole.treated[0].measurement.body_ml, 0.05 * *whole.treated[0].measurement.body_ml);
  EXPECT_EQ(cut.treated[0].measurement.leakage.answer, Answer::no);
  for (const auto& body : cut.ct_bodies) EXPECT_LT(body.place.frame.centre_mm[2], at_centre + 10);  // none in the padding
}

// A clump beside the body with a vein's cast that leads off it: two leaks in one piece.
TEST(CtReading, AClumpAndTheVeinThatLeadsOffItAreTwoLeaks) {
  const auto p = make_phantom(draw_phantom_parameters(7055));
  const auto r = read(p);
  ASSERT_EQ(r.treated.size(), 1u);
  const auto& m = r.treated[0].measurement;
  const auto& leaks = p.truth.vertebrae[0].leaks_ml;
  EXPECT_GT(m.leak_paravertebral_ml.value_or(0), 0.5 * leaks.at(CementZone::paravertebral));
  EXPECT_GT(m.leak_vascular_ml.value_or(0), 0.5 * leaks.at(CementZone::vascular));
  EXPECT_NEAR(m.leak_ml.value_or(0), leaks.at(CementZone::paravertebral) + leaks.at(CementZone::vascular), 0.08);
}

// The leak into the disc lies nearer to the treated body above than to the one it came from.
TEST(CtReading, ALeakBelongsToTheBodyItCameFrom) {
  auto from = deposit(CementPattern::left, {{CementZone::disc, 0.9}});
  auto above = deposit(CementPattern::right);
  above.level = "T12";
  const auto p = make_phantom(patient({above, from}));
  const auto r = read(p);
  ASSERT_EQ(r.treated.size(), 2u);
  EXPECT_EQ(r.treated[0].measurement.leakage.answer, Answer::no);
  EXPECT_EQ(r.treated[1].measurement.leakage.answer, Answer::yes);
  EXPECT_NEAR(r.treated[1].measurement.leak_disc_ml.value_or(0), p.truth.vertebrae[1].leaks_ml.at(CementZone::disc), 0.25);
  // Pictures and DICOM SEG take the leak's voxels by their owner.
  std::array<double, 2> disc_ml{};
  for (std::size_t q = 0; q < r.cement.image->GetLargestPossibleRegion().GetNumberOfPixels(); ++q)
    if (r.cement.image->GetBufferPointer()[q] == static_cast<int>(CementZone::disc))
      for (std::size_t t = 0; t < 2; ++t)
        disc_ml[t] += (r.owners.image->GetBufferPointer()[q] == r.treated[t].body_label) * 0.8 * 0.8 * p.ct.image->GetSpacing()[2] / 1000;
  EXPECT_EQ(disc_ml[0], 0);
  EXPECT_NEAR(disc_ml[1], *r.treated[1].measurement.leak_disc_ml, 0.1);
}

// Bodies and discs were taken for one another here, in slices of 5 mm: bodies are as dark between their endplates as discs.
TEST(CtReading, DarkBodiesAreNotTakenForDiscs) {
  const auto p = make_phantom(draw_phantom_parameters(30042));
  const auto r = read(p);
  ASSERT_EQ(r.treated.size(), p.truth.vertebrae.size());
  for (const auto& truth : p.truth.vertebrae) {
    const auto near = std::find_if(r.treated.begin(), r.treated.end(),
                                   [&](const auto& t) { return (*t.measurement.centre_mm - truth.frame.centre_mm).norm() < 4; });
    ASSERT_NE(near, r.treated.end()) << truth.level;
    EXPECT_NEAR(near->measurement.body_ml.value(), truth.body_ml, 0.2 * truth.body_ml) << truth.level;
  }
}

/// A field wide enough for the ribs, from T11 down to L3, or the sacrum, from L2 down to S1.
PhantomPatient wide_patient(const std::string& top, const std::string& bottom) {
  auto p = patient({deposit(CementPattern::bilateral)});
  p.deposits[0].level = "L3";
  p.scan.columns = p.scan.rows = 256;
  p.scan.pixel_mm = 0.9;
  p.scan.top_level = top, p.scan.bottom_level = bottom;
  return make_phantom(p);
}

TEST(CtReading, LevelsAreCountedFromTheLastRibs) {
  const auto r = read(wide_patient("T10", "L4"));
  ASSERT_EQ(r.treated.size(), 1u);
  EXPECT_EQ(r.treated[0].measurement.level, "L3");
  EXPECT_EQ(r.treated[0].measurement.level_source, LevelSource::counted);
}

TEST(CtReading, LevelsAreCountedFromTheSacrum) {
  const auto r = read(wide_patient("L1", "S1"));
  ASSERT_EQ(r.treated.size(), 1u);
  EXPECT_EQ(r.treated[0].measurement.level, "L3");
  EXPECT_EQ(r.treated[0].measurement.level_source, LevelSource::counted);
}

TEST(CtReading, AClinicalNameThatDiffersFromTheCountIsKeptAndSaid) {
  const auto r = read(wide_patient("T10", "L4"), {"L2"});
  ASSERT_EQ(r.treated.size(), 1u);
  EXPECT_EQ(r.treated[0].measurement.level, "L2");
  EXPECT_EQ(r.treated[0].measurement.level_source, LevelSource::clinical);
  EXPECT_EQ(r.warnings, std::vector<std::string>{"treated_levels_differ_from_count"});
}

/// Every third voxel along each axis.
CtVolume thinned(const CtVolume& ct) {
  constexpr int kStep = 3;
  const auto size = ct.image->GetLargestPossibleRegion().GetSize();
  auto out = HuImage::New();
  out->SetRegions(HuImage::SizeType{size[0] / kStep, size[1] / kStep, size[2] / kStep});
  auto spacing = ct.image->GetSpacing();
  spacing *= kStep;
  out->SetSpacing(spacing);
  out->SetOrigin(ct.image->GetOrigin());
  out->SetDirection(ct.image->GetDirection());
  out->Allocate();
  const auto n = out->GetLargestPossibleRegion().GetSize();
  for (itk::IndexValueType k = 0; k < static_cast<itk::IndexValueType>(n[2]); ++k)
    for (itk::IndexValueType j = 0; j < static_cast<itk::IndexValueType>(n[1]); ++j)
      for (itk::IndexValueType i = 0; i < static_cast<itk::IndexValueType>(n[0]); ++i)
        out->SetPixel({i, j, k}, ct.image->GetPixel({kStep * i, kStep * j, kStep * k}));
  return {out, ct.saturation_hu};
}

TEST(LocateSpine, TheBoxHoldsEveryBodyAndItsSurroundings) {
  const auto p = make_phantom(patient({deposit(CementPattern::bilateral)}));
  const auto box = locate_spine(thinned(p.ct), 1);
  ASSERT_TRUE(box.has_value());
  const auto* labels = p.bodies.image.GetPointer();
  itk::ImageRegionConstIteratorWithIndex<LabelImage> it(labels, labels->GetLargestPossibleRegion());
  for (; !it.IsAtEnd(); ++it) {
    if (it.Get() == 0) continue;
    LabelImage::PointType at;
    labels->TransformIndexToPhysicalPoint(it.GetIndex(), at);
    for (int axis = 0; axis < 2; ++axis) {
      ASSERT_GT(at[axis] - 30, box->low[axis]);
      ASSERT_LT(at[axis] + 30, box->high[axis]);
    }
  }
}

TEST(LocateSpine, NothingInAnEmptyScan) {
  auto p = make_phantom(patient({}));
  p.ct.image->FillBuffer(-1000);
  EXPECT_FALSE(locate_spine(p.ct, 1).has_value());
}

TEST(CtReading, AnUntreatedSpineHasNoCement) {
  const auto r = read(make_phantom(patient({})));
  EXPECT_EQ(r.cement_present.answer, Answer::no);
  EXPECT_TRUE(r.treated.empty());
  EXPECT_GE(r.n_bodies, 3);
}

TEST(CtReading, ScrewsAndRodsAreNoCement) {
  auto parameters = patient({});
  parameters.anatomy.screw_levels = {"L1", "L2"};
  EXPECT_TRUE(read(make_phantom(parameters)).treated.empty());
}

TEST(CtReading, StreaksAlongScrewsAreNoCement) {
  const auto p = make_phantom(draw_phantom_parameters(95002));
  EXPECT_EQ(read(p).treated.size(), p.truth.vertebrae.size());
}

// A third of the plane of the faintest disc below L4 is cement; beyond the plane that stood for the scan's end lay the rest of it.
TEST(CtReading, ADepositAtTheEndOfTheScanIsOneBodysAndNoLeakIntoADisc) {
  const auto p = make_phantom(draw_phantom_parameters(72015));
  const auto r = read(p);
  ASSERT_EQ(r.treated.size(), p.truth.vertebrae.size());
  EXPECT_NEAR(*r.treated.back().measurement.cement_ml, p.truth.vertebrae.back().cement_ml, 0.2 * p.truth.vertebrae.back().cement_ml);
  EXPECT_LT(r.treated.back().measurement.leak_disc_ml.value_or(0), 0.05);
}

TEST(CtReading, CementRoundAScrewIsFoundAndTheHardwareSaid) {
  auto parameters = patient({deposit(CementPattern::bilateral)});
  parameters.anatomy.screw_levels = {"L1"};
  const auto p = make_phantom(parameters);
  const auto r = read(p);
  ASSERT_EQ(r.treated.size(), 1u);
  const auto& m = r.treated[0].measurement;
  EXPECT_TRUE(m.hardware);
  EXPECT_NE(m.leakage.answer, Answer::no);  // the metal may hide what is not seen
  EXPECT_NE(m.midline_crossed.answer, Answer::no);
  EXPECT_NE(m.distribution, Distribution::unsatisfactory);
  EXPECT_LT(*m.cement_ml, 1.1 * p.truth.vertebrae[0].cement_ml);
}

/// The phantom's bodies in VerSe numbers, on a grid that runs to the patient's right and front.
LabelMask verse_mask(const PhantomPatient& p) {
  std::map<std::string, std::uint8_t> numbers;
  for (int t = 1; t <= 12; ++t) numbers["T" + std::to_string(t)] = static_cast<std::uint8_t>(7 + t);
  for (int l = 1; l <= 5; ++l) numbers["L" + std::to_string(l)] = static_cast<std::uint8_t>(19 + l);
  const auto& from = *p.bodies.image;
  auto image = LabelImage::New();
  const auto size = from.GetLargestPossibleRegion().GetSize();
  image->SetRegions(size);
  image->SetSpacing(from.GetSpacing());
  auto direction = from.GetDirection();
  for (int row = 0; row < 3; ++row) direction[row][0] *= -1, direction[row][1] *= -1;
  image->SetDirection(direction);
  LabelImage::PointType corner;
  from.TransformIndexToPhysicalPoint({{static_cast<long>(size[0]) - 1, static_cast<long>(size[1]) - 1, 0}}, corner);
  image->SetOrigin(corner);
  image->Allocate(true);
  for (itk::ImageRegionConstIteratorWithIndex<LabelImage> it(&from, from.GetLargestPossibleRegion()); !it.IsAtEnd(); ++it) {
    auto at = it.GetIndex();
    at[0] = static_cast<long>(size[0]) - 1 - at[0], at[1] = static_cast<long>(size[1]) - 1 - at[1];
    if (it.Get()) image->SetPixel(at, numbers[p.truth.body_levels[it.Get() - 1]]);
  }
  return {image};
}

TEST(CtReading, AMaskGivesBodiesAndLevels) {
  const auto p = make_phantom(patient({deposit(CementPattern::right, {{CementZone::disc, 0.3}})}));
  const auto r = read_ct(p.ct, {{}, verse_mask(p)}, {});
  EXPECT_TRUE(r.warnings.empty());
  ASSERT_EQ(r.treated.size(), 1u);
  const auto& m = r.treated[0].measurement;
  EXPECT_EQ(m.level, "L1");
  EXPECT_EQ(m.level_source, LevelSource::mask);
  EXPECT_EQ(m.leakage.answer, Answer::yes);
  EXPECT_NEAR(m.leak_disc_ml.value_or(0), 0.3, 0.12);
  EXPECT_EQ(m.midline_crossed.answer, Answer::no);
}

TEST(CtReading, AMaskOfOneVertebraIsRefusedAloud) {
  const auto p = make_phantom(patient({deposit(CementPattern::right)}));
  auto mask = verse_mask(p);
  std::uint8_t* label = mask.image->GetBufferPointer();
  for (std::size_t q = 0; q < mask.image->GetLargestPossibleRegion().GetNumberOfPixels(); ++q) label[q] = label[q] == 20 ? 20 : 0;
  const auto r = read_ct(p.ct, {{}, mask}, {});
  ASSERT_EQ(r.warnings.size(), 1u);
  EXPECT_EQ(r.warnings[0], "mask_refused");
  EXPECT_EQ(r.treated.size(), 1u);
}

TEST(CtReading, TheAnswerDoesNotDependOnTheAcquisitionPlane) {
  const auto p = make_phantom(patient({deposit(CementPattern::bilateral)}));
  // The same voxels stored as a sagittal stack: i posterior, j down, k to the right.
  const auto size = p.ct.image->GetLargestPossibleRegion().GetSize();
  CtVolume sagittal{HuImage::New(), p.ct.saturation_hu};
  sagittal.image->SetRegions(HuImage::SizeType{{size[1], size[2], size[0]}});
  HuImage::SpacingType spacing;
  spacing[0] = p.ct.image->GetSpacing()[1], spacing[1] = p.ct.image->GetSpacing()[2], spacing[2] = p.ct.image->GetSpacing()[0];
  sagittal.image->SetSpacing(spacing);
  HuImage::DirectionType direction;
  direction.Fill(0);
  direction[1][0] = 1, direction[2][1] = -1, direction[0][2] = -1;
  sagittal.image->SetDirection(direction);
  HuImage::PointType origin;
  p.ct.image->TransformIndexToPhysicalPoint(HuImage::IndexType{{static_cast<long>(size[0]) - 1, 0, static_cast<long>(size[2]) - 1}}, origin);
  sagittal.image->SetOrigin(origin);
  sagittal.image->Allocate();
  for (long k = 0; k < static_cast<long>(size[0]); ++k)
    for (long j = 0; j < static_cast<long>(size[2]); ++j)
      for (long i = 0; i < static_cast<long>(size[1]); ++i)
        sagittal.image->SetPixel({{i, j, k}}, p.ct.image->GetPixel({{static_cast<long>(size[0]) - 1 - k, i, static_cast<long>(size[2]) - 1 - j}}));
  const auto a = read(p), b = read_ct(sagittal, {}, {});
  ASSERT_EQ(a.treated.size(), b.treated.size());
  EXPECT_NEAR(*a.treated[0].measurement.cement_ml, *b.treated[0].measurement.cement_ml, 1e-9);
  EXPECT_LT((*a.treated[0].measurement.centre_mm - *b.treated[0].measurement.centre_mm).norm(), 1e-6);
}

TEST(CtReading, LabelsHoldTheCementInItsPlace) {
  const auto p = make_phantom(patient({deposit(CementPattern::bilateral)}));
  const auto r = read(p);
  double both = 0, ours = 0, theirs = 0;
  const auto region = p.cement.image->GetLargestPossibleRegion();
  for (std::size_t q = 0; q < region.GetNumberOfPixels(); ++q) theirs += p.cement.image->GetBufferPointer()[q] > 0;
  const auto size = r.cement.image->GetLargestPossibleRegion().GetSize();
  for (long k = 0; k < static_cast<long>(size[2]); ++k)
    for (long j = 0; j < static_cast<long>(size[1]); ++j)
      for (long i = 0; i < static_cast<long>(size[0]); ++i) {
        if (!r.cement.image->GetPixel({{i, j, k}})) continue;
        LabelImage::PointType at;
        LabelImage::IndexType index;
        r.cement.image->TransformIndexToPhysicalPoint(LabelImage::IndexType{{i, j, k}}, at);
        ours += 1;
        if (p.cement.image->TransformPhysicalPointToIndex(at, index)) both += p.cement.image->GetPixel(index) > 0;
      }
  EXPECT_GT(2 * both / (ours + theirs), 0.93);
}

TEST(CtReading, AVolumeWithoutSpineIsNotAssessable) {
  CtVolume water{HuImage::New(), 3071};
  water.image->SetRegions(HuImage::SizeType{{64, 64, 40}});
  water.image->Allocate(true);
  const auto r = read_ct(water, {}, {});
  EXPECT_EQ(r.cement_present.answer, Answer::not_assessable);
  EXPECT_EQ(r.cement_present.reason, "no_spine_found");
}

TEST(CtReading, AnEmptyVolumeIsRefused) { EXPECT_THROW((void)read_ct({}, {}, {}), Error); }

}  // namespace
}  // namespace cemscope::imaging
