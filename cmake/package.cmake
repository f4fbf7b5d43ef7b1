# `./dev package`: the Debian package, by CPack, of the component "package". packaging/ has what is in it beside
# the program; the manual page and the completions are made by the program itself. docs/operations.md.
if(PLENARY_SANITIZE OR NOT TARGET plenary)
  return()
endif()
set(generated ${CMAKE_BINARY_DIR}/packaging)
add_custom_command(OUTPUT ${generated}/plenary.1.gz
  COMMAND ${CMAKE_COMMAND} -E make_directory ${generated}
  COMMAND sh -c "$<TARGET_FILE:plenary> manual | gzip -9n > ${generated}/plenary.1.gz"
  COMMAND sh -c "$<TARGET_FILE:plenary> completion bash > ${generated}/plenary.bash"
  COMMAND sh -c "$<TARGET_FILE:plenary> completion zsh > ${generated}/_plenary"
  COMMAND sh -c "$<TARGET_FILE:plenary> completion fish > ${generated}/plenary.fish"
  DEPENDS plenary VERBATIM)
add_custom_target(package_files DEPENDS ${generated}/plenary.1.gz)

set(from ${CMAKE_SOURCE_DIR}/packaging)
install(TARGETS plenary RUNTIME DESTINATION bin COMPONENT package)
install(PROGRAMS ${from}/backup DESTINATION lib/plenary COMPONENT package)
install(FILES ${from}/plenary.service ${from}/plenary-backup.service ${from}/plenary-backup.timer
  DESTINATION /lib/systemd/system COMPONENT package)
install(FILES ${from}/plenary.toml DESTINATION /etc/plenary COMPONENT package)
install(FILES ${from}/plenary.logrotate DESTINATION /etc/logrotate.d RENAME plenary COMPONENT package)
install(FILES ${generated}/plenary.1.gz DESTINATION share/man/man1 COMPONENT package)
install(FILES ${generated}/plenary.bash DESTINATION share/bash-completion/completions RENAME plenary COMPONENT package)
install(FILES ${generated}/_plenary DESTINATION share/zsh/vendor-completions COMPONENT package)
install(FILES ${generated}/plenary.fish DESTINATION share/fish/vendor_completions.d COMPONENT package)
install(FILES ${from}/copyright docs/operations.md docs/backup.md docs/configuration.md docs/security.md
  DESTINATION share/doc/plenary COMPONENT package)
install(FILES conference.example.toml DESTINATION share/doc/plenary/examples COMPONENT package)

# What the package holds is built by name; packing builds nothing.
set(CMAKE_SKIP_INSTALL_ALL_DEPENDENCY TRUE)
set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME plenary)
set(CPACK_PACKAGE_VERSION ${PROJECT_VERSION})
set(CPACK_PACKAGE_CONTACT "The authors of Plenary <plenary@localhost>")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "Conference-management server")
set(CPACK_PACKAGE_DESCRIPTION "Ticket sales, people, program, sponsors, check-in and the back office of\n conferences, in one program with an embedded database, or on PostgreSQL.")
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_SET_DESTDIR OFF)
set(CPACK_STRIP_FILES ON)
set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_COMPONENTS_ALL package)
set(CPACK_COMPONENTS_GROUPING ALL_COMPONENTS_IN_ONE)
set(CPACK_PACKAGE_DIRECTORY ${CMAKE_BINARY_DIR})
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION web)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_DEPENDS "adduser, init-system-helpers, procps, tzdata, ca-certificates, fonts-noto-core")
set(CPACK_DEBIAN_PACKAGE_RECOMMENDS "logrotate")
set(CPACK_DEBIAN_PACKAGE_SUGGESTS "nginx | caddy, postgresql, fonts-wqy-microhei")
file(WRITE ${generated}/conffiles "/etc/plenary/plenary.toml\n/etc/logrotate.d/plenary\n")
foreach(script postinst prerm postrm)
  configure_file(${from}/${script} ${generated}/${script} COPYONLY)
endforeach()
set(CPACK_DEBIAN_PACKAGE_CONTROL_EXTRA ${generated}/conffiles ${generated}/postinst ${generated}/prerm ${generated}/postrm)
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
include(CPack)
