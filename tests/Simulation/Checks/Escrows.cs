using Agora.Core;
using Agora.Core.Campaigns;
using Agora.Core.Kernel;
using Agora.Core.Wallets;
using Agora.Replay.Checking.Books;

namespace Agora.Simulation.Checks;

/// <summary>
/// Money out of campaigns and into wallets. What <see cref="CampaignBook"/> says of each campaign; a wallet has of a campaign what a beginning of its transfers comes to, and at rest all of them.
/// </summary>
public sealed class Escrows(Findings findings) : IChecker
{
    private readonly SortedDictionary<string, CampaignBook> _books = new(StringComparer.Ordinal);
    private readonly SortedDictionary<(string Campaign, string Wallet), List<(long Number, long AmountMicros)>> _sent = [];
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
                _books.Add(committed.Stream.ToString(), book = new(committed.Stream.Id, findings.Add));
            }

            book.Happened(committed);
            if (happened is CampaignEvent.TransferSent e)
            {
                Of(_sent, committed.Stream.ToString(), e.Wallet).Add((e.Number, e.AmountMicros));
            }
        }
    }

    public void Point()
    {
        foreach (var ((campaign, wallet), credits) in _credits)
        {
            var sent = _sent.GetValueOrDefault((campaign, wallet)) ?? [];
            findings.Expect(
                credits.Count <= sent.Count && credits.SequenceEqual(sent.Take(credits.Count)),
                $"Wallet {wallet} was credited {string.Join(' ', credits)} by {campaign}, which sent {string.Join(' ', sent)}.");
        }
    }

    public void Rest()
    {
        foreach (var (campaign, book) in _books)
        {
            findings.Expect(book.Holds is null, $"Campaign {book.Id} still holds {book.Holds}.");
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
        var credits = Of(_credits, e.Source, wallet);
        findings.Expect(credits.Count == 0 || e.Number > credits[^1].Number, $"Wallet {wallet} was credited transfer {e.Number} of {e.Source} after {credits.LastOrDefault().Number}.");
        credits.Add((e.Number, e.AmountMicros));
    }

    private static List<(long Number, long AmountMicros)> Of(SortedDictionary<(string Campaign, string Wallet), List<(long Number, long AmountMicros)>> all, string campaign, string wallet)
    {
        if (!all.TryGetValue((campaign, wallet), out var transfers))
        {
            all.Add((campaign, wallet), transfers = []);
        }

        return transfers;
    }
}
