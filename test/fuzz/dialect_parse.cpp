/*
 * dialect_parse.cpp
 *    libFuzzer target: any text in, a tree or a ParseError out.
 *
 * The first byte chooses what the rest is parsed as.
 */
#include "dialect/parse.hpp"

#include <cstddef>
#include <cstdint>

using namespace sqlite_import::dialect;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    if (size == 0) {
        return 0;
    }
    const std::string_view sql(reinterpret_cast<const char*>(data + 1), size - 1);
    try {
        switch (data[0] % 8) {
            case 0:
                parse_create_table(sql);
                break;
            case 1:
                parse_create_index(sql);
                break;
            case 2:
                parse_create_view(sql);
                break;
            case 3:
                parse_create_trigger(sql);
                break;
            case 4:
                parse_create_virtual_table(sql);
                break;
            case 5:
                parse_expression(sql);
                break;
            case 6:
                parse_default(sql);
                break;
            default:
                parse_select(sql);
        }
    } catch (const ParseError& error) {
        describe_position(sql, error.offset());
    }
    return 0;
}
