using Agora.Core.Campaigns;
using Agora.Core.Funds;
using Agora.Core.Kernel;
using Agora.Core.Wallets;

namespace Agora.Simulation.Checks;

/// <summary>
/// Double entry. At every committed point <c>trial_balance_is_zero</c>: what all funds have, with the world's side, and what is in transit
/// come to nothing, by the events and by the table that operators read. No wallet has less than it holds; it is credited what was sent to
/// it, in order, once; at rest nothing is in transit, nothing is held, and each transfer has arrived as itself.
/// </summary>
/// <param name="table">Balance, entered, left, sent and received over all rows of the table of funds.</param>
public sealed class Books(Findings findings, Func<IReadOnlyList<long>> table) : IChecker
{
    private readonly SortedDictionary<string, Wallet> _wallets = new(StringComparer.Ordinal);
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
                Apply(committed.Stream, Of(committed.Stream.Id), e);
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
            findings.Expect(wallet.Holds.Count == 0, $"Wallet {id} still holds {wallet.Holds.Keys.FirstOrDefault()}.");
        }
    }

    private void Apply(StreamId stream, Wallet wallet, WalletEvent happened)
    {
        switch (happened)
        {
            case WalletEvent.Deposited e:
                _entered += e.AmountMicros;
                wallet.Own += e.AmountMicros;
                Tells(wallet, e.View);
                break;
            case WalletEvent.Withdrawn e:
                _left += e.AmountMicros;
                wallet.Own -= e.AmountMicros;
                Tells(wallet, e.View);
                break;
            case WalletEvent.Transferred e:
                wallet.Own -= e.AmountMicros;
                findings.Expect(_made.TryAdd((stream.ToString(), e.TransferId), (e.To, e.AmountMicros)), $"Transfer {e.TransferId} was made twice.");
                break;
            case WalletEvent.HoldReserved e:
                wallet.Holds[e.HoldId] = e.AmountMicros;
                break;
            case WalletEvent.HoldPosted e:
                findings.Expect(wallet.Holds.Remove(e.HoldId, out var held) && e.AmountMicros <= held, $"Wallet {wallet.Id} paid {e.AmountMicros} of a hold of {held}.");
                wallet.Own -= e.AmountMicros;
                if (e.Memo is not null && WalletIds.IsId(e.Provider) && e.AmountMicros > 0)
                {
                    findings.Expect(_made.TryAdd((stream.ToString(), e.RunId), (e.Provider, e.AmountMicros)), $"{wallet.Id} paid for {e.RunId} twice.");
                }

                break;
            case WalletEvent.HoldVoided e:
                wallet.Holds.Remove(e.HoldId);
                break;
            case WalletEvent.PaymentPresented e:
                wallet.Holds[e.HoldId] = 0;
                break;
            case WalletEvent.PaymentSettled e:
                _entered += e.AmountMicros;
                wallet.Own += e.AmountMicros;
                wallet.Holds[e.HoldId] = e.AmountMicros;
                break;
            case WalletEvent.PaymentRefused e:
                wallet.Holds.Remove(e.HoldId);
                break;
            case WalletEvent.PaymentUnresolved e:
                wallet.Holds.Remove(e.HoldId);
                break;
            case WalletEvent.CreditSent e:
                Of(_sent, stream.ToString(), e.Wallet).Add(e.AmountMicros);
                break;
            case WalletEvent.Credited e:
                wallet.Own += e.AmountMicros;
                Of(_credited, e.Source, wallet.Id).Add(e.AmountMicros);
                foreach (var item in e.Items ?? [])
                {
                    findings.Expect(_arrived.TryAdd((e.Source, item.TransferId), (wallet.Id, item.AmountMicros)), $"Transfer {item.TransferId} arrived twice.");
                }

                break;
        }

        findings.Expect(wallet.Own >= wallet.Holds.Values.Sum(), $"Wallet {wallet.Id} has {wallet.Own} and holds {wallet.Holds.Values.Sum()}.");
    }

    private void Tells(Wallet wallet, WalletView view) =>
        findings.Expect(view.BalanceMicros == wallet.Own, $"Wallet {wallet.Id} tells a balance of {view.BalanceMicros}; it is {wallet.Own}.");

    private Wallet Of(string id)
    {
        if (!_wallets.TryGetValue(id, out var wallet))
        {
            _wallets.Add(id, wallet = new(id));
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

    private sealed class Wallet(string id)
    {
        public string Id { get; } = id;

        public long Own { get; set; }

        public SortedDictionary<Guid, long> Holds { get; } = [];
    }
}
