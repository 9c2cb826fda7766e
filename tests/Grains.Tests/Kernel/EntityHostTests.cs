using Agora.Contracts;
using Agora.Core.Access;
using Agora.Core.Kernel;
using Agora.Core.Nodes;
using Agora.Core.Runs;
using Agora.Core.Sessions;
using Agora.Core.Users;
using Agora.Journal.Memory;

namespace Agora.Grains.Tests.Kernel;

/// <summary>What a host owes its callers when messages repeat, activations change and the journal fails. Each was first a seed of the simulation.</summary>
public sealed class EntityHostTests
{
    private static readonly StreamId User = StreamId.User("u1");
    private static readonly StreamId Session = StreamId.Session("s1");
    private readonly HostFixture _world = new();

    [Fact]
    public void The_answer_to_a_post_that_rides_comes_with_the_row_that_carries_it()
    {
        var user = _world.User("u1");
        var hold = ReservedAt(user.Send);

        var posted = _world.Start(user.Send, (UserCommand)new NodeCommand.Post(hold, 0));
        _world.Scheduler.RunReady();
        Assert.False(posted.IsCompleted);
        Assert.DoesNotContain("user.hold_posted", _world.Stored(User));

        Assert.Equal(HoldStanding.Posted, Reply<HoldEnded>(_world.Answer(posted)).Standing);
        Assert.Contains("user.hold_posted", _world.Stored(User));
    }

    [Fact]
    public void A_post_that_was_carried_by_a_later_row_is_recalled_when_it_is_repeated()
    {
        var user = _world.User("u1");
        var (hold, id) = (ReservedAt(user.Send), _world.NewId());
        _world.Ask(user.Send, (UserCommand)new NodeCommand.Post(hold, 0), id);

        Assert.True(((Answer)_world.Ask(user.Send, (UserCommand)new NodeCommand.Post(hold, 0), id)).Replayed);
    }

    [Fact]
    public void A_journal_that_cannot_be_read_is_answered_Unavailable_and_the_repeat_is_decided()
    {
        var user = _world.User("u1");
        _world.Fault = call => new(call == JournalCall.FindKey ? JournalFailure.Unavailable : JournalFailure.None);
        var key = Key("platform", "k1");
        var id = Ids.FromKey(StreamId.DefaultTenant, key.Credential, key.Key);
        Assert.Equal(FailureKind.Unavailable, ((OperatingFailure)_world.Ask(user.Send, Opening, id, key)).Kind);

        _world.Fault = static _ => default;
        _world.Start(user.Send, Opening, id, key);
        _world.Scheduler.RunFor(TimeSpan.FromSeconds(1));

        Assert.Equal(["user.vouched", "user.session_opened"], _world.Stored(User));
    }

    [Fact]
    public void A_keyed_run_that_another_activation_ended_is_answered_from_the_journal_and_run_once()
    {
        var first = Begun();
        var key = Key("s1", "k1");
        var id = Ids.FromKey(StreamId.DefaultTenant, key.Credential, key.Key);
        _world.Start(first.Send, Run, id, key);
        _world.Scheduler.RunFor(TimeSpan.FromSeconds(1));

        // Its process is gone; the next one finds the run and ends it. Much later only the key is remembered, not the command's id.
        var second = _world.Session("s1");
        _world.Scheduler.RunFor(2 * Limits.OutcomeKept);
        _world.Ask(second.Send, new SessionCommand.Revoke(World.Request("end_session")));
        var answer = (Answer)_world.Ask(second.Send, Run, id, key with { RequestId = _world.NewId() });

        Assert.Equal((Codes.UpstreamTimeout, true), (answer.Rejection?.Code, answer.Replayed));
        Assert.Single(_world.Stored(Session), "session.run_requested");
    }

    [Fact]
    public void A_contradiction_met_by_an_activation_that_lost_its_place_is_a_Conflict()
    {
        var stale = _world.User("u1");
        var hold = ReservedAt(_world.User("u1").Send);

        var answer = _world.Ask(stale.Send, (UserCommand)new NodeCommand.Post(hold, 0));

        Assert.Equal(FailureKind.Conflict, ((OperatingFailure)answer).Kind);
    }

    [Fact]
    public void A_contradiction_met_by_the_stream_s_own_writer_is_a_Defect_and_writes_nothing()
    {
        var user = _world.User("u1");

        var answer = _world.Ask(user.Send, (UserCommand)new NodeCommand.Post(_world.NewId(), 0));

        Assert.Equal(FailureKind.Defect, ((OperatingFailure)answer).Kind);
        Assert.Empty(_world.Stored(User));
    }

    [Fact]
    public void An_answer_that_never_comes_is_given_up_after_a_grain_call_s_time()
    {
        var user = _world.User("u1");
        var opening = _world.Start(user.Send, Opening);
        _world.Scheduler.RunFor(Limits.GrainCallTimeout - TimeSpan.FromSeconds(1));
        Assert.False(opening.IsCompleted);

        Assert.Equal(FailureKind.Timeout, ((OperatingFailure)_world.Answer(opening)).Kind);
        Assert.InRange(_world.Time.Elapsed, Limits.GrainCallTimeout, Limits.GrainCallTimeout + TimeSpan.FromSeconds(1));
    }

    [Fact]
    public void The_end_of_a_session_is_answered_alike_when_it_is_asked_for_again()
    {
        var session = Begun();
        var (key, revoke) = (Key("s1", "k1"), new SessionCommand.Revoke(World.Request("end_session")));
        var id = Ids.FromKey(StreamId.DefaultTenant, key.Credential, key.Key);
        var first = (Answer)_world.Ask(session.Send, revoke, id, key);
        var again = (Answer)_world.Ask(session.Send, revoke, id, key with { RequestId = _world.NewId() });

        Assert.IsType<SessionEnded>(first.Reply);
        Assert.Equal((first.Reply, true), (again.Reply, again.Replayed));
    }

    private static UserCommand Opening => new UserCommand.OpenSession("a1", new(["*"], ["*"], ["*"], ["*"]), 100_000, 3_600, Vouched: true);

    private static LeafCommand Run => new RunCommand.RunService(
        World.Request("run_service"), "echo", new("echo", "writing", 0, "provider-1", null, false), Personal.Of("hello"), "hello", null, false, null, [], Keyed: true);

    private static CommandKey Key(string credential, string key) => new(credential, key, new string('0', 64), 86_400, Guid.Empty);

    private static T Reply<T>(object body) => Assert.IsType<T>(((Answer)body).Reply);

    private Grains.Kernel.EntityHost<SessionState, LeafCommand, LeafEvent> Begun()
    {
        var session = _world.Session("s1");
        _world.Ask(session.Send, (SessionCommand)new AccessCommand.Begin("a1", "u1", new(["*"], ["*"], ["*"], ["*"]), 100_000, 3_600));
        return session;
    }

    /// <summary>A free run's hold: it needs no limit and no sponsor.</summary>
    private Guid ReservedAt(Func<Envelope, Task<Envelope>> user)
    {
        var (hold, session) = (_world.NewId(), default(StreamId));
        _world.Steps = target =>
        {
            session = ((StepTarget.Entity)target).Stream;
            return new TaskCompletionSource<StepOutcome>().Task;
        };
        _world.Start(user, Opening);
        _world.Scheduler.RunFor(TimeSpan.FromSeconds(1));
        Reply<UserReserved>(_world.Ask(user, (UserCommand)new NodeCommand.Reserve(hold, session.ToString(), _world.NewId(), 0, new ReserveTerms.OfUser("a1", [], false))));
        return hold;
    }
}
