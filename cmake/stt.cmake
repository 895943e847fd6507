# holdfast-stt: whisper.cpp in a process of its own. Without the engine's libraries (scripts/setup) it is left out.

# hf_speech_worker(NAME FOLDER LIBS...): a speech worker with the engine whose folder under src/adapters defines
# open_speech_engine and open_voice_detector. A second engine is a folder and one more line like the last one here.
function(hf_speech_worker name folder)
  hf_part(${name}-engine adapters/${folder} hf_ports ${ARGN})
  add_executable(${name} "${CMAKE_SOURCE_DIR}/src/worker/stt_main.cpp")
  target_link_libraries(${name} PRIVATE hf_worker hf_${name}-engine)
endfunction()

if(NOT HF_WHISPER_ROOT)
  message(STATUS "holdfast-stt: HF_WHISPER_ROOT is not set, so it is left out")
  return()
endif()

add_library(hf_whisper_cpp INTERFACE)
target_include_directories(hf_whisper_cpp SYSTEM INTERFACE "${HF_WHISPER_ROOT}/include")
target_link_libraries(hf_whisper_cpp INTERFACE
  "${HF_WHISPER_ROOT}/lib/libwhisper.a" "${HF_WHISPER_ROOT}/lib/libggml.a"
  "${HF_WHISPER_ROOT}/lib/libggml-cpu.a" "${HF_WHISPER_ROOT}/lib/libggml-base.a"
  Threads::Threads ${CMAKE_DL_LIBS} m)

hf_speech_worker(holdfast-stt whisper hf_whisper_cpp)
