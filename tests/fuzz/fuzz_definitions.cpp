// A definitions file.
#include <cstdint>
#include <string_view>

#include "imaging/error.h"
#include "src/cohort/definitions.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace cemscope;
  try {
    cohort::ct_parameters(cohort::parse_definitions({reinterpret_cast<const char*>(data), size}, "d.json"));
  } catch (const Error&) {
  }
  return 0;
}
