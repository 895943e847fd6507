# The programs, each with what it is made of.
include(cmake/confine.cmake)
include(cmake/stt.cmake)
include(cmake/llm.cmake)
include(cmake/cli.cmake)

hf_part(recipes app/recipes hf_flow PkgConfig::TOMLPLUSPLUS)
hf_part(backup app/backup hf_cli hf_flow hf_guard hf_sqlite hf_localfs)

file(GLOB app_sources CONFIGURE_DEPENDS "${CMAKE_SOURCE_DIR}/src/app/*.cpp")
add_executable(holdfast ${app_sources})
hf_use_unity(holdfast)
target_link_libraries(holdfast PRIVATE hf_cli hf_backup hf_drill hf_log hf_web hf_guard hf_recipes hf_asio hf_sqlite hf_sodium hf_system hf_systemd
  hf_prometheus hf_localfs hf_process hf_ffmpeg hf_openai hf_probe hf_webhook hf_lru hf_redis hf_highway)
# Started by it and looked for beside it.
add_dependencies(holdfast holdfast-confine holdfast-stt holdfast-llm)

add_executable(holdfast-sim "${CMAKE_SOURCE_DIR}/src/sim/sim_main.cpp")
target_link_libraries(holdfast-sim PRIVATE hf_sim)

add_executable(store_bench EXCLUDE_FROM_ALL "${CMAKE_SOURCE_DIR}/bench/store_bench.cpp")
target_link_libraries(store_bench PRIVATE hf_sqlite)
add_executable(cache_bench EXCLUDE_FROM_ALL "${CMAKE_SOURCE_DIR}/bench/cache_bench.cpp")
target_link_libraries(cache_bench PRIVATE hf_asio hf_lru hf_redis)
add_executable(nearest_bench EXCLUDE_FROM_ALL "${CMAKE_SOURCE_DIR}/bench/nearest_bench.cpp")
target_link_libraries(nearest_bench PRIVATE hf_highway)
add_executable(http_bench EXCLUDE_FROM_ALL "${CMAKE_SOURCE_DIR}/bench/http_bench.cpp")
target_link_libraries(http_bench PRIVATE hf_options hf_boost)

# Installed: the programs beside each other, what they read under share/ (src/app/programs.cpp looks for it there).
install(TARGETS holdfast holdfast-confine holdfast-stt holdfast-llm holdfast-sim RUNTIME DESTINATION bin)
install(DIRECTORY "${CMAKE_SOURCE_DIR}/recipes" DESTINATION share/holdfast)
