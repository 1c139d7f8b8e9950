#include "linker/interpreter_memo.hpp"

#include <boost/filesystem.hpp>

#include "store/base/codec.hpp"
#include "store/base/timing.hpp"
#include "store/sys/file.hpp"

namespace cas {
namespace {

constexpr std::chrono::seconds kInspectionLimit{30};

void add_stat(ByteWriter& out, const std::string& path) {
  boost::system::error_code error;
  const boost::filesystem::path real = boost::filesystem::canonical(path, error);
  const auto info = error ? std::nullopt : stat_path(real.string());
  if (!info) return;
  for (const auto value :
       {static_cast<std::uint64_t>(info->st_dev), static_cast<std::uint64_t>(info->st_ino),
        static_cast<std::uint64_t>(info->st_size), static_cast<std::uint64_t>(info->st_mtim.tv_sec),
        static_cast<std::uint64_t>(info->st_mtim.tv_nsec), static_cast<std::uint64_t>(info->st_ctim.tv_sec),
        static_cast<std::uint64_t>(info->st_ctim.tv_nsec)}) {
    out.u64(value);
  }
}

bool is_script(const std::string& path) {
  char start[2] = {};
  const Fd file = open_user_file(path);
  return pread_full(file.get(), start, sizeof start, 0, path) == 2 && start[0] == '#' && start[1] == '!';
}

Sha256Digest memo_key(const std::string& path) {
  std::string text = "interpreter facts";
  ByteWriter out(text);
  out.string(path);
  add_stat(out, path);
  out.u8(0);
  // An interpreter inside an environment stands for the base that pyvenv.cfg names.
  const boost::filesystem::path folder = boost::filesystem::path(path).parent_path();
  add_stat(out, (folder.parent_path() / "pyvenv.cfg").string());
  return sha256(text);
}

}  // namespace

InterpreterFacts interpreter_facts(const Store& store, const std::optional<std::string>& wanted) {
  const Timer timer("interpreter");
  const std::string path = find_interpreter(wanted);
  if (is_script(path)) return inspect_interpreter(path, kInspectionLimit);
  const Sha256Digest key = memo_key(path);
  const auto known =
      store.index().read([&](const ReadTxn& txn, const Schema& schema) { return schema.memo.get(txn, key); });
  if (known) {
    if (auto facts = decode_facts(*known)) return *facts;
  }
  InterpreterFacts facts = inspect_interpreter(path, kInspectionLimit);
  store.index().write([&](WriteTxn& txn, const Schema& schema) { schema.memo.put(txn, key, encode_facts(facts)); },
                      Growth::none);
  return facts;
}

}  // namespace cas
