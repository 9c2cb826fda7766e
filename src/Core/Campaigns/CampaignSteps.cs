using Agora.Core.Kernel;
using Agora.Core.Sessions;
using Agora.Core.Wallets;

namespace Agora.Core.Campaigns;

/// <summary>What a campaign has to have done elsewhere: wallets credited, sessions asked.</summary>
internal static class CampaignSteps
{
    public static IEnumerable<Step> Unfinished(CampaignState state) =>
        from payable in state.Payables
        let transfer = payable.Value.InFlight
        where transfer is not null
        select Send(state.Stream, payable.Key, transfer);

    /// <summary>The transfer of all that the wallet is owed, or null: nothing is, or one is under way.</summary>
    public static Transfer? NextTransfer(CampaignState state, string wallet)
    {
        var payable = state.PayableTo(wallet);
        var memo = wallet == state.SponsorWallet ? $"left of campaign {state.Stream.Id}" : $"runs paid by campaign {state.Stream.Id}";
        return payable.CanSend ? new(payable.LastNumber + 1, payable.OwedMicros, memo) : null;
    }

    /// <summary>The wallet knows the numbers that it has taken, so that this may be repeated at any time.</summary>
    public static Step Send(StreamId campaign, string wallet, Transfer transfer) => new(
        Phase.AfterCommit,
        new StepTarget.Entity(
            campaign with { Kind = Kinds.Wallet, Id = wallet },
            new WalletCommand.Credit(campaign.ToString(), transfer.Number, transfer.AmountMicros, transfer.Memo)),
        outcome => outcome is StepOutcome.Answered { Answer.Reply: Credited } ? new CampaignCommand.TransferArrived(wallet, transfer.Number) : null);

    public static IEnumerable<Step> Inquiries(CampaignState state, DateTimeOffset now) => state.Holds.Overdue(now).Select(Inquire);

    // Only a decided run lets the hold go; while it is open, or its session cannot be reached, the next alarm asks again.
    private static Step Inquire(Hold hold) => new(
        Phase.AfterCommit,
        new StepTarget.Entity(StreamId.Parse(hold.Owner), new SessionCommand.Inquire(hold.RunId, hold.Id)),
        outcome => outcome is StepOutcome.Answered { Answer.Reply: Inquired { Open: false } inquired }
            ? new CampaignCommand.HoldInquired(hold.Id, inquired.Posted, inquired.AmountMicros)
            : null);
}
