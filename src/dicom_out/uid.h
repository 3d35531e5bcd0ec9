#pragma once

#include <initializer_list>
#include <string>
#include <string_view>

namespace cemscope::dicom_out {

inline constexpr std::size_t kUidLength = 44;

/// A UID below 2.25 (PS3.5 B.2) of kUidLength characters that follows from the parts alone: the same parts give the same UID, others
/// another one (XXH3, 128 bits). Parts are told apart by their lengths. The UID is no secret: who knows the parts can compute it.
std::string uid_from(std::initializer_list<std::string_view> parts);

}  // namespace cemscope::dicom_out
