// A model file, and its way out and in again.
#include <cstdint>
#include <cstdlib>

#include <nlohmann/json.hpp>

#include "imaging/error.h"
#include "src/statistics/model_file.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace cemscope;
  const auto json = nlohmann::json::parse(data, data + size, nullptr, false);
  if (json.is_discarded()) return 0;
  try {
    const auto model = statistics::parse_model(json, "m.json");
    statistics::parse_model(statistics::to_model_json(model), "again");
  } catch (const Error&) {
  }
  return 0;
}
