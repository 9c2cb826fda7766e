using System.Buffers.Text;
using System.Collections.Immutable;
using System.Diagnostics;
using System.Security.Cryptography;
using System.Text;
using Agora.Core.Funds;
using Agora.Core.Kernel;

namespace Agora.Core.Campaigns;

/// <summary>
/// A campaign: its definition, its escrow, and what it owes to those who earned from it.
/// <para>Invariants. <c>funded_is_accounted_for</c>: all that was ever funded, and came back by refunds = escrow remaining + held + owed.
/// <c>held_is_open_holds</c>. What is owed: <see cref="Dues"/>.
/// <c>closed_keeps_nothing</c>: after the close nothing remains that is not held.</para>
/// <para>Bounds: open holds and days with open holds are as many as runs under way; <see cref="Dues"/> and <see cref="Sources"/> have the wallets
/// that were paid, or gave back, lately; outcomes of holds and completions are those of <see cref="HoldBook"/>.</para>
/// </summary>
/// <param name="Definition">Null: nobody has put it yet.</param>
/// <param name="Escrow">A fund: its limit is the money that was put in and not returned, posted is spent.</param>
/// <param name="Days">What was spent and held a UTC day, under the daily cap: today's, and those that still have holds.</param>
/// <param name="Counted">Completions by their ids: posted = counted, voided = never.</param>
/// <param name="ReceivedMicros">All that refunds brought back.</param>
public sealed partial record CampaignState(
    StreamId Stream,
    CampaignDefinition? Definition,
    bool Closed,
    DateTimeOffset UpdatedAt,
    Account Escrow,
    long FundedMicros,
    HoldBook Holds,
    ImmutableSortedDictionary<string, Account> Days,
    Dues Dues,
    long Completions,
    HoldBook Counted,
    long ReceivedMicros,
    SourceBook Sources) : IFundState<CampaignState, CampaignEvent>
{
    private const string EscrowLine = "escrow";
    private static readonly DateNames DayNames = new("yyyy-MM-dd");

    public static CampaignState Initial(StreamId stream) => new(
        stream,
        Definition: null,
        Closed: false,
        DateTimeOffset.UnixEpoch,
        Account.Empty,
        FundedMicros: 0,
        HoldBook.Empty,
        ImmutableSortedDictionary.Create<string, Account>(StringComparer.Ordinal),
        Dues.None,
        Completions: 0,
        HoldBook.Empty,
        ReceivedMicros: 0,
        SourceBook.Empty);

    /// <summary>The wallet that gets what the campaign has left.</summary>
    public string SponsorWallet { get; } = WalletIds.Sponsor(Stream.Id);

    public string? ReturnsTo => Closed ? SponsorWallet : null;

    /// <summary>Money enters with each funding, leaves by way of wallets only, and comes back from them.</summary>
    public FundBook Book => new(FundedMicros, LeftMicros: 0, Dues.SentMicros, ReceivedMicros);

    /// <summary>SHA-256 of the task's schema as its sponsor wrote it, base64url: what a receipt names.</summary>
    public string? SchemaHash { get => field ??= HashOf(Definition?.Task.Schema); private init; }

    public static string DayOf(DateTimeOffset at) => DayNames.Of(at.UtcDateTime);

    /// <summary>The day's account under the cap in force now.</summary>
    public Account Day(string day) => Days.GetValueOrDefault(day, Account.Unlimited).SetLimit(Definition?.DailyCapMicros);

    public CampaignState With(Dues dues) => this with { Dues = dues };

    public string MemoTo(string payee) =>
        payee == SponsorWallet ? $"left of campaign {Stream.Id}"
        : payee == WalletIds.Fee ? $"fee of runs paid by campaign {Stream.Id}"
        : $"runs paid by campaign {Stream.Id}";

    public CampaignView View(CampaignDefinition definition) =>
        new(Stream.Id, definition, new(Escrow.Limit ?? 0, Escrow.Held, Escrow.Posted, Escrow.Remaining), Completions, Closed, UpdatedAt, Rewards.IsUnused ? null : Rewards.Totals, Short(ShortMicros));

    public CampaignState Put(CampaignDefinition definition, DateTimeOffset at) => this with { Definition = definition, SchemaHash = null, UpdatedAt = at };

    public CampaignState Fund(long amountMicros, DateTimeOffset at) =>
        this with { Escrow = Escrow.Credit(amountMicros), FundedMicros = FundedMicros + amountMicros, UpdatedAt = at };

    public CampaignState Close(DateTimeOffset at) => (this with { Closed = true, UpdatedAt = at }).ReturnLeft();

    public CampaignState Evolve(CampaignEvent happened, DateTimeOffset at) => Apply(happened, at).Exhausting(this, happened, at);

    private CampaignState Apply(CampaignEvent happened, DateTimeOffset at) => happened switch
    {
        CampaignEvent.DefinitionPut e => Put(e.View.Definition, at),
        CampaignEvent.Funded e => Fund(e.AmountMicros, at),
        CampaignEvent.Closed => Close(at),
        CampaignEvent.HoldReserved e => Reserve(e, at),
        CampaignEvent.HoldPosted e => Post(Holds.Open[e.HoldId], e.AmountMicros, at),
        CampaignEvent.HoldVoided { ForgottenSource: { } source } => this with { Sources = Sources.Forget(source) },
        CampaignEvent.HoldVoided { ReleasedPayee: { } wallet } => this with { Dues = Dues.Release(wallet) },
        CampaignEvent.HoldVoided e => Void(e.HoldId, at),
        CampaignEvent.Credited e => Credit(e, at),
        CampaignEvent.CompletionCounted e => (this with { Completions = Completions + 1, Counted = Counted.Decide(e.CompletionId, posted: true, at) }).HoldReward(e, at),
        CampaignEvent.CompletionUncounted e => (this with
        {
            Completions = e.Counted ? Completions - 1 : Completions,
            Counted = Counted.Decide(e.CompletionId, posted: false, at),
        }).LetGo(e.CompletionId),
        CampaignEvent.RewardClaimed e => Claim(e, at),
        CampaignEvent.RewardScheduled e => With(Rewards.Open[e.CompletionId] with { Stage = RewardStage.Due, At = e.PaysAt }),
        CampaignEvent.RewardPaid e => PayReward(Rewards.Open[e.View.CompletionId]),
        CampaignEvent.RewardDisputed e => With(Rewards.Open[e.View.CompletionId] with { Stage = RewardStage.Disputed, Reason = e.View.Reason }),
        CampaignEvent.RewardReleased e => With(Rewards.Open[e.View.CompletionId] with { Stage = RewardStage.Due, At = at, Reason = e.View.Reason }),
        CampaignEvent.RewardReturned e => LetGo(e.View.CompletionId),
        CampaignEvent.TransferSent e => With(Dues.Send(e.Wallet, e.Number, e.AmountMicros, e.Memo, e.Items, at)),
        CampaignEvent.TransferArrived e => With(Dues.Arrive(e.Wallet, e.Number, at)),
        _ => throw new UnreachableException(),
    };

    private static string? HashOf(string? schema) => schema is null ? null : Base64Url.EncodeToString(SHA256.HashData(Encoding.UTF8.GetBytes(schema)));

    private CampaignState Reserve(CampaignEvent.HoldReserved e, DateTimeOffset at) => this with
    {
        Escrow = Escrow.Reserve(e.AmountMicros),
        Days = WithoutPast(e.Day).SetItem(e.Day, Day(e.Day).Reserve(e.AmountMicros)),
        Holds = Holds.Add(new(e.HoldId, e.Owner, e.RunId, [new(EscrowLine, e.AmountMicros), new(e.Day, e.AmountMicros)], at, e.Provider, e.FeeBasisPoints)),
    };

    private CampaignState Post(Hold hold, long amountMicros, DateTimeOffset at)
    {
        var fee = Fee.Of(amountMicros, hold.FeeBasisPoints);
        return Release(hold, amountMicros, at).With(Dues.Owe(hold.Payee!, amountMicros - fee).Owe(WalletIds.Fee, fee)).ReturnLeft();
    }

    private CampaignState Void(Guid holdId, DateTimeOffset at) => Holds.Open.TryGetValue(holdId, out var hold)
        ? Release(hold, null, at).ReturnLeft()
        : this with { Holds = Holds.Decide(holdId, posted: false, at) };

    /// <param name="posted">Null: the hold is voided.</param>
    private CampaignState Release(Hold hold, long? posted, DateTimeOffset at)
    {
        var (escrow, days) = (Escrow, Days);
        foreach (var line in hold.Lines)
        {
            if (line.Account == EscrowLine)
            {
                escrow = escrow.End(line.Amount, posted);
            }
            else
            {
                days = days.SetItem(line.Account, days[line.Account].End(line.Amount, posted));
            }
        }

        return this with { Escrow = escrow, Days = days, Holds = Holds.Decide(hold.Id, posted is not null, at) };
    }

    private CampaignState Credit(CampaignEvent.Credited e, DateTimeOffset at) => (this with
    {
        Escrow = Escrow.Credit(e.AmountMicros),
        ReceivedMicros = ReceivedMicros + e.AmountMicros,
        Sources = Sources.Take(e.Source, e.Number, e.AmountMicros),
        UpdatedAt = at,
    }).ReturnLeft();

    /// <summary>Once closed, whatever is not held leaves for the sponsor: at the close, and as each hold that was open then ends.</summary>
    private CampaignState ReturnLeft()
    {
        var left = Escrow.Remaining;
        return Closed && left > 0 ? this with { Escrow = Escrow.Withdraw(left), Dues = Dues.Owe(SponsorWallet, left) } : this;
    }

    private ImmutableSortedDictionary<string, Account> WithoutPast(string today) =>
        Days.ContainsKey(today) ? Days : Days.RemoveRange(Days.Where(d => d.Value.Held == 0).Select(d => d.Key));

    public void CheckInvariants(bool thorough)
    {
        Escrow.CheckInvariants();
        Invariant.Check(Rewards.HeldMicros <= Escrow.Held, "held_is_open_holds");
        Invariant.Check(FundedMicros + ReceivedMicros == Escrow.Remaining + Escrow.Held + Dues.OwedMicros, "funded_is_accounted_for");
        Dues.CheckInvariants(thorough);
        Invariant.Check(!Closed || Escrow.Remaining == 0, "closed_keeps_nothing");
        Invariant.Check(Completions >= 0, "completions_not_negative");
        if (thorough)
        {
            CheckSums();
        }
    }

    private void CheckSums()
    {
        Invariant.Check(Sources.SumMicros == ReceivedMicros, "received_is_sum_of_sources");
        FundDecider<CampaignDecider, CampaignState, CampaignEvent>.CheckPayees(this);
        Rewards.CheckSums();
        Invariant.Check(Escrow.Held == Rewards.HeldMicros + Holds.Open.Values.Sum(h => h.Lines.Where(l => l.Account == EscrowLine).Sum(l => l.Amount)), "held_is_open_holds");
        foreach (var (day, account) in Days)
        {
            account.CheckInvariants();
            Invariant.Check(account.Held == Holds.Open.Values.Sum(h => h.Lines.Where(l => l.Account == day).Sum(l => l.Amount)), "held_is_open_holds");
        }
    }
}
