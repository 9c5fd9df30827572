/*
 * arena.hpp
 *    Plain bytes handed out in order and taken back all at once.
 *
 * A batch of converted rows lives in one arena, whichever thread fills it: it is
 * malloc's memory, so that a thread that may not call the server can use it, and
 * nothing is allocated or freed per value.  Chunks never move; a value larger
 * than a chunk gets one of its own, which reset() gives back.
 */
#pragma once

#include "server_free.hpp"

#include <cstddef>
#include <cstdlib>

namespace sqlite_import::values {

class Arena {
  public:
    explicit Arena(size_t chunk_size = 64 * 1024) noexcept : chunk_size_(chunk_size) {}
    ~Arena() {
        release(first_);
        release(large_);
    }
    Arena(const Arena&) = delete;
    Arena& operator=(const Arena&) = delete;

    /* Room for size bytes aligned to alignment (a power of two, at most 16); null when memory is
     * out.  Valid until reset(). */
    char* allocate(size_t size, size_t alignment) noexcept {
        const size_t start = (used_ + alignment - 1) & ~(alignment - 1);
        if (start + size <= room_) {
            used_ = start + size;
            taken_ += size;
            last_was_large_ = false;
            return data_ + start;
        }
        return allocate_slow(size);
    }

    /* Gives the unused end of the latest allocation back. */
    void shrink_last(size_t by) noexcept {
        if (!last_was_large_) {
            used_ -= by;
        }
        taken_ -= by;
    }

    /* Bytes handed out since the last reset. */
    size_t taken() const noexcept { return taken_; }

    /* Takes everything back.  Ordinary chunks are kept for the next round, large ones freed. */
    void reset() noexcept {
        release(large_);
        large_ = nullptr;
        taken_ = 0;
        last_was_large_ = false;
        use(first_);
    }

  private:
    struct alignas(16) Chunk {
        Chunk* next;
        size_t size;
        char* data() noexcept { return reinterpret_cast<char*>(this + 1); }
    };

    static void release(Chunk* chunk) noexcept {
        while (chunk != nullptr) {
            Chunk* const next = chunk->next;
            std::free(chunk);
            chunk = next;
        }
    }

    static Chunk* make(size_t size) noexcept {
        auto* chunk = static_cast<Chunk*>(std::malloc(sizeof(Chunk) + size));
        if (chunk != nullptr) {
            chunk->next = nullptr;
            chunk->size = size;
        }
        return chunk;
    }

    void use(Chunk* chunk) noexcept {
        current_ = chunk;
        data_ = chunk != nullptr ? chunk->data() : nullptr;
        room_ = chunk != nullptr ? chunk->size : 0;
        used_ = 0;
    }

    char* allocate_slow(size_t size) noexcept {
        last_was_large_ = size > chunk_size_ / 4;
        if (last_was_large_) {
            Chunk* const chunk = make(size);
            if (chunk == nullptr) {
                return nullptr;
            }
            chunk->next = large_;
            large_ = chunk;
            taken_ += size;
            return chunk->data();
        }
        Chunk* next = current_ != nullptr ? current_->next : first_;
        if (next == nullptr) {
            next = make(chunk_size_);
            if (next == nullptr) {
                return nullptr;
            }
            (current_ != nullptr ? current_->next : first_) = next;
        }
        use(next);
        used_ = size;
        taken_ += size;
        return data_;
    }

    size_t chunk_size_;
    Chunk* first_ = nullptr; /* the ordinary chunks, in order of use */
    Chunk* large_ = nullptr;
    Chunk* current_ = nullptr;
    char* data_ = nullptr;
    size_t room_ = 0;
    size_t used_ = 0;
    size_t taken_ = 0;
    bool last_was_large_ = false;
};

}  // namespace sqlite_import::values
