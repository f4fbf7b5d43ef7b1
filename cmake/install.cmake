# cmake --install BUILD --prefix DIR [--component library|program]: one static library with everything that is
# embedded, the headers that its public face reaches, PlenaryConfig.cmake; and the program. docs/embedding.md.
include(CMakePackageConfigHelpers)

get_property(room_objects GLOBAL PROPERTY PLENARY_ROOM_OBJECTS)
add_library(plenary_library STATIC ${room_objects})
set_target_properties(plenary_library PROPERTIES OUTPUT_NAME plenary LINKER_LANGUAGE CXX
  ARCHIVE_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/library)
# The client that tests talk to a program with; ours use it too.
add_library(plenary_testing STATIC tests/support/http_client.cpp)
target_include_directories(plenary_testing PRIVATE tests)
set_target_properties(plenary_testing PROPERTIES ARCHIVE_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/library)

set(package ${CMAKE_BINARY_DIR}/package)
configure_package_config_file(cmake/PlenaryConfig.cmake.in ${package}/PlenaryConfig.cmake
  INSTALL_DESTINATION lib/cmake/Plenary)
write_basic_package_version_file(${package}/PlenaryConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${package}/PlenaryConfig.cmake ${package}/PlenaryConfigVersion.cmake cmake/dependencies.cmake
  DESTINATION lib/cmake/Plenary COMPONENT library)
install(FILES $<TARGET_FILE:plenary_library> $<TARGET_FILE:plenary_testing> DESTINATION lib COMPONENT library)
install(CODE "set(PLENARY_SOURCE \"${CMAKE_SOURCE_DIR}\")
  set(PLENARY_PREFIX \"\$ENV{DESTDIR}\${CMAKE_INSTALL_PREFIX}\")
  include(\"${CMAKE_SOURCE_DIR}/cmake/public_headers.cmake\")" COMPONENT library)
install(TARGETS plenary RUNTIME DESTINATION bin COMPONENT program)
