using System.Globalization;
using System.Text;
using Agora.Cli.MovingIn.Formats;
using Agora.Cli.MovingIn.Old;

namespace Agora.Cli.MovingIn;

/// <summary>
/// Moves one session at a time. Each thing it does is found done when it is done again, so it may be killed anywhere; what was said at the old side meanwhile is found by what the session says, and what was said here by what the chat has.
/// </summary>
internal sealed class Mover(IOldChats old, AgoraSide agora, MoveLog log, Tally tally, MoveOptions options)
{
    /// <summary>Somebody writes at the same time: it is looked at again so often.</summary>
    private const int Looks = 20;

    private static readonly TimeSpan ReplyWait = TimeSpan.FromMilliseconds(500);

    /// <summary>Has what was said there stand here.</summary>
    /// <param name="whole">Also what was said last and is not replied to: the old side replies no more.</param>
    public async Task Import(OldKept kept, bool whole, CancellationToken cancel)
    {
        if (Read(kept) is not { } session) return;

        var digest = OldSession.DigestOf(kept.Bytes!);
        var known = log.Find(kept.Id);
        if (known is { Reason: null, Differs: false, Chat: not null } && known.Digest == digest && !whole)
        {
            tally.Add("unchanged");
            return;
        }

        var turns = session.Turns(whole);
        if (turns.Count == 0)
        {
            tally.Add("nothing replied yet");
            return;
        }

        if (TooLong(turns) is { } tooLong)
        {
            Refuse(kept.Id, session, tooLong);
            return;
        }

        tally.Add("turns read", turns.Count);
        foreach (var member in session.NotTaken) tally.Add($"not taken: {member}");
        if (options.IsDry)
        {
            tally.Add(known?.Chat is null ? "would be imported" : "would be looked at again");
            return;
        }

        await Refusing(kept.Id, session, async () =>
        {
            var imported = await agora.Import(session.UserId, kept.Id, turns, onlyLook: false, cancel);
            tally.Add("turns added", imported.Added);
            tally.Add(imported.Added > 0 ? "imported" : "unchanged");
            var differs = imported.Differs && !options.Branches;
            if (differs)
            {
                tally.Note("differs", kept.Id, "The past has changed at the old side, or was cut.");
            }

            log.Add(new(kept.Id, session.UserId, imported.ChatId, session.Format.ToString(), differs ? null : digest, imported.Known.Count, null, differs, known?.Side));
        });
    }

    private static string? TooLong(IReadOnlyList<OldTurn> turns) =>
        turns.Count > OldLimits.ChatTurns ? $"It has more than {OldLimits.ChatTurns} turns."
        : turns.Sum(static turn => Encoding.UTF8.GetByteCount(turn.Text ?? "") + Encoding.UTF8.GetByteCount(turn.Reply ?? "") + (long)Encoding.UTF8.GetByteCount(turn.Instructions ?? "")) > OldLimits.ChatBytes ? $"It has more than {OldLimits.ChatBytes >> 20} MiB."
        : null;

    /// <summary>Holds what is here against what is there; nothing changes.</summary>
    /// <returns>Nothing is at the old side that is not here.</returns>
    public async Task<bool> Compare(OldKept kept, bool whole, CancellationToken cancel)
    {
        if (Read(kept) is not { } session) return false;

        var isHere = false;
        await Refusing(kept.Id, session, async () =>
        {
            var turns = session.Turns(whole);
            if (turns.Count == 0) return;

            var seen = await agora.Import(session.UserId, kept.Id, turns, onlyLook: true, cancel);
            isHere = seen is { Differs: false, Added: 0 };
            if (seen.Differs)
            {
                tally.Note("different", kept.Id, string.Create(CultureInfo.InvariantCulture, $"The first {seen.Known.Count} turns are the same, and then it is another past."));
            }
            else if (seen.Added > 0)
            {
                tally.Note("more at the old side", kept.Id, string.Create(CultureInfo.InvariantCulture, $"{seen.Added} turns are not here."));
            }
            else if (seen.Turns > seen.Known.Count)
            {
                tally.Note("more here", kept.Id, string.Create(CultureInfo.InvariantCulture, $"{seen.Turns - seen.Known.Count} turns are not there."));
            }
            else
            {
                tally.Add("equal");
            }
        });
        return isHere;
    }

    /// <summary>
    /// The side first, so that nothing more begins at the old one; then what came there until then. A request that was under way there may still write: it is looked at until nothing has changed between two looks.
    /// </summary>
    public async Task Switch(string userId, IReadOnlyList<Moved> sessions, string side, CancellationToken cancel)
    {
        if (options.IsDry)
        {
            tally.Add("users that would be switched");
            tally.Add("their sessions", sessions.Count);
            return;
        }

        await agora.Switch(userId, side, cancel);
        foreach (var moved in sessions)
        {
            var isNew = side == "new";
            var (seen, isHere) = ((string?)null, false);
            for (var look = 0; look < Looks; look++)
            {
                if (await old.Find(moved.Id, cancel) is not { } kept)
                {
                    tally.Note("gone", moved.Id, "It is no longer at the old side.");
                    break;
                }

                var digest = OldSession.DigestOf(kept.Bytes ?? []);
                if (digest == seen)
                {
                    isHere = await Compare(kept, isNew, cancel);
                    break;
                }

                seen = digest;
                await Import(kept, isNew, cancel);
            }

            if (isHere && log.Find(moved.Id) is { } now)
            {
                log.Add(now with { Side = side });
            }
        }

        tally.Add("users switched");
    }

    /// <summary>
    /// What was said here goes to the old side while nobody writes there; then the user goes back; then what was said here in between.
    /// </summary>
    public async Task Back(string userId, IReadOnlyList<Moved> sessions, CancellationToken cancel)
    {
        foreach (var moved in sessions) await WriteBack(userId, moved, cancel);
        if (options.IsDry)
        {
            tally.Add("users that would go back");
            return;
        }

        await agora.Switch(userId, "old", cancel);
        foreach (var moved in sessions)
        {
            if (await WriteBack(userId, moved, cancel))
            {
                log.Add((log.Find(moved.Id) ?? moved) with { Side = "old", Digest = null });
            }
        }

        tally.Add("users back");
    }

    /// <returns>All of the newest branch is there.</returns>
    private async Task<bool> WriteBack(string userId, Moved moved, CancellationToken cancel)
    {
        try
        {
            return await Written(userId, moved, cancel);
        }
        catch (RefusedException e)
        {
            Refuse(moved.Id, null, e.Message);
            return false;
        }
    }

    private async Task<bool> Written(string userId, Moved moved, CancellationToken cancel)
    {
        for (var look = 0; look < Looks; look++)
        {
            var kept = await old.Find(moved.Id, cancel);
            var session = kept is null ? OldSession.Begin(moved.Id, Enum.Parse<OldFormat>(moved.Format!), userId) : Read(kept);
            if (session is null) return false;
            if (session.UserId != userId)
            {
                Refuse(moved.Id, null, "It is another user's by now: nothing is written to it.");
                return false;
            }

            var (missing, others, isUnderWay) = await Missing(userId, moved, session, cancel);
            if (isUnderWay)
            {
                await Task.Delay(ReplyWait, cancel);
                continue;
            }

            if (missing.Count == 0 || options.IsDry)
            {
                if (options.IsDry)
                {
                    tally.Add("turns that would be written back", missing.Count);
                }

                if (others > 0)
                {
                    tally.Note("stays in branches", moved.Id, string.Create(CultureInfo.InvariantCulture, $"{others} turns of other branches stand in Agora alone."));
                }

                return true;
            }

            foreach (var turn in missing) session.Append(turn.Turn);
            if (await old.Replace(moved.Id, kept, session.Write(), cancel))
            {
                tally.Add("turns written back", missing.Count);
                tally.Add("sessions written back");
            }
        }

        tally.Note("not back", moved.Id, "It changes all the time, or a reply goes on.");
        return false;
    }

    private async Task<(IReadOnlyList<NewTurn> Missing, int Others, bool IsUnderWay)> Missing(string userId, Moved moved, OldSession session, CancellationToken cancel)
    {
        var turns = session.Turns(whole: true);
        var seen = turns.Count == 0 ? null : await agora.Import(userId, moved.Id, turns, onlyLook: true, cancel);
        if (seen is { Turns: 0 }) throw new RefusedException("Its chat was deleted here: it stays as it is there.");

        var (known, all) = (seen?.Known ?? [], seen?.Turns ?? await agora.Turns(userId, moved.Chat!, cancel));
        var branch = await agora.Newest(userId, moved.Chat!, all, cancel);
        var missing = branch.Where(turn => !known.Contains(turn.Number)).ToList();
        return (missing, all - branch.Select(static turn => turn.Number).Union(known).Count(), missing.Exists(static turn => turn.IsUnderWay));
    }

    /// <returns>Null: it was refused, or is another user's than the one that is meant.</returns>
    private OldSession? Read(OldKept kept)
    {
        try
        {
            var session = OldSession.Read(kept);
            if (options.User is null || options.User == session.UserId)
            {
                tally.Add($"read: {session.Format}");
                return session;
            }
        }
        catch (RefusedException e)
        {
            Refuse(kept.Id, null, e.Message);
        }

        return null;
    }

    private async Task Refusing(string id, OldSession session, Func<Task> work)
    {
        try
        {
            await work();
        }
        catch (RefusedException e)
        {
            Refuse(id, session, e.Message);
        }
    }

    private void Refuse(string id, OldSession? session, string reason)
    {
        tally.Note("refused", id, reason);
        if (!options.IsDry)
        {
            log.Add((log.Find(id) ?? new(id, session?.UserId, null, session?.Format.ToString(), null, 0, null)) with { Reason = reason, Digest = null });
        }
    }
}
