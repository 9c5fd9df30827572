/*
 * evidence.hpp
 *    How many values are of some kind, and where the first of them stand.
 */
#pragma once

#include "server_free.hpp"

#include <array>
#include <cstddef>
#include <cstdint>

namespace sqlite_import::sqlite {

struct Evidence {
    static constexpr size_t kSamples = 5;

    int64_t count = 0;
    std::array<int64_t, kSamples> rowids{}; /* the first min(count, kSamples); 0s without rowids */

    void note(int64_t rowid) noexcept {
        if (count < static_cast<int64_t>(kSamples)) {
            rowids[static_cast<size_t>(count)] = rowid;
        }
        ++count;
    }

    /* As if the other's values had been noted too, in the order of the rowids. */
    void join(const Evidence& other) noexcept;

    explicit operator bool() const noexcept { return count > 0; }
};

}  // namespace sqlite_import::sqlite
