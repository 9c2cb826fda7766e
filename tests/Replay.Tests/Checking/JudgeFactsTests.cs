using Agora.Core.Kernel;
using Agora.Replay.Checking;
using Fact = Agora.Replay.Checking.Fact;

namespace Agora.Replay.Tests.Checking;

/// <summary>
/// Each rule of the judge has a case here that breaks it and no other, so that a rule that is deleted leaves one of these red. The cases are facts as streams leave them, about one id, in the order of
/// the streams.
/// </summary>
public sealed class JudgeFactsTests
{
    private const int Live = 1, Test = 2;
    private static readonly DateTimeOffset Now = DateTimeOffset.UnixEpoch.AddDays(1);

    public static TheoryData<string, string[], Fact[]> Cases => new()
    {
        { "a hold that is open", [], [Of(FactKind.HoldOpen, 5)] },
        { "a hold that is posted, and its owner follows", [], [Of(FactKind.HoldPosted, 5), Of(FactKind.HoldFollowed, 0)] },
        { "a hold that is voided before it came", [], [Of(FactKind.HoldNeverCame, 0)] },
        { "a posted hold that is voided", ["a hold is voided that was posted there before"], [Of(FactKind.HoldPosted, 5), Of(FactKind.HoldNeverCame, 0)] },
        { "a hold that is posted from nothing", ["a hold is posted that was never reserved there"], [Of(FactKind.HoldPosted, -1)] },
        { "a hold that is reserved twice", ["a hold is reserved though it was reserved or voided before"], [Of(FactKind.HoldVoided, 5), Of(FactKind.HoldVoided, 5)] },
        { "a hold that is reserved behind its void", ["a hold is reserved though it was reserved or voided before"], [Of(FactKind.HoldNeverCame, 0), Of(FactKind.HoldVoided, 5)] },
        { "a hold that is open where its owner says it is closed", ["5 are held though the owner of the hold knows it closed"], [Of(FactKind.HoldOpen, 5), Of(FactKind.HoldFollowed, 0)] },
        { "a hold of 15 minutes", [], [Of(FactKind.HoldOpen, 5, at: Now.AddMinutes(-15))] },
        { "a hold of more than 15 minutes", ["5 have been held for 901 s, and nobody decides"], [Of(FactKind.HoldOpen, 5, at: Now.AddMinutes(-15).AddSeconds(-1))] },
        { "a hold of more than 15 minutes in a tenant for tests", [], [Of(FactKind.HoldOpen, 5, at: Now.AddMinutes(-16), stream: Test)] },

        { "a run with two sessions above it", [], Run(10, 2, paidBy: 7, users: 1, sessions: 2, funds: 1) },
        { "a run without a fund", [], Run(10, 0, paidBy: 0, users: 1, sessions: 0, funds: 0, kind: FactKind.UnfundedRunRequested) },
        { "a run that costs nothing", [], Run(0, 0, paidBy: 7, users: 1, sessions: 0, funds: 0) },
        { "a run that is under way", [], [Of(FactKind.RunRequested, 10)] },
        { "a run that failed", [], [Of(FactKind.RunRequested, 10), Of(FactKind.RunFailed, 0)] },
        { "a run that is posted twice", ["a run is decided twice"], [Of(FactKind.RunRequested, 10), Of(FactKind.RunPosted, 10), Of(FactKind.RunPosted, 10)] },
        { "a run that failed and is posted", ["a run is decided twice"], [Of(FactKind.RunRequested, 10), Of(FactKind.RunFailed, 0), Of(FactKind.RunPosted, 10)] },
        { "a run that fails twice", ["a run is decided twice"], [Of(FactKind.RunRequested, 10), Of(FactKind.RunFailed, 0), Of(FactKind.RunFailed, 0)] },
        { "a run that is posted and fails", ["a run is decided twice"], [Of(FactKind.RunRequested, 10), Of(FactKind.RunPosted, 10), Of(FactKind.RunFailed, 0)] },
        { "a run that nobody posted and a user pays", ["10 are posted for a run that its session did not post"], [Of(FactKind.RunRequested, 10), Of(FactKind.RunPostedAtUser, 10)] },
        { "a run that failed and a fund pays", ["10 are posted for a run that its session did not post"], [Of(FactKind.RunRequested, 10), Of(FactKind.RunFailed, 0), Of(FactKind.RunPostedAtFund, 10, other: 7)] },
        { "a user that posts less", ["9 are posted for a run that its session posted for 10"], [.. Posted(10, 0, paidBy: 7), Of(FactKind.RunPostedAtUser, 9)] },
        { "a session above that posts more", ["11 are posted for a run that its session posted for 10"], [.. Posted(10, 1, paidBy: 7), Of(FactKind.RunPostedAtSession, 11)] },
        { "a fund that posts less", ["9 are posted for a run that its session posted for 10"], [.. Posted(10, 0, paidBy: 7), Of(FactKind.RunPostedAtFund, 9, other: 7)] },
        { "a fund that the session does not name", ["a run is posted at a fund that its session does not name"], [.. Posted(10, 0, paidBy: 7), Of(FactKind.RunPostedAtFund, 10, other: 8)] },
        { "two users", ["a run is posted 2 times at its user, 0 at funds, and 0 at 0 sessions above"], [.. Posted(10, 0, paidBy: 7), Of(FactKind.RunPostedAtUser, 10), Of(FactKind.RunPostedAtUser, 10)] },
        { "two funds", ["a run is posted 0 times at its user, 2 at funds, and 0 at 0 sessions above"], [.. Posted(10, 0, paidBy: 7), Of(FactKind.RunPostedAtFund, 10, other: 7), Of(FactKind.RunPostedAtFund, 10, other: 7)] },
        { "a fund of a run that costs nothing", ["a run is posted 0 times at its user, 1 at funds, and 0 at 0 sessions above"], [.. Posted(0, 0, paidBy: 7), Of(FactKind.RunPostedAtFund, 0, other: 7)] },
        { "more sessions than are above", ["a run is posted 0 times at its user, 0 at funds, and 2 at 1 sessions above"], [.. Posted(10, 1, paidBy: 7), Of(FactKind.RunPostedAtSession, 10), Of(FactKind.RunPostedAtSession, 10)] },
        { "all follow but the user", ["all follow a run that is posted 0 times at its user, 1 at funds, and 1 at 1 sessions above"], Run(10, 1, paidBy: 7, users: 0, sessions: 1, funds: 1) },
        { "all follow but the fund", ["all follow a run that is posted 1 times at its user, 0 at funds, and 1 at 1 sessions above"], Run(10, 1, paidBy: 7, users: 1, sessions: 1, funds: 0) },
        { "all follow but a session above", ["all follow a run that is posted 1 times at its user, 1 at funds, and 1 at 2 sessions above"], Run(10, 2, paidBy: 7, users: 1, sessions: 1, funds: 1) },
        { "a fund that was asked and left before the run was decided", [], [Of(FactKind.RunRequested, 10), Of(FactKind.RunFollowed, 0, seq: 2), Of(FactKind.RunPosted, 10, other: 7, seq: 3)] },

        { "a refund that is paid in two parts", [], [Of(FactKind.RefundAccepted, 10), Of(FactKind.RunPostedAtFund, 9), Of(FactKind.RunPostedAtFund, 1)] },
        { "a refund of which more is paid", ["11 were given back of a refund of 10"], [Of(FactKind.RefundAccepted, 10), Of(FactKind.RunPostedAtFund, 11)] },
        { "a refused refund that is paid", ["1 were given back of a refund of 10"], [Of(FactKind.RefundRefused, 10), Of(FactKind.RunPostedAtFund, 1)] },
        { "a refund of nothing", ["a refund of 0 is accepted"], [Of(FactKind.RefundAccepted, 0)] },

        { "a transfer", [], [Of(FactKind.TransferSent, 5), Of(FactKind.TransferArrived, 0), Of(FactKind.TransferCredited, 5)] },
        { "a transfer in transit", [], [Of(FactKind.TransferSent, 5)] },
        { "a transfer that is sent twice", ["a transfer is sent twice under one number"], [Of(FactKind.TransferSent, 5), Of(FactKind.TransferSent, 5)] },
        { "a transfer that is credited twice", ["a transfer of 5 is credited twice"], [Of(FactKind.TransferSent, 5), Of(FactKind.TransferCredited, 5), Of(FactKind.TransferCredited, 5)] },
        { "a transfer that nobody sent", ["a transfer arrived that nobody sent"], [Of(FactKind.TransferCredited, 5)] },
        { "a transfer that is credited for less", ["4 are credited of 5 that were sent"], [Of(FactKind.TransferSent, 5), Of(FactKind.TransferCredited, 4)] },
        { "a transfer that arrived nowhere", ["5 were sent and are known to have arrived, and are credited nowhere"], [Of(FactKind.TransferSent, 5), Of(FactKind.TransferArrived, 0)] },

        { "a payment that arrives", [], [Of(FactKind.ItemMade, 5, other: 7), Of(FactKind.ItemArrived, 5, other: 7)] },
        { "a payment that is made twice", ["a payment is made twice under one id"], [Of(FactKind.ItemMade, 5), Of(FactKind.ItemMade, 5)] },
        { "a payment that arrives twice", ["a payment arrives twice"], [Of(FactKind.ItemMade, 5), Of(FactKind.ItemArrived, 5), Of(FactKind.ItemArrived, 5)] },
        { "a payment that nobody made", ["a payment of 5 arrives that was not made like this"], [Of(FactKind.ItemArrived, 5)] },
        { "a payment that arrives for less", ["a payment of 4 arrives that was not made like this"], [Of(FactKind.ItemMade, 5), Of(FactKind.ItemArrived, 4)] },
        { "a payment that arrives elsewhere", ["a payment of 5 arrives that was not made like this"], [Of(FactKind.ItemMade, 5, other: 7), Of(FactKind.ItemArrived, 5, other: 8)] },

        { "a payment by x402", [], [Of(FactKind.PaymentEntered, 5), Of(FactKind.PaymentDelivered, 0)] },
        { "a payment by x402 that enters twice", ["a payment by x402 entered twice"], [Of(FactKind.PaymentEntered, 5), Of(FactKind.PaymentEntered, 5)] },
        { "a payment by x402 that delivers two runs", ["a payment by x402 delivered two runs"], [Of(FactKind.PaymentEntered, 5), Of(FactKind.PaymentDelivered, 0), Of(FactKind.PaymentDelivered, 0)] },
        { "a payment by x402 that never entered", ["a payment by x402 delivered a run, and never entered"], [Of(FactKind.PaymentDelivered, 0)] },
    };

    [Theory]
    [MemberData(nameof(Cases), DisableDiscoveryEnumeration = true)]
    public void What_streams_say_of_one_id_breaks_just_this(string what, string[] broken, Fact[] facts)
    {
        var found = new List<string>();
        new Judge(Now, static stream => stream == Test, (_, _, why) => found.Add(why)).Of(facts);

        Assert.True(broken.SequenceEqual(found), $"{what}: {string.Join("; ", found)}");
    }

    /// <summary>A run that was posted, and that all follow.</summary>
    private static Fact[] Run(long amount, int above, int paidBy, int users, int sessions, int funds, FactKind kind = FactKind.RunRequested) =>
    [
        .. Posted(amount, above, paidBy, kind), Of(FactKind.RunFollowed, 0, seq: 3),
        .. Enumerable.Repeat(Of(FactKind.RunPostedAtUser, amount), users), .. Enumerable.Repeat(Of(FactKind.RunPostedAtSession, amount), sessions),
        .. Enumerable.Repeat(Of(FactKind.RunPostedAtFund, amount, other: paidBy), funds),
    ];

    private static Fact[] Posted(long amount, int above, int paidBy, FactKind kind = FactKind.RunRequested) =>
        [Of(kind, amount, other: above, seq: 1), Of(FactKind.RunPosted, amount, other: paidBy, seq: 2)];

    private static Fact Of(FactKind kind, long amount, int other = 0, long seq = 1, DateTimeOffset? at = null, int stream = Live) =>
        new(1, (UInt128)other, seq, amount, (at ?? Now).ToMicros(), stream, kind);
}
