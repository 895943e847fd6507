# The programs. Parts that somebody may not have yet are included where they exist.
foreach(part confine stt llm embed cli)
  include("${CMAKE_SOURCE_DIR}/cmake/${part}.cmake" OPTIONAL)
endforeach()

add_executable(holdfast-sim "${CMAKE_SOURCE_DIR}/src/sim/sim_main.cpp")
target_link_libraries(holdfast-sim PRIVATE hf_sim)
