using Agora.Core;
using Agora.Core.Access;
using Agora.Core.Campaigns;
using Agora.Core.Kernel;
using Agora.Core.Nodes;
using Agora.Core.Refunds;
using Agora.Core.Runs;
using Agora.Core.Sessions;
using Agora.Core.Users;
using Agora.Core.Wallets;

namespace Agora.Grains.Tests.Kernel;

/// <summary>
/// A command that is decided again is another attempt, under ids of its own: a stream's time stands still while its clock is behind, and two
/// processes may decide in the same instant. Else what is still under way for the first attempt ends the holds of the second. Each was first a
/// seed of the simulation.
/// </summary>
public sealed class AttemptTests
{
    private readonly HostFixture _world = new();
    private readonly List<object> _asked = [];

    [Fact]
    public void A_refund_that_is_asked_for_again_in_the_instant_of_its_refusal_is_held_under_another_id()
    {
        RefusedWith(Codes.Unavailable);
        var payment = _world.Payment("p1");
        var (id, refund) = (_world.NewId(), new RefundCommand.Refund(Payment, 40, "Unusable.", "operator:test"));
        var at = _world.Time.GetUtcNow();

        _world.Ask(payment.Send, refund, id);
        _world.Ask(payment.Send, refund, id);

        Assert.Equal(at, _world.Time.GetUtcNow());
        AssertDistinct([.. _asked.OfType<WalletCommand.Node>().Select(n => n.Asked).OfType<NodeCommand.Reserve>().Select(r => r.HoldId)], 2);
    }

    [Fact]
    public void A_run_that_is_requested_again_in_the_instant_of_its_refusal_holds_under_other_ids_at_every_node()
    {
        RefusedWith(Codes.Unavailable);
        var session = Begun(new PathNode("root", "a0"));
        var id = _world.NewId();

        _world.Ask(session.Send, Run, id);
        _world.Ask(session.Send, Run, id);

        AssertDistinct([.. _asked.OfType<UserCommand.Node>().Select(n => n.Asked).OfType<NodeCommand.Reserve>().Select(r => r.HoldId)], 2);
        AssertDistinct([.. _asked.OfType<CampaignCommand.Node>().Select(n => n.Asked).OfType<NodeCommand.Reserve>().Select(r => r.HoldId)], 2);
        AssertDistinct([.. _asked.OfType<SessionCommand.Node>().Select(n => n.Asked).OfType<NodeCommand.Reserve>().Select(r => r.HoldId)], 2);
    }

    [Fact]
    public void Two_processes_that_decide_one_run_in_the_same_instant_hold_under_different_ids()
    {
        Begun();
        _world.Steps = target => { _asked.Add(Heard(target)); return new TaskCompletionSource<StepOutcome>().Task; };
        var (one, other, id) = (_world.Session("s1"), _world.Session("s1"), _world.NewId());

        _world.Start(one.Send, Run, id);
        _world.Start(other.Send, Run, id);
        _world.Scheduler.RunReady();

        AssertDistinct([.. _asked.OfType<CampaignCommand.Node>().Select(n => n.Asked).OfType<NodeCommand.Reserve>().Select(r => r.HoldId)], 2);
    }

    private static PaymentFacts Payment { get; } = new("p1", "s1", Guid.Empty, "u1", "a1", "campaign", "c1", "provider-1", 100, 0, null);

    private static LeafCommand Run => new RunCommand.RunService(
        World.Request("run_service"), "echo", new("echo", "writing", 10, "provider-1", null, false), Personal.Of("hello"), "hello", null, false, null,
        [new("c1", "sponsor-1", 5, null, null)], Keyed: true);

    private static object Heard(StepTarget target) => target is StepTarget.Entity to ? Manifest.Heard(to.Stream, to.Command) : target;

    private static void AssertDistinct(List<Guid> ids, int count)
    {
        Assert.Equal(count, ids.Count);
        Assert.Equal(count, ids.Distinct().Count());
    }

    private void RefusedWith(string code) => _world.Steps = target =>
    {
        _asked.Add(Heard(target));
        return Task.FromResult<StepOutcome>(new StepOutcome.Answered(Answer.No(new(code, "No."))));
    };

    private Grains.Kernel.EntityHost<SessionState, LeafCommand, LeafEvent> Begun(params IReadOnlyList<PathNode> path)
    {
        var session = _world.Session("s1");
        _world.Ask(session.Send, (SessionCommand)new AccessCommand.Begin("a1", "u1", new(["*"], ["*"], ["*"], ["*"]), 100_000, 3_600, path));
        return session;
    }
}
