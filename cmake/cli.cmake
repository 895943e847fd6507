# The program's own parts: configuration, models, commands. serve and verify come in through hooks (src/app/cli/session.hpp).
hf_part(config app/config hf_core hf_boost hf_webhook hf_redis PkgConfig::TOMLPLUSPLUS)
hf_part(models app/models hf_config OpenSSL::Crypto)
hf_part(cli app/cli hf_models hf_process)
hf_part(log app/log hf_ports hf_cli)
hf_part(drill app/drill hf_cli)

# The list of models is built in: a program can never meet another one than it was made for.
set(HF_MANIFEST_FILE "${CMAKE_SOURCE_DIR}/models/manifest.toml")
set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS "${HF_MANIFEST_FILE}")
file(READ "${HF_MANIFEST_FILE}" HF_MANIFEST)
configure_file("${CMAKE_SOURCE_DIR}/src/app/models/manifest_text.cpp.in" "${CMAKE_BINARY_DIR}/manifest_text.cpp" @ONLY)
target_sources(hf_models PRIVATE "${CMAKE_BINARY_DIR}/manifest_text.cpp")

# docs/reference as the whole program says it, the routes included. (The pages without routes are checked in cli_tests.)
if(HF_TESTS)
  add_test(NAME Reference.PagesAndRoutesInTheTreeAreThoseOfTheProgram
    COMMAND holdfast docs --check "${CMAKE_SOURCE_DIR}/docs/reference")
endif()
