using System.Globalization;
using Agora.Core;
using Agora.Core.Campaigns;
using Agora.Core.Kernel;
using Agora.Core.Wallets;

namespace Agora.Simulation.Checks;

/// <summary>
/// Money out of campaigns and into wallets. Funded + given back = remaining + held + sent, always; no escrow, day's cap, price or number of
/// completions is exceeded; a wallet has of a campaign what a beginning of its transfers comes to, and at rest all of them.
/// </summary>
public sealed class Escrows(Findings findings) : IChecker
{
    private readonly SortedDictionary<string, Book> _books = new(StringComparer.Ordinal);
    private readonly SortedDictionary<(string Campaign, string Wallet), List<(long Number, long AmountMicros)>> _credits = [];

    public void Happened(Committed committed)
    {
        if (committed.Event is WalletEvent.Credited credit && StreamId.Parse(credit.Source).Kind == Kinds.Campaign)
        {
            Credit(committed.Stream.Id, credit);
        }
        else if (committed.Event is CampaignEvent happened)
        {
            if (!_books.TryGetValue(committed.Stream.ToString(), out var book))
            {
                _books.Add(committed.Stream.ToString(), book = new(committed.Stream.Id));
            }

            Apply(book, happened, committed.At);
            findings.Expect(book.Remaining >= 0, $"Campaign {book.Id} has overspent its escrow by {-book.Remaining} (#{committed.Seq}).");
        }
    }

    public void Point()
    {
        foreach (var ((campaign, wallet), credits) in _credits)
        {
            var sent = _books.TryGetValue(campaign, out var book) ? book.Sent.GetValueOrDefault(wallet) ?? [] : [];
            findings.Expect(
                credits.Count <= sent.Count && credits.SequenceEqual(sent.Take(credits.Count)),
                $"Wallet {wallet} was credited {string.Join(' ', credits)} by {campaign}, which sent {string.Join(' ', sent)}.");
        }
    }

    public void Rest()
    {
        foreach (var (campaign, book) in _books)
        {
            findings.Expect(book.Holds.Count == 0, $"Campaign {book.Id} still holds {book.Holds.Keys.FirstOrDefault()}.");
            foreach (var (wallet, owed) in book.Owed)
            {
                var arrived = _credits.GetValueOrDefault((campaign, wallet))?.Sum(credit => credit.AmountMicros) ?? 0;
                findings.Expect(arrived == owed, $"{owed - arrived} of the {owed} that campaign {book.Id} owes to wallet {wallet} are still in transit.");
            }
        }
    }

    /// <summary>Completions that the campaign has counted.</summary>
    public long Completions(StreamId campaign) => _books.GetValueOrDefault(campaign.ToString())?.Completions ?? 0;

    private void Credit(string wallet, WalletEvent.Credited e)
    {
        if (!_credits.TryGetValue((e.Source, wallet), out var credits))
        {
            _credits.Add((e.Source, wallet), credits = []);
        }

        findings.Expect(credits.Count == 0 || e.Number > credits[^1].Number, $"Wallet {wallet} was credited transfer {e.Number} of {e.Source} after {credits.LastOrDefault().Number}.");
        credits.Add((e.Number, e.AmountMicros));
    }

    private void Apply(Book book, CampaignEvent happened, DateTimeOffset at)
    {
        switch (happened)
        {
            case CampaignEvent.DefinitionPut e:
                book.Definition = e.View.Definition;
                break;
            case CampaignEvent.Funded e:
                book.Funded += e.AmountMicros;
                findings.Expect(e.View.Escrow.RemainingMicros == book.Remaining, $"Campaign {book.Id} tells {e.View.Escrow.RemainingMicros} remaining; it is {book.Remaining}.");
                break;
            case CampaignEvent.Closed:
                book.Closed = true;
                book.ReturnLeft();
                break;
            case CampaignEvent.HoldReserved e:
                Reserve(book, e, at);
                break;
            case CampaignEvent.HoldPosted e:
                Post(book, e);
                break;
            case CampaignEvent.HoldVoided e:
                book.Release(e.HoldId);
                book.ReturnLeft();
                book.HasReleased |= e.ReleasedPayee is not null;
                break;
            case CampaignEvent.TransferSent e:
                Send(book, e);
                break;
            case CampaignEvent.Credited e:
                book.Received += e.AmountMicros;
                book.ReturnLeft();
                break;
            case CampaignEvent.CompletionCounted e:
                book.Completions++;
                book.Count(e);
                findings.Expect(!(book.Completions > book.Definition?.MaxCompletions), $"Campaign {book.Id} counts {book.Completions} completions of {book.Definition?.MaxCompletions}.");
                break;
            case CampaignEvent.CompletionUncounted e:
                book.Completions -= e.Counted ? 1 : 0;
                book.LetGo(e.CompletionId);
                break;
            case CampaignEvent.RewardClaimed e:
                book.Rewards[e.ClaimId] = e.Reward.AmountMicros;
                break;
            case CampaignEvent.RewardReturned e:
                book.LetGo(e.View.CompletionId);
                break;
            case CampaignEvent.RewardPaid e:
                book.Rewards.Remove(e.View.CompletionId);
                book.Owe($"agent:{e.View.AgentId}", e.View.AmountMicros);
                break;
        }
    }

    private void Reserve(Book book, CampaignEvent.HoldReserved e, DateTimeOffset at)
    {
        var today = at.UtcDateTime.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
        var covered = book.Definition?.Services.FirstOrDefault(s => s.ServiceId == e.ServiceId);
        findings.Expect(!book.Closed && book.Definition?.Active == true, $"Campaign {book.Id} pays though it is closed or inactive.");
        findings.Expect(covered is not null && !(e.AmountMicros > covered.MaxPriceMicros), $"Campaign {book.Id} pays {e.AmountMicros} for {e.ServiceId}.");
        findings.Expect(e.Day == today, $"Campaign {book.Id} counts a hold of {today} against {e.Day}.");
        book.Holds[e.HoldId] = e;
        book.Days[e.Day] = book.Days.GetValueOrDefault(e.Day) + e.AmountMicros;
        findings.Expect(!(book.Days[e.Day] > book.Definition?.DailyCapMicros), $"Campaign {book.Id} spends {book.Days[e.Day]} on {e.Day}; its cap is {book.Definition?.DailyCapMicros}.");
    }

    private static void Post(Book book, CampaignEvent.HoldPosted e)
    {
        if (book.Release(e.HoldId, e.AmountMicros) is { } hold)
        {
            var fee = e.AmountMicros * hold.FeeBasisPoints / 10_000;
            book.Owe(hold.Provider, e.AmountMicros - fee);
            book.Owe("fee", fee);
            book.ReturnLeft();
        }
    }

    private void Send(Book book, CampaignEvent.TransferSent e)
    {
        if (!book.Sent.TryGetValue(e.Wallet, out var sent))
        {
            book.Sent.Add(e.Wallet, sent = []);
        }

        // A wallet that was released is forgotten, and what begins after that has a number that none of the forgotten ones had.
        var last = sent.LastOrDefault().Number;
        findings.Expect(e.Number == last + 1 || (book.HasReleased && e.Number > last), $"Campaign {book.Id} sends transfer {e.Number} to {e.Wallet} after {last}.");
        sent.Add((e.Number, e.AmountMicros));
        findings.Expect(sent.Sum(one => one.AmountMicros) <= book.Owed.GetValueOrDefault(e.Wallet), $"Campaign {book.Id} sends {sent.Sum(one => one.AmountMicros)} to {e.Wallet}, which earned {book.Owed.GetValueOrDefault(e.Wallet)}.");
    }

    private sealed class Book(string id)
    {
        public string Id { get; } = id;

        public CampaignDefinition? Definition { get; set; }

        public bool Closed { get; set; }

        /// <summary>A wallet that it had paid, which remembers it no more.</summary>
        public bool HasReleased { get; set; }

        public long Funded { get; set; }

        /// <summary>By refunds.</summary>
        public long Received { get; set; }

        public long Completions { get; set; }

        public SortedDictionary<Guid, CampaignEvent.HoldReserved> Holds { get; } = [];

        public SortedDictionary<Guid, long> Rewards { get; } = [];

        public SortedDictionary<string, long> Days { get; } = new(StringComparer.Ordinal);

        public SortedDictionary<string, long> Owed { get; } = new(StringComparer.Ordinal);

        public SortedDictionary<string, List<(long Number, long AmountMicros)>> Sent { get; } = new(StringComparer.Ordinal);

        public long Remaining => Funded + Received - Holds.Values.Sum(h => h.AmountMicros) - Rewards.Values.Sum() - Owed.Values.Sum();

        public void Owe(string wallet, long amount)
        {
            if (amount > 0)
            {
                Owed[wallet] = Owed.GetValueOrDefault(wallet) + amount;
            }
        }

        public void Count(CampaignEvent.CompletionCounted e)
        {
            if (e.ClaimId is { } claim)
            {
                Rewards.Remove(claim);
            }

            if (e.Reward is { } reward)
            {
                Rewards[e.CompletionId] = reward.AmountMicros;
            }
        }

        public void LetGo(Guid reward)
        {
            Rewards.Remove(reward);
            ReturnLeft();
        }

        public void ReturnLeft()
        {
            if (Closed)
            {
                Owe("sponsor:" + Id, Remaining);
            }
        }

        public CampaignEvent.HoldReserved? Release(Guid holdId, long spent = 0)
        {
            if (Holds.Remove(holdId, out var hold))
            {
                Days[hold.Day] -= hold.AmountMicros - spent;
            }

            return hold;
        }
    }
}
