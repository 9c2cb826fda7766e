using System.CommandLine;
using Agora.Cli.Calls;
using Agora.Cli.MovingIn.Old;
using Agora.Cli.Profiles;

namespace Agora.Cli.MovingIn;

/// <summary>agora move-in: users of an older chat move into Agora's while both run, and back (docs/moving-in.md).</summary>
internal static class MoveInCommand
{
    private static readonly Option<string> Side = new("--side") { Description = "new: Agora owns what is said; both: the old side does, and what is here is held against it.", DefaultValueFactory = static _ => "new" };

    public static Command Of(Terminal terminal)
    {
        var command = new Command("move-in", "Move users of an older chat, made with Flask and Redis, into Agora's chats: while both run, a user at a time, and back.")
        {
            Sub(terminal, "plan", "Read all sessions and say what would come and what is refused. It asks Agora nothing.", asksAgora: false, ofUsers: false, Plan),
            Sub(terminal, "import", "Have what was said there stand here. Again it adds what is new.", asksAgora: true, ofUsers: false, Import),
            Sub(terminal, "compare", "Hold what is here against what is there; nothing changes.", asksAgora: true, ofUsers: false, Compare),
            Sub(terminal, "back", "Write what was said here to the old side, and switch back. An export (--json-file) is written in place.", asksAgora: true, ofUsers: true, Back),
            Sub(terminal, "report", "Say what was done so far.", asksAgora: false, ofUsers: false, Report),
        };
        var change = Sub(terminal, "switch", "Have Agora own what a user says, from now on.", asksAgora: true, ofUsers: true, Switch);
        change.Add(Side);
        command.Add(change);
        return command;
    }

    private static Command Sub(Terminal terminal, string name, string description, bool asksAgora, bool ofUsers, Func<Moving, ParseResult, CancellationToken, Task> work)
    {
        var command = MoveOptions.Command(name, description, asksAgora, ofUsers);
        command.SetAction(async (parsed, cancel) =>
        {
            var options = MoveOptions.Of(parsed, asksAgora, ofUsers);
            var isRead = options.IsDry || name is "plan" or "report" or "compare";
            var tally = new Tally(name, options.IsDry || name == "plan", terminal);
            var profile = new Profile(parsed.GetValue(CallOptions.Server), null, null, null).Over(new ProfileStore(terminal).Effective(parsed.GetValue(CallOptions.Profile)));
            using var log = new MoveLog(options.State, isRead);
            using var agora = new AgoraSide(profile, options);
            await using var old = name == "report" ? null : options.Open();
            await work(new(old!, log, tally, name == "plan" ? options with { IsDry = true } : options, new(old!, agora, log, tally, name == "plan" ? options with { IsDry = true } : options)), parsed, cancel);
            await tally.Report(options.State, parsed.GetValue(CallOptions.Json));
            return tally["refused"] + tally["different"] + tally["differs"] + tally["not back"] + tally["not switched"] > 0 ? ExitCodes.Refused : ExitCodes.Done;
        });
        return command;
    }

    private static Task Plan(Moving moving, ParseResult parsed, CancellationToken cancel) => moving.EachSession((kept, mover) => mover.Import(kept, whole: false, cancel), cancel);

    private static Task Import(Moving moving, ParseResult parsed, CancellationToken cancel) => moving.EachSession((kept, mover) => mover.Import(kept, whole: false, cancel), cancel);

    private static async Task Compare(Moving moving, ParseResult parsed, CancellationToken cancel)
    {
        var there = new System.Collections.Concurrent.ConcurrentDictionary<string, bool>(StringComparer.Ordinal);
        await moving.EachSession(
            async (kept, mover) =>
            {
                if (there.TryAdd(kept.Id, true))
                {
                    await mover.Compare(kept, whole: moving.Log.Find(kept.Id)?.Side == "new", cancel);
                }

            },
            cancel);
        foreach (var moved in moving.Log.All.Where(moved => moved.Chat is not null && (moving.Options.User is null || moved.User == moving.Options.User) && !there.ContainsKey(moved.Id)))
        {
            moving.Tally.Note("gone", moved.Id, "It is no longer at the old side.");
        }
    }

    private static async Task Switch(Moving moving, ParseResult parsed, CancellationToken cancel)
    {
        var side = parsed.GetValue(Side) is var named && named is "new" or "both" ? named : throw CliException.Wrong("--side is new or both; move-in back goes back.");
        await moving.EachUser((user, sessions, mover) => mover.Switch(user, sessions, side, cancel), cancel);
        if (side == "new")
        {
            await moving.Late((_, sessions, mover) => mover.Late(sessions, cancel), cancel);
        }

        // Whoever is switched believes all of it here: what never came is named.
        foreach (var moved in moving.Log.All.Where(moved => moved is { User: not null, Chat: null, Reason: not null } && (moving.Options.All || moved.User == moving.Options.User)))
        {
            moving.Tally.Note("never came", moved.Id, $"It stays at the old side: {moved.Reason}");
        }
    }

    private static async Task Back(Moving moving, ParseResult parsed, CancellationToken cancel)
    {
        await moving.EachUser((user, sessions, mover) => mover.Back(user, sessions, cancel), cancel);
        await moving.Late((user, sessions, mover) => mover.BackLate(user, sessions, cancel), cancel);
    }

    private static Task Report(Moving moving, ParseResult parsed, CancellationToken cancel)
    {
        foreach (var moved in moving.Log.All)
        {
            moving.Tally.Add("sessions");
            moving.Tally.Add($"side: {moved.Side ?? "old"}");
            moving.Tally.Add("turns", moved.Turns);
            if (moved.Reason is { } reason)
            {
                moving.Tally.Note("refused", moved.Id, reason);
            }

            if (moved.IsDeleted)
            {
                moving.Tally.Note(Mover.DeletedHere, moved.Id, Mover.Deleted);
            }

            if (moved.Differs)
            {
                moving.Tally.Note("differs", moved.Id, "The past has changed at the old side, or was cut.");
            }
        }

        moving.Tally.Add("users", moving.Log.All.Select(static moved => moved.User).OfType<string>().Distinct().Count());
        return Task.CompletedTask;
    }
}

/// <summary>All sessions, or all users, a few at a time.</summary>
internal sealed record Moving(IOldChats Old, MoveLog Log, Tally Tally, MoveOptions Options, Mover Mover)
{
    public async Task EachSession(Func<OldKept, Mover, Task> work, CancellationToken cancel)
    {
        var total = await Old.Count(cancel);
        await Tally.Shown(total, () => Parallel.ForEachAsync(Old.All(cancel), new ParallelOptions { MaxDegreeOfParallelism = Options.AtOnce, CancellationToken = cancel }, async (kept, _) =>
        {
            await work(kept, Mover);
            Tally.Done();
        }));
    }

    /// <summary>A request that the older chat had begun before the side was another writes when it ends: once the longest has, everybody is looked at again.</summary>
    public async Task Late(Func<string, IReadOnlyList<Moved>, Mover, Task> work, CancellationToken cancel)
    {
        if (Options.IsDry || Options.Longest == TimeSpan.Zero) return;

        Tally.Says($"waits {Options.Longest.TotalSeconds:0} s for requests that the older chat had begun before (--longest-request)");
        await Task.Delay(Options.Longest, cancel);
        await EachUser(work, cancel);
    }

    /// <summary>Of those whose sessions were imported.</summary>
    public async Task EachUser(Func<string, IReadOnlyList<Moved>, Mover, Task> work, CancellationToken cancel)
    {
        var users = Log.All.Where(moved => moved is { User: not null, Chat: not null } && (Options.All || moved.User == Options.User)).GroupBy(static moved => moved.User!, StringComparer.Ordinal).ToList();
        if (users.Count == 0) throw CliException.Wrong("Nobody was imported who is meant: move-in import comes first, with the same --state.");

        await Tally.Shown(users.Count, () => Parallel.ForEachAsync(users, new ParallelOptions { MaxDegreeOfParallelism = Options.AtOnce, CancellationToken = cancel }, async (user, _) =>
        {
            try
            {
                await work(user.Key, [.. user], Mover);
            }
            catch (Formats.RefusedException e)
            {
                Tally.Note("refused", user.First().Id, e.Message);
            }

            Tally.Done();
        }));
    }
}
