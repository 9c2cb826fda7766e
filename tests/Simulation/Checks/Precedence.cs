using Agora.Core;
using Agora.Core.Campaigns;
using Agora.Core.Funds;
using Agora.Core.Refunds;
using Agora.Core.Runs;
using Agora.Core.Sessions;
using Agora.Core.Users;
using Agora.Core.Wallets;

namespace Agora.Simulation.Checks;

/// <summary>
/// Nothing is done elsewhere before it is durable where it was decided: a node posts after its run, or its refund, was decided; money arrives after
/// it was sent; and what each side of a payment gets is the price less the fee. Rests on the one order of all rows.
/// </summary>
public sealed class Precedence(Findings findings) : IChecker
{
    private readonly HashSet<Guid> _posted = [];
    private readonly Dictionary<Guid, int> _fees = [];
    private readonly Dictionary<Guid, (Guid RunId, string Provider, int FeeBasisPoints)> _holds = [];
    private readonly Dictionary<(string From, string To), long> _sent = [];
    private readonly SortedDictionary<(string From, string To), long> _owed = [];
    private readonly SortedDictionary<(string From, string To), long> _arrived = [];

    public void Happened(Committed committed)
    {
        switch (committed.Event)
        {
            case RunEvent.Requested e:
                _fees[e.RunId] = e.FeeBasisPoints;
                break;
            case RunEvent.Approved e:
                _fees[e.Run.RunId] = e.Run.FeeBasisPoints; // where the budget had no room it was not requested before
                break;
            case RunEvent.Concluded { Posted: true } e:
                _posted.Add(e.RunId);
                var fee = e.AmountMicros * _fees.GetValueOrDefault(e.RunId) / 10_000;
                findings.Expect(e.AmountMicros == 0 || e.Payment?.FeeMicros == fee, $"Run {e.RunId} of {e.AmountMicros} tells a fee of {e.Payment?.FeeMicros}; it is {fee}.");
                break;
            case RefundEvent.Accepted e:
                _posted.Add(e.View.RefundId);
                break;
            case UserEvent.HoldReserved e:
                _holds[e.HoldId] = (e.RunId, "", 0);
                break;
            case SessionEvent.HoldReserved e:
                _holds[e.HoldId] = (e.RunId, "", 0);
                break;
            case CampaignEvent.HoldReserved e:
                _holds[e.HoldId] = (e.RunId, e.Provider, e.FeeBasisPoints);
                break;
            case WalletEvent.HoldReserved e:
                _holds[e.HoldId] = (e.RunId, e.Provider, e.FeeBasisPoints);
                break;
            case WalletEvent.PaymentPresented e:
                _holds[e.HoldId] = (e.RunId, e.Provider, e.FeeBasisPoints);
                break;
            case UserEvent.HoldPosted e:
                Post(committed, e.HoldId, 0);
                break;
            case SessionEvent.HoldPosted e:
                Post(committed, e.HoldId, 0);
                break;
            case CampaignEvent.HoldPosted e:
                Post(committed, e.HoldId, e.AmountMicros);
                break;
            case WalletEvent.HoldPosted e:
                Post(committed, e.HoldId, e.AmountMicros);
                break;
            case CampaignEvent.TransferSent e:
                Add(_sent, committed.Stream.ToString(), e.Wallet, e.AmountMicros);
                break;
            case WalletEvent.CreditSent e:
                Add(_sent, committed.Stream.ToString(), e.Wallet, e.AmountMicros);
                break;
            case WalletEvent.Credited e:
                Arrive(e.Source, committed.Stream.Id, e.AmountMicros);
                break;
            case CampaignEvent.Credited e:
                Arrive(e.Source, Payees.Campaign(committed.Stream.Id), e.AmountMicros);
                break;
            case WalletEvent.Transferred e:
                Add(_owed, committed.Stream.ToString(), e.To, e.AmountMicros);
                break;
        }
    }

    /// <summary>What wallets owed has arrived, provider's and platform's parts each; of campaigns <see cref="Escrows"/> says so.</summary>
    public void Rest()
    {
        foreach (var (way, owed) in _owed)
        {
            findings.Expect(_arrived.GetValueOrDefault(way) == owed, $"{way.From} owed {owed} to {way.To}, which has {_arrived.GetValueOrDefault(way)}.");
        }
    }

    private void Post(Committed committed, Guid holdId, long amount)
    {
        if (!_holds.TryGetValue(holdId, out var hold))
        {
            return; // for others to say
        }

        findings.Expect(_posted.Contains(hold.RunId), $"Hold {holdId} is posted at {committed.Stream} before {hold.RunId} was decided (#{committed.Seq}).");
        var fee = amount * hold.FeeBasisPoints / 10_000;
        if (committed.Stream.Kind == Kinds.Wallet)
        {
            Add(_owed, committed.Stream.ToString(), hold.Provider, amount - fee);
            Add(_owed, committed.Stream.ToString(), WalletIds.Fee, fee);
        }
    }

    private void Arrive(string from, string to, long amount)
    {
        Add(_arrived, from, to, amount);
        findings.Expect(_arrived[(from, to)] <= _sent.GetValueOrDefault((from, to)), $"{to} has {_arrived[(from, to)]} of {from}, which has sent {_sent.GetValueOrDefault((from, to))}.");
    }

    private static void Add(IDictionary<(string From, string To), long> sums, string from, string to, long amount) =>
        sums[(from, to)] = (sums.TryGetValue((from, to), out var sum) ? sum : 0) + amount;
}
