# The list of common passwords that no account may have, made from an npm package and embedded.
find_program(NODE node REQUIRED)
set(assets ${CMAKE_SOURCE_DIR}/assets)
if(NOT EXISTS ${assets}/node_modules/@zxcvbn-ts/language-common/package.json)
  find_program(NPM npm REQUIRED)
  execute_process(COMMAND ${NPM} ci --no-audit --no-fund --loglevel=error WORKING_DIRECTORY ${assets}
    COMMAND_ERROR_IS_FATAL ANY)
endif()
set(passwords ${CMAKE_BINARY_DIR}/passwords)
execute_process(COMMAND ${NODE} ${assets}/passwords.mjs ${passwords}/common_passwords.txt OUTPUT_QUIET
  COMMAND_ERROR_IS_FATAL ANY)
set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${assets}/passwords.mjs ${assets}/package.json)
plenary_embed(plenary_domain_accounts passwords ${passwords})
