using Agora.Core.Access;
using Agora.Core.Kernel;
using Agora.Core.Runs;
using Agora.Core.Sessions;

namespace Agora.Simulation.Checks;

/// <summary>
/// No session spends and holds more than its budget, runs below included, nor takes on anything after its end or while it is suspended; each of its runs is decided once.
/// A delegated session may do nothing that its parent may not. At rest a session has spent its own runs' costs and those of the
/// sessions below it.
/// </summary>
public sealed class SessionBudgets(Findings findings) : IChecker
{
    private readonly SortedDictionary<string, Book> _books = new(StringComparer.Ordinal);

    public void Happened(Committed committed)
    {
        if (committed.Event is not LeafEvent happened) return;

        if (!_books.TryGetValue(committed.Stream.Id, out var book))
        {
            _books.Add(committed.Stream.Id, book = new());
        }

        Apply(committed.Stream, book, happened, committed.At);
    }

    public void Rest()
    {
        foreach (var (session, book) in _books)
        {
            findings.Expect(book.Held.Count == 0, $"Session {session} still holds money for run {book.Held.Keys.FirstOrDefault()}.");
            findings.Expect(book.Below.Count == 0, $"Session {session} still holds money for hold {book.Below.Keys.FirstOrDefault()} of a run below.");
            var below = _books.Where(b => b.Value.Path.Any(node => node.SessionId == session)).Sum(b => b.Value.Own);
            findings.Expect(book.Spent + book.Back == book.Own + below, $"Session {session} has spent {book.Spent} and got {book.Back} back: {book.Own} of its own and {below} below.");
        }
    }

    private void Apply(StreamId session, Book book, LeafEvent happened, DateTimeOffset at)
    {
        switch (happened)
        {
            case SessionEvent.Begun e:
                findings.Expect(book.Limit is null, $"Session {session.Id} begins twice.");
                (book.Limit, book.Begun, book.Path) = (e.BudgetLimitMicros, e, e.Path ?? []);
                Narrows(session, e);
                break;
            case SessionEvent.Revoked or SessionEvent.EndedAbove or SessionEvent.EndedFor:
                book.Ended = true;
                break;
            case SessionEvent.StandingChanged e:
                book.Limit = e.Terms?.BudgetLimitMicros ?? book.Limit;
                book.SuspendedUntil = e.Suspended ? e.Until ?? DateTimeOffset.MaxValue : null;
                break;
            case SessionEvent.HoldReserved e:
                Standing(session, book, at);
                Live(session, book, at);
                findings.Expect(book.Below.TryAdd(e.HoldId, e.AmountMicros), $"Hold {e.HoldId} is reserved at session {session.Id} twice.");
                Within(session, book, e.AmountMicros);
                break;
            case SessionEvent.HoldPosted e:
                findings.Expect(book.Below.Remove(e.HoldId, out var below) && e.AmountMicros <= below, $"Hold {e.HoldId} is posted at session {session.Id} for {e.AmountMicros} with {below} held.");
                book.Spent += e.AmountMicros;
                break;
            case SessionEvent.HoldVoided e:
                book.Below.Remove(e.HoldId);
                break;
            case SessionEvent.RefundTaken e:
                book.Spent -= e.AmountMicros;
                book.Back += e.AmountMicros;
                break;
            case SessionEvent.Delegated:
                Standing(session, book, at);
                Live(session, book, at);
                break;
            case RunEvent.Requested e:
                findings.Expect(book.Held.TryAdd(e.RunId, e.PriceMicros) && !book.Concluded.Contains(e.RunId), $"Run {e.RunId} is requested again though it was not refused.");
                Standing(session, book, at);
                Live(session, book, at);
                Within(session, book, e.PriceMicros);
                break;
            case RunEvent.Concluded e:
                findings.Expect(book.Concluded.Add(e.RunId), $"Run {e.RunId} is concluded twice.");
                findings.Expect(book.Held.Remove(e.RunId, out var held) && e.AmountMicros <= held, $"Run {e.RunId} is concluded for {e.AmountMicros} with {held} held.");
                findings.Expect(e.Posted || e.AmountMicros == 0, $"Run {e.RunId} failed and costs {e.AmountMicros}.");
                book.Spent += e.AmountMicros;
                book.Own += e.AmountMicros;
                findings.Expect(
                    e.BudgetAfter.SpentMicros == book.Spent && e.BudgetAfter.ReservedMicros == book.Reserved,
                    $"Run {e.RunId} tells a budget of {e.BudgetAfter.SpentMicros} spent and {e.BudgetAfter.ReservedMicros} reserved; it is {book.Spent} and {book.Reserved}.");
                break;
            case RunEvent.AwaitsApproval e:
                findings.Expect(book.Held.Remove(e.Run.RunId), $"Run {e.Run.RunId} waits for approval though it was not under way.");
                Live(session, book, at);
                break;
            case RunEvent.Approved e:
                findings.Expect(book.Held.TryAdd(e.Run.RunId, e.Run.PriceMicros) && !book.Concluded.Contains(e.Run.RunId), $"Run {e.Run.RunId} is approved though it was under way.");
                Standing(session, book, at);
                Live(session, book, at);
                Within(session, book, e.Run.PriceMicros);
                break;
            case RunEvent.WaitEnded e:
                findings.Expect(!book.Held.ContainsKey(e.RunId) && book.Concluded.Add(e.RunId), $"Run {e.RunId} stops waiting though it was under way.");
                break;
            case RunEvent.Refused e:
                findings.Expect(book.Held.Remove(e.RunId), $"Run {e.RunId} is refused though it was not under way.");
                break;
        }
    }

    /// <summary>A limit that was lowered below what is spent stops what costs something; what is free needs no room.</summary>
    private void Within(StreamId session, Book book, long amount) => findings.Expect(
        amount == 0 || book.Spent + book.Reserved <= book.Limit, $"Session {session.Id} overspends: {book.Spent} spent + {book.Reserved} held of {book.Limit}.");

    private void Standing(StreamId session, Book book, DateTimeOffset at) =>
        findings.Expect(!(at < book.SuspendedUntil), $"Session {session.Id} takes on something new while it is suspended.");

    private void Live(StreamId session, Book book, DateTimeOffset at) =>
        findings.Expect(!book.Ended && at < book.Begun?.ExpiresAt, $"Session {session.Id} takes on something new after its end.");

    /// <summary>Its parent began before it, in another stream: what is committed of both is seen together.</summary>
    private void Narrows(StreamId session, SessionEvent.Begun child)
    {
        if (child.Path is not { Count: > 0 } path) return;

        var parent = _books.GetValueOrDefault(path[^1].SessionId)?.Begun;
        if (parent is null)
        {
            findings.Add($"Session {session.Id} begins below {path[^1].SessionId}, which has not begun.");
            return;
        }

        findings.Expect(child.BudgetLimitMicros <= parent.BudgetLimitMicros, $"Session {session.Id} may spend {child.BudgetLimitMicros}, its parent {parent.BudgetLimitMicros}.");
        findings.Expect(child.UserId == parent.UserId && path.Count <= 7, $"Session {session.Id} stands at depth {path.Count + 1} of user {child.UserId}.");
        findings.Expect(path.Select(node => node.AgentId).Append(child.AgentId).Distinct(StringComparer.Ordinal).Count() == path.Count + 1, $"An agent stands twice on the path of session {session.Id}.");
        findings.Expect(path.Take(path.Count - 1).SequenceEqual(parent.Path ?? []), $"The path of session {session.Id} is not its parent's.");
        (IReadOnlyList<string> Child, IReadOnlyList<string> Parent)[] lists =
        [
            (child.Scopes.TaskTypes, parent.Scopes.TaskTypes), (child.Scopes.DataTypes, parent.Scopes.DataTypes), (child.Scopes.Categories, parent.Scopes.Categories), (child.Scopes.Consents, parent.Scopes.Consents),
        ];
        findings.Expect(lists.All(l => l.Parent.Contains("*") || l.Child.All(value => l.Parent.Contains(value))), $"Session {session.Id} has wider scopes than its parent.");
    }

    private sealed class Book
    {
        public long? Limit { get; set; }

        public SessionEvent.Begun? Begun { get; set; }

        public IReadOnlyList<PathNode> Path { get; set; } = [];

        public bool Ended { get; set; }

        public DateTimeOffset? SuspendedUntil { get; set; }

        /// <summary>Spent by its own runs.</summary>
        public long Own { get; set; }

        /// <summary>Holds of runs below.</summary>
        public SortedDictionary<Guid, long> Below { get; } = [];

        public long Reserved => Held.Values.Sum() + Below.Values.Sum();

        /// <summary>Less what was given back.</summary>
        public long Spent { get; set; }

        public long Back { get; set; }

        public SortedDictionary<Guid, long> Held { get; } = [];

        public HashSet<Guid> Concluded { get; } = [];
    }
}
