using System.CommandLine;

namespace Agora.Cli;

/// <summary>agora completion: the script by which a shell asks us what can stand next.</summary>
internal static class CompletionCommand
{
    private const string Bash =
        """
        _agora() {
          local IFS=$'\n'
          COMPREPLY=($(compgen -W "$("${COMP_WORDS[0]}" "[suggest:$((COMP_POINT - ${#COMP_WORDS[0]} - 1))]" "${COMP_LINE#* }" 2>/dev/null)" -- "${COMP_WORDS[COMP_CWORD]}"))
        }
        complete -F _agora agora ./agora
        """;

    private const string Zsh =
        """
        #compdef agora
        (( $+functions[compdef] )) || { autoload -Uz compinit && compinit; }
        _agora() { local -a found; found=("${(@f)$("${words[1]}" "[suggest:$((CURSOR - ${#words[1]} - 1))]" "${BUFFER#* }" 2>/dev/null)}"); compadd -a found }
        compdef _agora agora
        """;

    private const string Fish =
        """
        function _agora
          set -l line (commandline -cp)
          set -l program (string split -m 1 ' ' -- $line)[1]
          type -q $program; and $program "[suggest:"(math (string length -- $line) - (string length -- $program) - 1)"]" (string replace -r '^\S+ ' '' -- $line) 2>/dev/null
        end
        complete -c agora -f -a '(_agora)'
        """;

    public static Command Of(Terminal terminal)
    {
        var shell = new Argument<string>("shell") { Description = "bash, zsh or fish." };
        shell.AcceptOnlyFromAmong("bash", "zsh", "fish");
        var command = new Command("completion", "A script that completes commands in your shell: eval \"$(agora completion bash)\", in fish agora completion fish | source") { shell };
        command.SetAction(parsed => terminal.Out.WriteLine(parsed.GetRequiredValue(shell) switch { "bash" => Bash, "zsh" => Zsh, _ => Fish }));
        return command;
    }
}
