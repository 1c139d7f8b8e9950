# Writes a C++ file that holds the pages of docs/commands as text.
#   cmake -DOUTPUT=<file> -DDIRECTORY=<docs/commands> -DPAGES=<name,name,...> -P embed_pages.cmake
string(REPLACE "," ";" names "${PAGES}")
set(entries "")
foreach(name IN LISTS names)
  file(READ "${DIRECTORY}/${name}.md" text)
  if(text MATCHES "\\)cas_page\"")
    message(FATAL_ERROR "${name}.md holds the mark that ends a page")
  endif()
  string(REPLACE "-" " " command "${name}")
  string(APPEND entries "    {\"${command}\", R\"cas_page(${text})cas_page\"},\n")
endforeach()
file(WRITE "${OUTPUT}" "// Generated from docs/commands by cli/embed_pages.cmake.
#include \"cli/command.hpp\"

namespace cas {
namespace {

struct Page {
  std::string_view command, text;
};

constexpr Page kPages[] = {
${entries}};

}  // namespace

std::string_view help_page(std::string_view name) {
  for (const Page& page : kPages) {
    if (page.command == name) return page.text;
  }
  return {};
}

}  // namespace cas
")
