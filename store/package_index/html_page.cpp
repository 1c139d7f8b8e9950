// The HTML form (PEP 503).
//
// Parsed by gumbo, as browsers do: static, 370 kB, nothing to load. libxml2 would be there as well, but a program linked with it takes
// 2.3 ms of CPU to start and end instead of 0.7, because of the 30 MB of ICU behind it. gumbo walks and frees its tree
// recursively and looks through all open elements at many a tag, so a hostile page could overflow the stack or take hours:
// therefore it gets its memory from here, which is bounded in size and time, is freed without looking at the tree, and
// is not used by gumbo any more once it was refused.
#include <gumbo.h>

#include <algorithm>
#include <chrono>
#include <csetjmp>
#include <cstddef>
#include <cstdlib>
#include <utility>
#include <vector>

#include "store/base/error.hpp"
#include "store/base/text.hpp"
#include "store/package_index/page_entry.hpp"

namespace cas {
namespace {

class HtmlMemory {
 public:
  explicit HtmlMemory(const HtmlLimits& limits)
      : most_(limits.memory_bytes), deadline_(std::chrono::steady_clock::now() + limits.time) {}
  ~HtmlMemory() {
    while (blocks_ != nullptr) std::free(std::exchange(blocks_, blocks_->next));
  }
  HtmlMemory(const HtmlMemory&) = delete;
  HtmlMemory& operator=(const HtmlMemory&) = delete;

  // nullptr: memory or time is used up, and nothing of it was handed out.
  GumboOutput* parse(std::string_view html) {
    GumboOptions options = kGumboDefaultOptions;
    options.allocator = &HtmlMemory::allocate;
    options.deallocator = &HtmlMemory::deallocate;
    options.userdata = this;
    options.max_errors = 0;
    // Only gumbo's own frames, which are C, lie between this and the jump.
    if (setjmp(refused_) != 0) return nullptr;
    return gumbo_parse_with_options(&options, html.data(), html.size());
  }

 private:
  struct alignas(std::max_align_t) Block {
    Block* next;
    Block* previous;
    std::size_t size;
  };

  static void* allocate(void* self, std::size_t size) {
    auto& memory = *static_cast<HtmlMemory*>(self);
    Block* const block = memory.take(size);
    if (block == nullptr) std::longjmp(memory.refused_, 1);
    return block + 1;
  }

  static void deallocate(void* self, void* pointer) {
    if (pointer == nullptr) return;
    auto& memory = *static_cast<HtmlMemory*>(self);
    Block* const block = static_cast<Block*>(pointer) - 1;
    (block->previous != nullptr ? block->previous->next : memory.blocks_) = block->next;
    if (block->next != nullptr) block->next->previous = block->previous;
    memory.used_ -= block->size;
    std::free(block);
  }

  Block* take(std::size_t size) {
    if (size > most_ || used_ + size > most_ || (++calls_ % 64 == 0 && std::chrono::steady_clock::now() > deadline_))
      return nullptr;
    auto* const block = static_cast<Block*>(std::malloc(sizeof(Block) + size));
    if (block == nullptr) return nullptr;
    *block = {blocks_, nullptr, size + sizeof(Block)};
    if (blocks_ != nullptr) blocks_->previous = block;
    blocks_ = block;
    used_ += block->size;
    return block;
  }

  std::jmp_buf refused_{};
  Block* blocks_ = nullptr;
  std::size_t used_ = 0;
  std::size_t most_;
  std::uint64_t calls_ = 0;
  std::chrono::steady_clock::time_point deadline_;
};

std::optional<std::string_view> attribute(const GumboElement& element, const char* name) {
  const GumboAttribute* const found = gumbo_get_attribute(&element.attributes, name);
  if (found == nullptr) return std::nullopt;
  return found->value;
}

// Calls f(element) for each, in the document's order.
template <class F>
void for_each_element(const GumboNode* root, F&& f) {
  std::vector<const GumboNode*> waiting{root};
  while (!waiting.empty()) {
    const GumboNode* const node = waiting.back();
    waiting.pop_back();
    if (node->type != GUMBO_NODE_ELEMENT && node->type != GUMBO_NODE_TEMPLATE) continue;
    const GumboElement& element = node->v.element;
    f(element);
    for (unsigned i = element.children.length; i > 0; --i) {
      waiting.push_back(static_cast<const GumboNode*>(element.children.data[i - 1]));
    }
  }
}

// "sha256=…", in a fragment perhaps followed by "&…".
void take_hashes(std::string_view fragment, PageEntry& entry) {
  while (!fragment.empty()) {
    const std::size_t end = std::min(fragment.find('&'), fragment.size());
    const std::string_view pair = fragment.substr(0, end);
    fragment.remove_prefix(std::min(end + 1, fragment.size()));
    const std::size_t equals = pair.find('=');
    // Other fragments (egg=, subdirectory=) are not hashes.
    const std::string name = equals == std::string_view::npos ? "" : lower_case(pair.substr(0, equals));
    if (name.starts_with("sha") || name == "md5" || name.starts_with("blake"))
      entry.add_hash(name, pair.substr(equals + 1));
  }
}

void take_metadata(const GumboElement& anchor, PageEntry& entry) {
  auto text = attribute(anchor, "data-core-metadata");
  if (!text) text = attribute(anchor, "data-dist-info-metadata");
  if (!text || *text == "false") return;
  entry.file.has_metadata = true;
  if (text->starts_with("sha256=")) entry.metadata_sha256 = text->substr(7);
}

void take_anchor(const GumboElement& anchor, const Url& base, ProjectPage& page) {
  const auto address = attribute(anchor, "href");
  if (!address) return;
  PageEntry entry;
  entry.address = *address;
  const std::size_t hash = address->find('#');
  if (hash != std::string_view::npos) take_hashes(address->substr(hash + 1), entry);
  entry.file.requires_python = attribute(anchor, "data-requires-python").value_or("");
  if (const auto reason = attribute(anchor, "data-yanked")) entry.file.yanked = *reason;
  take_metadata(anchor, entry);
  add_entry(std::move(entry), base, page);
}

}  // namespace

ProjectPage parse_html_page(std::string_view body, const Url& base, const HtmlLimits& limits) {
  HtmlMemory memory(limits);
  const GumboOutput* const output = body.size() > kMaxHtmlPageBytes ? nullptr : memory.parse(body);
  if (output == nullptr) {
    throw InvalidInput(redacted_url(base.text()) + ": is too large or too deeply nested for the page of an index");
  }
  // The first <base> counts for all links, those before it as well.
  std::optional<Url> links_base;
  std::vector<const GumboElement*> anchors;
  for_each_element(output->root, [&](const GumboElement& element) {
    if (element.tag == GUMBO_TAG_A) anchors.push_back(&element);
    if (element.tag == GUMBO_TAG_BASE && !links_base && attribute(element, "href")) {
      links_base = resolve_url(base, *attribute(element, "href"));
    }
    if (element.tag == GUMBO_TAG_META && attribute(element, "name") == "pypi:repository-version") {
      check_api_version(attribute(element, "content").value_or(""), base);
    }
  });
  if (links_base && links_base->is_file() && !base.is_file()) links_base.reset();
  ProjectPage page;
  for (const GumboElement* const anchor : anchors) take_anchor(*anchor, links_base.value_or(base), page);
  return page;
}

}  // namespace cas
