#include "store/source/wheel.hpp"

#include <algorithm>
#include <mutex>

#include "store/source/entry_points.hpp"
#include "store/source/fault.hpp"
#include "store/source/inflate.hpp"
#include "store/source/reserved.hpp"
#include "store/source/wheel_layout.hpp"
#include "store/source/wheel_metadata.hpp"
#include "store/source/wheel_record.hpp"

namespace cas {
namespace {

constexpr std::size_t kMaxMetadataBytes = 4U << 20;
constexpr std::size_t kMaxRecordBytes = 12U << 20;
constexpr std::size_t kMaxSmallFileBytes = 1U << 20;

// The wheel's file name stands in front of every message already.
constexpr const char* kArchive = "archive";

// Exactly these bytes, whatever follows ("#!pythonw", "#!python3"): so says the format, and so installers do.
bool is_python_script(std::string_view begin) { return begin.starts_with("#!python"); }

class Wheel final : public Source {
 public:
  Wheel(const WheelName& name, const std::string& path, RecordPolicy policy)
      : file_(path, kArchive), policy_(policy), zip_(file_) {
    open(name);
  }
  Wheel(const WheelName& name, int fd, RecordPolicy policy) : file_(fd, kArchive), policy_(policy), zip_(file_) {
    open(name);
  }

  Wheel(const WheelName& name, int fd, const ByteRanges& parts)
      : file_(fd, kArchive, parts), policy_(RecordPolicy::strict), zip_(file_) {
    open(name);
  }

  [[nodiscard]] const PackageMetadata& metadata() const override { return metadata_; }
  [[nodiscard]] std::span<const SourceEntry> entries() const override { return entries_; }
  Sha256Digest read(std::size_t index, const ByteSink& sink) const override;
  [[nodiscard]] std::optional<ListingDigests> listing() const override {
    return ListingDigests{record_digest_, zip_.digest()};
  }
  [[nodiscard]] std::vector<std::string> warnings() const override {
    const std::scoped_lock lock(warnings_mutex_);
    return warnings_;
  }

 private:
  void open(const WheelName& name);
  void read_dist_info(const WheelName& name, const WheelLayout& layout, const MemberIndex& index);
  void make_entries(const WheelLayout& layout);
  [[nodiscard]] std::string read_text(const MemberIndex& index, const std::string& name, std::size_t most);
  [[nodiscard]] FileKind kind_of(const ZipMember& member, Scheme scheme) const;
  void check_hash(std::size_t member, const Sha256Digest& digest) const;
  void wrong_hash(std::string_view member, std::string_view real, std::string_view recorded) const;
  void warn(std::string message) const;

  InputFile file_;
  RecordPolicy policy_;
  ZipDirectory zip_;
  Scheme root_ = Scheme::purelib;
  PackageMetadata metadata_;
  Sha256Digest record_digest_;
  RecordedContents recorded_;
  std::vector<SourceEntry> entries_;
  std::vector<std::uint32_t> member_of_;  // by index of the entry
  mutable std::mutex warnings_mutex_;
  mutable std::vector<std::string> warnings_;
};

void Wheel::open(const WheelName& name) {
  const MemberIndex index(zip_.members());
  const WheelLayout layout(name, zip_.members());
  read_dist_info(name, layout, index);
  make_entries(layout);
}

// Reads and checks the text files of .dist-info, RECORD first: the others are held against it at once, so
// that nobody acts on metadata that differ from the file that is stored.
void Wheel::read_dist_info(const WheelName& name, const WheelLayout& layout, const MemberIndex& index) {
  const WarningSink warning = [this](std::string message) { warn(std::move(message)); };
  const std::string record_name = layout.dist_info() + "/RECORD";
  const std::optional<std::size_t> record = index.find(record_name);
  if (!record) throw_fault(record_name, "is missing");
  std::string record_text = read_member(file_, zip_.members()[*record], kMaxRecordBytes);
  record_digest_ = sha256(record_text);
  recorded_ = match_record(std::move(record_text), record_name, zip_.members(), index, policy_, warning);

  const std::string wheel_file = layout.dist_info() + "/WHEEL";
  root_ = parse_wheel_file(read_text(index, wheel_file, kMaxSmallFileBytes), wheel_file, warning);
  const std::string metadata_file = layout.dist_info() + "/METADATA";
  metadata_ = parse_metadata(read_text(index, metadata_file, kMaxMetadataBytes), metadata_file, name, warning);
  metadata_.dist_info = layout.dist_info();
  const std::string entry_points_file = layout.dist_info() + "/entry_points.txt";
  if (index.find(entry_points_file)) {
    metadata_.entry_points =
        parse_entry_points(read_text(index, entry_points_file, kMaxSmallFileBytes), entry_points_file);
  }
}

std::string Wheel::read_text(const MemberIndex& index, const std::string& name, std::size_t most) {
  const std::optional<std::size_t> found = index.find(name);
  if (!found) throw_fault(name, "is missing");
  std::string text = read_member(file_, zip_.members()[*found], most);
  const Sha256Digest digest = sha256(text);
  check_hash(*found, digest);
  std::optional<Sha256Digest>& recorded = recorded_.members[*found].sha256;
  if (recorded && *recorded != digest) recorded_.members[*found].wrong = true;
  return text;
}

void Wheel::make_entries(const WheelLayout& layout) {
  const std::span<const ZipMember> members = zip_.members();
  std::vector<PlacedMember> placed;
  placed.reserve(members.size());
  entries_.reserve(members.size());
  member_of_.reserve(members.size());
  for (std::size_t i = 0; i < members.size(); ++i) {
    const ZipMember& member = members[i];
    const std::optional<Placement> placement = layout.place(member, root_);
    if (!placement || placement->path.empty()) continue;
    placed.push_back({&member, *placement});
    if (member.type == ZipType::directory || layout.is_installers_own(member.name)) continue;
    if (const auto problem = reserved_problem(placement->scheme, placement->path)) throw_fault(member.name, *problem);
    if (!file_.is_whole() && !recorded_.members[i].sha256 && !recorded_.longer.contains(i)) {
      throw_fault(member.name, "has no hash in RECORD: only the digest of the whole wheel vouches for it");
    }
    SourceEntry entry;
    entry.scheme = placement->scheme;
    entry.kind = kind_of(member, placement->scheme);
    entry.path = placement->path;
    entry.executable = placement->scheme == Scheme::scripts ? Executable::yes : member.executable;
    entry.size = member.size;
    entry.crc32 = member.crc32;
    if (!recorded_.members[i].wrong) entry.expected = recorded_.members[i].sha256;
    if (!member.present) entry.absent = ByteRange{member.offset, member.end};
    entries_.push_back(std::move(entry));
    member_of_.push_back(static_cast<std::uint32_t>(i));
  }
  check_collisions(placed);
}

// Known before the content is read: content that the store has already is not read at all.
FileKind Wheel::kind_of(const ZipMember& member, Scheme scheme) const {
  constexpr std::size_t kEnough = 16;
  if (scheme != Scheme::scripts) return FileKind::regular;
  return is_python_script(peek_member(file_, member, kEnough)) ? FileKind::python_script : FileKind::regular;
}

Sha256Digest Wheel::read(std::size_t index, const ByteSink& sink) const {
  const std::size_t i = member_of_.at(index);
  const ZipMember& member = zip_.members()[i];
  Sha256 hasher;
  const auto longer = recorded_.longer.find(i);
  std::optional<RecordHasher> longer_hasher;
  if (longer != recorded_.longer.end()) longer_hasher.emplace(longer->second.algorithm);
  inflate_member(file_, member, [&](std::string_view piece) {
    hasher.update(piece);
    if (longer_hasher) longer_hasher->update(piece);
    sink(piece);
  });
  const Sha256Digest digest = hasher.finish();
  check_hash(i, digest);
  if (longer_hasher) {
    const RecordHash real = longer_hasher->finish();
    if (real != longer->second) wrong_hash(member.name, real.text(), longer->second.text());
  }
  return digest;
}

void Wheel::check_hash(std::size_t member, const Sha256Digest& digest) const {
  const std::optional<Sha256Digest>& recorded = recorded_.members[member].sha256;
  if (recorded && *recorded != digest) {
    wrong_hash(zip_.members()[member].name, record_hash(digest), record_hash(*recorded));
  }
}

void Wheel::wrong_hash(std::string_view member, std::string_view real, std::string_view recorded) const {
  std::string problem = fault_text(member, fmt::format("its content is {}, RECORD says {}", real, recorded));
  if (policy_ == RecordPolicy::strict) throw InvalidInput(std::move(problem));
  warn(std::move(problem));
}

void Wheel::warn(std::string message) const {
  const std::scoped_lock lock(warnings_mutex_);
  if (std::find(warnings_.begin(), warnings_.end(), message) == warnings_.end())
    warnings_.push_back(std::move(message));
}

}  // namespace

std::unique_ptr<Source> open_wheel(const std::string& path, RecordPolicy policy) {
  const WheelName name = parse_wheel_name(std::string(name_of(path)));
  return with_context(name.file_name, [&] { return std::make_unique<Wheel>(name, path, policy); });
}

std::unique_ptr<Source> open_wheel(int fd, const std::string& file_name, RecordPolicy policy) {
  const WheelName name = parse_wheel_name(file_name);
  return with_context(file_name, [&] { return std::make_unique<Wheel>(name, fd, policy); });
}

std::unique_ptr<Source> open_wheel_parts(int fd, const std::string& file_name, const ByteRanges& parts) {
  const WheelName name = parse_wheel_name(file_name);
  return with_context(file_name, [&] { return std::make_unique<Wheel>(name, fd, parts); });
}

WheelOutline outline_wheel(int fd, const std::string& file_name, const ByteRanges& parts) {
  const WheelName name = parse_wheel_name(file_name);
  return with_context(file_name, [&] {
    const InputFile file(fd, kArchive, parts);
    const ZipDirectory zip(file);
    const WheelLayout layout(name, zip.members());
    WheelOutline outline{zip.digest(), {}};
    for (const ZipMember& member : zip.members()) {
      const auto placement = layout.place(member, Scheme::purelib);
      const bool script = placement && placement->scheme == Scheme::scripts;
      if (member.type == ZipType::file && (script || member.name.starts_with(layout.dist_info() + "/"))) {
        outline.opening.push_back({member.offset, member.end});
      }
    }
    return outline;
  });
}

}  // namespace cas
