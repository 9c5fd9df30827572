src/dialect/quote.o: src/dialect/quote.cpp src/dialect/quote.hpp \
 src/server_free.hpp
src/dialect/quote.hpp:
src/server_free.hpp:
