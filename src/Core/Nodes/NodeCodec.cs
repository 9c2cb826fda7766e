using System.Text.Json.Serialization;
using Agora.Core.Kernel;
using Agora.X402;

namespace Agora.Core.Nodes;

/// <summary>
/// Under which names, and in which shapes, each kind of entity is asked as a node: constants for ever, like those of all commands. What a kind is not asked
/// has no name there.
/// </summary>
public static class NodeCodec
{
    public static readonly UnionCodec<NodeCommand> OfUser = new UnionCodec<NodeCommand>()
        .Case<NodeCommand.Reserve, UserReserve>("user.reserve", UserReserve.Of, static s => s.Asked, NodeJson.Default.UserReserve)
        .Case<NodeCommand.Post>("user.post")
        .Case<NodeCommand.Void>("user.void")
        .Case<NodeCommand.TakeRefund, UserTakeRefund>("user.take_refund", static c => new(c.TellId, c.RunId, c.Accounts!, c.AmountMicros), static s => new(s.TellId, s.RunId, s.AmountMicros, s.Accounts))
        .Case<NodeCommand.ReleaseRefund>("user.release_refund")
        .Case<NodeCommand.AwaitRoom, UserAwaitRoom>("user.await_room", UserAwaitRoom.Of, static s => s.Asked)
        .Case<NodeCommand.InquireReward>("user.inquire_reward");

    public static readonly UnionCodec<NodeCommand> OfSession = new UnionCodec<NodeCommand>()
        .Case<NodeCommand.Reserve, SessionReserve>("session.reserve_hold", SessionReserve.Of, static s => s.Asked)
        .Case<NodeCommand.Post>("session.post_hold")
        .Case<NodeCommand.Void>("session.void_hold")
        .Case<NodeCommand.Inquire>("session.inquire")
        .Case<NodeCommand.TakeRefund>("session.take_refund")
        .Case<NodeCommand.ReleaseRefund>("session.release_refund")
        .Case<NodeCommand.AwaitRoom, SessionAwaitRoom>("session.await_room", static c => new(c.AmountMicros, c.Seconds), static s => new(s.AmountMicros, s.Seconds, new ReserveTerms.OfSession("")));

    public static readonly UnionCodec<NodeCommand> OfCampaign = new UnionCodec<NodeCommand>()
        .Case<NodeCommand.Reserve, CampaignReserve>("campaign.reserve", CampaignReserve.Of, static s => s.Asked)
        .Case<NodeCommand.Post>("campaign.post")
        .Case<NodeCommand.Void>("campaign.void")
        .Case<NodeCommand.Credit, CampaignCredit>(
            "campaign.credit",
            static c => new(c.Source, c.Transfer.Number, c.Transfer.AmountMicros, c.Transfer.SentAt),
            static s => new(s.Source, new(s.Number, s.AmountMicros, "", SentAt: s.SentAt)))
        .Case<NodeCommand.ForgetSource>("campaign.forget_source")
        .Case<NodeCommand.PayNow>("campaign.pay_now");

    public static readonly UnionCodec<NodeCommand> OfWallet = new UnionCodec<NodeCommand>()
        .Case<NodeCommand.Reserve, WalletReserve>("wallet.reserve", WalletReserve.Of, static s => s.Asked)
        .Case<NodeCommand.Post>("wallet.post")
        .Case<NodeCommand.Void>("wallet.void")
        .Case<NodeCommand.Credit, WalletCredit>(
            "wallet.credit",
            static c => new(c.Source, c.Transfer.Number, c.Transfer.AmountMicros, c.Transfer.Memo, c.Transfer.Items, c.Transfer.SentAt),
            static s => new(s.Source, new(s.Number, s.AmountMicros, s.Memo, s.Items, s.SentAt)))
        .Case<NodeCommand.ForgetSource>("wallet.forget_source")
        .Case<NodeCommand.PayNow>("wallet.pay_now");

    public static readonly UnionCodec<NodeCommand> OfPayment = new UnionCodec<NodeCommand>()
        .Case<NodeCommand.Inquire, PaymentInquire>("refund.inquire", static c => new(c.RunId, c.HoldId), static s => new(s.RefundId, s.HoldId));

    private sealed record UserAwaitRoom(long AmountMicros, int Seconds, string AgentId, IReadOnlyList<string>? Above = null, string? ServiceId = null, string? Category = null)
    {
        public NodeCommand.AwaitRoom Asked => new(AmountMicros, Seconds, new ReserveTerms.OfUser(AgentId, [], Named: false, Above, ServiceId: ServiceId, Category: Category));

        public static UserAwaitRoom Of(NodeCommand.AwaitRoom c)
        {
            var terms = (ReserveTerms.OfUser)c.Terms;
            return new(c.AmountMicros, c.Seconds, terms.AgentId, terms.Above, terms.ServiceId, terms.Category);
        }
    }

    private sealed record SessionAwaitRoom(long AmountMicros, int Seconds);

    private sealed record SessionReserve(Guid HoldId, string Owner, Guid RunId, string Branch, long AmountMicros, long? Tokens = null)
    {
        public NodeCommand.Reserve Asked => new(HoldId, Owner, RunId, AmountMicros, new ReserveTerms.OfSession(Branch, Tokens));

        public static SessionReserve Of(NodeCommand.Reserve c)
        {
            var terms = (ReserveTerms.OfSession)c.Terms;
            return new(c.HoldId, c.Owner, c.RunId, terms.Branch, c.AmountMicros, terms.Tokens);
        }
    }

    private sealed record CampaignReserve(
        Guid HoldId,
        string Owner,
        Guid RunId,
        string ServiceId,
        long AmountMicros,
        string Provider,
        Personal? Attributes,
        int FeeBasisPoints = 0,
        string? ServiceOwner = null)
    {
        public NodeCommand.Reserve Asked => new(HoldId, Owner, RunId, AmountMicros, new ReserveTerms.OfCampaign(ServiceId, Provider, Attributes, FeeBasisPoints, ServiceOwner));

        public static CampaignReserve Of(NodeCommand.Reserve c)
        {
            var terms = (ReserveTerms.OfCampaign)c.Terms;
            return new(c.HoldId, c.Owner, c.RunId, terms.ServiceId, c.AmountMicros, terms.Provider, terms.Attributes, terms.FeeBasisPoints, terms.ServiceOwner);
        }
    }

    private sealed record WalletReserve(
        Guid HoldId,
        string Owner,
        Guid RunId,
        long AmountMicros,
        string Provider,
        int FeeBasisPoints = 0,
        string? Memo = null,
        PresentedPayment? Paid = null)
    {
        public NodeCommand.Reserve Asked => new(HoldId, Owner, RunId, AmountMicros, new ReserveTerms.OfWallet(Provider, FeeBasisPoints, Memo, Paid));

        public static WalletReserve Of(NodeCommand.Reserve c)
        {
            var terms = (ReserveTerms.OfWallet)c.Terms;
            return new(c.HoldId, c.Owner, c.RunId, c.AmountMicros, terms.Provider, terms.FeeBasisPoints, terms.Memo, terms.Paid);
        }
    }

    private sealed record UserTakeRefund(Guid TellId, Guid RunId, string Accounts, long AmountMicros);

    private sealed record CampaignCredit(string Source, long Number, long AmountMicros, DateTimeOffset? SentAt = null);

    private sealed record WalletCredit(string Source, long Number, long AmountMicros, string Memo, IReadOnlyList<TransferItem>? Items = null, DateTimeOffset? SentAt = null);

    private sealed record PaymentInquire(Guid RefundId, Guid HoldId);
}

/// <summary>A user's Reserve, as it crosses and as its entry keeps it.</summary>
internal sealed record UserReserve(
    Guid HoldId,
    string Owner,
    Guid RunId,
    string AgentId,
    long AmountMicros,
    IReadOnlyList<Candidate> Candidates,
    bool Named,
    IReadOnlyList<string>? Above = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] bool OwnFund = false,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] bool Approved = false,
    string? ServiceId = null,
    string? Category = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] bool Unfunded = false)
{
    public NodeCommand.Reserve Asked => new(HoldId, Owner, RunId, AmountMicros, new ReserveTerms.OfUser(AgentId, Candidates, Named, Above, OwnFund, Approved, ServiceId, Category, Unfunded));

    public static UserReserve Of(NodeCommand.Reserve c)
    {
        var terms = (ReserveTerms.OfUser)c.Terms;
        return new(c.HoldId, c.Owner, c.RunId, terms.AgentId, c.AmountMicros, terms.Candidates, terms.Named, terms.Above, terms.OwnFund, terms.Approved, terms.ServiceId, terms.Category, terms.Unfunded);
    }
}

/// <summary>Generated writer of what every run's entry keeps at its user; the options are those of <see cref="StoredJson"/>, and a test holds that so are the bytes.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, IgnoreReadOnlyProperties = true, GenerationMode = JsonSourceGenerationMode.Serialization)]
[JsonSerializable(typeof(UserReserve))]
internal sealed partial class NodeJson : JsonSerializerContext;
