using System.Collections.Concurrent;
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
    public const string DeletedHere = "deleted here";
    public const string Deleted = "Its person has deleted its chat here: it stays at the old side as it is.";

    /// <summary>Somebody writes at the same time: it is looked at again so often.</summary>
    private const int Looks = 20;

    private static readonly TimeSpan ReplyWait = TimeSpan.FromMilliseconds(500);

    /// <summary>Each is told once, however often it is looked at.</summary>
    private readonly ConcurrentDictionary<string, bool> _told = new(StringComparer.Ordinal);

    /// <summary>Has what was said there stand here.</summary>
    /// <param name="whole">Also what was said last and is not replied to: the old side replies no more.</param>
    public async Task Import(OldKept kept, bool whole, CancellationToken cancel)
    {
        if (Read(kept) is not { } session) return;

        var digest = OldSession.DigestOf(kept.Bytes!);
        var known = log.Find(kept.Id);
        if (known is { IsDeleted: true })
        {
            Once(DeletedHere, kept.Id, Deleted);
            return;
        }

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
            Imported imported;
            try
            {
                imported = await agora.Import(session.UserId, kept.Id, turns, onlyLook: false, cancel);
            }
            catch (RefusedException) when (known?.Chat is not null)
            {
                // Into a chat that was deleted nothing is written; to whoever looks, one that came once has no turns.
                if (!IsGone(await agora.Import(session.UserId, kept.Id, turns, onlyLook: true, cancel), known)) throw;

                Delete(known);
                return;
            }

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
        turns.Any(static turn => turn.Text?.Length > OldLimits.Text || turn.Reply?.Length > OldLimits.Reply || turn.Instructions?.Length > OldLimits.Instructions) ? $"Something in it is longer than it may be: {OldLimits.Text} characters of what is said, {OldLimits.Reply} of a reply, {OldLimits.Instructions} of a system's message."
        : turns.Count > OldLimits.ChatTurns ? $"It has more than {OldLimits.ChatTurns} turns."
        : turns.Sum(static turn => Encoding.UTF8.GetByteCount(turn.Text ?? "") + Encoding.UTF8.GetByteCount(turn.Reply ?? "") + (long)Encoding.UTF8.GetByteCount(turn.Instructions ?? "")) > OldLimits.ChatBytes ? $"It has more than {OldLimits.ChatBytes >> 20} MiB."
        : null;

    /// <summary>Holds what is here against what is there; nothing changes.</summary>
    /// <returns>Nothing is at the old side that is to come.</returns>
    public async Task<bool> Compare(OldKept kept, bool whole, CancellationToken cancel)
    {
        if (log.Find(kept.Id) is { IsDeleted: true }) return true;
        if (Read(kept) is not { } session) return false;

        var isHere = false;
        await Refusing(kept.Id, session, async () =>
        {
            var turns = session.Turns(whole);
            if (turns.Count == 0) return;

            var seen = await agora.Import(session.UserId, kept.Id, turns, onlyLook: true, cancel);
            isHere = seen is { Differs: false, Added: 0 };
            if (log.Find(kept.Id) is { } known && IsGone(seen, known))
            {
                isHere = true;
                Delete(known);
            }
            else if (seen.Differs)
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

        // Whoever has a session that came once, and of which more does not come, would leave it behind.
        foreach (var moved in sessions)
        {
            if (await old.Find(moved.Id, cancel) is { } kept)
            {
                await Import(kept, whole: false, cancel);
            }
        }

        if (sessions.FirstOrDefault(moved => log.Find(moved.Id) is { Reason: not null } or { Differs: true }) is { } behind)
        {
            tally.Note("not switched", behind.Id, "The user stays at the old side: more of this session does not come.");
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

    /// <summary>What came to the old side after the switch: only what has changed is read.</summary>
    public async Task Late(IReadOnlyList<Moved> sessions, CancellationToken cancel)
    {
        foreach (var moved in sessions)
        {
            var known = log.Find(moved.Id);
            if (known is { IsDeleted: true } || await old.Find(moved.Id, cancel) is not { Bytes: { } bytes } kept || known?.Digest == OldSession.DigestOf(bytes))
            {
                continue;
            }

            tally.Add("came late");
            await Import(kept, whole: true, cancel);
            await Compare(kept, whole: true, cancel);
        }
    }

    /// <summary>What was said here and is not at the old side, since a request there wrote what it had read before.</summary>
    public async Task BackLate(string userId, IReadOnlyList<Moved> sessions, CancellationToken cancel)
    {
        foreach (var moved in sessions) await WriteBack(userId, moved, cancel, isLate: true);
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
    private async Task<bool> WriteBack(string userId, Moved moved, CancellationToken cancel, bool isLate = false)
    {
        try
        {
            return await Written(userId, moved, isLate, cancel);
        }
        catch (RefusedException e)
        {
            Refuse(moved.Id, null, e.Message);
            return false;
        }
    }

    private async Task<bool> Written(string userId, Moved moved, bool isLate, CancellationToken cancel)
    {
        if (log.Find(moved.Id) is { IsDeleted: true })
        {
            Once(DeletedHere, moved.Id, Deleted);
            return true;
        }

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

            if (await Missing(userId, moved, session, cancel) is not var (known, missing, others, isUnderWay))
            {
                Delete(moved);
                return true;
            }

            if (isLate && kept is not null && known < moved.Turns)
            {
                tally.Note("changed", moved.Id, "Its past was changed or cleared there since it went back: nothing is written to it.");
                return true;
            }

            if (isUnderWay)
            {
                await Task.Delay(ReplyWait, cancel);
                continue;
            }

            if (kept is null && missing.Count > 0 && !options.Anew)
            {
                Once("ended", moved.Id, "It has ended at the old side: what was said here stays here, unless --anew writes it again.");
                return true;
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

    /// <returns>Null: its chat was deleted here.</returns>
    private async Task<(int Known, IReadOnlyList<NewTurn> Missing, int Others, bool IsUnderWay)?> Missing(string userId, Moved moved, OldSession session, CancellationToken cancel)
    {
        var turns = session.Turns(whole: true);
        var seen = turns.Count == 0 ? null : await agora.Import(userId, moved.Id, turns, onlyLook: true, cancel);
        if (seen is not null && IsGone(seen, moved)) return null;
        if (seen is { Turns: 0 }) throw new RefusedException("Its chat is not this agent's: --agent-id names another than it was imported for.");

        var (known, all) = (seen?.Known ?? [], seen?.Turns ?? await agora.Turns(userId, moved.Chat!, cancel));
        var branch = await agora.Newest(userId, moved.Chat!, all, cancel);
        var missing = branch.Where(turn => !known.Contains(turn.Number)).ToList();
        missing.RemoveRange(0, Appended(turns, branch, missing, known.Count, known.Count == 0 ? 0 : known[^1]));
        return (known.Count, missing, all - branch.Select(static turn => turn.Number).Union(known).Count(), missing.Exists(static turn => turn.IsUnderWay));
    }

    /// <summary>
    /// What goes on where the old side ends is found by what it says. What was said otherwise than there (an edit, another reply) stands there behind what it was to replace, since the old side has no branches: so it is found behind those, whole, or as far as the end.
    /// </summary>
    /// <param name="known">So many turns there, from the first on, stand here.</param>
    /// <param name="last">The last of those that stand here from the first on; 0: none does.</param>
    /// <returns>So many of the missing turns, from the first on, are there.</returns>
    private static int Appended(IReadOnlyList<OldTurn> there, IReadOnlyList<NewTurn> branch, IReadOnlyList<NewTurn> missing, int known, int last)
    {
        if (missing.Count == 0 || (branch.TakeWhile(turn => turn.Number != missing[0].Number).LastOrDefault()?.Number ?? 0) == last) return 0;

        var most = 0;
        for (var from = known; from < there.Count; from++)
        {
            var count = there.Skip(from).Zip(missing).TakeWhile(static pair => pair.First.Text == Said(pair.Second.Turn.Text) && pair.First.Reply == Said(pair.Second.Turn.Reply)).Count();
            most = count == missing.Count || from + count == there.Count ? Math.Max(most, count) : most;
        }

        return most;

        static string? Said(string? text) => text is { Length: > 0 } ? text : null;
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
        catch (RefusedException e) when (options.User is not null)
        {
            tally.Add($"not read, so nobody knows whose: {e.Message}"); // it may be another's than the one that is meant
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

    /// <summary>The chat in which it stood has no turns any more. Another agent has another chat, which says nothing of this one.</summary>
    private static bool IsGone(Imported seen, Moved known) => seen.Turns == 0 && seen.ChatId == known.Chat;

    private void Once(string list, string id, string says)
    {
        if (_told.TryAdd(id, true))
        {
            tally.Note(list, id, says);
        }
    }

    private void Delete(Moved moved)
    {
        Once(DeletedHere, moved.Id, Deleted);
        if (!options.IsDry)
        {
            log.Add((log.Find(moved.Id) ?? moved) with { IsDeleted = true, Reason = null, Differs = false, Digest = null });
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
