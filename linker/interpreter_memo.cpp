#include "linker/interpreter_memo.hpp"

#include <algorithm>
#include <boost/filesystem.hpp>
#include <utility>

#include "store/base/codec.hpp"
#include "store/base/error.hpp"
#include "store/base/pool.hpp"
#include "store/base/relpath.hpp"
#include "store/base/timing.hpp"
#include "store/sys/file.hpp"
#include "store/take_over.hpp"

namespace cas {
namespace {

// Interpreters wait for the disk more than they compute, and each is one process.
constexpr unsigned kLeastAtOnce = 2, kMostAtOnce = 4;

// Nothing for "": an interpreter without a library of its own (canonical() would answer the current directory).
void add_stat(ByteWriter& out, const std::string& path) {
  boost::system::error_code error;
  if (path.empty()) error = make_error_code(boost::system::errc::no_such_file_or_directory);
  const boost::filesystem::path real = error ? boost::filesystem::path() : boost::filesystem::canonical(path, error);
  const auto info = error ? std::nullopt : stat_path(real.string());
  out.u8(info ? 1 : 0);
  if (!info) return;
  for (const auto value :
       {static_cast<std::uint64_t>(info->st_dev), static_cast<std::uint64_t>(info->st_ino),
        static_cast<std::uint64_t>(info->st_size), static_cast<std::uint64_t>(info->st_mtim.tv_sec),
        static_cast<std::uint64_t>(info->st_mtim.tv_nsec), static_cast<std::uint64_t>(info->st_ctim.tv_sec),
        static_cast<std::uint64_t>(info->st_ctim.tv_nsec)}) {
    out.u64(value);
  }
}

bool may_be_remembered(const std::string& path) {
  boost::system::error_code error;
  const std::string real = boost::filesystem::canonical(path, error).string();
  if (error || name_of(real).find("py") == std::string_view::npos) return false;
  try {
    char start[2] = {};
    const Fd file = open_user_file(path);
    return pread_full(file.get(), start, sizeof start, 0, path) == 2 && (start[0] != '#' || start[1] != '!');
  } catch (const SystemError&) {
    return false;  // it can be run, and not be read
  }
}

// Taken before the interpreter is asked: a change meanwhile makes the memo useless, not wrong.
Sha256Digest memo_key(const std::string& path) {
  std::string text = "interpreter facts";
  ByteWriter out(text);
  out.string(path);
  add_stat(out, path);
  // An interpreter inside an environment stands for the base that pyvenv.cfg names.
  const boost::filesystem::path folder = boost::filesystem::path(path).parent_path();
  add_stat(out, (folder.parent_path() / "pyvenv.cfg").string());
  return sha256(text);
}

// What the facts depend on beyond the file that was asked: an update may replace the library alone, or the base of an environment
// that has a copy of the executable.
std::string state_of_base(const InterpreterFacts& facts) {
  std::string text;
  ByteWriter out(text);
  add_stat(out, facts.executable);
  add_stat(out, facts.shared_library);
  return text;
}

std::string memo_value(const InterpreterFacts& facts) {
  std::string text;
  ByteWriter out(text);
  out.string(state_of_base(facts));
  out.string(encode_facts(facts));
  return text;
}

std::optional<InterpreterFacts> read_memo(const std::string& value) {
  try {
    ByteReader reader(value);
    const std::string state(reader.string());
    auto facts = decode_facts(reader.string());
    return facts && state == state_of_base(*facts) ? std::move(facts) : std::nullopt;
  } catch (const Corruption&) {
    return std::nullopt;  // of another version: the interpreter is asked again
  }
}

AskedInterpreter ask(const std::string& path, std::chrono::seconds limit) {
  AskedInterpreter result;
  try {
    result.facts = inspect_interpreter(path, limit);
  } catch (const Error& error) {
    result.problem = error.message();
  }
  return result;
}

}  // namespace

std::vector<AskedInterpreter> ask_interpreters(const Store* store, const std::vector<std::string>& paths,
                                               std::chrono::seconds limit) {
  const Timer timer("interpreter");
  std::vector<AskedInterpreter> results(paths.size());
  std::vector<std::optional<Sha256Digest>> keys(paths.size());
  std::vector<std::size_t> unknown;
  for (std::size_t i = 0; i < paths.size(); ++i) {
    if (store != nullptr && may_be_remembered(paths[i])) {
      keys[i] = memo_key(paths[i]);
      results[i].facts = first_remembered(*store, *keys[i], read_memo);
    }
    if (!results[i].facts) unknown.push_back(i);
  }
  const unsigned at_once = std::clamp(available_cpus(), kLeastAtOnce, kMostAtOnce);
  parallel_for(unknown.size(), at_once, [&](std::size_t i) { results[unknown[i]] = ask(paths[unknown[i]], limit); });
  std::erase_if(unknown, [&](std::size_t i) { return !keys[i] || !results[i].facts; });
  if (unknown.empty() || store->index().read_only()) return results;
  store->index().write(
      [&](WriteTxn& txn, const Schema& schema) {
        for (const std::size_t i : unknown) schema.memo.put(txn, *keys[i], memo_value(*results[i].facts));
      },
      Growth::none);
  return results;
}

}  // namespace cas
