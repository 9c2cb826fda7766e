using Agora.Core.Campaigns;
using Agora.Core.Funds;
using Agora.Core.Kernel;
using Agora.Core.Nodes;
using Agora.Core.Sessions;
using Agora.Core.Users;
using Agora.Core.Wallets;

namespace Agora.Grains.Tests.Kernel;

/// <summary>
/// "Too late" is for good: whoever is told so does it under another id, or tells its user that it never was. So the same message, when it comes
/// again to a process whose clock is behind, is too late there too.
/// </summary>
public sealed class TooLateTests
{
    private static readonly TimeSpan Behind = TimeSpan.FromSeconds(4);
    private readonly HostFixture _fixture = new();

    [Fact]
    public void A_refund_that_a_user_called_too_late_is_too_late_for_a_process_whose_clock_is_behind()
    {
        UserCommand take = new NodeCommand.TakeRefund(Old(), _fixture.NewId(), 25, "day:2026-03-01");
        var told = _fixture.Ask(_fixture.User("u1").Send, take);
        Assert.Equal((HoldStanding.Late, HoldStanding.Late), (StandingIn(told), StandingIn(_fixture.Ask(_fixture.User("u1", Behind).Send, take))));
    }

    [Fact]
    public void A_refund_that_a_session_called_too_late_is_too_late_for_a_process_whose_clock_is_behind()
    {
        SessionCommand take = new NodeCommand.TakeRefund(Old(), _fixture.NewId(), 25);
        var told = _fixture.Ask(_fixture.Session("s1").Send, take);
        Assert.Equal((HoldStanding.Late, HoldStanding.Late), (StandingIn(told), StandingIn(_fixture.Ask(_fixture.Session("s1", Behind).Send, take))));
    }

    [Fact]
    public void A_completion_that_was_void_by_its_age_is_never_claimed_by_a_process_whose_clock_is_behind()
    {
        var id = Old();
        Assert.IsType<TaskVoided>(Assert.IsType<Answer>(_fixture.Ask(_fixture.User("u1").Send, new UserCommand.VoidTask(id))).Reply);
        Assert.Equal(UserRejection.TaskTooLate, RejectionIn(_fixture.Ask(_fixture.User("u1", Behind).Send, Complete(id))));
    }

    [Fact]
    public void A_completion_that_was_refused_as_too_late_is_never_claimed_by_a_process_whose_clock_is_behind()
    {
        var complete = Complete(Old());
        Assert.Equal(UserRejection.TaskTooLate, RejectionIn(_fixture.Ask(_fixture.User("u1").Send, complete)));
        Assert.Equal(UserRejection.TaskTooLate, RejectionIn(_fixture.Ask(_fixture.User("u1", Behind).Send, complete)));
    }

    [Fact]
    public void A_claim_that_was_refused_as_too_late_is_never_made_by_a_process_whose_clock_is_behind()
    {
        var claim = new UserCommand.ClaimReward(Old(), _fixture.NewId(), "c1", "a1", null, []);
        Assert.Equal(UserRejection.TaskTooLate, RejectionIn(_fixture.Ask(_fixture.User("u1").Send, claim)));
        Assert.Equal(UserRejection.TaskTooLate, RejectionIn(_fixture.Ask(_fixture.User("u1", Behind).Send, claim)));
    }

    [Fact]
    public void A_transfer_that_was_refused_as_too_late_is_never_paid_by_a_process_whose_clock_is_behind()
    {
        var transfer = Transfer(out var send);
        _fixture.Time.Advance(Limits.ReserveMaxAge + TimeSpan.FromSeconds(1));
        Assert.Equal(FundRejection.TooLate.Message, RejectionIn(_fixture.Ask(send, transfer))?.Message);
        Assert.Equal(FundRejection.TooLate.Message, RejectionIn(_fixture.Ask(_fixture.Wallet("agent:a1", Behind).Send, transfer))?.Message);
    }

    [Fact]
    public void A_transfer_whose_void_found_it_forgotten_is_never_paid_by_a_process_whose_clock_is_far_behind()
    {
        var transfer = Transfer(out var send);
        _fixture.Time.Advance(Limits.OutcomeKept + TimeSpan.FromSeconds(1));
        Assert.Equal(HoldStanding.Forgotten, Assert.IsType<HoldEnded>(Assert.IsType<Answer>(_fixture.Ask(send, (WalletCommand)new NodeCommand.Void(transfer.TransferId))).Reply).Standing);
        Assert.Equal(FundRejection.AlreadyDecided.Message, RejectionIn(_fixture.Ask(_fixture.Wallet("agent:a1", Limits.ReserveMaxAge + Behind).Send, transfer))?.Message);
    }

    [Fact]
    public void A_completion_that_its_campaign_called_too_late_is_never_counted_by_a_process_whose_clock_is_behind()
    {
        var send = _fixture.Campaign("c1").Send;
        var definition = new CampaignDefinition(
            "Acme", null, new("Survey", "survey", "Say something.", "true", [], []), [new("echo", null)], [], 1, null, null, null, null, null, true);
        _fixture.Ask(send, new CampaignCommand.PutCampaign(definition));
        _fixture.Time.Advance(TimeSpan.FromSeconds(10));
        var count = new CampaignCommand.CountCompletion(Old());
        Assert.Equal(FundRejection.TooLate.Message, RejectionIn(_fixture.Ask(send, count))?.Message);
        Assert.Equal(FundRejection.TooLate.Message, RejectionIn(_fixture.Ask(_fixture.Campaign("c1", Behind).Send, count))?.Message);
    }

    // One that is a second too old for a right clock.
    private Guid Old() => Ids.Derive(_fixture.Time.GetUtcNow() - Limits.ReserveMaxAge - TimeSpan.FromSeconds(1), _fixture.NewId(), 0);

    private static UserCommand.CompleteTask Complete(Guid id) => new(id, "c1", "s1", "a1", Vias.Agent, Personal.Of("fine"), [], []);

    private WalletCommand.Transfer Transfer(out Func<Agora.Contracts.Envelope, Task<Agora.Contracts.Envelope>> send)
    {
        send = _fixture.Wallet("agent:a1").Send;
        _fixture.Ask(send, new WalletCommand.Deposit(1_000));
        return new(_fixture.NewId(), "agent:a2", 25, "thanks", PayeeKnown: true);
    }

    private static HoldStanding StandingIn(object body) => Assert.IsType<RefundTold>(Assert.IsType<Answer>(body).Reply).Standing;

    private static Rejection? RejectionIn(object body) => Assert.IsType<Answer>(body).Rejection;
}
