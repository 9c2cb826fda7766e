using Agora.Core.Kernel;
using Agora.Core.Sessions;

namespace Agora.Simulation.Checks;

/// <summary>No session spends and holds more than its budget, and each of its runs is decided once.</summary>
public sealed class SessionBudgets(Findings findings) : IChecker
{
    private readonly SortedDictionary<string, Book> _books = new(StringComparer.Ordinal);

    public void Happened(Committed committed)
    {
        if (committed.Event is not SessionEvent happened)
        {
            return;
        }

        if (!_books.TryGetValue(committed.Stream.Id, out var book))
        {
            _books.Add(committed.Stream.Id, book = new());
        }

        Apply(committed.Stream, book, happened);
    }

    public void Rest()
    {
        foreach (var (session, book) in _books)
        {
            findings.Expect(book.Held.Count == 0, $"Session {session} still holds money for run {book.Held.Keys.FirstOrDefault()}.");
        }
    }

    private void Apply(StreamId session, Book book, SessionEvent happened)
    {
        switch (happened)
        {
            case SessionEvent.Begun e:
                findings.Expect(book.Limit is null, $"Session {session.Id} begins twice.");
                book.Limit = e.BudgetLimitMicros;
                break;
            case SessionEvent.RunRequested e:
                findings.Expect(book.Held.TryAdd(e.RunId, e.PriceMicros) && !book.Settled.Contains(e.RunId), $"Run {e.RunId} is requested again though it was not refused.");
                findings.Expect(book.Spent + book.Held.Values.Sum() <= book.Limit, $"Session {session.Id} overspends: {book.Spent} spent + {book.Held.Values.Sum()} held of {book.Limit}.");
                break;
            case SessionEvent.RunSettled e:
                findings.Expect(book.Settled.Add(e.RunId), $"Run {e.RunId} is settled twice.");
                findings.Expect(book.Held.Remove(e.RunId, out var held) && e.AmountMicros <= held, $"Run {e.RunId} is settled for {e.AmountMicros} with {held} held.");
                findings.Expect(e.Posted || e.AmountMicros == 0, $"Run {e.RunId} failed and costs {e.AmountMicros}.");
                book.Spent += e.AmountMicros;
                findings.Expect(
                    e.BudgetAfter.SpentMicros == book.Spent && e.BudgetAfter.ReservedMicros == book.Held.Values.Sum(),
                    $"Run {e.RunId} tells a budget of {e.BudgetAfter.SpentMicros} spent and {e.BudgetAfter.ReservedMicros} reserved; it is {book.Spent} and {book.Held.Values.Sum()}.");
                break;
            case SessionEvent.RunRefused e:
                findings.Expect(book.Held.Remove(e.RunId), $"Run {e.RunId} is refused though it was not under way.");
                break;
        }
    }

    private sealed class Book
    {
        public long? Limit { get; set; }

        public long Spent { get; set; }

        public SortedDictionary<Guid, long> Held { get; } = [];

        public HashSet<Guid> Settled { get; } = [];
    }
}
