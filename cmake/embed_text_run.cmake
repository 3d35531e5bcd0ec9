# Bytes rather than a string literal: any content, any length.
file(READ "${INPUT}" hex HEX)
string(REGEX REPLACE "([0-9a-f][0-9a-f])" "'\\\\x\\1'," bytes "${hex}")
file(WRITE "${OUTPUT}" "#include <string_view>
namespace cemscope::embedded {
static constexpr char k_${NAME}_bytes[] = {${bytes}'\\0'};
extern const std::string_view ${NAME};
constinit const std::string_view ${NAME}(k_${NAME}_bytes, sizeof(k_${NAME}_bytes) - 1);
}  // namespace cemscope::embedded
")
