using Agora.Core.Campaigns;
using Agora.Core.Funds;
using Agora.Core.Kernel;
using Agora.Core.Refunds;
using Agora.Core.Runs;
using Agora.Core.Sessions;
using Agora.Core.Users;
using Agora.Core.Wallets;
using Agora.Replay.Checking.Books;

namespace Agora.Replay.Checking;

/// <summary>
/// What one stream's events say of what others say something of as well: its holds, runs, transfers and payments, as facts.
/// <para>Bound: the holds that are open, and the payments whose end nobody knows.</para>
/// </summary>
/// <param name="number">The stream's, in the order in which they are read.</param>
internal sealed class StreamFacts(StreamId stream, int number, Action<Fact> says)
{
    private readonly string _name = stream.ToString();
    private readonly Dictionary<Guid, Open> _open = [];
    private readonly Dictionary<Guid, UInt128> _presented = [];
    private int _above;
    private long _seq;
    private long _at;

    /// <summary>Holds that stand at the end of what was read.</summary>
    public int OpenHolds => _open.Count;

    public long Holds { get; private set; }

    public long Payments { get; private set; }

    public void Happened(Committed committed)
    {
        (_seq, _at) = (committed.Seq, committed.At.ToMicros());
        switch (committed.Event)
        {
            case RunEvent e:
                Happened(e);
                break;
            case SessionEvent e:
                Happened(e);
                break;
            case UserEvent e:
                Happened(e);
                break;
            case CampaignEvent e:
                Happened(e);
                break;
            case WalletEvent e:
                Happened(e);
                break;
            case RefundEvent e:
                Happened(e);
                break;
        }
    }

    /// <summary>The stream is read to its end.</summary>
    public void End()
    {
        foreach (var (hold, open) in _open)
        {
            says(new(Fact.IdOfHold(hold), Fact.IdOf(open.Run), open.Seq, open.Amount, open.AtMicros, number, FactKind.HoldOpen));
        }
    }

    private void Happened(RunEvent happened)
    {
        switch (happened)
        {
            case RunEvent.Requested e:
                Say(e.Model is { Charges: false } ? FactKind.UnfundedRunRequested : FactKind.RunRequested, e.RunId, e.PriceMicros, (UInt128)_above);
                break;
            case RunEvent.Approved e:
                Say(FactKind.RunRequested, e.Run.RunId, e.Run.PriceMicros, (UInt128)_above);
                break;
            case RunEvent.Concluded { Posted: true } e:
                Say(FactKind.RunPosted, e.RunId, e.AmountMicros, Fact.IdOf(e.Payment?.PayerId ?? ""));
                break;
            case RunEvent.Concluded e:
                Say(FactKind.RunFailed, e.RunId, 0);
                break;
            case RunEvent.NodeFollowed e:
                OfHold(FactKind.HoldFollowed, e.HoldId, 0);
                break;
            case RunEvent.NodesFollowed e:
                Say(FactKind.RunFollowed, e.RunId, 0);
                foreach (var hold in e.Holds) OfHold(FactKind.HoldFollowed, hold, 0);
                break;
        }
    }

    private void Happened(SessionEvent happened)
    {
        switch (happened)
        {
            case SessionEvent.Begun e:
                _above = e.Path?.Count ?? 0;
                break;
            case SessionEvent.HoldReserved e:
                Reserve(e.HoldId, e.RunId, e.AmountMicros);
                break;
            case SessionEvent.HoldPosted e:
                Post(e.HoldId, e.AmountMicros, FactKind.RunPostedAtSession);
                break;
            case SessionEvent.HoldVoided e:
                Void(e.HoldId);
                break;
        }
    }

    private void Happened(UserEvent happened)
    {
        switch (happened)
        {
            case UserEvent.HoldReserved e:
                Reserve(e.HoldId, e.RunId, e.AmountMicros);
                break;
            case UserEvent.HoldPosted e:
                Post(e.HoldId, e.AmountMicros, FactKind.RunPostedAtUser);
                break;
            case UserEvent.HoldVoided e:
                Void(e.HoldId);
                break;
        }
    }

    private void Happened(CampaignEvent happened)
    {
        switch (happened)
        {
            case CampaignEvent.HoldReserved e:
                Reserve(e.HoldId, e.RunId, e.AmountMicros);
                break;
            case CampaignEvent.HoldPosted e:
                Post(e.HoldId, e.AmountMicros, FactKind.RunPostedAtFund);
                break;
            case CampaignEvent.HoldVoided e:
                Void(e.HoldId);
                break;
            case CampaignEvent.RewardPaid e:
                Item(FactKind.ItemMade, _name, e.View.CompletionId, $"agent:{e.View.AgentId}", e.View.AmountMicros);
                break;
            case CampaignEvent.TransferSent e:
                Travel(FactKind.TransferSent, _name, e.Wallet, e.Number, e.AmountMicros);
                break;
            case CampaignEvent.TransferArrived e:
                Travel(FactKind.TransferArrived, _name, e.Wallet, e.Number, 0);
                break;
            case CampaignEvent.Credited e:
                Travel(FactKind.TransferCredited, e.Source, Payees.Campaign(stream.Id), e.Number, e.AmountMicros);
                break;
        }
    }

    private void Happened(WalletEvent happened)
    {
        switch (happened)
        {
            case WalletEvent.Deposited { Resolves: { } hold } e when _presented.Remove(hold, out var identity):
                Pay(FactKind.PaymentEntered, identity, e.AmountMicros);
                break;
            case WalletEvent.Transferred e:
                Item(FactKind.ItemMade, _name, e.TransferId, e.To, e.AmountMicros);
                break;
            case WalletEvent.HoldReserved e:
                Reserve(e.HoldId, e.RunId, e.AmountMicros);
                break;
            case WalletEvent.HoldPosted e:
                Post(e);
                break;
            case WalletEvent.HoldVoided e:
                _presented.Remove(e.Resolves ?? e.HoldId);
                Void(e.HoldId);
                break;
            case WalletEvent.PaymentPresented e:
                Payments++;
                _presented[e.HoldId] = Fact.IdOf($"payment {_name} {e.Payment.Identity}");
                Reserve(e.HoldId, e.RunId, e.AmountMicros);
                break;
            case WalletEvent.PaymentSettled e:
                Pay(FactKind.PaymentEntered, _presented.GetValueOrDefault(e.HoldId), e.AmountMicros);
                break;
            case WalletEvent.PaymentRefused e:
                _presented.Remove(e.HoldId);
                Void(e.HoldId);
                break;
            case WalletEvent.PaymentUnresolved e:
                Void(e.HoldId);
                break;
            case WalletEvent.CreditSent e:
                Travel(FactKind.TransferSent, _name, e.Wallet, e.Number, e.AmountMicros);
                break;
            case WalletEvent.CreditArrived e:
                Travel(FactKind.TransferArrived, _name, e.Wallet, e.Number, 0);
                break;
            case WalletEvent.Credited e:
                Travel(FactKind.TransferCredited, e.Source, stream.Id, e.Number, e.AmountMicros);
                foreach (var item in e.Items ?? []) Item(FactKind.ItemArrived, e.Source, item.TransferId, stream.Id, item.AmountMicros);
                break;
        }
    }

    private void Happened(RefundEvent happened)
    {
        switch (happened)
        {
            case RefundEvent.Accepted e:
                Say(FactKind.RefundAccepted, e.View.RefundId, e.View.AmountMicros);
                break;
            case RefundEvent.Refused e:
                Say(FactKind.RefundRefused, e.RefundId, 0);
                break;
            case RefundEvent.WalletFollowed e:
                OfHold(FactKind.HoldFollowed, e.HoldId, 0);
                break;
        }
    }

    private void Reserve(Guid hold, Guid run, long amount)
    {
        Holds++;
        if (!_open.TryAdd(hold, new(run, amount, _seq, _at)))
        {
            OfHold(FactKind.HoldOpen, hold, amount); // a second one, as the first will be at its end
        }
    }

    private void Post(Guid hold, long amount, FactKind at)
    {
        if (Close(FactKind.HoldPosted, hold, amount) is { } run)
        {
            Say(at, run, amount, Fact.IdOf(stream.Id));
        }
    }

    private void Post(WalletEvent.HoldPosted e)
    {
        Post(e.HoldId, e.AmountMicros, FactKind.RunPostedAtFund);
        if (_presented.Remove(e.HoldId, out var identity))
        {
            Pay(FactKind.PaymentDelivered, identity, e.AmountMicros);
        }

        if (e.Memo is not null && WalletIds.IsId(e.Provider) && e.AmountMicros > 0)
        {
            Item(FactKind.ItemMade, _name, e.RunId, e.Provider, e.AmountMicros);
        }
    }

    private void Void(Guid hold)
    {
        if (!_open.ContainsKey(hold))
        {
            OfHold(FactKind.HoldNeverCame, hold, 0);
            return;
        }

        Close(FactKind.HoldVoided, hold, 0);
    }

    /// <returns>The run that it was held for; null: it was not held.</returns>
    private Guid? Close(FactKind kind, Guid hold, long amount)
    {
        if (_open.Remove(hold, out var open))
        {
            says(new(Fact.IdOfHold(hold), Fact.IdOf(open.Run), open.Seq, amount, open.AtMicros, number, kind));
            return open.Run;
        }

        OfHold(kind, hold, -1);
        return null;
    }

    private void Say(FactKind kind, Guid about, long amount, UInt128 other = default) => says(new(Fact.IdOf(about), other, _seq, amount, _at, number, kind));

    private void OfHold(FactKind kind, Guid hold, long amount) => says(new(Fact.IdOfHold(hold), 0, _seq, amount, _at, number, kind));

    private void Travel(FactKind kind, string from, string to, long transfer, long amount) =>
        says(new(Fact.IdOf($"transfer {stream.Tenant} {from} {to} {transfer}"), 0, _seq, amount, _at, number, kind));

    private void Item(FactKind kind, string from, Guid id, string to, long amount) =>
        says(new(Fact.IdOf($"item {from} {id:N}"), Fact.IdOf(to), _seq, amount, _at, number, kind));

    private void Pay(FactKind kind, UInt128 identity, long amount) => says(new(identity, 0, _seq, amount, _at, number, kind));

    private readonly record struct Open(Guid Run, long Amount, long Seq, long AtMicros);
}
