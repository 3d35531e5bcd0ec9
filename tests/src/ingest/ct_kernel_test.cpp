#include "src/ingest/ct_kernel.h"

#include <gtest/gtest.h>

namespace cemscope::ingest {
namespace {

struct KernelCase {
  const char* kernel;
  KernelSharpness sharpness;
};

class Kernels : public testing::TestWithParam<KernelCase> {};

TEST_P(Kernels, AreReadInTheVendorsHabits) { EXPECT_EQ(kernel_sharpness(GetParam().kernel), GetParam().sharpness) << GetParam().kernel; }

using enum KernelSharpness;
INSTANTIATE_TEST_SUITE_P(All, Kernels,
                         testing::Values(KernelCase{"", unknown}, KernelCase{"B30f", soft}, KernelCase{"B60f", bone},
                                         KernelCase{"Br38f\\3", soft}, KernelCase{"Br59d\\2", bone}, KernelCase{"Hr60", bone},
                                         KernelCase{"I31f\\3", soft}, KernelCase{"I70f\\3", bone}, KernelCase{"Bl57d", lung},
                                         KernelCase{"STANDARD", soft}, KernelCase{"SOFT", soft}, KernelCase{"BONEPLUS", bone},
                                         KernelCase{"LUNG", lung}, KernelCase{"EDGE", bone}, KernelCase{"B", soft}, KernelCase{"YC", bone},
                                         KernelCase{"L", lung}, KernelCase{"FC08", soft}, KernelCase{"FC30", bone},
                                         KernelCase{"FC51", lung}, KernelCase{"FC81", bone}, KernelCase{"WHATEVER", unknown}));

}  // namespace
}  // namespace cemscope::ingest
