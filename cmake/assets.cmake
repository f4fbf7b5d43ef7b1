# What is embedded in the binary. Runs after plenary_rooms().
plenary_embed(plenary_db migrations ${CMAKE_SOURCE_DIR}/migrations)
