using Agora.Core.Runs;
using Agora.Core.Users;
using Agora.Replay.Checking.Books;
using Agora.Simulation.Clients;

namespace Agora.Simulation.Checks;

/// <summary>
/// What <see cref="UserBook"/> says of each user, sponsors' terms among it; and what a user spends on a service or a category, by what runs were for (<see cref="PartBudgets"/>).
/// </summary>
public sealed class UserLimits(Catalogue catalogue, Findings findings) : IChecker
{
    private readonly SortedDictionary<string, UserBook> _books = new(StringComparer.Ordinal);
    private readonly PartBudgets _parts = new(findings);

    public void Happened(Committed committed)
    {
        if (committed.Event is RunEvent.Requested requested)
        {
            _parts.Requested(requested);
        }

        if (committed.Event is not UserEvent happened) return;

        if (!_books.TryGetValue(committed.Stream.Id, out var book))
        {
            _books.Add(committed.Stream.Id, book = new(committed.Stream.Id, findings.Add, TermsOf));
        }

        book.Happened(committed);
        switch (happened)
        {
            case UserEvent.HoldReserved e:
                _parts.Reserved(committed, e, book.Parts, book.PeriodAt(0, committed.At), book.PeriodAt(1, committed.At));
                break;
            case UserEvent.HoldPosted e:
                _parts.Ended(committed, e.HoldId, e.AmountMicros);
                break;
            case UserEvent.HoldVoided e:
                _parts.Ended(committed, e.HoldId, null);
                break;
            case UserEvent.RefundTaken e:
                _parts.Refunded(committed, e.RunId, e.AmountMicros);
                break;
        }
    }

    public void Rest() => _parts.Rest();

    private (long Runs, long? Micros) TermsOf(string campaign) => (catalogue.Campaign(campaign).RunsPerCompletion, catalogue.Campaign(campaign).MaxMicrosPerUser);
}
