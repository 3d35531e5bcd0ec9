#pragma once

#include <stdexcept>
#include <string>

namespace cemscope {

/// Why an input could not be processed. The message names attribute, value found and value needed,
/// and never carries a patient's name, identifier or date.
enum class ErrorKind { unreadable, unsupported, inconsistent, missing_attribute, usage };

/// The one exception class of the program. Bugs are asserts; expected absence is a return value.
class Error : public std::runtime_error {
 public:
  Error(ErrorKind kind, const std::string& message) : std::runtime_error(message), kind_(kind) {}
  [[nodiscard]] ErrorKind kind() const noexcept { return kind_; }

 private:
  ErrorKind kind_;
};

/// The kind in stable words for tables: "unreadable", "unsupported", "inconsistent", "missing_attribute", "usage".
std::string to_string(ErrorKind kind);

}  // namespace cemscope
