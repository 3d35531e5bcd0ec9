# Turns text files into a C++ table of raw strings: cmake -D OUT=file.cpp -D "FILES=name=path;..." -P embed.cmake
set(rows "")
foreach(entry IN LISTS FILES)
  string(REGEX MATCH "^([^=]+)=(.+)$" matched "${entry}")
  set(key "${CMAKE_MATCH_1}")
  file(READ "${CMAKE_MATCH_2}" content)
  string(APPEND rows "      {\"${key}\", R\"cemscope(${content})cemscope\"},\n")
endforeach()
file(WRITE "${OUT}" "#include \"src/statistics/embedded.h\"\n\nnamespace cemscope::statistics {\n\nconst std::map<std::string, std::string>& embedded_files() {
  static const std::map<std::string, std::string> files = {\n${rows}  };\n  return files;\n}\n\n}  // namespace cemscope::statistics\n")
