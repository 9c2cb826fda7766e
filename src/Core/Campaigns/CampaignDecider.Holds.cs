using Agora.Core.Funds;
using Agora.Core.Kernel;
using Agora.Core.Nodes;
using Decided = Agora.Core.Kernel.Decision<Agora.Core.Campaigns.CampaignState, Agora.Core.Campaigns.CampaignEvent>;
using Fund = Agora.Core.Funds.FundDecider<Agora.Core.Campaigns.CampaignDecider, Agora.Core.Campaigns.CampaignState, Agora.Core.Campaigns.CampaignEvent>;

namespace Agora.Core.Campaigns;

/// <summary>A campaign as a fund: the first condition that fails refuses a hold; how holds end, and what is owed then, is every fund's (<see cref="FundDecider{TFund, TState, TEvent}"/>).</summary>
public sealed partial class CampaignDecider
{
    public static HoldBook HoldsOf(CampaignState state) => state.Holds;

    public static CampaignState WithHolds(CampaignState state, HoldBook holds) => state with { Holds = holds };

    public static void CheckAsked(NodeCommand.Reserve asked) =>
        Invariant.Check(((ReserveTerms.OfCampaign)asked.Terms).FeeBasisPoints is >= 0 and <= Fee.MaxBasisPoints, "fee_within_price");

    public static Rejection? Undecidable(HoldStanding standing) => FundRejection.Undecidable(standing);

    public static Decided ReserveAgain(CampaignState state, NodeCommand.Reserve asked, Context context) => Decided.Accept(new FundReserved(asked.HoldId, state.SchemaHash));

    public static Decided Reserve(CampaignState state, NodeCommand.Reserve asked, Context context)
    {
        var (c, day) = ((ReserveTerms.OfCampaign)asked.Terms, CampaignState.DayOf(context.Now));
        if (!CampaignTerms.IsOpen(state, context.Now)) return Decided.Reject(CampaignRejection.NotOpen);
        if (CampaignTerms.Covering(state, c.ServiceId) is not { } covered) return Decided.Reject(CampaignRejection.NotCovered);
        if (state.Definition is { AllowRelated: false, Owner: { } owner } && owner == c.ServiceOwner)
        {
            return Decided.Reject(CampaignRejection.RelatedService);
        }

        if (!CampaignTerms.Admits(state, c.Attributes)) return Decided.Reject(CampaignRejection.NotEligible);
        if (asked.AmountMicros > covered.MaxPriceMicros) return Decided.Reject(CampaignRejection.PriceAboveMaximum);
        if (!state.Day(day).CanReserve(asked.AmountMicros)) return Decided.Reject(CampaignRejection.DailyCapReached);
        if (!state.Escrow.CanReserve(asked.AmountMicros)) return Decided.Reject(CampaignRejection.EscrowShort);

        return Decided.Accept(
            new FundReserved(asked.HoldId, state.SchemaHash),
            new CampaignEvent.HoldReserved(asked.HoldId, asked.Owner, asked.RunId, c.ServiceId, asked.AmountMicros, c.Provider, day, c.FeeBasisPoints, LowAfter(state, asked.AmountMicros)));
    }

    private static long? LowAfter(CampaignState state, long amountMicros)
    {
        var (low, left) = ((Int128)(state.Escrow.Limit ?? 0) * Limits.EscrowLowPercent, state.Escrow.Remaining - amountMicros);
        return (Int128)left * 100 < low && (Int128)state.Escrow.Remaining * 100 >= low ? left : null;
    }

    public static Decided End(CampaignState state, HoldEnded reply, CampaignEvent ended, Hold? hold, long? posted, Context context) => Fund.End(state, reply, ended, hold, posted, context);

    public static CampaignEvent Posted(CampaignState state, Hold hold, long amountMicros, long tokens, Context context) => new CampaignEvent.HoldPosted(hold.Id, amountMicros);

    public static CampaignEvent Voided(Guid holdId) => new CampaignEvent.HoldVoided(holdId);

    public static CampaignEvent Credited(NodeCommand.Credit credit) => new CampaignEvent.Credited(credit.Source, credit.Transfer.Number, credit.Transfer.AmountMicros);

    public static CampaignEvent Sent(string payee, Transfer transfer) => new CampaignEvent.TransferSent(payee, transfer.Number, transfer.AmountMicros, transfer.Memo, transfer.Items?.Count ?? 0);

    public static CampaignEvent Arrived(string payee, long number) => new CampaignEvent.TransferArrived(payee, number);

    public static CampaignEvent Forgotten(Guid id, string source) => new CampaignEvent.HoldVoided(id, ForgottenSource: source);

    public static CampaignEvent Released(Guid id, string payee) => new CampaignEvent.HoldVoided(id, ReleasedPayee: payee);

    public static object Learn(NodeOutcome outcome) => new CampaignCommand.Learned(outcome);
}
