src/sqlite/database.o: src/sqlite/database.cpp src/sqlite/database.hpp \
 src/server_free.hpp src/sqlite/error.hpp
src/sqlite/database.hpp:
src/server_free.hpp:
src/sqlite/error.hpp:
