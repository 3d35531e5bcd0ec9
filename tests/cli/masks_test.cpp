// `score --masks` on a phantom export, with masks made of the known truth.
#include <algorithm>
#include <functional>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "src/evaluation/npz_reader.h"
#include "src/report/atomic_file.h"
#include "tests/cli/program.h"
#include "tests/src/masks/mask_maker.h"

namespace cemscope::tests {
namespace {

namespace fs = std::filesystem;
using testing::Contains;
using testing::Each;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

using Image = itk::Image<float, 3>;

/// The true vertebra labels of a phantom patient (VerSe numbers), each changed by `change`.
Image::Pointer truth(const fs::path& npz, const std::function<int(int)>& change) {
  auto arrays = evaluation::read_npz(report::read_file(npz), "truth");
  const auto& labels = arrays.at("labels");
  const auto& spacing = arrays.at("spacing").numbers;
  auto image = Image::New();
  image->SetRegions(Image::SizeType{{labels.shape[2], labels.shape[1], labels.shape[0]}});
  image->SetSpacing(std::array<double, 3>{spacing[2], spacing[1], spacing[0]}.data());
  image->SetOrigin(arrays.at("origin").numbers.data());
  image->Allocate();
  std::transform(labels.bytes.begin(), labels.bytes.end(), image->GetBufferPointer(),
                 [&](std::uint8_t label) { return static_cast<float>(label == 0 ? 0 : change(label)); });
  return image;
}

class Masks : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    scratch_ = new Scratch;
    ASSERT_EQ(run_cemscope({"phantom", *scratch_ / "export", "--patients", "1", "--seed", "7", "--modalities", "CT"}).exit_code, 0);
    for (const auto& file : fs::directory_iterator(*scratch_ / "export"))
      if (file.path().extension() == ".npz") npz_ = file.path();
    patient_ = npz_.stem().string().substr(std::string("truth_").size());
  }
  static void TearDownTestSuite() {
    delete scratch_;
    scratch_ = nullptr;
  }

  static void write(const std::function<int(int)>& change) {
    write_mask(*scratch_ / "masks" / (patient_ + "_seg.nii.gz"), *truth(npz_, change));
  }

  /// Without a clinical table; the levels can only come from the mask.
  static ProgramRun score(const std::string& name, const std::vector<std::string>& more = {}) {
    std::vector<std::string> arguments{"score", *scratch_ / "export", "-o", *scratch_ / name, "--masks", *scratch_ / "masks"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return run_cemscope(arguments);
  }
  static cohort::CsvTable table(const std::string& name, const std::string& file) { return read_table(*scratch_ / name / file); }

  static Scratch* scratch_;
  static fs::path npz_;
  static std::string patient_;
};

Scratch* Masks::scratch_ = nullptr;
fs::path Masks::npz_;
std::string Masks::patient_;

TEST_F(Masks, NameTheLevels) {
  for (const bool is_total_segmentator : {false, true}) {
    write([&](int label) { return is_total_segmentator ? 51 - label : label; });
    const std::string name = is_total_segmentator ? "total" : "verse";
    ASSERT_EQ(score(name).exit_code, 0);
    EXPECT_THAT(column(table(name, "vertebrae.csv"), "level_source"), Each("mask"));
    EXPECT_THAT(column(table(name, "failures.csv"), "code"), Not(Contains("mask_refused")));
  }
  EXPECT_EQ(column(table("verse", "vertebrae.csv"), "level"), column(table("total", "vertebrae.csv"), "level"));
}

TEST_F(Masks, AreFoundUnderPseudonyms) {
  write([](int label) { return label; });
  ASSERT_EQ(score("pseudonyms", {"--deidentify"}).exit_code, 0);
  EXPECT_THAT(column(table("pseudonyms", "vertebrae.csv"), "level_source"), Each("mask"));
  for (const auto& [file, bytes] : contents_of(*scratch_ / "pseudonyms", {"run.json", "state.sqlite"}))
    EXPECT_THAT(bytes, Not(HasSubstr(patient_ + "_seg"))) << file;
}

TEST_F(Masks, AreRefusedAloudAndTakenWhenMended) {
  write([](int label) { return label % 2 == 0 ? label + 1 : label - 1; });  // neighbours swapped
  ASSERT_EQ(score("refused").exit_code, 0);
  EXPECT_THAT(column(table("refused", "patients.csv"), "warnings"), Each(HasSubstr("mask_refused")));
  EXPECT_THAT(column(table("refused", "failures.csv"), "code"), Contains("mask_refused"));
  EXPECT_THAT(column(table("refused", "vertebrae.csv"), "level_source"), Each(Not("mask")));
  write([](int label) { return label; });
  ASSERT_EQ(score("refused", {"--resume"}).exit_code, 0);
  EXPECT_THAT(column(table("refused", "vertebrae.csv"), "level_source"), Each("mask"));
}

}  // namespace
}  // namespace cemscope::tests
