#pragma once

#include <string>

namespace cemscope::imaging {

enum class Answer { no, yes, not_assessable };

/// A yes/no finding with its confidence (0-1) and, when it could not be made, the reason in a stable code such as
/// "metal_hides_wall". Unknown never becomes `no`.
struct Finding {
  Answer answer = Answer::not_assessable;
  double confidence = 0.0;
  std::string reason;
};

/// "yes", "no", "not_assessable".
inline std::string to_string(Answer answer) {
  return answer == Answer::yes ? "yes" : answer == Answer::no ? "no" : "not_assessable";
}

}  // namespace cemscope::imaging
