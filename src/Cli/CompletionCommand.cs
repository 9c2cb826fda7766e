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
        _agora() { local -a found; found=("${(@f)$("${words[1]}" "[suggest:$((CURSOR - ${#words[1]} - 1))]" "${BUFFER#* }" 2>/dev/null)}"); compadd -a found }
        compdef _agora agora
        """;

    private const string Fish =
        """
        complete -c agora -f -a '(agora "[suggest:"(math (string length -- (commandline -cp)) - 6)"]" (string replace -r "^\S+ " "" -- (commandline -cp)) 2>/dev/null)'
        """;

    public static Command Of(Terminal terminal)
    {
        var shell = new Argument<string>("shell") { Description = "bash, zsh or fish." };
        shell.AcceptOnlyFromAmong("bash", "zsh", "fish");
        var command = new Command("completion", "A script that completes commands in your shell: eval \"$(agora completion bash)\"") { shell };
        command.SetAction(parsed => terminal.Out.WriteLine(parsed.GetRequiredValue(shell) switch { "bash" => Bash, "zsh" => Zsh, _ => Fish }));
        return command;
    }
}
