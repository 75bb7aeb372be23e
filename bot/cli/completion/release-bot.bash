# Completion of release-bot for bash 4.4 and later; loaded by: eval "$(release-bot completion bash)"
_release_bot_completion() {
    local line="${COMP_LINE:0:COMP_POINT}" kind value help
    # bash parts words at colons and equals signs too, and replaces only what follows the last of them.
    local word="${line##*[[:space:]]}"
    local kept="${word%"$2"}"
    COMPREPLY=()
    while IFS=$'\t' read -r kind value help; do
        case "$kind" in
            file) compopt -o default ;;
            dir) compopt -o dirnames ;;
            plain)
                printf -v value '%q' "${value#"$kept"}"
                COMPREPLY+=("$value")
                ;;
        esac
    done < <("${1/#\~/$HOME}" completion --line <<< "$line" 2> /dev/null)
}
complete -o nosort -F _release_bot_completion release-bot
