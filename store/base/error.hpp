// The errors that cas reports.
//
// Failures are exceptions; absence is std::optional; expected outcomes are small enums. A message says
// what was tried, on which path, and what the system answered; `hint` says what to do about it. Context
// ("while adding numpy 2.1.0") is added in front while unwinding, by with_context().
#pragma once

#include <exception>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

namespace cas {

// The process's exit status. The numbers are part of the command line's contract (docs/commands).
enum class ExitStatus : int {
  success = 0,
  failure = 1,       // what was asked for could not be done
  usage = 2,         // the command line is wrong
  interrupted = 130  // SIGINT or SIGTERM
};

// Every failure that is reported to the user.
class Error : public std::exception {
 public:
  explicit Error(std::string message, std::string hint = {});

  [[nodiscard]] const char* what() const noexcept override { return message_.c_str(); }
  [[nodiscard]] const std::string& message() const noexcept { return message_; }
  [[nodiscard]] const std::string& hint() const noexcept { return hint_; }
  [[nodiscard]] virtual ExitStatus exit_status() const noexcept { return ExitStatus::failure; }
  // A stable word for `--json`: "error", "system", "usage", "corruption", "not-found", "invalid".
  [[nodiscard]] virtual std::string_view kind() const noexcept { return "error"; }

  // Puts `context` and ": " in front of the message.
  void add_context(std::string_view context);
  // Puts `to` where message and hint say `from`: for a path that means nothing to the user.
  void say_instead(std::string_view from, std::string_view to);

 private:
  std::string message_;
  std::string hint_;
};

// A system call failed. Keeps errno, so that a caller can ask "was it EXDEV?".
class SystemError : public Error {
 public:
  // Message: "<operation> <path>: <text of the error number>".
  SystemError(int error_number, std::string_view operation, std::string_view path, std::string hint = {});

  [[nodiscard]] int error_number() const noexcept { return error_number_; }
  [[nodiscard]] bool is(int error_number) const noexcept { return error_number_ == error_number; }
  [[nodiscard]] std::string_view kind() const noexcept override { return "system"; }

 private:
  int error_number_;
};

// The command line, or a value in it, is wrong.
class UsageError : public Error {
 public:
  using Error::Error;
  [[nodiscard]] ExitStatus exit_status() const noexcept override { return ExitStatus::usage; }
  [[nodiscard]] std::string_view kind() const noexcept override { return "usage"; }
};

// Something the store itself wrote does not say what it must.
class Corruption : public Error {
 public:
  using Error::Error;
  [[nodiscard]] std::string_view kind() const noexcept override { return "corruption"; }
};

// What was named does not exist.
class NotFound : public Error {
 public:
  using Error::Error;
  [[nodiscard]] std::string_view kind() const noexcept override { return "not-found"; }
};

// Foreign input (a wheel, a RECORD, an archive) breaks its specification or is hostile. Nothing of it
// was kept.
class InvalidInput : public Error {
 public:
  using Error::Error;
  [[nodiscard]] std::string_view kind() const noexcept override { return "invalid"; }
};

// The user asked to stop. Deliberately not an Error: `catch (Error&)` must not swallow Ctrl-C.
class Interrupted : public std::exception {
 public:
  [[nodiscard]] const char* what() const noexcept override { return "interrupted"; }
};

// Throws SystemError for the current errno.
[[noreturn]] void throw_errno(std::string_view operation, std::string_view path);

// Runs `f` and returns what it returns; an Error that leaves it gets `context` in front of its message.
template <class F>
decltype(auto) with_context(std::string_view context, F&& f) {
  try {
    return std::forward<F>(f)();
  } catch (Error& error) {
    error.add_context(context);
    throw;
  }
}

}  // namespace cas
