#include "src/report/markup.h"

#include <gtest/gtest.h>

#include <stdexcept>

namespace cemscope::report {
namespace {

TEST(escape, leaves_nothing_that_could_open_a_tag_or_end_an_attribute) {
  EXPECT_EQ(escape("<b a='1' c=\"2\">&").text, "&lt;b a=&#39;1&#39; c=&quot;2&quot;&gt;&amp;");
}

TEST(escape, keeps_utf8_and_replaces_what_is_none) {
  EXPECT_EQ(escape("患者 Müller 𝛼").text, "患者 Müller 𝛼");
  EXPECT_EQ(escape("a\xC3(b").text, "a\uFFFD(b");                // a lead byte without its tail
  EXPECT_EQ(escape("\xC0\xBC").text, "\uFFFD\uFFFD");            // an overlong '<'
  EXPECT_EQ(escape("\xED\xA0\x80").text, "\uFFFD\uFFFD\uFFFD");  // a surrogate
  EXPECT_EQ(escape("x\x01y\x7F").text, "x\uFFFDy\uFFFD");
  EXPECT_EQ(escape(std::string_view("a\0b", 3)).text, "a\uFFFDb");
}

TEST(element, escapes_attribute_values) {
  EXPECT_EQ(element("a", {{"href", "\"><script>"}}, escape("x<y")).text, "<a href=\"&quot;&gt;&lt;script&gt;\">x&lt;y</a>");
}

TEST(fill_template, replaces_each_name_and_does_not_read_values_again) {
  EXPECT_EQ(fill_template("a {{x}} b {{y}} {{x}}", {{"x", markup("{{y}}")}, {"y", markup("2")}}).text, "a {{y}} b 2 {{y}}");
  EXPECT_THROW(fill_template("{{unknown}}", {}), std::logic_error);
  EXPECT_THROW(fill_template("{{open", {}), std::logic_error);
}

TEST(base64, agrees_with_rfc_4648) {
  EXPECT_EQ(base64(""), "");
  EXPECT_EQ(base64("f"), "Zg==");
  EXPECT_EQ(base64("fo"), "Zm8=");
  EXPECT_EQ(base64("foobar"), "Zm9vYmFy");
}

TEST(content_hash_source, is_the_sha_256_of_the_content) {
  // printf 'abc' | openssl dgst -sha256 -binary | base64
  EXPECT_EQ(content_hash_source("abc"), "'sha256-ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0='");
}

}  // namespace
}  // namespace cemscope::report
