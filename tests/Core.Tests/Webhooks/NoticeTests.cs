using System.Text.Json.Nodes;
using Agora.Core.Campaigns;
using Agora.Core.Funds;
using Agora.Core.Kernel;
using Agora.Core.Nodes;
using Agora.Core.Refunds;
using Agora.Core.Runs;
using Agora.Core.Services;
using Agora.Core.Sessions;
using Agora.Core.Tests.Kernel;
using Agora.Core.Users;
using Agora.Core.Wallets;
using Agora.Core.Webhooks;

namespace Agora.Core.Tests.Webhooks;

/// <summary>What endpoints are told of a stored event.</summary>
public sealed class NoticeTests
{
    private const long Limit = 1_000_000;
    private static readonly StreamId Session = StreamId.Session("s1");
    private static readonly StreamId User = new(StreamId.DefaultTenant, Kinds.User, "u1");

    [Theory]
    [InlineData(790_000, 10_000, "")]
    [InlineData(800_000, 10_000, "cap.near")]
    [InlineData(800_000, 1, "cap.near")]
    [InlineData(900_000, 100_000, "")]
    [InlineData(990_000, 10_000, "")]
    [InlineData(1_000_000, 10_000, "cap.reached")]
    [InlineData(1_000_000, 200_000, "cap.reached")]
    [InlineData(1_000_000, 200_001, "cap.near cap.reached")]
    [InlineData(1_000_000, 0, "")]
    public void A_cap_is_told_by_what_takes_it_to_80_and_to_100_percent_and_by_nothing_after_that(long used, long amount, string told)
    {
        var near = new NearLimit("daily_cap", "u1", Limit, Limit - used);
        Assert.Equal(told, Types(Of(User, UserCodec.Events.Encode(Sample<UserEvent.HoldPosted>() with { AmountMicros = amount, Near = [near], RunId = Guid.NewGuid() }))));
        Assert.Equal(told, Types(Of(Session, SessionCodec.Events.Encode(Sample<SessionEvent.HoldPosted>() with { AmountMicros = amount, Near = near, RunId = Guid.NewGuid() }))));
    }

    [Fact]
    public void Each_cap_that_a_run_reaches_is_told_by_its_own_name_and_what_is_left_of_it()
    {
        var told = Of(User, UserCodec.Events.Encode(Sample<UserEvent.HoldPosted>() with { AmountMicros = 300_000, RunId = Guid.NewGuid(), Near = [new("grant_total", "a1", Limit, 150_000), new("daily_cap", "u1", 500_000, 0)] }));

        Assert.Equal("cap.near cap.near cap.reached", Types(told));
        Assert.Equal([("grant_total", "a1", "80", "15"), ("daily_cap", "u1", "80", "0"), ("daily_cap", "u1", "100", "0")], told.Select(one => (Said(one, "limit"), Said(one, "id"), Said(one, "percent"), Said(one, "remaining_cents"))));
        Assert.All(told, one => Assert.Equal(("u1", "/admin/users/u1"), (Said(one, "user_id"), Said(one, "link"))));
    }

    [Theory]
    [InlineData(true, 25, 25, "run.succeeded", "succeeded", "25")]
    [InlineData(true, 25, 79, "run.succeeded", "succeeded", "25")]
    [InlineData(true, 25, 80, "run.succeeded cap.near", "succeeded", "25")]
    [InlineData(true, 20, 100, "run.succeeded cap.reached", "succeeded", "20")]
    [InlineData(false, 25, 90, "run.failed", "failed", "0")]
    public void A_run_is_told_with_what_it_cost_and_one_that_was_not_paid_for_takes_no_cap_anywhere(bool posted, int cents, int spentCents, string told, string state, string amount)
    {
        var concluded = Sample<RunEvent.Concluded>() with
        {
            Posted = posted, AmountMicros = cents * 10_000L, FailureCode = posted ? null : Codes.UpstreamFailed, Model = null, BudgetAfter = new(Limit, spentCents * 10_000L, 0, Limit - (spentCents * 10_000L)),
        };
        var notices = Of(Session, SessionCodec.Events.Encode(concluded));

        Assert.Equal(told, Types(notices));
        Assert.Equal((state, amount, "s1"), (Said(notices[0], "state"), Said(notices[0], "amount_cents"), Said(notices[0], "session_id")));
    }

    [Fact]
    public void A_call_of_a_model_that_was_paid_and_gave_no_whole_answer_is_told_as_failed_with_what_it_cost()
    {
        var sample = Sample<RunEvent.Concluded>();
        var paid = sample with { Posted = true, AmountMicros = 250_000, FailureCode = null, Model = sample.Model! with { FailureCode = Codes.UpstreamFailed } };

        var notice = Of(Session, SessionCodec.Events.Encode(paid))[0];

        Assert.Equal(("run.failed", "failed", Codes.UpstreamFailed, "25"), (notice.Type, Said(notice, "state"), Said(notice, "failure_code"), Said(notice, "amount_cents")));
    }

    /// <summary>The same value as in the API's errors, for every caller.</summary>
    [Theory]
    [InlineData(Codes.UpstreamFailed, false, "new_key")]
    [InlineData(Codes.UpstreamFailed, true, "never")]
    [InlineData(Codes.UpstreamTimeout, false, "new_key")]
    [InlineData(Codes.RunCancelled, false, "new_key")]
    [InlineData(null, false, null)]
    public void A_run_that_failed_is_told_with_how_to_send_it_again(string? code, bool isOfInput, string? retry)
    {
        var sample = Sample<RunEvent.Concluded>();

        Assert.Equal(retry, (string?)Of(Session, SessionCodec.Events.Encode(sample with { Posted = code is null, FailureCode = code, Model = null, IsOfInput = isOfInput }))[0].Data["retry"]);
    }

    [Fact]
    public void A_run_that_was_not_approved_and_a_call_that_was_paid_and_failed_are_told_to_be_sent_with_a_new_key()
    {
        var call = Sample<RunEvent.Concluded>();
        var paid = call with { Posted = true, FailureCode = null, Model = call.Model! with { FailureCode = Codes.UpstreamFailed } };
        var waited = Sample<RunEvent.WaitEnded>() with { Outcome = new(Codes.NotEligible, "The user said no.") };

        Assert.All([Of(Session, SessionCodec.Events.Encode(paid))[0], Of(Session, SessionCodec.Events.Encode(waited))[0]], static one => Assert.Equal("new_key", Said(one, "retry")));
    }

    [Theory]
    [InlineData(PayerKinds.Campaign, "campaign-1", "campaign-1")]
    [InlineData(PayerKinds.Nobody, "", null)]
    public void A_run_notice_names_its_payer_or_null_if_there_is_none(string kind, string payerId, string? told)
    {
        var sample = Sample<RunEvent.Concluded>();
        var concluded = sample with { Posted = true, FailureCode = null, Model = null, Payment = sample.Payment! with { PayerKind = kind, PayerId = payerId } };

        var data = Of(Session, SessionCodec.Events.Encode(concluded))[0].Data;

        Assert.Equal(told, (string?)data["payer"]);
    }

    [Fact]
    public void A_run_that_was_taken_back_is_told_as_cancelled_whether_it_was_begun_or_waited()
    {
        var begun = Sample<RunEvent.Concluded>() with { Posted = false, FailureCode = Codes.RunCancelled };
        var waited = Sample<RunEvent.WaitEnded>() with { Outcome = new(Codes.RunCancelled, "Cancelled.") };

        Assert.All([.. Of(Session, SessionCodec.Events.Encode(begun)), .. Of(Session, SessionCodec.Events.Encode(waited))], one => Assert.Equal(("run.failed", "cancelled", "0"), (one.Type, Said(one, "state"), Said(one, "amount_cents"))));
    }

    private static T Sample<T>()
        where T : class => (T)Samples.Of(typeof(T));

    /// <summary>An endpoint that wants one type is read the rows of these kinds only.</summary>
    [Fact]
    public void Each_type_is_told_of_known_kinds()
    {
        Assert.Equal(Notices.OfKinds, Notices.KindsOf(null));
        Assert.All(NoticeTypes.All, static type => Assert.InRange(Notices.KindsOf([type]).Count, 1, 3));
    }

    /// <summary>An endpoint that wants one type alone is read only what may tell of it. A sample of a run has failed, and one of a refusal names no cap.</summary>
    [Fact]
    public void Whatever_a_stored_event_tells_is_read_for_an_endpoint_that_wants_nothing_else()
    {
        (string Kind, IUnionCodec Events)[] all =
        [
            (Kinds.Session, SessionCodec.Events), (Kinds.User, UserCodec.Events), (Kinds.Campaign, CampaignCodec.Events), (Kinds.Payment, RefundCodec.Events), (Kinds.Service, ServiceCodec.Events), (Kinds.Wallet, WalletCodec.Events),
            (Kinds.Webhook, WebhookCodec.Events),
        ];

        var told = all.SelectMany(static of => of.Events.Cases.Where(static type => type != typeof(RunEvent.Refused)).SelectMany(type => Of(new(StreamId.DefaultTenant, of.Kind, "one"), of.Events.Encode(Samples.Of(type))))).Select(static one => one.Type);

        Assert.Equal(NoticeTypes.All.Except([NoticeTypes.Test, NoticeTypes.RunSucceeded, NoticeTypes.CapRefused]).Order(StringComparer.Ordinal), told.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal));
    }

    private static IReadOnlyList<Notice> Of(StreamId stream, EncodedCase stored)
    {
        var told = Notices.Of(stream, stored.Name, stored.Version, stored.Payload);
        Assert.All(told, one => Assert.Contains(stream.Kind, Notices.KindsOf([one.Type])));
        Assert.All(told, one => Assert.True(Notices.MayTell(stored.Name, [one.Type])));
        return told;
    }

    private static string Types(IReadOnlyList<Notice> told) => string.Join(' ', told.Select(one => one.Type));

    private static string? Said(Notice told, string name) => told.Data[name] is JsonValue value ? value.ToString() : null;
}
