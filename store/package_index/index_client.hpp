// Which files there are of a project: in indexes (PyPA "Simple repository API") and in find-links places, which are folders and pages
// that hold files of any project.
//
// Places are asked in pip's order, find-links before indexes, each kind as given. By default the first place that has the project, in
// whatever version, or without any, is the only one: where a company's own index and a public one are both given, nobody can slip in a package by
// publishing a higher version of the same name elsewhere (dependency confusion). All find-links places count as one.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "store/net/documents.hpp"
#include "store/net/http_client.hpp"
#include "store/package_index/project_page.hpp"

namespace cas {

enum class IndexStrategy {
  first_index,       // the first place that has the project
  unsafe_best_match  // the files of all places together, as pip does
};

struct IndexPlaces {
  std::vector<std::string> indexes{};     // URLs (with credentials, perhaps), or paths of folders with NAME/index.html
  std::vector<std::string> find_links{};  // URLs of pages; paths of folders, of pages (*.html), of files
  bool no_index = false;                  // `indexes` are not asked
  IndexStrategy strategy = IndexStrategy::first_index;
};

struct ProjectFiles {
  std::string name;                      // normalised (PEP 503)
  std::vector<IndexFile> files;          // in the order of the places, there as listed; empty: nobody has the project
  std::vector<std::string> asked;        // the places that were asked for it, without credentials
  std::vector<std::string> known;        // those of them, indexes, that have a page of it, perhaps an empty one
  std::vector<std::string> passed_over;  // indexes that were not asked, because one before them has the project
  std::size_t left_out = 0;              // entries that could not be used
};

class IndexClient {
 public:
  // `client` and `cache` (which may be nullptr) outlive it. Throws InvalidInput where a URL of `places` is none.
  IndexClient(HttpClient& client, const HttpCache* cache, CacheMode mode, const IndexPlaces& places);

  // In the order of `names`, which need not be normalised; pages are fetched together. A place that does not answer, or refuses, is an
  // error, not one that has nothing: otherwise the next one could take its part.
  [[nodiscard]] std::vector<ProjectFiles> find(const std::vector<std::string>& names);

 private:
  void ask_find_links(std::vector<ProjectFiles>& projects);
  void ask_index(const Url& index, std::vector<ProjectFiles>& projects);
  void load_find_links();
  void take_page(const Document& document, const std::string& place, ProjectFiles& project);

  HttpClient& client_;
  DocumentFetcher fetcher_;
  IndexStrategy strategy_;
  std::vector<Url> indexes_;
  std::vector<Url> find_links_;
  bool find_links_loaded_ = false;
  std::vector<IndexFile> linked_files_;  // of all find-links places
};

// Whether a file of this name can be one of the project: `name` is normalised. A wheel says so exactly; in the name of a source
// archive it is not always clear where the project's name ends.
[[nodiscard]] bool may_be_of_project(std::string_view file_name, std::string_view name);

}  // namespace cas
