#include "src/statistics/cell_column.h"

#include <algorithm>
#include <array>
#include <bit>
#include <charconv>
#include <limits>

namespace cemscope::statistics {
namespace {

constexpr std::uint64_t kText = 0xFFF8'0000'0000'0000;  // not-a-number: no finite number has these bits
constexpr std::size_t kRowsToGuessBy = 100;
constexpr std::size_t kMostKnownTexts = 1000;  // later texts are kept once for each cell
constexpr int kExactDigits = std::numeric_limits<double>::digits10;
constexpr std::size_t kLongest = 30;  // digits on either side of the point

/// Text of the form -12.340 without a needless zero in front.
struct PlainNumber {
  int n_decimals = 0, n_significant = 0;
  bool ends_in_zero = false;  ///< behind the point
};

bool is_digit(char c) { return c >= '0' && c <= '9'; }

std::optional<PlainNumber> plain_number(std::string_view text) {
  if (text.starts_with('-')) text.remove_prefix(1);
  const auto point = std::min(text.find('.'), text.size());
  const auto whole = text.substr(0, point), decimals = text.substr(std::min(point + 1, text.size()));
  if (whole.size() > kLongest || decimals.size() > kLongest) return std::nullopt;
  if (whole.empty() || (whole.size() > 1 && whole[0] == '0') || (point < text.size() && decimals.empty())) return std::nullopt;
  if (!std::all_of(whole.begin(), whole.end(), is_digit) || !std::all_of(decimals.begin(), decimals.end(), is_digit)) return std::nullopt;
  const auto first = text.find_first_of("123456789");
  const auto n_zeros = first == std::string_view::npos ? text.size() : first;
  const auto n_significant = text.size() - n_zeros - (point < text.size() && n_zeros < point ? 1 : 0);
  return PlainNumber{int(decimals.size()), int(n_significant), !decimals.empty() && decimals.back() == '0'};
}

double value_of(std::string_view text) {
  double value = std::numeric_limits<double>::infinity();
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

std::string text_of(double value, std::optional<int> decimals) {
  std::array<char, 400> text{};
  const auto end = decimals ? std::to_chars(text.begin(), text.end(), value, std::chars_format::fixed, *decimals)
                            : std::to_chars(text.begin(), text.end(), value, std::chars_format::fixed);
  return {text.begin(), end.ptr};
}

// Up to 15 digits survive the way through a double, so that the form of the text decides; beyond, only trying tells.
bool follows_from_number(std::string_view text, const PlainNumber& form, std::optional<int> decimals) {
  if (form.n_significant <= kExactDigits) return decimals ? form.n_decimals == *decimals : !form.ends_in_zero;
  return !decimals && text_of(value_of(text), decimals) == text;
}

}  // namespace

void CellColumn::add(std::string_view text) {
  cells_.push_back(encode(text));
  if (cells_.size() == kRowsToGuessBy) choose_style();
}

std::optional<double> CellColumn::number(std::size_t row) const {
  if (cells_[row] >= kText) return std::nullopt;
  return std::bit_cast<double>(cells_[row]);
}

std::string CellColumn::text(std::size_t row) const {
  if (cells_[row] >= kText) return texts_[cells_[row] - kText];
  return text_of(std::bit_cast<double>(cells_[row]), decimals_);
}

std::uint64_t CellColumn::encode(std::string_view text) {
  if (const auto form = plain_number(text); form && follows_from_number(text, *form, decimals_))
    return std::bit_cast<std::uint64_t>(value_of(text));
  if (const auto at = known_.find(text); at != known_.end()) return kText + at->second;
  if (known_.size() < kMostKnownTexts) known_.emplace(text, texts_.size());
  texts_.emplace_back(text);
  return kText + texts_.size() - 1;
}

// The style that most of the first cells have; what was read so far is read again with it.
void CellColumn::choose_style() {
  std::vector<std::string> seen;
  std::map<int, std::size_t> n_with;
  std::size_t n_short = 0;
  for (std::size_t row = 0; row < cells_.size(); ++row) {
    seen.push_back(text(row));
    const auto form = plain_number(seen.back());
    if (!form) continue;
    n_short += follows_from_number(seen.back(), *form, std::nullopt);
    if (form->n_significant <= kExactDigits) ++n_with[form->n_decimals];
  }
  const auto most = std::max_element(n_with.begin(), n_with.end(), [](const auto& a, const auto& b) { return a.second < b.second; });
  if (most == n_with.end() || most->second <= n_short) return;
  release();
  decimals_ = most->first;
  for (const auto& cell : seen) cells_.push_back(encode(cell));
}

}  // namespace cemscope::statistics
