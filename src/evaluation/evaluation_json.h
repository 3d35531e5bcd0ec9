#pragma once

#include <nlohmann/json_fwd.hpp>

#include "src/evaluation/evaluation.h"

namespace cemscope::evaluation {

/// Everything as JSON, schema "cemscope-evaluation/1": every share and coefficient with its 95% limits, null where there are none.
nlohmann::ordered_json to_json(const Evaluation& evaluation);

}  // namespace cemscope::evaluation
