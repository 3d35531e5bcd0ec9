#pragma once

#include <string_view>

namespace cemscope::ingest {

enum class KernelSharpness { unknown, soft, bone, lung };

/// How sharp a CT ConvolutionKernel is, from the vendors' names: Siemens letter and number (B30f, Br38f, Hr60; from 50 on sharp),
/// GE words (STANDARD, SOFT, BONE, BONEPLUS, LUNG), Philips letters (B, C soft; D, E, YC sharp; L lung), Canon/Toshiba FC numbers
/// (FC30-FC39 and FC80-FC89 bone, FC50-FC59 lung). Empty or unknown names are unknown.
KernelSharpness kernel_sharpness(std::string_view kernel);

}  // namespace cemscope::ingest
