using System.CommandLine;
using Agora.Cli.Calls;

namespace Agora.Cli.Following;

/// <summary>agora watch: what happens, a line each.</summary>
internal static class WatchCommand
{
    public static Command Of(Terminal terminal)
    {
        var options = new FollowOptions();
        var command = new Command("watch", "Show what happens as it happens, a line each: runs, rewards, approvals, caps and alarms.");
        foreach (var option in options.All)
        {
            command.Add(option);
        }

        command.SetAction((parsed, cancel) => options.Follow(
            parsed,
            terminal,
            profile => terminal.Error.WriteLineAsync($"Watching {profile.Address}; Ctrl-C ends it."),
            (happened, _) => terminal.Out.WriteLineAsync(parsed.GetValue(CallOptions.Json) ? happened.GetRawText() : EventLine.Of(happened, terminal)),
            cancel));
        return command;
    }
}
