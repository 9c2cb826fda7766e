using Agora.Core;
using Agora.Core.Kernel;
using Agora.Core.Runs;
using Agora.Core.Sessions;
using Agora.Core.Users;
using Agora.Grains.Kernel;
using Agora.Journal;
using Agora.Journal.Personal;

namespace Agora.Replay.Reading;

/// <summary>
/// Reads one user's streams, merged by time, into a <see cref="Counterfactual"/>. A session is read from where the user's stream opens it.
/// Outputs of services stay sealed: no decision rests on them.
/// <para>Bounds: a page of each live session in memory; <paramref name="mostRows"/> rows in all, and no page after <paramref name="isLate"/>.</para>
/// </summary>
internal sealed class UserReplay(IJournal journal, PersonalKeys keys, StreamId user, Counterfactual counterfactual, long mostRows, Func<bool> isLate)
{
    private const int UserPage = 500;
    private const int SessionPage = 100;

    private readonly StreamCursor _user = new(journal, user, UserPage);
    private readonly PriorityQueue<StreamCursor, (long AtMicros, int Rank)> _next = new();
    private readonly List<StreamCursor> _waiting = [];
    private readonly HashSet<string> _sessions = new(StringComparer.Ordinal);

    public long Rows { get; private set; }

    /// <returns>False: a bound was reached first.</returns>
    public async Task<bool> Run(CancellationToken cancel)
    {
        var isWhole = await Read(cancel);
        counterfactual.CheckInvariants();
        return isWhole;
    }

    private async Task<bool> Read(CancellationToken cancel)
    {
        await Advance(_user, cancel);
        while (Rows <= mostRows && !isLate())
        {
            if (Next() is not { } cursor) return true;

            await Tell(cursor, cancel);
            await Advance(cursor, cancel);
            _waiting.ForEach(Enqueue);
            _waiting.Clear();
        }

        return false;
    }

    /// <summary>The stream whose entry comes next; null: what is left cannot matter.</summary>
    private StreamCursor? Next()
    {
        while (_next.TryDequeue(out var cursor, out var order))
        {
            if (counterfactual.IsOver(Timestamps.FromMicros(order.AtMicros)))
            {
                Enqueue(cursor);
                break;
            }

            if (!Waits(cursor)) return cursor;

            _waiting.Add(cursor);
        }

        if (_waiting.Count == 0) return null;

        var first = _waiting[0]; // waits for what was not recorded before the end
        _waiting.RemoveAt(0);
        return first;
    }

    private bool Waits(StreamCursor cursor)
    {
        var entry = cursor.Entry!;
        return cursor == _user
            ? entry.Events.Any(e => counterfactual.Waits(UserEntity.Entity.Events.Decode(e.Name, e.Version, e.Payload, null)))
            : Events(entry).Any(e => counterfactual.Waits(e, At(entry)));
    }

    private async ValueTask Tell(StreamCursor cursor, CancellationToken cancel)
    {
        var entry = cursor.Take();
        if (cursor == _user)
        {
            await TellUser(entry, cancel);
            return;
        }

        foreach (var happened in Events(entry))
        {
            counterfactual.Happened(cursor.Stream, happened, entry.CommandId, At(entry));
        }
    }

    private async ValueTask TellUser(JournalEntry entry, CancellationToken cancel)
    {
        for (var index = 0; index < entry.Events.Count; index++)
        {
            var happened = await keys.Open(UserEntity.Entity.Events, user.ToString(), entry, index);
            counterfactual.Happened(happened, entry.Cause, entry.CommandId, At(entry));
            // A sub-session whose opening was refused may be opened again under its id.
            if (happened is UserEvent.SessionOpened { Session: var opened } && counterfactual.Concerns(opened) && _sessions.Add(opened.SessionId))
            {
                await Advance(new StreamCursor(journal, new(user.Tenant, Kinds.Session, opened.SessionId), SessionPage), cancel);
            }
        }
    }

    private async ValueTask Advance(StreamCursor cursor, CancellationToken cancel)
    {
        await Fill(cursor, cancel);
        Enqueue(cursor);
    }

    /// <summary>Of the same time a session's entry goes before the user's: it is the cause.</summary>
    private void Enqueue(StreamCursor cursor)
    {
        if (cursor.Entry is { } entry && (cursor != _user || At(entry) < counterfactual.To))
        {
            _next.Enqueue(cursor, (entry.AtMicros, cursor == _user ? 1 : 0));
        }
    }

    private async ValueTask Fill(StreamCursor cursor, CancellationToken cancel)
    {
        var before = cursor.Rows;
        await cursor.Fill(cancel);
        Rows += cursor.Rows - before;
    }

    private static DateTimeOffset At(JournalEntry entry) => Timestamps.FromMicros(entry.AtMicros);

    private static IEnumerable<LeafEvent> Events(JournalEntry entry) => entry.Events.Select(e => SessionEntity.Entity.Events.Decode(e.Name, e.Version, e.Payload, null));
}
