#include "src/cohort/csv_table.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "imaging/error.h"
#include "src/cohort/text_encoding.h"

namespace cemscope::cohort {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::ThrowsMessage;

TEST(CsvTable, QuotesCommasLineBreaksAndBothLineEndsAreReadAsRfc4180Says) {
  const auto table = parse_csv("patient_id,note\r\nA,\"one, \"\"two\"\"\nthree\"\r\n\r\nB,plain\n", "t");
  EXPECT_THAT(table.header, ElementsAre("patient_id", "note"));
  ASSERT_EQ(table.rows.size(), 2U);
  EXPECT_THAT(table.rows[0].cells, ElementsAre("A", "one, \"two\"\nthree"));
  EXPECT_THAT(table.rows[1].cells, ElementsAre("B", "plain"));
}

TEST(CsvTable, AByteOrderMarkIsNoPartOfTheFirstName) {
  EXPECT_EQ(parse_csv("\xEF\xBB\xBFpatient_id\nA\n", "t").header.front(), "patient_id");
  const std::string utf16(
      "\xFF\xFEi\0d\0\n\0"
      "7\0",
      10);
  const auto table = parse_csv(utf16, "t");
  EXPECT_EQ(table.encoding, "UTF-16");
  EXPECT_EQ(table.rows.at(0).cells.at(0), "7");
}

TEST(CsvTable, Gb18030IsReadWhenTheBytesAreNoUtf8) {
  const auto table = parse_csv("patient_id,\xD0\xD4\xB1\xF0\nA,\xC5\xAE\n", "t");  // "xingbie", "nü" in GB18030
  EXPECT_EQ(table.encoding, "GB18030");
  EXPECT_EQ(table.header.at(1), "\u6027\u522b");
  EXPECT_EQ(table.rows.at(0).cells.at(1), "\u5973");
}

TEST(CsvTable, SemicolonAndTabAreDelimitersOnlyWhereTheHeaderHasNoComma) {
  EXPECT_EQ(parse_csv("a;b\n1;2\n", "t").header.size(), 2U);
  EXPECT_EQ(parse_csv("a\tb\n1\t2\n", "t").header.size(), 2U);
  EXPECT_EQ(parse_csv("a,b\nL1;L2,2\n", "t").rows.at(0).cells.at(0), "L1;L2");
}

TEST(CsvTable, WhatIsNoTableIsRefusedWithTheReason) {
  EXPECT_THAT([] { parse_csv("", "t.csv"); }, ThrowsMessage<Error>(HasSubstr("t.csv: the table is empty")));
  EXPECT_THAT([] { parse_csv("a,a\n1,2\n", "t.csv"); }, ThrowsMessage<Error>(HasSubstr("\"a\" stands twice")));
  EXPECT_THAT([] { parse_csv("a,b\n1,\"2\n", "t.csv"); }, ThrowsMessage<Error>(HasSubstr("record 2 is not valid CSV")));
  EXPECT_THAT([] { parse_csv("a\n\xFF\xFF\xFF\n", "t.csv"); }, ThrowsMessage<Error>(HasSubstr("neither UTF-8 nor GB18030")));
  EXPECT_THAT([] { read_csv("/nowhere/t.csv"); }, ThrowsMessage<Error>(HasSubstr("cannot read")));
  EXPECT_THAT([] { read_csv("/tmp"); }, ThrowsMessage<Error>(HasSubstr("cannot read")));
}

TEST(CsvTable, CellsOfAShortRowAreEmpty) {
  const auto table = parse_csv("a,b\n 1 \n", "t");
  EXPECT_EQ(cell_of(table.rows.at(0), 0), "1");
  EXPECT_EQ(cell_of(table.rows.at(0), 1), "");
}

}  // namespace
}  // namespace cemscope::cohort
