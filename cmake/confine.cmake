# holdfast-confine: limits itself, then becomes the program it is told to run (docs/decisions/0004-sandbox.md).
# Built without sanitizers in every preset: they need terabytes of address space and tracing, which is what it takes away.
add_library(hf_unsanitized INTERFACE)
target_include_directories(hf_unsanitized INTERFACE "${CMAKE_SOURCE_DIR}/src")
target_compile_options(hf_unsanitized INTERFACE -Wall -Wextra -Wshadow -Wconversion -Werror
  -Wno-missing-designated-field-initializers -fstack-protector-strong $<$<CONFIG:Release>:-D_FORTIFY_SOURCE=3>)
target_link_libraries(hf_unsanitized INTERFACE Threads::Threads)

file(GLOB confine_sources CONFIGURE_DEPENDS "${CMAKE_SOURCE_DIR}/src/confine/*.cpp")
list(FILTER confine_sources EXCLUDE REGEX "_test\\.cpp$|_main\\.cpp$")
add_executable(holdfast-confine ${confine_sources})
hf_use_unity(holdfast-confine)
target_link_libraries(holdfast-confine PRIVATE hf_unsanitized PkgConfig::SECCOMP)

if(HF_TESTS)
  # Programs that misbehave as asked: a worker, and a taken-over decoder that tries to get out.
  add_executable(hf-stub-worker "${CMAKE_SOURCE_DIR}/src/adapters/process/stub_worker_main.cpp"
    "${CMAKE_SOURCE_DIR}/src/worker/channel.cpp")
  target_link_libraries(hf-stub-worker PRIVATE hf_options hf_boost)
  add_executable(hf-escape "${CMAKE_SOURCE_DIR}/src/confine/escape_main.cpp")
  target_link_libraries(hf-escape PRIVATE hf_unsanitized)

  hf_test(confine_tests "${CMAKE_SOURCE_DIR}/src/confine/confine_test.cpp")
  foreach(tests asio_tests localfs_tests process_tests ffmpeg_tests confine_tests)
    if(NOT TARGET ${tests})
      continue()
    endif()
    target_link_libraries(${tests} PRIVATE hf_asio hf_process)
    target_compile_definitions(${tests} PRIVATE
      HF_STUB_WORKER="$<TARGET_FILE:hf-stub-worker>" HF_CONFINE="$<TARGET_FILE:holdfast-confine>"
      HF_ESCAPE="$<TARGET_FILE:hf-escape>")
    add_dependencies(${tests} hf-stub-worker holdfast-confine hf-escape)
  endforeach()
endif()
