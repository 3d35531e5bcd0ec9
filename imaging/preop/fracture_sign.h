#pragma once

#include <string>

namespace cemscope::imaging::preop {

/// Which part of a body is fractured, as far as an examination shows it.
enum class FracturedPart { unclear, upper, lower };

struct FractureSign {
  FracturedPart part = FracturedPart::unclear;
  std::string words;  ///< what shows it, "lower endplate sunken"; or why it is unclear
};

}  // namespace cemscope::imaging::preop
