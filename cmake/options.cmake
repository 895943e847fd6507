# Compiler, warnings, sanitizers, libraries of the system.
set(CMAKE_CXX_STANDARD 23)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_CXX_FLAGS_RELEASE "-O2 -DNDEBUG -ffunction-sections -fdata-sections")
set(CMAKE_CXX_FLAGS_RELWITHDEBINFO "-O1 -g1")  # the sanitizers' presets: quick to build, lines in reports
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}")

find_program(CCACHE ccache)
if(CCACHE)
  # Hits across clones, and with the precompiled header.
  set(launcher env "CCACHE_BASEDIR=${CMAKE_SOURCE_DIR}" CCACHE_NOHASHDIR=1 CCACHE_SLOPPINESS=pch_defines,time_macros ${CCACHE})
  set(CMAKE_CXX_COMPILER_LAUNCHER "${launcher}")
  set(CMAKE_C_COMPILER_LAUNCHER "${launcher}")
endif()
find_program(LLD ld.lld-19)
if(LLD)
  add_link_options(-fuse-ld=lld-19)
  # What is not called, and what is the same twice, need not lie in memory.
  add_link_options($<$<CONFIG:Release>:-Wl,--gc-sections,--icf=safe>)
endif()

add_library(hf_options INTERFACE)
target_include_directories(hf_options INTERFACE "${CMAKE_SOURCE_DIR}/src")
target_compile_options(hf_options INTERFACE -Wall -Wextra -Wshadow -Wconversion -Werror
  -Wno-missing-designated-field-initializers  # every member has a default value; naming the rest is the point
  -fstack-protector-strong)
target_compile_definitions(hf_options INTERFACE _GLIBCXX_ASSERTIONS BOOST_ASIO_NO_DEPRECATED
  HF_VERSION="${PROJECT_VERSION}")
if(HF_SANITIZE)
  # Without vptr: that check opens a pipe to see whether memory can be read, and a test takes all descriptors away.
  target_compile_options(hf_options INTERFACE -fsanitize=${HF_SANITIZE} -fno-sanitize=vptr -fno-sanitize-recover=all
    -fno-omit-frame-pointer)
  target_link_options(hf_options INTERFACE -fsanitize=${HF_SANITIZE})
else()
  target_compile_options(hf_options INTERFACE $<$<CONFIG:Release>:-D_FORTIFY_SOURCE=3>)
endif()

find_package(Threads REQUIRED)
find_package(Boost 1.81 REQUIRED COMPONENTS json)
find_package(OpenSSL REQUIRED)
find_package(PkgConfig REQUIRED)
find_package(prometheus-cpp REQUIRED)
pkg_check_modules(HIREDIS REQUIRED IMPORTED_TARGET hiredis)
pkg_check_modules(SECCOMP REQUIRED IMPORTED_TARGET libseccomp)
pkg_check_modules(SODIUM REQUIRED IMPORTED_TARGET libsodium)
pkg_check_modules(HWY REQUIRED IMPORTED_TARGET libhwy)
pkg_check_modules(TOMLPLUSPLUS REQUIRED IMPORTED_TARGET tomlplusplus)

# The headers of libraries are not ours to warn about.
add_library(hf_boost INTERFACE)
target_include_directories(hf_boost SYSTEM INTERFACE ${Boost_INCLUDE_DIRS})
target_link_libraries(hf_boost INTERFACE Boost::json Threads::Threads)

# Several sources of a part in one go: most of what a compiler reads of a file of ours are headers that its neighbours read
# as well (docs/decisions/0017-compiled-together.md). Off where tests are built, so that each file has to compile by itself.
option(HF_UNITY "compile several sources of a part together" OFF)
set(HF_UNITY_BATCH 8 CACHE STRING "so many sources together at most")

# hf_use_unity(TARGET): for targets of several sources of ours.
function(hf_use_unity target)
  set_target_properties(${target} PROPERTIES UNITY_BUILD ${HF_UNITY} UNITY_BUILD_BATCH_SIZE ${HF_UNITY_BATCH})
endfunction()

# One precompiled header for everything that waits: Asio's coroutines cost more to read than most of our files do.
option(HF_PCH "precompile the headers of Asio and JSON" ON)
if(HF_PCH)
  file(WRITE "${CMAKE_BINARY_DIR}/pch.cpp" "// Carries the precompiled header.\n")
  add_library(hf_pch OBJECT "${CMAKE_BINARY_DIR}/pch.cpp")
  target_link_libraries(hf_pch PUBLIC hf_options hf_boost)
  target_compile_options(hf_pch PUBLIC "SHELL:-Xclang -fno-pch-timestamp")
  target_precompile_headers(hf_pch PRIVATE <algorithm> <chrono> <expected> <filesystem> <functional> <map> <memory> <optional>
    <string> <variant> <vector> <boost/asio/awaitable.hpp> <boost/asio/co_spawn.hpp> <boost/asio/io_context.hpp>
    <boost/asio/steady_timer.hpp> <boost/asio/use_awaitable.hpp> <boost/json.hpp>)
endif()

# hf_use_pch(TARGET): for targets that wait.
function(hf_use_pch target)
  if(HF_PCH)
    target_compile_options(${target} PRIVATE "SHELL:-Xclang -fno-pch-timestamp")
    target_precompile_headers(${target} REUSE_FROM hf_pch)
  endif()
endfunction()
