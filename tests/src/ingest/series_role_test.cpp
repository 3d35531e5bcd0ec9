#include "src/ingest/series_role.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace cemscope::ingest {
namespace {

using testing::HasSubstr;
using Values = std::vector<std::pair<HeaderTag, std::string>>;

FileHeader header_of(const Values& values, StringPool& pool) {
  RawHeader raw;
  for (const auto& [tag, value] : values) raw.values[static_cast<std::size_t>(tag)] = value;
  return make_header(FileKind::dicom, raw, pool);
}

Series image_series(const char* modality) {
  Series series;
  series.modality = modality;
  series.sop_class_uid = "1.2.840.10008.5.1.4.1.1.2";
  series.transfer_syntax_uid = "1.2.840.10008.1.2.1";
  series.rows = series.columns = 512;
  return series;
}

Series axial_series(int n_slices, double step_mm) {
  auto series = image_series("CT");
  series.image_type = "ORIGINAL\\PRIMARY\\AXIAL";
  series.orientation = {1, 0, 0, 0, 1, 0};
  series.pixel_spacing_mm = {0.5, 0.5};
  series.slice_spacing_mm = step_mm;
  for (int k = 0; k < n_slices; ++k) {
    ImageRef image;
    image.position_mm = {0, 0, k * step_mm};
    series.images.push_back(image);
  }
  return series;
}

RoleDecision role_of(const Series& series, const Values& values = {}) {
  StringPool pool;
  return decide_role(series, header_of(values, pool));
}

struct CtCase {
  const char* name;
  std::function<void(Series&)> change;
  SeriesRole role;
};

class CtRoles : public testing::TestWithParam<CtCase> {};

TEST_P(CtRoles, FollowTheHeader) {
  auto series = axial_series(40, 1.25);
  GetParam().change(series);
  EXPECT_EQ(role_of(series).role, GetParam().role);
}

using enum SeriesRole;
INSTANTIATE_TEST_SUITE_P(
    All, CtRoles,
    testing::Values(CtCase{"axial", [](Series&) {}, axial_ct},
                    CtCase{"tilted", [](Series& s) { s.orientation = {1, 0, 0, 0, 0.94, 0.34}; }, axial_ct},
                    CtCase{"sagittal",
                           [](Series& s) {
                             s.orientation = {0, 1, 0, 0, 0, -1};
                             for (auto& i : s.images) i.position_mm = {-(*i.position_mm)[2], 0, 0};
                           },
                           mpr_ct},
                    CtCase{"reformatted", [](Series& s) { s.image_type = "DERIVED\\SECONDARY\\REFORMATTED\\AVERAGE"; }, mpr_ct},
                    CtCase{"mpr", [](Series& s) { s.image_type = "DERIVED\\SECONDARY\\AXIAL\\CT_SOM5 MPR"; }, mpr_ct},
                    CtCase{"mip", [](Series& s) { s.image_type = "DERIVED\\SECONDARY\\AXIAL\\MIP"; }, derived},
                    CtCase{"localizer", [](Series& s) { s.image_type = "ORIGINAL\\PRIMARY\\LOCALIZER"; }, localizer},
                    CtCase{"topogram_by_name", [](Series& s) { s.description = "Topogram 0.6 T20f"; }, localizer},
                    CtCase{"bolus_tracking", [](Series& s) { s.description = "PreMonitoring"; }, other},
                    CtCase{"one_slice", [](Series& s) { s.images.resize(1); }, other},
                    CtCase{"dose_picture",
                           [](Series& s) {
                             s.sop_class_uid = "1.2.840.10008.5.1.4.1.1.7";
                             s.description = "Dose Report";
                           },
                           dose_report},
                    CtCase{"secondary_capture", [](Series& s) { s.sop_class_uid = "1.2.840.10008.5.1.4.1.1.7"; }, secondary_capture},
                    CtCase{"enhanced", [](Series& s) { s.sop_class_uid = "1.2.840.10008.5.1.4.1.1.2.1"; }, unsupported},
                    CtCase{"film_in_mpeg", [](Series& s) { s.transfer_syntax_uid = "1.2.840.10008.1.2.4.100"; }, unsupported},
                    CtCase{"no_spacing", [](Series& s) { s.pixel_spacing_mm.reset(); }, unsupported},
                    CtCase{"dose_sr",
                           [](Series& s) {
                             s.modality = "SR";
                             s.rows = 0;
                             s.sop_class_uid = "1.2.840.10008.5.1.4.1.1.88.67";
                           },
                           dose_report},
                    CtCase{"presentation_state",
                           [](Series& s) {
                             s.modality = "PR";
                             s.rows = 0;
                           },
                           other}),
    [](const auto& param_info) { return std::string(param_info.param.name); });

TEST(CtScores, MarkTheThickDuplicate) {
  auto thin = axial_series(150, 1.25), thick = axial_series(50, 3.75);
  thin.series_number = 3, thin.role = thick.role = SeriesRole::axial_ct;
  const auto scored = with_ct_scores({thick, thin});
  EXPECT_EQ(scored[0].role, SeriesRole::thick_ct);
  EXPECT_THAT(scored[0].reason, HasSubstr("thick duplicate of series 3"));
  EXPECT_EQ(scored[1].role, SeriesRole::axial_ct);
  EXPECT_GT(scored[1].score, scored[0].score);
}

TEST(CtScores, LeaveAThickSeriesThatReachesFurther) {
  auto thin = axial_series(40, 1.0), thick = axial_series(60, 5.0);
  thin.role = thick.role = SeriesRole::axial_ct;
  EXPECT_EQ(with_ct_scores({thin, thick})[1].role, SeriesRole::axial_ct);
}

TEST(CtScores, PreferThinSoftAxialLongSeriesOfTheSpine) {
  auto best = axial_series(200, 1.0);
  best.role = SeriesRole::axial_ct, best.kernel = "B30f";
  const auto score = [](Series series) { return with_ct_scores({std::move(series)})[0].score; };
  auto bone = best, thick = best, head = best, reformatted = best;
  bone.kernel = "B70f";
  thick = axial_series(40, 5.0), thick.role = SeriesRole::axial_ct, thick.kernel = "B30f";
  head.body_part = "HEAD";
  reformatted.role = SeriesRole::mpr_ct;
  EXPECT_GT(score(best), score(bone));
  EXPECT_GT(score(bone), score(thick));
  EXPECT_GT(score(thick), score(reformatted));
  EXPECT_GT(score(best), score(head));
}

struct MrCase {
  const char* name;
  const char* description;
  double repetition_ms, echo_ms, inversion_ms;
  const char* scan_options;
  const char* sequence_name;
  const char* scanning_sequence;
  const char* image_type;
  SeriesRole role;
};

class MrRoles : public testing::TestWithParam<MrCase> {};

TEST_P(MrRoles, FollowTimesAndNames) {
  const auto& param = GetParam();
  auto series = image_series("MR");
  series.sop_class_uid = "1.2.840.10008.5.1.4.1.1.4";
  series.description = param.description;
  if (param.repetition_ms > 0) series.repetition_time_ms = param.repetition_ms;
  if (param.echo_ms > 0) series.echo_time_ms = param.echo_ms;
  if (param.inversion_ms > 0) series.inversion_time_ms = param.inversion_ms;
  series.scan_options = param.scan_options;
  series.sequence_name = param.sequence_name;
  series.image_type = param.image_type;
  EXPECT_EQ(role_of(series, {{HeaderTag::ScanningSequence, param.scanning_sequence}}).role, param.role);
}

constexpr const char* kOriginal = "ORIGINAL\\PRIMARY\\M\\NORM";
INSTANTIATE_TEST_SUITE_P(
    All, MrRoles,
    testing::Values(
        MrCase{"siemens_t1", "t1_tse_sag", 550, 11, 0, "", "*tse2d1_3", "SE", kOriginal, mr_t1},
        MrCase{"siemens_t2", "t2_tse_sag", 3300, 95, 0, "", "*tse2d1_15", "SE", kOriginal, mr_t2},
        MrCase{"siemens_t2_fs", "t2_tse_fs_sag", 3500, 85, 0, "", "*tse2d1_17", "SE", kOriginal, mr_t2_fs},
        MrCase{"siemens_stir", "t2_tirm_sag", 4500, 60, 160, "", "*tir2d1_11", "SE\\IR", kOriginal, mr_stir},
        MrCase{"ge_t2_fs", "Sag T2 FSE", 3600, 102, 0, "FAST_GEMS\\FS\\FC", "fse", "SE", kOriginal, mr_t2_fs},
        MrCase{"ge_t2_without_fs", "Sag T2 FSE", 3600, 102, 0, "FAST_GEMS\\FC", "fse", "SE", kOriginal, mr_t2},
        MrCase{"ge_stir_without_name", "Sag", 5000, 45, 150, "", "", "SE\\IR", kOriginal, mr_stir},
        MrCase{"philips_spair", "T2W_SPAIR SAG", 3000, 80, 0, "FS", "TSE", "SE", kOriginal, mr_t2_fs},
        MrCase{"dixon_water", "t2_tse_dixon_sag_W", 3500, 90, 0, "", "", "SE", "DERIVED\\PRIMARY\\M\\DIXON\\WATER", mr_t2_fs},
        MrCase{"dixon_fat", "t2_tse_dixon_sag_F", 3500, 90, 0, "", "", "SE", "DERIVED\\PRIMARY\\M\\DIXON\\FAT", mr_other},
        MrCase{"siemens_dixon_water_by_name", "t2_tse_dixon_sag_W", 3500, 90, 0, "", "*tseR2d1", "SE", kOriginal, mr_t2_fs},
        MrCase{"siemens_dixon_in_phase", "t2_tse_dixon_sag_in", 3500, 90, 0, "", "", "SE", "DERIVED\\PRIMARY\\M\\DIXON\\IN_PHASE",
               mr_other},
        MrCase{"ge_stir", "Sag STIR", 5000, 45, 150, "FAST_GEMS\\IR_GEMS", "", "SE\\IR", kOriginal, mr_stir},
        MrCase{"ge_ideal_water", "WATER: Sag T2 IDEAL", 3600, 90, 0, "FAST_GEMS", "", "SE", "DERIVED\\PRIMARY\\DIXON\\WATER", mr_t2_fs},
        MrCase{"ge_ideal_fat", "FAT: Sag T2 IDEAL", 3600, 90, 0, "FAST_GEMS", "", "SE", "DERIVED\\PRIMARY\\DIXON\\FAT", mr_other},
        MrCase{"ge_ideal_in_phase", "InPhase: Sag T2 IDEAL", 3600, 90, 0, "FAST_GEMS", "", "SE", "DERIVED\\PRIMARY\\DIXON", mr_other},
        MrCase{"ge_ideal_out_phase", "OutPhase: Sag T2 IDEAL", 3600, 90, 0, "FAST_GEMS", "", "SE", "DERIVED\\PRIMARY\\DIXON", mr_other},
        MrCase{"ge_spatial_saturation_is_no_fat_saturation", "Sag T2 FSE", 3600, 102, 0, "FAST_GEMS\\SAT_GEMS\\FC", "fse", "SE", kOriginal,
               mr_t2},
        MrCase{"philips_stir", "STIR_TSE_SAG", 3800, 60, 165, "OTHER", "TIR", "IR", kOriginal, mr_stir},
        MrCase{"philips_mdixon_water", "T2W_mDIXON_SAG", 2500, 90, 0, "OTHER", "TSE", "SE", "DERIVED\\PRIMARY\\W\\W\\DERIVED", mr_t2_fs},
        MrCase{"philips_mdixon_in_phase", "T2W_mDIXON_SAG", 2500, 90, 0, "OTHER", "TSE", "SE", "DERIVED\\PRIMARY\\IP\\IP\\DERIVED",
               mr_other},
        MrCase{"canon_fatsat", "Sag T2WI FatSAT", 3400, 80, 0, "", "FSE", "SE", kOriginal, mr_t2_fs},
        MrCase{"canon_stir_by_times", "Sag FastIR", 4000, 60, 150, "", "FastIR", "SE\\IR", kOriginal, mr_stir},
        MrCase{"united_imaging_t2_fs", "t2_fse_sag_fs", 3200, 90, 0, "FS", "fse", "SE", kOriginal, mr_t2_fs},
        MrCase{"united_imaging_t2", "t2_fse_sag", 3200, 96, 0, "", "fse", "SE", kOriginal, mr_t2},
        MrCase{"united_imaging_stir", "t2_fse_sag_stir", 4200, 56, 150, "", "fse_ir", "SE\\IR", kOriginal, mr_stir},
        MrCase{"said_to_be_without_suppression", "T2 TSE SAG no FS", 3500, 95, 0, "", "", "SE", kOriginal, mr_t2},
        MrCase{"without_fat_saturation_in_words", "Sag T2 w/o fat sat", 3500, 95, 0, "", "", "SE", kOriginal, mr_t2},
        MrCase{"united_imaging_wfi_water", "t2_fse_wfi_sag_W", 3300, 90, 0, "", "fse", "SE", kOriginal, mr_t2_fs},
        MrCase{"united_imaging_wfi_fat", "t2_fse_wfi_sag_F", 3300, 90, 0, "", "fse", "SE", kOriginal, mr_other},
        MrCase{"canon_dixon_water", "Sag T2WI Dixon Water", 3300, 90, 0, "", "FSE", "SE", kOriginal, mr_t2_fs},
        MrCase{"canon_dixon_fat", "Sag T2WI Dixon Fat", 3300, 90, 0, "", "FSE", "SE", kOriginal, mr_other},
        MrCase{"canon_dixon_in_phase", "Sag T2WI Dixon In Phase", 3300, 90, 0, "", "FSE", "SE", kOriginal, mr_other},
        MrCase{"siemens_dixon_opposed", "t2_tse_dixon_sag_opp", 3500, 90, 0, "", "", "SE", kOriginal, mr_other},
        MrCase{"siemens_xa_dixon_water", "t2_tse_dixon_sag", 3500, 90, 0, "", "", "SE", "ORIGINAL\\PRIMARY\\DIXON\\WATER", mr_t2_fs},
        MrCase{"philips_mdixon_fat", "T2W_mDIXON_SAG", 2500, 90, 0, "OTHER", "TSE", "SE", "DERIVED\\PRIMARY\\F\\F\\DERIVED", mr_other},
        MrCase{"philips_mdixon_out_of_phase", "T2W_mDIXON_SAG", 2500, 90, 0, "OTHER", "TSE", "SE", "DERIVED\\PRIMARY\\OP\\OP\\DERIVED",
               mr_other},
        MrCase{"phase_picture", "t2_tirm_sag", 4500, 60, 160, "", "*tir2d1_11", "SE\\IR", "ORIGINAL\\PRIMARY\\P\\ND", mr_other},
        MrCase{"proton_density_fs", "pd_tse_fs_sag", 3000, 36, 0, "FS", "*tse2d1_7", "SE", kOriginal, mr_t2_fs},
        MrCase{"stir_at_3_tesla", "t2_tirm_sag", 4500, 40, 220, "", "*tir2d1_11", "SE\\IR", kOriginal, mr_stir},
        MrCase{"chinese_t2_fs", "T2 矢状位 抑脂", 3500, 85, 0, "", "", "SE", kOriginal, mr_t2_fs},
        MrCase{"chinese_water", "T2 DIXON 水像", 3500, 85, 0, "", "", "SE", kOriginal, mr_t2_fs},
        MrCase{"chinese_fat", "T2 DIXON 脂像", 3500, 85, 0, "", "", "SE", kOriginal, mr_other},
        MrCase{"contrast_t1_fs_is_no_fluid_picture", "t1_tse_fs_sag_KM", 600, 11, 0, "FS", "*tse2d1_3", "SE", kOriginal, mr_t1},
        MrCase{"flair_t1", "t1_flair_sag", 2000, 10, 860, "", "", "IR", kOriginal, mr_t1},
        MrCase{"flair_t2", "t2_flair", 9000, 120, 2500, "", "", "IR", kOriginal, mr_other},
        MrCase{"diffusion", "ep2d_diff", 4000, 90, 0, "FS", "*ep_b50", "EP", kOriginal, mr_other},
        MrCase{"localizer", "localizer", 8, 4, 0, "", "", "GR", kOriginal, localizer},
        MrCase{"proton_density", "pd_tse", 3000, 20, 0, "", "", "SE", kOriginal, mr_other},
        MrCase{"name_alone_t2_fs", "T2 FS SAG", 0, 0, 0, "", "", "", kOriginal, mr_t2_fs},
        MrCase{"name_alone_t1", "T1 SAG", 0, 0, 0, "", "", "", kOriginal, mr_t1}, MrCase{"nothing", "", 0, 0, 0, "", "", "", "", mr_other}),
    [](const auto& param_info) { return std::string(param_info.param.name); });

struct FilmCase {
  const char* name;
  const char* view_position;
  const char* view_code;
  const char* orientation;
  const char* description;
  const char* body_part;
  SeriesRole role;
};

class FilmRoles : public testing::TestWithParam<FilmCase> {};

TEST_P(FilmRoles, FollowTheViewsSources) {
  const auto& param = GetParam();
  auto series = image_series("DX");
  series.sop_class_uid = "1.2.840.10008.5.1.4.1.1.1.1";
  series.view_position = param.view_position;
  series.description = param.description;
  series.body_part = param.body_part;
  EXPECT_EQ(role_of(series, {{HeaderTag::ViewCodeSequence, param.view_code}, {HeaderTag::PatientOrientation, param.orientation}}).role,
            param.role);
}

INSTANTIATE_TEST_SUITE_P(All, FilmRoles,
                         testing::Values(FilmCase{"ap", "AP", "", "", "", "LSPINE", ap_film}, FilmCase{"pa", "PA", "", "", "", "", ap_film},
                                         FilmCase{"left_lateral", "LL", "", "", "", "", lateral_film},
                                         FilmCase{"position_before_description", "AP", "", "", "LATERAL", "", ap_film},
                                         FilmCase{"code_meaning", "", "R-10206|antero-posterior", "", "", "", ap_film},
                                         FilmCase{"code_value", "", "399173006|", "", "", "", lateral_film},
                                         FilmCase{"oblique_code", "", "R-102CC|left posterior oblique", "", "", "", other_film},
                                         FilmCase{"orientation_ap", "", "", "L\\F", "", "", ap_film},
                                         FilmCase{"orientation_lateral", "", "", "P\\F", "", "", lateral_film},
                                         FilmCase{"description_lat", "", "", "", "L-SPINE LAT", "", lateral_film},
                                         FilmCase{"description_ap", "", "", "", "T-L SPINE AP", "", ap_film},
                                         FilmCase{"description_chinese", "", "", "", "腰椎侧位", "", lateral_film},
                                         FilmCase{"flexion", "", "", "", "LSPINE LAT FLEXION", "", other_film},
                                         FilmCase{"not_stated", "", "", "", "SPINE", "", other_film},
                                         FilmCase{"no_word_inside_a_word", "", "", "", "PLATE", "", other_film},
                                         FilmCase{"chest", "AP", "", "", "", "CHEST", other_film}),
                         [](const auto& param_info) { return std::string(param_info.param.name); });

}  // namespace
}  // namespace cemscope::ingest
