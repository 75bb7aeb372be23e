#compdef release-bot
# Completion of release-bot for zsh: a file _release-bot in a folder of $fpath, or eval "$(release-bot completion zsh)"
_release_bot_completion() {
    local line kind value help
    local -a described
    line="${(j: :)words[1,CURRENT-1]} $PREFIX"
    while IFS=$'\t' read -r kind value help; do
        case "$kind" in
            file) _files ;;
            dir) _files -/ ;;
            plain) described+=("${value//:/\\:}${help:+:$help}") ;;
        esac
    done < <(${~words[1]} completion --line <<< "$line" 2> /dev/null)
    (( $#described )) && _describe -V 'release-bot' described
}
if [[ ${funcstack[1]} == _release-bot ]]; then
    _release_bot_completion "$@"
else
    compdef _release_bot_completion release-bot
fi
