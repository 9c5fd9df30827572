/*
 * column_rule.cpp
 *    The names of the readings.
 */
#include "values/column_rule.hpp"

namespace sqlite_import::values {

namespace {

struct Name {
    From from;
    const char* name;
};

constexpr Name kNames[] = {
    {From::Auto, "auto"},
    {From::UnixS, "unix_s"},
    {From::UnixMs, "unix_ms"},
    {From::UnixUs, "unix_us"},
    {From::UnixNs, "unix_ns"},
    {From::Julian, "julian"},
    {From::UnixDays, "unix_days"},
    {From::Cocoa, "cocoa"},
    {From::Webkit, "webkit"},
    {From::DotnetTicks, "dotnet_ticks"},
    {From::Ole, "ole"},
    {From::Compact, "compact"},
    {From::Base64, "base64"},
    {From::Hex, "hex"},
    {From::Utf8, "utf8"},
    {From::UuidBytes, "uuid_bytes"},
    {From::DotnetGuid, "dotnet_guid"},
    {From::Csv, "csv"},
};

}  // namespace

const char* from_name(From from) noexcept {
    for (const Name& entry : kNames) {
        if (entry.from == from) {
            return entry.name;
        }
    }
    return "auto";
}

std::string from_names() {
    std::string names;
    for (const Name& entry : kNames) {
        names += (names.empty() ? "" : ", ") + std::string(entry.name);
    }
    return names;
}

std::optional<From> from_of_name(std::string_view name) noexcept {
    for (const Name& entry : kNames) {
        if (name == entry.name) {
            return entry.from;
        }
    }
    return std::nullopt;
}

}  // namespace sqlite_import::values
