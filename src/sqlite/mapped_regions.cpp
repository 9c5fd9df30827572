/*
 * mapped_regions.cpp
 *    The handler of SIGBUS, and the table of regions that it reads.
 *
 * The handler may run in any thread at any moment, so the table is made of
 * atomics in blocks that are never freed; only who adds or removes takes a lock.
 */
#include "sqlite/mapped_regions.hpp"

#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <mutex>
#include <new>

namespace sqlite_import::sqlite {

namespace mapped {

struct Slot {
    std::atomic<uintptr_t> start{0}; /* 0: free */
    std::atomic<size_t> size{0};
    std::atomic<dev_t> device{0}; /* the database */
    std::atomic<ino_t> inode{0};
    std::atomic<bool> lost{false};
};

namespace {

constexpr size_t kSlots = 128;

struct Block {
    Slot slots[kSlots];
    std::atomic<Block*> next{nullptr};
};

Block first_block;
std::mutex mutex; /* for adding and removing, and for installing */
std::atomic<uint64_t> losses{0};
uintptr_t page_size = 0;
struct sigaction previous;
std::atomic<bool> passing_on{false};

/* Calls f for each slot that is taken. */
template <typename F>
void for_each_taken(F&& f) noexcept {
    for (Block* block = &first_block; block != nullptr;
         block = block->next.load(std::memory_order_acquire)) {
        for (Slot& slot : block->slots) {
            const uintptr_t start = slot.start.load(std::memory_order_acquire);
            if (start != 0) {
                f(slot, start);
            }
        }
    }
}

/* All regions of the database that the page belongs to are lost; false if it is nobody's. */
bool mark_lost(uintptr_t page) noexcept {
    const Slot* hit = nullptr;

    for_each_taken([&](const Slot& slot, uintptr_t start) {
        if (page < start + slot.size.load() && start < page + page_size) {
            hit = &slot;
        }
    });
    if (hit == nullptr) {
        return false;
    }
    for_each_taken([&](Slot& slot, uintptr_t) {
        if (slot.device.load() == hit->device.load() && slot.inode.load() == hit->inode.load()) {
            slot.lost.store(true);
        }
    });
    losses.fetch_add(1);
    return true;
}

/* Whether a connection that is still open has lost regions of that database.  The mutex is held. */
bool is_lost_to_others(dev_t device, ino_t inode) noexcept {
    bool found = false;

    for_each_taken([&](const Slot& slot, uintptr_t) {
        found = found ||
                (slot.lost.load() && slot.device.load() == device && slot.inode.load() == inode);
    });
    return found;
}

bool replace_page(void* address) noexcept {
    char* const page =
        static_cast<char*>(address) - reinterpret_cast<uintptr_t>(address) % page_size;

    return mark_lost(reinterpret_cast<uintptr_t>(page)) &&
           mmap(page, page_size, PROT_READ | PROT_WRITE, MAP_FIXED | MAP_PRIVATE | MAP_ANONYMOUS,
                -1, 0) != MAP_FAILED;
}

/* What would have happened without us.  Who handles it may in turn pass it on to us. */
void pass_on(int number, siginfo_t* info, void* context) noexcept {
    const bool again = passing_on.exchange(true);
    const bool own_handler = (previous.sa_flags & SA_SIGINFO) != 0 ||
                             (previous.sa_handler != SIG_DFL && previous.sa_handler != SIG_IGN);

    if (again || !own_handler) {
        /* ignored is only what was sent: an access that fails cannot be ignored */
        if (again || previous.sa_handler == SIG_DFL || info->si_code > 0) {
            (void)signal(number, SIG_DFL);
            (void)raise(number); /* when we have returned */
        }
    } else if ((previous.sa_flags & SA_SIGINFO) != 0) {
        previous.sa_sigaction(number, info, context);
    } else {
        previous.sa_handler(number);
    }
    passing_on.store(again);
}

void on_signal(int number, siginfo_t* info, void* context) noexcept {
    const int error = errno;

    if (info->si_code <= 0 || !replace_page(info->si_addr)) {
        pass_on(number, info, context);
    }
    errno = error;
}

/* A free slot, or null without memory.  The mutex is held. */
Slot* free_slot() noexcept {
    for (Block* block = &first_block;; block = block->next.load()) {
        for (Slot& slot : block->slots) {
            if (slot.start.load() == 0) {
                return &slot;
            }
        }
        if (block->next.load() == nullptr) {
            auto* more = new (std::nothrow) Block;
            if (more == nullptr) {
                return nullptr;
            }
            block->next.store(more, std::memory_order_release);
        }
    }
}

}  // namespace

}  // namespace mapped

/* Asked for each connection: somebody may have put a handler of his own over ours meanwhile. */
bool MappedRegions::prepare() noexcept {
    const std::lock_guard<std::mutex> lock(mapped::mutex);
    struct sigaction current {};

    if (sigaction(SIGBUS, nullptr, &current) != 0) {
        return false;
    }
    if ((current.sa_flags & SA_SIGINFO) != 0 && current.sa_sigaction == mapped::on_signal) {
        return true;
    }
    mapped::page_size = static_cast<uintptr_t>(sysconf(_SC_PAGESIZE));
    mapped::previous = current;
    struct sigaction ours {};
    ours.sa_sigaction = mapped::on_signal;
    ours.sa_flags = SA_SIGINFO | SA_ONSTACK | SA_RESTART;
    sigemptyset(&ours.sa_mask);
    return sigaction(SIGBUS, &ours, nullptr) == 0;
}

void MappedRegions::set_database(dev_t device, ino_t inode) noexcept {
    device_ = device;
    inode_ = inode;
}

bool MappedRegions::add(const volatile void* start, size_t size) noexcept {
    const auto address = reinterpret_cast<uintptr_t>(start);

    if (std::any_of(slots_.begin(), slots_.end(),
                    [address](const mapped::Slot* slot) { return slot->start == address; })) {
        return true;
    }
    try {
        slots_.reserve(slots_.size() + 1);
    } catch (const std::bad_alloc&) {
        return false;
    }
    const std::lock_guard<std::mutex> lock(mapped::mutex);
    mapped::Slot* const slot = mapped::free_slot();
    if (slot == nullptr) {
        return false;
    }
    const bool lost = mapped::is_lost_to_others(device_, inode_);
    lost_ = lost_ || lost;
    slot->size.store(size);
    slot->device.store(device_);
    slot->inode.store(inode_);
    slot->lost.store(lost);
    slot->start.store(address, std::memory_order_release);
    slots_.push_back(slot);
    return true;
}

void MappedRegions::clear() noexcept {
    (void)lost();
    const std::lock_guard<std::mutex> lock(mapped::mutex);
    for (mapped::Slot* slot : slots_) {
        slot->start.store(0);
    }
    slots_.clear();
}

bool MappedRegions::lost() const noexcept {
    const uint64_t now = mapped::losses.load();

    if (!lost_ && now != seen_) {
        lost_ = std::any_of(slots_.begin(), slots_.end(),
                            [](const mapped::Slot* slot) { return slot->lost.load(); });
        seen_ = now;
    }
    return lost_;
}

}  // namespace sqlite_import::sqlite
