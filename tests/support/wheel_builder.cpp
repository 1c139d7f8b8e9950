#include "tests/support/wheel_builder.hpp"

#include <libdeflate.h>
#include <sys/mman.h>
#include <unistd.h>

#include <fstream>
#include <stdexcept>

#include "store/source/record.hpp"

namespace cas::test {
namespace {

template <class T>
void append(std::string& out, T value) {
  for (std::size_t i = 0; i < sizeof(T); ++i)
    out += static_cast<char>((static_cast<std::uint64_t>(value) >> (8 * i)) & 0xFF);
}

void append16(std::string& out, std::size_t value) { append(out, static_cast<std::uint16_t>(value)); }
void append32(std::string& out, std::uint64_t value) { append(out, static_cast<std::uint32_t>(value)); }

void put(std::string& header, std::size_t offset, std::uint64_t value, std::size_t width) {
  for (std::size_t i = 0; i < width; ++i) header.at(offset + i) = static_cast<char>((value >> (8 * i)) & 0xFF);
}

struct Values {
  std::uint32_t crc = 0;
  std::uint64_t compressed = 0;
  std::uint64_t size = 0;
};

std::string descriptor_of(const ZipEntry& entry, const Values& values) {
  std::string out;
  const DescriptorForm form = entry.descriptor;
  if (form == DescriptorForm::none) return out;
  if (entry.descriptor_bytes) return *entry.descriptor_bytes;
  if (form == DescriptorForm::with_signature || form == DescriptorForm::with_signature_64) append32(out, 0x08074b50);
  append32(out, values.crc);
  if (form == DescriptorForm::with_signature_64 || form == DescriptorForm::plain_64) {
    append(out, values.compressed);
    append(out, values.size);
  } else {
    append32(out, values.compressed);
    append32(out, values.size);
  }
  return out;
}

std::string local_header(const ZipEntry& entry, std::uint16_t flags, const Values& values) {
  const bool deferred = entry.descriptor != DescriptorForm::none && !entry.local_values_with_descriptor;
  const Values shown = deferred ? Values{} : values;
  std::string extra;
  if (entry.zip64) {
    std::string sizes;
    append(sizes, shown.size);
    append(sizes, shown.compressed);
    extra = extra_field(1, sizes);
  }
  extra += entry.local_extra;
  std::string out;
  append32(out, 0x04034b50);
  append16(out, entry.zip64 ? 45 : 20);
  append16(out, flags);
  append16(out, entry.method);
  append32(out, 0x00210000);  // 1980-01-01
  append32(out, shown.crc);
  append32(out, entry.zip64 ? 0xFFFFFFFF : shown.compressed);
  append32(out, entry.zip64 ? 0xFFFFFFFF : shown.size);
  append16(out, entry.name.size());
  append16(out, extra.size());
  out += entry.name + extra;
  if (entry.edit_local) entry.edit_local(out);
  return out;
}

std::string central_header(const ZipEntry& entry, std::uint16_t flags, const Values& values, std::uint64_t offset) {
  std::string extra;
  if (entry.zip64) {
    std::string sizes;
    append(sizes, values.size);
    append(sizes, values.compressed);
    append(sizes, offset);
    extra = extra_field(1, sizes);
  }
  extra += entry.central_extra;
  std::string out;
  append32(out, 0x02014b50);
  out += static_cast<char>(20);
  out += static_cast<char>(entry.host);
  append16(out, entry.zip64 ? 45 : 20);
  append16(out, flags);
  append16(out, entry.method);
  append32(out, 0x00210000);
  append32(out, values.crc);
  append32(out, entry.zip64 ? 0xFFFFFFFF : values.compressed);
  append32(out, entry.zip64 ? 0xFFFFFFFF : values.size);
  append16(out, entry.name.size());
  append16(out, extra.size());
  append16(out, entry.comment.size());
  append16(out, 0);
  append16(out, 0);
  append32(out, (static_cast<std::uint64_t>(entry.mode) << 16) | entry.dos_attributes);
  append32(out, entry.zip64 ? 0xFFFFFFFF : offset);
  out += entry.name + extra + entry.comment;
  if (entry.edit_central) entry.edit_central(out);
  return out;
}

}  // namespace

void put16(std::string& header, std::size_t offset, std::uint16_t value) { put(header, offset, value, 2); }
void put32(std::string& header, std::size_t offset, std::uint32_t value) { put(header, offset, value, 4); }
void put64(std::string& header, std::size_t offset, std::uint64_t value) { put(header, offset, value, 8); }

std::string extra_field(std::uint16_t id, std::string_view data) {
  std::string out;
  append16(out, id);
  append16(out, data.size());
  out += data;
  return out;
}

std::string deflated(std::string_view content) {
  libdeflate_compressor* compressor = libdeflate_alloc_compressor(6);
  std::string out(libdeflate_deflate_compress_bound(compressor, content.size()), '\0');
  out.resize(libdeflate_deflate_compress(compressor, content.data(), content.size(), out.data(), out.size()));
  libdeflate_free_compressor(compressor);
  return out;
}

ZipEntry& ZipImage::add(std::string name, std::string content) {
  ZipEntry entry;
  const bool directory = name.ends_with('/');
  entry.name = std::move(name);
  entry.content = std::move(content);
  if (directory) {
    entry.method = 0;
    entry.mode = 040755;
  }
  return entries.emplace_back(std::move(entry));
}

ZipEntry& ZipImage::at(std::string_view name) {
  for (ZipEntry& entry : entries) {
    if (entry.name == name) return entry;
  }
  throw std::logic_error("no such member in the test's archive: " + std::string(name));
}

std::string ZipImage::bytes() const {
  std::string out = prefix;
  std::string central;
  for (const ZipEntry& entry : entries) {
    out += entry.gap_before;
    const std::string data = entry.raw_data      ? *entry.raw_data
                             : entry.method == 8 ? deflated(entry.content)
                                                 : entry.content;
    Values values;
    values.crc = entry.declared_crc.value_or(libdeflate_crc32(0, entry.content.data(), entry.content.size()));
    values.compressed = entry.declared_compressed.value_or(data.size());
    values.size = entry.declared_size.value_or(entry.content.size());
    const auto flags = static_cast<std::uint16_t>(entry.flags | (entry.descriptor == DescriptorForm::none ? 0U : 8U));
    central += central_header(entry, flags, values, entry.central_offset.value_or(out.size()));
    out += local_header(entry, flags, values) + data + descriptor_of(entry, values);
  }
  out += before_central;
  const std::uint64_t central_offset = out.size();
  out += central + after_central;
  if (zip64_end) {
    std::string end64;
    const std::uint64_t end64_offset = out.size();
    append32(end64, 0x06064b50);
    append(end64, static_cast<std::uint64_t>(44 + zip64_extensible.size()));
    append16(end64, 45);
    append16(end64, 45);
    append32(end64, 0);
    append32(end64, 0);
    append(end64, static_cast<std::uint64_t>(entries.size()));
    append(end64, static_cast<std::uint64_t>(entries.size()));
    append(end64, static_cast<std::uint64_t>(central.size()));
    append(end64, central_offset);
    end64 += zip64_extensible;
    std::string locator;
    append32(locator, 0x07064b50);
    append32(locator, 0);
    append(locator, end64_offset);
    append32(locator, 1);
    if (edit_end64) edit_end64(end64, locator);
    out += end64 + locator;
  }
  std::string end;
  append32(end, 0x06054b50);
  append32(end, 0);
  append16(end, zip64_end ? 0xFFFF : entries.size());
  append16(end, zip64_end ? 0xFFFF : entries.size());
  append32(end, zip64_end ? 0xFFFFFFFF : central.size());
  append32(end, zip64_end ? 0xFFFFFFFF : central_offset);
  append16(end, comment.size());
  end += comment;
  if (edit_end) edit_end(end);
  return out + end + trailing;
}

std::string WheelBuilder::bytes() const {
  ZipImage image = zip;
  if (metadata) image.add(dist_info + "/METADATA", *metadata);
  if (wheel) image.add(dist_info + "/WHEEL", *wheel);
  std::string rows;
  for (const ZipEntry& entry : image.entries) {
    if (entry.name.ends_with('/')) continue;
    rows += record_row(entry.name, record_hash(sha256(entry.content)), entry.content.size());
  }
  rows += record_row(dist_info + "/RECORD", "", std::nullopt) + more_record;
  if (edit_record) edit_record(rows);
  if (has_record) image.add(dist_info + "/RECORD", record.value_or(rows));
  if (edit_zip) edit_zip(image);
  return image.bytes();
}

MemoryFile::MemoryFile(std::string_view bytes) : fd_(::memfd_create("cas-test", MFD_CLOEXEC)) {
  if (fd_ < 0) throw std::runtime_error("memfd_create failed");
  while (!bytes.empty()) {
    const ssize_t written = ::write(fd_, bytes.data(), bytes.size());
    if (written <= 0) throw std::runtime_error("write to a memory file failed");
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
}

MemoryFile::~MemoryFile() { ::close(fd_); }

void write_test_file(const std::string& path, std::string_view bytes) {
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  file.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  file.close();
  if (!file) throw std::runtime_error("cannot write " + path);
}

}  // namespace cas::test
