include_guard(GLOBAL)

# Compiles a text file into `target` as `extern const std::string_view cemscope::embedded::<name>`; a change of the file rebuilds it.
function(cemscope_embed_text target name file)
  get_filename_component(path "${file}" ABSOLUTE)
  set(output "${CMAKE_CURRENT_BINARY_DIR}/embedded_${name}.cpp")
  add_custom_command(OUTPUT "${output}"
    COMMAND ${CMAKE_COMMAND} -DINPUT=${path} -DOUTPUT=${output} -DNAME=${name} -P ${PROJECT_SOURCE_DIR}/cmake/embed_text_run.cmake
    DEPENDS "${path}" ${PROJECT_SOURCE_DIR}/cmake/embed_text_run.cmake VERBATIM)
  target_sources(${target} PRIVATE "${output}")
endfunction()
