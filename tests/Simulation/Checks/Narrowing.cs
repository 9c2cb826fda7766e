using Agora.Core.Runs;
using Agora.Core.Sessions;
using Agora.Core.Users;

namespace Agora.Simulation.Checks;

/// <summary>
/// A grant that is put narrower narrows the sessions that live under it. From the event on by which a session has heard of it (its standing, under the revision of that
/// grant or a later one) no run begins there outside of what opening and grant both allow, and its budget is no more than either. At rest every live session has heard.
/// Before it has heard, the user's stream gives it nothing: others look at that. One that has expired is told of grants that nobody waits for, and counts no more; one that has ended keeps its terms.
/// </summary>
public sealed class Narrowing(Findings findings) : IChecker
{
    private readonly SortedDictionary<string, Session> _sessions = new(StringComparer.Ordinal);
    private readonly Dictionary<(string User, string? Agent), long> _revisions = [];
    private DateTimeOffset _now;

    public void Happened(Committed committed)
    {
        _now = committed.At > _now ? committed.At : _now;
        if (committed.Event is UserEvent taken)
        {
            Apply(committed.Stream.Id, taken);
        }
        else if (committed.Event is LeafEvent happened && _sessions.TryGetValue(committed.Stream.Id, out var session))
        {
            Apply(session, happened);
        }
    }

    public void Rest()
    {
        foreach (var (id, session) in _sessions.Where(s => s.Value is { Put: not null, HasHeard: false, IsOver: false }))
        {
            findings.Expect(session.Terms.ExpiresAt <= _now || session.Put!.ExpiresAt <= _now, $"Session {id} lives on and has never heard of the grant that was put under revision {session.Revision}.");
        }
    }

    private void Apply(string user, UserEvent happened)
    {
        switch (happened)
        {
            case UserEvent.SessionOpened e:
                _sessions[e.Session.SessionId] = new(e.Session);
                break;
            case UserEvent.GrantPut { Revision: > 0 } e:
                Raise(user, e.AgentId, e.Revision);
                foreach (var session in (e.Awaited ?? []).Select(id => _sessions[id]))
                {
                    (session.Put, session.Revision, session.HasHeard) = (e.Grant, RevisionOf(user, session.Terms), false);
                }

                break;
            case UserEvent.GrantEnded e:
                Raise(user, e.AgentId, e.Revision);
                foreach (var session in _sessions.Values.Where(s => s.Terms.UserId == user && s.Terms.Grantee == e.AgentId))
                {
                    session.IsOver = true; // what is over is for others to say
                }

                break;
            case UserEvent.PairSuspended e:
                Raise(user, e.AgentId, e.Revision);
                break;
            case UserEvent.PairResumed e:
                Raise(user, e.AgentId, e.Revision);
                break;
            case UserEvent.KeyEnded e:
                Raise(user, e.AgentId, e.Revision);
                break;
            case UserEvent.SessionsReplaced e:
                Raise(user, e.AgentId, e.Revision);
                break;
            case UserEvent.AgentStandingTaken e:
                Raise(user, e.AgentId, e.Revision);
                break;
            case UserEvent.UserPaused e:
                Raise(user, null, e.Revision);
                break;
            case UserEvent.UserUnpaused e:
                Raise(user, null, e.Revision);
                break;
        }
    }

    private void Apply(Session session, LeafEvent happened)
    {
        session.RaisedMicros = happened switch
        {
            RunEvent.Approved e => session.RaisedMicros + e.RaisedMicros,
            RunEvent.WaitEnded e => session.RaisedMicros + e.RaisedMicros,
            SessionEvent.StandingChanged { Terms: { } terms } => terms.RaisedMicros,
            _ => session.RaisedMicros,
        };
        switch (happened)
        {
            case SessionEvent.StandingChanged { Terms: not null } when session.HasEnded:
                findings.Add($"Session {session.Terms.SessionId} has ended, and goes by other terms than before.");
                break;
            case SessionEvent.StandingChanged e when session is { Put: not null, HasHeard: false } && e.Revision >= session.Revision:
                session.HasHeard = true;
                break;
            case SessionEvent.Revoked or SessionEvent.EndedAbove or SessionEvent.EndedFor:
                session.IsOver = session.HasEnded = true;
                break;
            case RunEvent.Requested e:
                Begins(session, e);
                break;
            case RunEvent.Approved e:
                Begins(session, e.Run);
                break;
            case RunEvent.Concluded e when session is { HasHeard: true, IsOver: false, Put: { } grant } && session.Terms.ExpiresAt > _now:
                findings.Expect(
                    e.BudgetAfter.LimitMicros - session.RaisedMicros <= Math.Min(session.Terms.BudgetLimitMicros, grant.BudgetLimitMicros),
                    $"Session {session.Terms.SessionId} goes by a budget of {e.BudgetAfter.LimitMicros}, though it has heard of a grant of {grant.BudgetLimitMicros}.");
                break;
        }
    }

    private void Begins(Session session, RunEvent.Requested run)
    {
        if (session is not { HasHeard: true, Put: { } grant }) return;

        var (opened, granted) = (session.Terms.Scopes, grant.Scopes);
        var isWithin = run.Memo is not null ? Covers(opened.Payees, run.Provider) && Covers(granted.Payees, run.Provider)
            : run.Category is not { } category || (Covers(opened.Categories, category) && Covers(granted.Categories, category));
        findings.Expect(isWithin, $"Run {run.RunId} of session {session.Terms.SessionId}, of {run.Category ?? run.Provider}, begins outside of the grant that the session has heard of.");
    }

    private void Raise(string user, string? agent, long revision) => _revisions[(user, agent)] = Math.Max(revision, _revisions.GetValueOrDefault((user, agent)));

    /// <summary>Of the user, and of each agent from the root to the session's own.</summary>
    private long RevisionOf(string user, SessionOpened terms) =>
        _revisions.GetValueOrDefault((user, null)) + (terms.Path ?? []).Select(node => node.AgentId).Append(terms.AgentId).Sum(agent => _revisions.GetValueOrDefault((user, agent)));

    private static bool Covers(IReadOnlyList<string>? allowed, string value) => allowed?.Any(one => one == "*" || one.Equals(value, StringComparison.OrdinalIgnoreCase)) == true;

    private sealed class Session(SessionOpened terms)
    {
        public SessionOpened Terms { get; } = terms;

        /// <summary>The last grant that changed what it may do; null: none has.</summary>
        public Grant? Put { get; set; }

        /// <summary>Of its standing, when that was put.</summary>
        public long Revision { get; set; }

        /// <summary>By so much its user raised its budget, run by run.</summary>
        public long RaisedMicros { get; set; }

        public bool HasHeard { get; set; }

        /// <summary>By its own event, or its grant's end, of which it may not have heard.</summary>
        public bool IsOver { get; set; }

        public bool HasEnded { get; set; }
    }
}
