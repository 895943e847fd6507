# holdfast-llm: llama.cpp in a process of its own. Without the engine's libraries (scripts/setup) there is no such program.
if(NOT HF_LLAMA_ROOT)
  message(STATUS "holdfast-llm: HF_LLAMA_ROOT is not set, so it is left out")
  return()
endif()

add_library(hf_llama_engine INTERFACE)
target_include_directories(hf_llama_engine SYSTEM INTERFACE "${HF_LLAMA_ROOT}/include" "${HF_LLAMA_ROOT}/common")
target_link_libraries(hf_llama_engine INTERFACE
  "${HF_LLAMA_ROOT}/lib/libllama-common.a" "${HF_LLAMA_ROOT}/lib/libllama-common-base.a"
  "${HF_LLAMA_ROOT}/lib/libllama.a" "${HF_LLAMA_ROOT}/lib/libggml.a"
  "${HF_LLAMA_ROOT}/lib/libggml-cpu.a" "${HF_LLAMA_ROOT}/lib/libggml-base.a" Threads::Threads ${CMAKE_DL_LIBS} m)

hf_part(llama adapters/llama hf_core hf_localfs hf_llama_engine)
add_executable(holdfast-llm "${CMAKE_SOURCE_DIR}/src/worker/llm_main.cpp")
target_link_libraries(holdfast-llm PRIVATE hf_worker hf_llama)
