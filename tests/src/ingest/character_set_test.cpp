#include "src/ingest/character_set.h"

#include <gtest/gtest.h>

namespace cemscope::ingest {
namespace {

struct TextCase {
  const char* name;
  const char* character_set;
  const char* bytes;
  const char* utf8;
};

class CharacterSets : public testing::TestWithParam<TextCase> {};

TEST_P(CharacterSets, DecodeToUtf8) { EXPECT_EQ(decode_text(GetParam().bytes, GetParam().character_set), GetParam().utf8); }

// The byte sequences of the standard sets are the examples of PS3.5 annexes H (Japanese), I (Korean), J (GB18030) and K (GB2312);
// the rest is written out by the code tables.
INSTANTIATE_TEST_SUITE_P(
    All, CharacterSets,
    testing::Values(TextCase{"ascii", "", "Smith^John", "Smith^John"}, TextCase{"latin_1", "ISO_IR 100", "M\xFCller", "Müller"},
                    TextCase{"cyrillic", "ISO_IR 144", "\xBB\xEE\xDA\x63\x65\xDC\xD1yp\xD3", "Люкceмбypг"},
                    TextCase{"utf_8", "ISO_IR 192", "张^三", "张^三"},
                    TextCase{"gb18030", "GB18030", "Wang^XiaoDong=\xCD\xF5^\xD0\xA1\xB6\xAB", "Wang^XiaoDong=王^小东"},
                    TextCase{"gbk", "GBK", "\xCD\xF5^\xD0\xA1\xB6\xAB", "王^小东"},
                    TextCase{"iso_2022_ir_58", "\\ISO 2022 IR 58",
                             "Zhang^XiaoDong=\x1B\x24\x29\x41\xD5\xC5^\x1B\x24\x29\x41\xD0\xA1\xB6\xAB=", "Zhang^XiaoDong=张^小东="},
                    TextCase{"iso_2022_ir_87", "\\ISO 2022 IR 87",
                             "Yamada^Tarou=\x1B\x24\x42\x3B\x33\x45\x44\x1B\x28\x42^\x1B\x24\x42\x42\x40\x4F\x3A\x1B\x28\x42",
                             "Yamada^Tarou=山田^太郎"},
                    TextCase{
                        "iso_2022_ir_13_and_87", "ISO 2022 IR 13\\ISO 2022 IR 87",
                        "\xD4\xCF\xC0\xDE^\xC0\xDB\xB3=\x1B\x24\x42\x3B\x33\x45\x44\x1B\x28\x4A^\x1B\x24\x42\x42\x40\x4F\x3A\x1B\x28\x4A",
                        "ﾔﾏﾀﾞ^ﾀﾛｳ=山田^太郎"},
                    TextCase{"iso_2022_ir_149", "\\ISO 2022 IR 149",
                             "Hong^Gildong=\x1B\x24\x29\x43\xFB\xF3^\x1B\x24\x29\x43\xD1\xCE\xD4\xD7", "Hong^Gildong=洪^吉洞"},
                    TextCase{"undeclared_utf_8", "", "张三", "张三"}, TextCase{"undeclared_gbk", "", "\xD5\xC5\xC8\xFD", "张三"},
                    TextCase{"undeclared_latin", "", "M\xFCller", "M\uFFFDller"}, TextCase{"misspelt_utf_8", "UTF-8", "张三", "张三"},
                    TextCase{"unknown_set", "KLINGON", "a\xFF", "a\uFFFD"},
                    TextCase{"broken_utf_8", "ISO_IR 192", "a\xE5\xBC", "a\uFFFD\uFFFD"},
                    TextCase{"escape_without_set", "", "a\x1B$B", "a $B"}),
    [](const auto& param_info) { return std::string(param_info.param.name); });

}  // namespace
}  // namespace cemscope::ingest
