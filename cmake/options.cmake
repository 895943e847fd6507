# Compiler, warnings, sanitizers, libraries of the system.
set(CMAKE_CXX_STANDARD 23)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}")

find_program(CCACHE ccache)
if(CCACHE)
  set(CMAKE_CXX_COMPILER_LAUNCHER "${CCACHE}")
  set(CMAKE_C_COMPILER_LAUNCHER "${CCACHE}")
endif()
find_program(LLD ld.lld-19)
if(LLD)
  add_link_options(-fuse-ld=lld-19)
endif()

add_library(hf_options INTERFACE)
target_include_directories(hf_options INTERFACE "${CMAKE_SOURCE_DIR}/src")
target_compile_options(hf_options INTERFACE -Wall -Wextra -Wshadow -Wconversion -Werror
  -Wno-missing-designated-field-initializers  # every member has a default value; naming the rest is the point
  -fstack-protector-strong)
target_compile_definitions(hf_options INTERFACE _GLIBCXX_ASSERTIONS BOOST_ASIO_NO_DEPRECATED
  HF_VERSION="${PROJECT_VERSION}" HF_SOURCE_DIR="${CMAKE_SOURCE_DIR}")
if(HF_SANITIZE)
  target_compile_options(hf_options INTERFACE -fsanitize=${HF_SANITIZE} -fno-omit-frame-pointer)
  target_link_options(hf_options INTERFACE -fsanitize=${HF_SANITIZE})
else()
  target_compile_options(hf_options INTERFACE $<$<CONFIG:Release>:-D_FORTIFY_SOURCE=3>)
endif()

find_package(Threads REQUIRED)
find_package(Boost 1.81 REQUIRED COMPONENTS json)
find_package(OpenSSL REQUIRED)
find_package(PkgConfig REQUIRED)
pkg_check_modules(SECCOMP REQUIRED IMPORTED_TARGET libseccomp)
pkg_check_modules(TOMLPLUSPLUS REQUIRED IMPORTED_TARGET tomlplusplus)

# The headers of libraries are not ours to warn about.
add_library(hf_boost INTERFACE)
target_include_directories(hf_boost SYSTEM INTERFACE ${Boost_INCLUDE_DIRS})
target_link_libraries(hf_boost INTERFACE Boost::json Threads::Threads)
