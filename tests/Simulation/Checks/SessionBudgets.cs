using Agora.Core.Kernel;
using Agora.Core.Runs;
using Agora.Core.Sessions;
using Agora.Replay.Checking.Books;

namespace Agora.Simulation.Checks;

/// <summary>
/// What <see cref="SessionBook"/> says of each session.
/// A delegated session may do nothing that its parent may not. At rest a session has spent its own runs' costs and those of the
/// sessions below it.
/// </summary>
public sealed class SessionBudgets(Findings findings) : IChecker
{
    private readonly SortedDictionary<string, SessionBook> _books = new(StringComparer.Ordinal);

    public void Happened(Committed committed)
    {
        if (committed.Event is not LeafEvent happened) return;

        if (!_books.TryGetValue(committed.Stream.Id, out var book))
        {
            _books.Add(committed.Stream.Id, book = new(committed.Stream.Id, findings.Add));
        }

        book.Happened(committed);
        if (happened is SessionEvent.Begun begun)
        {
            Narrows(committed.Stream, begun);
        }
    }

    public void Rest()
    {
        foreach (var (session, book) in _books)
        {
            findings.Expect(book.Held is null, $"Session {session} still holds money for run {book.Held}.");
            findings.Expect(book.Below is null, $"Session {session} still holds money for hold {book.Below} of a run below.");
            var below = _books.Where(b => b.Value.Path.Any(node => node.SessionId == session)).Sum(b => b.Value.OwnMicros);
            findings.Expect(book.SpentMicros + book.BackMicros == book.OwnMicros + below, $"Session {session} has spent {book.SpentMicros} and got {book.BackMicros} back: {book.OwnMicros} of its own and {below} below.");
        }
    }

    /// <summary>Its parent began before it, in another stream: what is committed of both is seen together.</summary>
    private void Narrows(StreamId session, SessionEvent.Begun child)
    {
        if (child.Path is not { Count: > 0 } path) return;

        var above = _books.GetValueOrDefault(path[^1].SessionId);
        var parent = above?.Begun;
        if (parent is null)
        {
            findings.Add($"Session {session.Id} begins below {path[^1].SessionId}, which has not begun.");
            return;
        }

        findings.Expect(child.BudgetLimitMicros <= above!.MostMicros, $"Session {session.Id} may spend {child.BudgetLimitMicros}, its parent {above.MostMicros}.");
        findings.Expect(child.UserId == parent.UserId && path.Count <= 7, $"Session {session.Id} stands at depth {path.Count + 1} of user {child.UserId}.");
        findings.Expect(path.Select(node => node.AgentId).Append(child.AgentId).Distinct(StringComparer.Ordinal).Count() == path.Count + 1, $"An agent stands twice on the path of session {session.Id}.");
        findings.Expect(path.Take(path.Count - 1).SequenceEqual(parent.Path ?? []), $"The path of session {session.Id} is not its parent's.");
        (IReadOnlyList<string> Child, IReadOnlyList<string> Parent)[] lists =
        [
            (child.Scopes.TaskTypes, parent.Scopes.TaskTypes), (child.Scopes.DataTypes, parent.Scopes.DataTypes), (child.Scopes.Categories, parent.Scopes.Categories), (child.Scopes.Consents, parent.Scopes.Consents),
        ];
        findings.Expect(lists.All(l => l.Parent.Contains("*") || l.Child.All(value => l.Parent.Contains(value))), $"Session {session.Id} has wider scopes than its parent.");
    }
}
