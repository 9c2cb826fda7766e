using Agora.Core.Campaigns;
using Agora.Core.Funds;
using Agora.Core.Kernel;
using Agora.Core.Wallets;
using Agora.Replay.Checking.Books;

namespace Agora.Simulation.Checks;

/// <summary>
/// Double entry. At every committed point <c>trial_balance_is_zero</c>: what all funds have, with the world's side, and what is in transit
/// come to nothing, by the events and by the table that operators read. What <see cref="WalletBook"/> says of each wallet; it is credited what was sent to
/// it, in order, once; at rest nothing is in transit, nothing is held, and each transfer has arrived as itself.
/// </summary>
/// <param name="table">Balance, entered, left, sent and received over all rows of the table of funds.</param>
public sealed class Books(Findings findings, Func<IReadOnlyList<long>> table) : IChecker
{
    private readonly SortedDictionary<string, WalletBook> _wallets = new(StringComparer.Ordinal);
    private readonly SortedDictionary<(string From, string To), List<long>> _sent = [];
    private readonly SortedDictionary<(string From, string To), List<long>> _credited = [];
    private readonly SortedDictionary<(string From, Guid Id), (string To, long Amount)> _made = [];
    private readonly SortedDictionary<(string From, Guid Id), (string To, long Amount)> _arrived = [];
    private long _entered;
    private long _left;

    private long Sent => _sent.Values.Sum(s => s.Sum());

    private long Received => _credited.Values.Sum(s => s.Sum());

    public void Happened(Committed committed)
    {
        switch (committed.Event)
        {
            case CampaignEvent.Funded e:
                _entered += e.AmountMicros;
                break;
            case CampaignEvent.RewardPaid e:
                findings.Expect(_made.TryAdd((committed.Stream.ToString(), e.View.CompletionId), ($"agent:{e.View.AgentId}", e.View.AmountMicros)), $"Reward {e.View.CompletionId} was paid twice.");
                break;
            case CampaignEvent.TransferSent e:
                Of(_sent, committed.Stream.ToString(), e.Wallet).Add(e.AmountMicros);
                break;
            case CampaignEvent.Credited e:
                Of(_credited, e.Source, Payees.Campaign(committed.Stream.Id)).Add(e.AmountMicros);
                break;
            case WalletEvent e:
                Of(committed.Stream.Id).Happened(committed);
                Apply(committed.Stream, e);
                break;
        }
    }

    public void Point()
    {
        foreach (var ((from, to), credited) in _credited)
        {
            var sent = _sent.GetValueOrDefault((from, to)) ?? [];
            findings.Expect(
                credited.Count <= sent.Count && credited.SequenceEqual(sent.Take(credited.Count)),
                $"Wallet {to} was credited {credited.Sum()} in {credited.Count} transfers of {from}, which sent {sent.Sum()} in {sent.Count}.");
        }

        if (table() is not [var balance, var entered, var left, var sentMicros, var received]) return;

        findings.Expect(balance + left - entered + sentMicros - received == 0, $"The trial balance is {balance + left - entered + sentMicros - received}.");
        findings.Expect(
            (entered, left, sentMicros, received) == (_entered, _left, Sent, Received),
            $"The table says {entered} entered, {left} left, {sentMicros} sent, {received} received; the events say {_entered}, {_left}, {Sent}, {Received}.");
    }

    public void Rest()
    {
        findings.Expect(Sent == Received, $"{Sent - Received} are in transit at rest.");
        findings.Expect(_made.SequenceEqual(_arrived), $"Transfers {string.Join(", ", _made.Except(_arrived).Concat(_arrived.Except(_made)))} were made or arrived, but not both.");
        foreach (var (id, wallet) in _wallets)
        {
            findings.Expect(wallet.Holds is null, $"Wallet {id} still holds {wallet.Holds}.");
        }
    }

    private void Apply(StreamId stream, WalletEvent happened)
    {
        switch (happened)
        {
            case WalletEvent.Deposited e:
                _entered += e.AmountMicros;
                break;
            case WalletEvent.Withdrawn e:
                _left += e.AmountMicros;
                break;
            case WalletEvent.PaymentSettled e:
                _entered += e.AmountMicros;
                break;
            case WalletEvent.Transferred e:
                findings.Expect(_made.TryAdd((stream.ToString(), e.TransferId), (e.To, e.AmountMicros)), $"Transfer {e.TransferId} was made twice.");
                break;
            case WalletEvent.HoldPosted { Memo: not null, AmountMicros: > 0 } e when WalletIds.IsId(e.Provider):
                findings.Expect(_made.TryAdd((stream.ToString(), e.RunId), (e.Provider, e.AmountMicros)), $"{stream.Id} paid for {e.RunId} twice.");
                break;
            case WalletEvent.CreditSent e:
                Of(_sent, stream.ToString(), e.Wallet).Add(e.AmountMicros);
                break;
            case WalletEvent.Credited e:
                Of(_credited, e.Source, stream.Id).Add(e.AmountMicros);
                foreach (var item in e.Items ?? [])
                {
                    findings.Expect(_arrived.TryAdd((e.Source, item.TransferId), (stream.Id, item.AmountMicros)), $"Transfer {item.TransferId} arrived twice.");
                }

                break;
        }
    }

    private WalletBook Of(string id)
    {
        if (!_wallets.TryGetValue(id, out var wallet))
        {
            _wallets.Add(id, wallet = new(id, findings.Add));
        }

        return wallet;
    }

    private static List<long> Of(SortedDictionary<(string From, string To), List<long>> books, string from, string to)
    {
        if (!books.TryGetValue((from, to), out var amounts))
        {
            books.Add((from, to), amounts = []);
        }

        return amounts;
    }
}
