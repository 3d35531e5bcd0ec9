#pragma once

#include <optional>
#include <string>
#include <vector>

namespace cemscope::report {

/// Text for a CSV cell. A text that a spreadsheet would run as a formula (first character = + - @, tab or carriage return) gets an
/// apostrophe in front; NUL characters are dropped.
std::string text_cell(const std::string& text);

/// Texts joined by ';', made safe as one text.
std::string list_cell(const std::vector<std::string>& texts);

/// A number with a fixed count of decimals and a point, whatever the locale; empty when not measured or not finite. Never "-0.00".
std::string number_cell(const std::optional<double>& value, int decimals);

/// One line of RFC 4180 with '\n': cells that hold a comma, quote or line break are quoted.
std::string csv_line(const std::vector<std::string>& cells);

}  // namespace cemscope::report
