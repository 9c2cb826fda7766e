using System.CommandLine;
using Agora.Cli.MovingIn.Old;

namespace Agora.Cli.MovingIn;

/// <summary>What the commands of <c>move-in</c> are told.</summary>
internal sealed record MoveOptions(string? Redis, string? Json, string Prefix, string State, string AgentId, string Model, string Origin, bool Branches, bool IsDry, int AtOnce, string? User, bool All, TimeSpan Longest, bool Anew)
{
    private static readonly Option<string?> RedisOption = new("--redis") { Description = "Where the older chat has its sessions: redis://[user:password@]host[:port][/database], or rediss:// with TLS; @FILE has it." };
    private static readonly Option<string?> JsonOption = new("--json-file") { Description = "Or an export of them: a JSON object of sessions by their ids, a list, or one a line." };
    private static readonly Option<string> PrefixOption = new("--prefix") { Description = "Of their keys, before the session's id.", DefaultValueFactory = static _ => "flask_session:" };
    private static readonly Option<string> StateOption = new("--state") { Description = "The folder that remembers what was done: with the same one it goes on where it was.", DefaultValueFactory = static _ => "move-in" };
    private static readonly Option<string?> AgentOption = new("--agent-id") { Description = "The agent whose chats they become." };
    private static readonly Option<string?> ModelOption = new("--model") { Description = "The model, or the router, that replies where a chat goes on and names none." };
    private static readonly Option<string> OriginOption = new("--origin") { Description = "The older chat, by a name that stays the same.", DefaultValueFactory = static _ => "flask" };
    private static readonly Option<bool> BranchOption = new("--branch") { Description = "Where a session's past has changed, what it is now becomes a branch; absent: it is reported." };
    private static readonly Option<bool> DryOption = new("--dry-run") { Description = "Say what would be done, and change nothing." };
    private static readonly Option<int> AtOnceOption = new("--at-once") { Description = "So many sessions at a time.", DefaultValueFactory = static _ => 8 };
    private static readonly Option<string?> UserOption = new("--user") { Description = "Only this user." };
    private static readonly Option<bool> AllOption = new("--all") { Description = "All users." };

    private static readonly Option<int> LongestOption = new("--longest-request") { Description = "Seconds that the longest request of the older chat takes: so long after the last user it is looked once more at what came late. 0: it is not.", DefaultValueFactory = static _ => 30 };
    private static readonly Option<bool> AnewOption = new("--anew") { Description = "For back: a session that has ended at the old side is written anew, and whoever has its cookie is let in by it again. Absent: it stays ended, and what was said here stays here." };

    private static readonly Option[] OfSource = [RedisOption, JsonOption, PrefixOption, StateOption, AtOnceOption];
    private static readonly Option[] OfAgora = [AgentOption, ModelOption, OriginOption, BranchOption, DryOption, UserOption];

    /// <summary>A command of it, with the options that it hears.</summary>
    public static Command Command(string name, string description, bool asksAgora, bool ofUsers)
    {
        var command = new Command(name, description);
        foreach (var option in OfSource.Concat(asksAgora ? OfAgora : []).Concat(ofUsers ? [AllOption, LongestOption] : []).Concat(name == "back" ? [AnewOption] : [])) command.Add(option);
        return command;
    }

    public static MoveOptions Of(ParseResult parsed, bool asksAgora, bool ofUsers)
    {
        var all = ofUsers && parsed.GetValue(AllOption);
        var user = asksAgora ? parsed.GetValue(UserOption) : null;
        if (ofUsers && all == user is not null) throw CliException.Wrong("Say --user ID, or --all.");

        return new(
            parsed.GetValue(RedisOption), parsed.GetValue(JsonOption), parsed.GetValue(PrefixOption)!, parsed.GetValue(StateOption)!,
            asksAgora ? parsed.GetValue(AgentOption) ?? throw CliException.Wrong("Say --agent-id: whose chats they become.") : "",
            asksAgora ? parsed.GetValue(ModelOption) ?? throw CliException.Wrong("Say --model: which replies where a chat goes on.") : "",
            asksAgora ? parsed.GetValue(OriginOption)! : "",
            asksAgora && parsed.GetValue(BranchOption), asksAgora && parsed.GetValue(DryOption), parsed.GetValue(AtOnceOption) is >= 1 and <= 64 and var atOnce ? atOnce : throw CliException.Wrong("--at-once is from 1 to 64."), user, all,
            !ofUsers ? TimeSpan.Zero : parsed.GetValue(LongestOption) is >= 0 and <= 3_600 and var longest ? TimeSpan.FromSeconds(longest) : throw CliException.Wrong("--longest-request is from 0 to 3600 seconds."),
            parsed.CommandResult.Command.Options.Contains(AnewOption) && parsed.GetValue(AnewOption));
    }

    public IOldChats Open() => (Redis, Json) switch
    {
        ({ } redis, null) => new RedisChats(RedisAddress.Parse(Profiles.Profile.Content(redis)), Prefix),
        (null, { } json) => new JsonChats(json, Prefix),
        _ => throw CliException.Wrong("Say --redis URL or --json-file FILE."),
    };
}
