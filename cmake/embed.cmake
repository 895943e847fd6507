# Puts files into a program: hf_embed(TARGET NAMESPACE FILES...) adds a generated source to TARGET that defines
# find_embedded() of src/web/embedded.hpp. It is made anew when one of the files changes. The same file, run as a script,
# does the work of one build step.

if(CMAKE_SCRIPT_MODE_FILE STREQUAL CMAKE_CURRENT_LIST_FILE)
  set(table "")
  set(arrays "")
  set(number 0)
  string(REPLACE "," ";" files "${HF_EMBED_FILES}")
  foreach(file IN LISTS files)
    file(READ "${file}" hex HEX)
    file(SHA256 "${file}" sha256)
    if(file MATCHES "\\.js$")
      # A browser needs neither indentation nor lines that are a comment: no string of ours goes over several lines.
      file(READ "${file}" text)
      string(REGEX REPLACE "\n +" "\n" text "${text}")
      string(REGEX REPLACE "\n//[^\n]*" "" text "${text}")
      string(REGEX REPLACE "\n/\\*\\*[^\n]*\\*/" "" text "${text}")
      string(HEX "${text}" hex)
      string(SHA256 sha256 "${text}")
    endif()
    string(SUBSTRING "${sha256}" 0 16 sha256)
    string(LENGTH "${hex}" digits)
    math(EXPR bytes "${digits} / 2")
    string(REGEX REPLACE "([0-9a-f][0-9a-f])" "\\\\x\\1" escaped "${hex}")
    # Short literals, because a \x escape takes every hexadecimal digit that follows it and compilers limit line lengths.
    string(REGEX REPLACE "((\\\\x[0-9a-f][0-9a-f])(\\\\x[0-9a-f][0-9a-f])?(\\\\x[0-9a-f][0-9a-f])?(\\\\x[0-9a-f][0-9a-f])?(\\\\x[0-9a-f][0-9a-f])?(\\\\x[0-9a-f][0-9a-f])?(\\\\x[0-9a-f][0-9a-f])?)" "\"\\1\"\n" lines "${escaped}")
    get_filename_component(name "${file}" NAME)
    string(APPEND arrays "constexpr char kBytes${number}[] =\n\"\"\n${lines};\n")
    string(APPEND table "    {\"${name}\", {kBytes${number}, ${bytes}}, \"${sha256}\"},\n")
    math(EXPR number "${number} + 1")
  endforeach()
  file(WRITE "${HF_EMBED_OUT}" "// Made by cmake/embed.cmake.\n#include \"web/embedded.hpp\"\n\nnamespace ${HF_EMBED_NAMESPACE} {\nnamespace {\n\n${arrays}\nconstexpr EmbeddedFile kFiles[] = {\n${table}};\n\n}  // namespace\n\nconst EmbeddedFile* find_embedded(std::string_view name) {\n  for (const EmbeddedFile& file : kFiles) {\n    if (file.name == name) return &file;\n  }\n  return nullptr;\n}\n\n}  // namespace ${HF_EMBED_NAMESPACE}\n")
  return()
endif()

set(HF_EMBED_SCRIPT "${CMAKE_CURRENT_LIST_FILE}")

function(hf_embed target namespace)
  set(out "${CMAKE_BINARY_DIR}/embedded/${target}.cpp")
  set(files "")
  foreach(file IN LISTS ARGN)
    get_filename_component(path "${file}" ABSOLUTE BASE_DIR "${CMAKE_SOURCE_DIR}")
    list(APPEND files "${path}")
  endforeach()
  string(REPLACE ";" "," joined "${files}")
  add_custom_command(OUTPUT "${out}"
    COMMAND "${CMAKE_COMMAND}" "-DHF_EMBED_OUT=${out}" "-DHF_EMBED_NAMESPACE=${namespace}" "-DHF_EMBED_FILES=${joined}"
            -P "${HF_EMBED_SCRIPT}"
    DEPENDS ${files} "${HF_EMBED_SCRIPT}" VERBATIM)
  target_sources(${target} PRIVATE "${out}")
endfunction()
