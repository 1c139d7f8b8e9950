// Every command, each in the file of its name.
#pragma once

#include "cli/command.hpp"

namespace cas {

extern const Command kAddCommand;
extern const Command kCreateCommand;
extern const Command kLockCommand;
extern const Command kSyncCommand;
extern const Command kVenvCommand;
extern const Command kCloneCommand;
extern const Command kHistoryCommand;
extern const Command kInstallCommand;
extern const Command kRollbackCommand;
extern const Command kUninstallCommand;
extern const Command kUpgradeCommand;
extern const Command kDoctorCommand;
extern const Command kMoveCommand;
extern const Command kRenameCommand;
extern const Command kRunCommand;
extern const Command kShellCommand;
extern const Command kListCommand;
extern const Command kShowCommand;
extern const Command kFreezeCommand;
extern const Command kExportCommand;
extern const Command kTreeCommand;
extern const Command kWhyCommand;
extern const Command kCheckCommand;
extern const Command kDiffCommand;
extern const Command kRemoveCommand;
extern const Command kDuCommand;
extern const Command kGcCommand;
extern const Command kPinCommand;
extern const Command kUnpinCommand;
extern const Command kPinsCommand;
extern const Command kRepairCommand;
extern const Command kUnshareCommand;
extern const Command kVerifyCommand;
extern const Command kStoreInfoCommand;
extern const Command kStoreShareCommand;
extern const Command kIndexRebuildCommand;
extern const Command kPythonListCommand;
extern const Command kPythonFindCommand;
extern const Command kPythonAddCommand;
extern const Command kPythonInfoCommand;
extern const Command kPythonRemoveCommand;
extern const Command kHelpCommand;
extern const Command kVersionCommand;

}  // namespace cas
