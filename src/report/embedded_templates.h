#pragma once

#include <string_view>

/// The files of src/report/template, compiled in.
namespace cemscope::embedded {
extern const std::string_view report_html, card_html, report_css, report_js;
}
