src/dialect/declared_type.o: src/dialect/declared_type.cpp \
 src/dialect/declared_type.hpp src/server_free.hpp
src/dialect/declared_type.hpp:
src/server_free.hpp:
