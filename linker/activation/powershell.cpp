#include "linker/activation/bodies.hpp"

namespace cas {

// For PowerShell 5 and later, under Set-StrictMode too. It is read into the caller's scope, so what it needs for itself lies in
// a function that goes again.
const std::string_view kPowerShellBody = R"cas(
function global:_CasActivate([string] $Bin, [string] $Prompt) {
    $root = [System.IO.Path]::GetDirectoryName($Bin)
    if (-not (Test-Path -LiteralPath ([System.IO.Path]::Combine($root, 'pyvenv.cfg')) -PathType Leaf)) {
        throw "Activate.ps1: there is no environment at $root"
    }
    if ($root.Contains([System.IO.Path]::PathSeparator)) {
        throw "Activate.ps1: ${root}: this name cannot stand in PATH"
    }

    if (Test-Path -LiteralPath Function:\deactivate) { deactivate -NonDestructive }

    function global:deactivate([switch] $NonDestructive) {
        foreach ($name in 'PATH', 'PYTHONHOME') {
            $kept = "_OLD_VIRTUAL_$name"
            if (Test-Path -LiteralPath "Variable:\global:$kept") {
                [System.Environment]::SetEnvironmentVariable($name, (Get-Variable -Name $kept -Scope Global -ValueOnly))
                Remove-Variable -Name $kept -Scope Global
            }
        }
        if (Test-Path -LiteralPath Function:\_OLD_VIRTUAL_PROMPT) {
            Set-Item -LiteralPath Function:\global:prompt -Value (Get-Item -LiteralPath Function:\_OLD_VIRTUAL_PROMPT).ScriptBlock
            Remove-Item -LiteralPath Function:\_OLD_VIRTUAL_PROMPT
        }
        if (Test-Path -LiteralPath Variable:\global:_CasPydoc) {
            Remove-Variable -Name _CasPydoc -Scope Global
            Remove-Item -LiteralPath Function:\pydoc -ErrorAction SilentlyContinue
        }
        foreach ($name in 'VIRTUAL_ENV', 'VIRTUAL_ENV_PROMPT') {
            Remove-Item -LiteralPath "Env:\$name" -ErrorAction SilentlyContinue
        }
        if (-not $NonDestructive) { Remove-Item -LiteralPath Function:\deactivate }
    }

    if (-not $Prompt) { $Prompt = [System.IO.Path]::GetFileName($root) }
    $env:VIRTUAL_ENV = $root
    $env:VIRTUAL_ENV_PROMPT = $Prompt
    $global:_OLD_VIRTUAL_PATH = $env:PATH
    $env:PATH = $Bin + [System.IO.Path]::PathSeparator + $env:PATH
    if (Test-Path -LiteralPath Env:\PYTHONHOME) {
        $global:_OLD_VIRTUAL_PYTHONHOME = $env:PYTHONHOME
        Remove-Item -LiteralPath Env:\PYTHONHOME
    }
    if (-not $env:VIRTUAL_ENV_DISABLE_PROMPT -and (Test-Path -LiteralPath Function:\prompt)) {
        Set-Item -LiteralPath Function:\global:_OLD_VIRTUAL_PROMPT -Value (Get-Item -LiteralPath Function:\prompt).ScriptBlock
        function global:prompt { "($env:VIRTUAL_ENV_PROMPT) " + (_OLD_VIRTUAL_PROMPT) }
    }
    if (-not (Test-Path -LiteralPath Function:\pydoc) -and -not (Test-Path -LiteralPath Alias:\pydoc)) {
        function global:pydoc { python -m pydoc @args }
        $global:_CasPydoc = $true
    }
}

try { _CasActivate -Bin $PSScriptRoot -Prompt $CasPrompt }
finally {
    Remove-Item -LiteralPath Function:\_CasActivate
    Remove-Variable -Name CasPrompt
}
)cas";

}  // namespace cas
