# Completion of release-bot for fish, loaded by: release-bot completion fish | source
function __release_bot_completion
    set -l program (commandline -opc)[1]
    string match -q '*release-bot' -- $program; or set program release-bot
    commandline -cp | $program completion --line 2>/dev/null | while read -l -d \t kind value help
        switch $kind
            case file
                __fish_complete_path (commandline -ct)
            case dir
                __fish_complete_directories (commandline -ct)
            case plain
                printf '%s\t%s\n' $value "$help"
        end
    end
end
complete --no-files --keep-order --command release-bot --arguments '(__release_bot_completion)'
