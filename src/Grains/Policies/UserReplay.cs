using Agora.Core.Kernel;
using Agora.Core.Policies;
using Agora.Core.Sessions;
using Agora.Core.Users;
using Agora.Grains.Kernel;
using Agora.Journal;
using Agora.Journal.Personal;

namespace Agora.Grains.Policies;

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
    private readonly PriorityQueue<StreamCursor, long> _sessions = new();

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
        await Fill(_user, cancel);
        while (Rows <= mostRows && !isLate())
        {
            if (SessionInTurn() is { } session)
            {
                if (counterfactual.IsOver(At(session.Entry!)))
                {
                    return true;
                }

                _sessions.Dequeue();
                Tell(session);
                await Fill(session, cancel);
                Enqueue(session);
            }
            else if (UserEntry is not null)
            {
                await TellUser(cancel);
            }
            else
            {
                return true;
            }
        }

        return false;
    }

    private JournalEntry? UserEntry => _user.Entry is { } entry && At(entry) < counterfactual.To ? entry : null;

    /// <summary>The session whose entry comes next. Of the same time it goes before the user's: it is the cause.</summary>
    private StreamCursor? SessionInTurn() =>
        _sessions.TryPeek(out var session, out var at)
        && (UserEntry is not { } first || (at <= first.AtMicros && !Events(session.Entry!).Any(e => counterfactual.Waits(e, At(session.Entry!)))))
            ? session
            : null;

    private void Tell(StreamCursor session)
    {
        var entry = session.Take();
        foreach (var happened in Events(entry))
        {
            counterfactual.Happened(session.Stream, happened, entry.CommandId, At(entry));
        }
    }

    private async Task TellUser(CancellationToken cancel)
    {
        var entry = _user.Take();
        for (var index = 0; index < entry.Events.Count; index++)
        {
            var happened = await keys.Open(UserDecider.Events, user.ToString(), entry, index);
            counterfactual.Happened(happened, entry.Cause, entry.CommandId, At(entry));
            if (happened is UserEvent.SessionOpened { Session: var opened } && counterfactual.Concerns(opened))
            {
                var session = new StreamCursor(journal, new(user.Tenant, Kinds.Session, opened.SessionId), SessionPage);
                await Fill(session, cancel);
                Enqueue(session);
            }
        }

        await Fill(_user, cancel);
    }

    private void Enqueue(StreamCursor session)
    {
        if (session.Entry is { } entry)
        {
            _sessions.Enqueue(session, entry.AtMicros);
        }
    }

    private async ValueTask Fill(StreamCursor cursor, CancellationToken cancel)
    {
        var before = cursor.Rows;
        await cursor.Fill(cancel);
        Rows += cursor.Rows - before;
    }

    private static DateTimeOffset At(JournalEntry entry) => Timestamps.FromMicros(entry.AtMicros);

    private static IEnumerable<SessionEvent> Events(JournalEntry entry) => entry.Events.Select(e => SessionDecider.Events.Decode(e.Name, e.Version, e.Payload, null));
}
