#include "src/report/pictures.h"

#include <fmt/format.h>

namespace cemscope::report {

std::string vertebra_picture_name(int ordinal) { return fmt::format("vertebra_{}.png", ordinal); }

}  // namespace cemscope::report
