using Agora.Core.Agents;
using Agora.Core.Kernel;
using Agora.Core.Runs;
using Agora.Core.Users;

namespace Agora.Simulation.Checks;

/// <summary>
/// What was taken from an agent is not to be had any more. From the moment at which the user's stream has decided that a session is over (its grant or key ended, another took
/// its place, the user is no more), that the user is paused or that an agent is stopped, no run begins there: only one that was under way before may still get its hold, and none does once the session has closed.
/// At rest every session that a revoked key or card had opened is over.
/// </summary>
public sealed class Access(Findings findings) : IChecker
{
    private readonly SortedDictionary<string, Book> _books = new(StringComparer.Ordinal);
    private readonly Dictionary<Guid, int> _requested = [];
    private readonly List<(string KeyId, Session Opened)> _revoked = [];
    private DateTimeOffset _now;

    public void Happened(Committed committed)
    {
        _now = committed.At > _now ? committed.At : _now;
        switch (committed.Event)
        {
            case RunEvent.Requested e:
                _requested.TryAdd(e.RunId, _requested.Count);
                break;
            case RunEvent.Approved e:
                _requested.TryAdd(e.Run.RunId, _requested.Count);
                break;
            case AgentEvent.KeyRevoked e:
                Revoke(committed.Stream.Id, e.KeyId);
                break;
            case AgentEvent.CardRevoked:
                Revoke(committed.Stream.Id, Openers.Card);
                break;
            case UserEvent e:
                Apply(committed.Stream.Id, BookOf(committed.Stream.Id), e);
                break;
        }
    }

    public void Rest()
    {
        foreach (var (key, session) in _revoked.Where(r => !r.Opened.IsOver && r.Opened.Terms.ExpiresAt > _now))
        {
            findings.Add($"Session {session.Terms.SessionId} lives on, though the key {key}, which opened it, was revoked.");
        }
    }

    private void Revoke(string agent, string keyId) => _revoked.AddRange(
        _books.Values.SelectMany(b => b.Sessions.Values).Where(s => s is { Begun: true, IsOver: false } && s.Terms.Grantee == agent && s.Terms.KeyId == keyId).Select(s => (keyId, s)));

    private void Apply(string user, Book book, UserEvent happened)
    {
        switch (happened)
        {
            case UserEvent.SessionOpened e:
                book.Sessions[e.Session.SessionId] = new(e.Session);
                break;
            case UserEvent.SessionBegun e:
                book.Sessions[e.Session.SessionId].Begun = true;
                break;
            case UserEvent.SessionClosed e when book.Sessions.TryGetValue(e.Session.SessionId, out var closed):
                (closed.IsOver, closed.Closed) = (true, true);
                break;
            case UserEvent.GrantEnded e:
                End(book, s => s.Grantee == e.AgentId, "its grant was ended");
                break;
            case UserEvent.KeyEnded e:
                End(book, s => s.Grantee == e.AgentId && (s.KeyId is null || s.KeyId == e.KeyId), "its key was revoked");
                break;
            case UserEvent.SessionsReplaced e:
                End(book, s => e.Sessions.Contains(s.SessionId) || (s.Path ?? []).Any(node => e.Sessions.Contains(node.SessionId)), "another took its place");
                break;
            case UserEvent.PersonalDataErased:
                End(book, _ => true, "its user was erased");
                break;
            case UserEvent.UserPaused:
                book.Paused = true;
                break;
            case UserEvent.UserUnpaused:
                book.Paused = false;
                break;
            case UserEvent.AgentStandingTaken { Stopped: true } e:
                book.Stopped.Add(e.AgentId);
                break;
            case UserEvent.AgentStandingTaken e:
                book.Stopped.Remove(e.AgentId);
                break;
            case UserEvent.HoldReserved e:
                Begins(user, book, e);
                break;
        }
    }

    private void End(Book book, Func<SessionOpened, bool> ends, string why)
    {
        foreach (var session in book.Sessions.Values.Where(s => s.Ended is null && ends(s.Terms)))
        {
            (session.Ended, session.RunsBefore, session.IsOver) = (why, _requested.Count, true);
        }
    }

    private void Begins(string user, Book book, UserEvent.HoldReserved e)
    {
        var session = book.Sessions[StreamId.Parse(e.Owner).Id];
        findings.Expect(!book.Paused, $"Run {e.RunId} begins though user {user} is paused.");
        findings.Expect(!book.Stopped.Any(session.Terms.IsUnder), $"Run {e.RunId} begins though an agent on the path of session {session.Terms.SessionId} is stopped.");
        findings.Expect(!session.Closed, $"Run {e.RunId} begins though session {session.Terms.SessionId} was over.");
        findings.Expect(session.Ended is null || (_requested.TryGetValue(e.RunId, out var place) && place < session.RunsBefore), $"Run {e.RunId} of session {session.Terms.SessionId} begins after {session.Ended}.");
    }

    private Book BookOf(string user)
    {
        if (!_books.TryGetValue(user, out var book))
        {
            _books.Add(user, book = new());
        }

        return book;
    }

    private sealed class Book
    {
        public SortedDictionary<string, Session> Sessions { get; } = new(StringComparer.Ordinal);

        public bool Paused { get; set; }

        public HashSet<string> Stopped { get; } = new(StringComparer.Ordinal);
    }

    private sealed class Session(SessionOpened terms)
    {
        public SessionOpened Terms { get; } = terms;

        public bool Begun { get; set; }

        public bool IsOver { get; set; }

        /// <summary>Its own stream has ended it, and the user's has heard of that: what it had asked for before and arrives only now gets nothing.</summary>
        public bool Closed { get; set; }

        /// <summary>Why the user's stream has ended it.</summary>
        public string? Ended { get; set; }

        /// <summary>So many runs, of all sessions, were requested before that.</summary>
        public int RunsBefore { get; set; }
    }
}
