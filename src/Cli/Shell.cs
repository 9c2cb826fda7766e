using System.CommandLine;
using System.CommandLine.Parsing;
using Agora.Cli.Beginning;
using Agora.Cli.Calls;
using Agora.Cli.Checks;
using Agora.Cli.Following;
using Agora.Cli.MovingIn;
using Agora.Cli.Profiles;

namespace Agora.Cli;

/// <summary>The whole of it: commands of its own, and one for each operation that the server describes.</summary>
internal static class Shell
{
    /// <summary>What begins with @ is ours to read: it is the value of one option.</summary>
    private static readonly ParserConfiguration Parsing = new() { ResponseFileTokenReplacer = null };

    private static readonly string[] Own = ["profile", "doctor", "quickstart", "watch", "listen", "move-in", "completion"];

    public static async Task<int> Run(string[] args, Terminal terminal)
    {
        try
        {
            return await Parsed(args, terminal);
        }
        catch (CliException e)
        {
            await terminal.Error.WriteLineAsync(e.Message);
            return e.ExitCode;
        }
        catch (OperationCanceledException)
        {
            return ExitCodes.Interrupted;
        }
        catch (IOException e)
        {
            await terminal.Error.WriteLineAsync(e.Message);
            return ExitCodes.Wrong;
        }
    }

    private static async Task<int> Parsed(string[] args, Terminal terminal)
    {
        var root = new RootCommand("Agora's operators' and agents' operations on the command line. Which there are the server says.") { ProfileCommand.Of(terminal), DoctorCommand.Of(terminal), QuickstartCommand.Of(terminal), WatchCommand.Of(terminal), ListenCommand.Of(terminal), MoveInCommand.Of(terminal), CompletionCommand.Of(terminal) };
        foreach (var option in new Option[] { CallOptions.Server, CallOptions.Profile, CallOptions.Json, CallOptions.Csv })
        {
            root.Add(option);
        }

        foreach (var operation in await Operations(args, root, terminal))
        {
            root.Add(OperationCommand.Of(operation, terminal));
        }

        var parsed = root.Parse(args, Parsing);
        if (parsed.Errors.Count > 0)
        {
            // That a command is missing says nothing besides that there is none of the name that was given.
            var unknown = parsed.UnmatchedTokens;
            foreach (var error in parsed.Errors.Where(error => unknown.Count == 0 || unknown.Any(token => error.Message.Contains($"'{token}'", StringComparison.Ordinal))))
            {
                await terminal.Error.WriteLineAsync(args.Length == 0 ? "Say which command." : error.Message);
            }

            await terminal.Error.WriteLineAsync(parsed.CommandResult.Command is RootCommand ? "agora --help lists the commands." : $"agora {PathOf(parsed.CommandResult)} --help says what it takes.");

            return ExitCodes.Wrong;
        }

        return await parsed.InvokeAsync(new InvocationConfiguration { Output = terminal.Out, Error = terminal.Error, EnableDefaultExceptionHandler = false });
    }

    /// <summary>A command of our own asks nobody. Help, and whoever presses Tab, does with what is kept where no server is known or none answers.</summary>
    private static async Task<IReadOnlyList<ApiOperation>> Operations(string[] args, RootCommand root, Terminal terminal)
    {
        if (Own.Contains(Named(args)) || args is ["--version"]) return [];

        var description = new Description(terminal);
        var isTab = args is [['[', ..], ..];
        var isAsked = args.Length > 0 && !isTab && args[0] is not ("--help" or "-h" or "-?");
        try
        {
            var parsed = root.Parse(args, Parsing);
            var server = new Profile(parsed.GetValue(CallOptions.Server), null, null, null).Over(new ProfileStore(terminal).Effective(parsed.GetValue(CallOptions.Profile)));
            return isTab ? description.ReadKept(server.Address) : await description.Read(server, CancellationToken.None);
        }
        catch (CliException e) when (!isAsked)
        {
            if (!isTab)
            {
                await terminal.Error.WriteLineAsync($"Only commands that need no server are listed. {e.Message}");
            }

            return [];
        }
    }

    /// <summary>The command that is named: the first that is no option, nor what the server or the profile is.</summary>
    private static string PathOf(CommandResult of) => of.Parent is CommandResult { Command: not RootCommand } above ? $"{PathOf(above)} {of.Command.Name}" : of.Command.Name;

    private static string? Named(string[] args) => args.Where((arg, i) => !arg.StartsWith('-') && !(i > 0 && args[i - 1] is ("--server" or "--profile"))).FirstOrDefault();
}
