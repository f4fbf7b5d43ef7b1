#include "support/db/power_cut_vfs.hpp"

#include <sqlite3.h>

#include <algorithm>
#include <atomic>
#include <cstring>
#include <map>
#include <mutex>
#include <new>
#include <random>
#include <stdexcept>
#include <vector>

namespace plenary::test {

namespace {

constexpr std::size_t kSector = 512;
constexpr int kShmLocks = 8;

// What happened to a file since its last sync.
struct Change {
  enum class Kind { write, truncate } kind = Kind::write;
  std::size_t offset = 0;  // of the write, or the new size
  std::string bytes;
};

struct Content {
  std::string now, durable;
  std::vector<Change> unsynced;
  // Locks of the main file, and the shared memory of its log.
  int shared = 0;
  const void* reserved = nullptr;
  const void* exclusive = nullptr;
  std::vector<std::unique_ptr<char[]>> regions;
  int shm_users = 0;
  int shm_shared[kShmLocks] = {};
  const void* shm_exclusive[kShmLocks] = {};
};

using ContentPtr = std::shared_ptr<Content>;

}  // namespace

struct PowerCutVfs::State {
  sqlite3_vfs vfs{};
  std::string name;
  mutable std::mutex mutex;
  std::mt19937 random;
  std::map<std::string, ContentPtr> live, durable;
  bool off = false;
  int cut_in = 0;  // 0: never
  int fail_in = 0, fail_code = SQLITE_OK;
  bool failed = false;
  std::uint64_t operations = 0, syncs = 0;

  // Counts a changing operation; not SQLITE_OK when it must fail.
  int changing(int off_code) {
    if (off) return off_code;
    ++operations;
    if (cut_in > 0 && --cut_in == 0) {
      off = true;
      return off_code;
    }
    if (fail_in > 0 && --fail_in == 0) {
      failed = true;
      return fail_code;
    }
    return SQLITE_OK;
  }
};

namespace {

using State = PowerCutVfs::State;

struct File {
  sqlite3_file base;
  State* state;
  ContentPtr* content;  // owned; a plain struct is what SQLite allocates
  std::string* name;
  int lock;
  bool delete_on_close;
  bool shm;
  unsigned shm_shared_mask, shm_exclusive_mask;
};

File& of(sqlite3_file* file) {
  return *reinterpret_cast<File*>(file);
}

int close_file(sqlite3_file* base) {
  File& file = of(base);
  {
    std::lock_guard lock(file.state->mutex);
    if (file.delete_on_close) file.state->live.erase(*file.name);
  }
  delete file.content;
  delete file.name;
  return SQLITE_OK;
}

int read_file(sqlite3_file* base, void* to, int amount, sqlite3_int64 offset) {
  File& file = of(base);
  std::lock_guard lock(file.state->mutex);
  if (file.state->off) return SQLITE_IOERR_READ;
  const std::string& now = (*file.content)->now;
  const auto from = static_cast<std::size_t>(offset), wanted = static_cast<std::size_t>(amount);
  const std::size_t there = from < now.size() ? std::min(wanted, now.size() - from) : 0;
  std::memcpy(to, now.data() + (there ? from : 0), there);
  if (there == wanted) return SQLITE_OK;
  std::memset(static_cast<char*>(to) + there, 0, wanted - there);
  return SQLITE_IOERR_SHORT_READ;
}

void overwrite(std::string& text, std::size_t offset, std::string_view bytes) {
  if (text.size() < offset + bytes.size()) text.resize(offset + bytes.size());
  std::memcpy(text.data() + offset, bytes.data(), bytes.size());
}

int write_file(sqlite3_file* base, const void* from, int amount, sqlite3_int64 offset) {
  File& file = of(base);
  std::lock_guard lock(file.state->mutex);
  const int refused = file.state->changing(SQLITE_IOERR_WRITE);
  Content& content = **file.content;
  const std::string_view bytes(static_cast<const char*>(from), static_cast<std::size_t>(amount));
  const auto at = static_cast<std::size_t>(offset);
  if (refused != SQLITE_OK) {
    // The write the power went at may have got as far as the disk's cache.
    if (file.state->off) content.unsynced.push_back({Change::Kind::write, at, std::string(bytes)});
    return refused;
  }
  overwrite(content.now, at, bytes);
  content.unsynced.push_back({Change::Kind::write, at, std::string(bytes)});
  return SQLITE_OK;
}

int truncate_file(sqlite3_file* base, sqlite3_int64 size) {
  File& file = of(base);
  std::lock_guard lock(file.state->mutex);
  if (const int refused = file.state->changing(SQLITE_IOERR_TRUNCATE)) return refused;
  Content& content = **file.content;
  content.now.resize(static_cast<std::size_t>(size));
  content.unsynced.push_back({Change::Kind::truncate, static_cast<std::size_t>(size), {}});
  return SQLITE_OK;
}

int sync_file(sqlite3_file* base, int) {
  File& file = of(base);
  std::lock_guard lock(file.state->mutex);
  if (const int refused = file.state->changing(SQLITE_IOERR_FSYNC)) return refused;
  ++file.state->syncs;
  Content& content = **file.content;
  content.durable = content.now;
  content.unsynced.clear();
  file.state->durable[*file.name] = *file.content;
  return SQLITE_OK;
}

int file_size(sqlite3_file* base, sqlite3_int64* size) {
  File& file = of(base);
  std::lock_guard lock(file.state->mutex);
  if (file.state->off) return SQLITE_IOERR_FSTAT;
  *size = static_cast<sqlite3_int64>((*file.content)->now.size());
  return SQLITE_OK;
}

int lock_file(sqlite3_file* base, int level) {
  File& file = of(base);
  std::lock_guard lock(file.state->mutex);
  Content& content = **file.content;
  if (file.lock >= level) return SQLITE_OK;
  if (content.exclusive && content.exclusive != &file) return SQLITE_BUSY;
  if (file.lock == SQLITE_LOCK_NONE) {
    ++content.shared;
    file.lock = SQLITE_LOCK_SHARED;
  }
  if (level >= SQLITE_LOCK_RESERVED) {
    if (content.reserved && content.reserved != &file) return SQLITE_BUSY;
    content.reserved = &file;
    file.lock = SQLITE_LOCK_RESERVED;
  }
  if (level >= SQLITE_LOCK_EXCLUSIVE) {
    if (content.shared > 1) return SQLITE_BUSY;
    content.exclusive = &file;
    file.lock = SQLITE_LOCK_EXCLUSIVE;
  }
  return SQLITE_OK;
}

int unlock_file(sqlite3_file* base, int level) {
  File& file = of(base);
  std::lock_guard lock(file.state->mutex);
  Content& content = **file.content;
  if (file.lock <= level) return SQLITE_OK;
  if (content.exclusive == &file) content.exclusive = nullptr;
  if (content.reserved == &file) content.reserved = nullptr;
  if (level == SQLITE_LOCK_NONE) --content.shared;
  file.lock = level;
  return SQLITE_OK;
}

int check_reserved(sqlite3_file* base, int* result) {
  File& file = of(base);
  std::lock_guard lock(file.state->mutex);
  *result = (*file.content)->reserved != nullptr;
  return SQLITE_OK;
}

int file_control(sqlite3_file*, int, void*) {
  return SQLITE_NOTFOUND;
}
int sector_size(sqlite3_file*) {
  return 4096;
}
int device_characteristics(sqlite3_file*) {
  return SQLITE_IOCAP_POWERSAFE_OVERWRITE;
}

int shm_map(sqlite3_file* base, int region, int size, int extend, void volatile** to) {
  File& file = of(base);
  std::lock_guard lock(file.state->mutex);
  Content& content = **file.content;
  if (!file.shm) {
    file.shm = true;
    ++content.shm_users;
  }
  const auto index = static_cast<std::size_t>(region);
  *to = nullptr;
  if (index >= content.regions.size() && !extend) return SQLITE_OK;
  while (content.regions.size() <= index) {
    content.regions.push_back(std::make_unique<char[]>(static_cast<std::size_t>(size)));
  }
  *to = content.regions[index].get();
  return SQLITE_OK;
}

int shm_lock(sqlite3_file* base, int offset, int count, int flags) {
  File& file = of(base);
  std::lock_guard lock(file.state->mutex);
  Content& content = **file.content;
  const unsigned mask = ((1u << count) - 1) << offset;
  if (flags & SQLITE_SHM_UNLOCK) {
    for (int i = offset; i < offset + count; ++i) {
      const unsigned bit = 1u << i;
      if (file.shm_exclusive_mask & bit) content.shm_exclusive[i] = nullptr;
      if (file.shm_shared_mask & bit) --content.shm_shared[i];
    }
    file.shm_exclusive_mask &= ~mask;
    file.shm_shared_mask &= ~mask;
    return SQLITE_OK;
  }
  if (flags & SQLITE_SHM_SHARED) {
    if (file.shm_shared_mask & mask) return SQLITE_OK;
    if (content.shm_exclusive[offset]) return SQLITE_BUSY;
    ++content.shm_shared[offset];
    file.shm_shared_mask |= mask;
    return SQLITE_OK;
  }
  for (int i = offset; i < offset + count; ++i) {
    if (content.shm_exclusive[i] || content.shm_shared[i] > 0) return SQLITE_BUSY;
  }
  for (int i = offset; i < offset + count; ++i) content.shm_exclusive[i] = &file;
  file.shm_exclusive_mask |= mask;
  return SQLITE_OK;
}

void shm_barrier(sqlite3_file* base) {
  // Taking the lock orders memory for everybody who takes it.
  std::lock_guard lock(of(base).state->mutex);
}

int shm_unmap(sqlite3_file* base, int) {
  File& file = of(base);
  std::lock_guard lock(file.state->mutex);
  if (!file.shm) return SQLITE_OK;
  file.shm = false;
  Content& content = **file.content;
  if (--content.shm_users == 0) content.regions.clear();
  return SQLITE_OK;
}

constexpr sqlite3_io_methods kMethods = {2,
                                         close_file,
                                         read_file,
                                         write_file,
                                         truncate_file,
                                         sync_file,
                                         file_size,
                                         lock_file,
                                         unlock_file,
                                         check_reserved,
                                         file_control,
                                         sector_size,
                                         device_characteristics,
                                         shm_map,
                                         shm_lock,
                                         shm_barrier,
                                         shm_unmap,
                                         nullptr,
                                         nullptr};

State& state_of(sqlite3_vfs* vfs) {
  return *static_cast<State*>(vfs->pAppData);
}

int open_file(sqlite3_vfs* vfs, const char* name, sqlite3_file* base, int flags, int* out_flags) {
  State& state = state_of(vfs);
  base->pMethods = nullptr;
  std::lock_guard lock(state.mutex);
  if (state.off) return SQLITE_IOERR;
  static std::atomic<int> temporary{0};
  const std::string path = name ? name : "temporary-" + std::to_string(++temporary);
  auto found = state.live.find(path);
  if (found == state.live.end()) {
    if (!(flags & SQLITE_OPEN_CREATE)) return SQLITE_CANTOPEN;
    found = state.live.emplace(path, std::make_shared<Content>()).first;
  }
  File* file = new (base) File{};
  file->state = &state;
  file->content = new ContentPtr(found->second);
  file->name = new std::string(path);
  file->delete_on_close = (flags & SQLITE_OPEN_DELETEONCLOSE) != 0;
  file->base.pMethods = &kMethods;
  if (out_flags) *out_flags = flags;
  return SQLITE_OK;
}

int delete_file(sqlite3_vfs* vfs, const char* name, int sync_folder) {
  State& state = state_of(vfs);
  std::lock_guard lock(state.mutex);
  if (const int refused = state.changing(SQLITE_IOERR_DELETE)) return refused;
  if (state.live.erase(name) == 0) return SQLITE_IOERR_DELETE_NOENT;
  if (sync_folder) state.durable.erase(name);
  return SQLITE_OK;
}

int access_file(sqlite3_vfs* vfs, const char* name, int, int* result) {
  State& state = state_of(vfs);
  std::lock_guard lock(state.mutex);
  if (state.off) return SQLITE_IOERR_ACCESS;
  const auto found = state.live.find(name);
  *result = found != state.live.end();
  return SQLITE_OK;
}

int full_path(sqlite3_vfs*, const char* name, int size, char* out) {
  sqlite3_snprintf(size, out, "%s", name);
  return SQLITE_OK;
}

// What a disk may hold after the cut: of each sector any of the versions written since the last sync, or the
// old one; sometimes only the beginning of a piece.
std::string survivor(const Content& content, std::mt19937& random) {
  static constexpr double kChances[] = {0, 0.1, 0.5, 0.9, 1};
  const double chance = kChances[random() % std::size(kChances)];
  std::uniform_real_distribution<double> dice(0, 1);
  std::string out = content.durable;
  struct Piece {
    std::size_t offset;
    std::string_view bytes;
  };
  std::vector<Piece> pieces;
  for (const Change& change : content.unsynced) {
    if (change.kind == Change::Kind::truncate) {
      if (dice(random) < chance) out.resize(change.offset);
      continue;
    }
    for (std::size_t done = 0; done < change.bytes.size();) {
      const std::size_t at = change.offset + done;
      const std::size_t size = std::min(kSector - at % kSector, change.bytes.size() - done);
      if (dice(random) < chance) pieces.push_back({at, std::string_view(change.bytes).substr(done, size)});
      done += size;
    }
  }
  // Out of order: an older version of a sector may be the one that reached the disk last.
  if (random() % 2) std::shuffle(pieces.begin(), pieces.end(), random);
  for (const Piece& piece : pieces) {
    const bool torn = dice(random) < 0.05;
    overwrite(out, piece.offset, torn ? piece.bytes.substr(0, random() % piece.bytes.size()) : piece.bytes);
  }
  return out;
}

}  // namespace

PowerCutVfs::PowerCutVfs(std::uint32_t seed) : state_(std::make_shared<State>()) {
  static std::atomic<int> counter{0};
  State& state = *state_;
  state.random.seed(seed);
  state.name = "powercut" + std::to_string(++counter);
  sqlite3_vfs* const real = sqlite3_vfs_find(nullptr);
  sqlite3_vfs& vfs = state.vfs;
  vfs.iVersion = 2;
  vfs.szOsFile = sizeof(File);
  vfs.mxPathname = 1024;
  vfs.zName = state.name.c_str();
  vfs.pAppData = &state;
  vfs.xOpen = open_file;
  vfs.xDelete = delete_file;
  vfs.xAccess = access_file;
  vfs.xFullPathname = full_path;
  vfs.xRandomness = real->xRandomness;
  vfs.xSleep = real->xSleep;
  vfs.xCurrentTime = real->xCurrentTime;
  vfs.xGetLastError = [](sqlite3_vfs*, int, char*) { return 0; };
  vfs.xCurrentTimeInt64 = real->xCurrentTimeInt64;
  if (sqlite3_vfs_register(&vfs, 0) != SQLITE_OK) throw std::runtime_error("the VFS cannot be registered");
}

PowerCutVfs::~PowerCutVfs() {
  sqlite3_vfs_unregister(&state_->vfs);
}

const char* PowerCutVfs::name() const {
  return state_->name.c_str();
}

void PowerCutVfs::cut_after(int operations) {
  std::lock_guard lock(state_->mutex);
  state_->cut_in = operations;
}

void PowerCutVfs::cut_now() {
  std::lock_guard lock(state_->mutex);
  state_->off = true;
}

bool PowerCutVfs::is_off() const {
  std::lock_guard lock(state_->mutex);
  return state_->off;
}

void PowerCutVfs::restore() {
  State& state = *state_;
  std::lock_guard lock(state.mutex);
  std::map<std::string, ContentPtr> survived;
  const auto keep = [&](const std::string& name, const Content& content) {
    auto after = std::make_shared<Content>();
    after->now = after->durable = survivor(content, state.random);
    survived[name] = std::move(after);
  };
  for (const auto& [name, content] : state.durable) {
    const auto live = state.live.find(name);
    const bool same = live != state.live.end() && live->second == content;
    // A name that was deleted, or made anew, may not have reached the disk's directory.
    if (same || state.random() % 2) keep(name, *content);
  }
  for (const auto& [name, content] : state.live) {
    if (!survived.count(name) && state.random() % 2) keep(name, *content);
  }
  state.live = state.durable = std::move(survived);
  state.off = false;
  state.cut_in = 0;
}

void PowerCutVfs::fail_once(int operations, int code) {
  std::lock_guard lock(state_->mutex);
  state_->fail_in = operations;
  state_->fail_code = code;
  state_->failed = false;
}

void PowerCutVfs::fail_never() {
  std::lock_guard lock(state_->mutex);
  state_->fail_in = 0;
}

bool PowerCutVfs::failed() const {
  std::lock_guard lock(state_->mutex);
  return state_->failed;
}

std::uint64_t PowerCutVfs::operations() const {
  std::lock_guard lock(state_->mutex);
  return state_->operations;
}

std::uint64_t PowerCutVfs::syncs() const {
  std::lock_guard lock(state_->mutex);
  return state_->syncs;
}

}  // namespace plenary::test
