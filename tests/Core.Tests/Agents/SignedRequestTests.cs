using Agora.Core.Agents;
using Agora.Core.Kernel;
using Agora.Core.Users;
using Agent = Agora.Core.Tests.Kernel.Scenario<Agora.Core.Agents.AgentState, Agora.Core.Agents.AgentCommand, Agora.Core.Agents.AgentEvent>;

namespace Agora.Core.Tests.Agents;

/// <summary>A signed request is admitted once, whatever is forgotten.</summary>
public sealed class SignedRequestTests
{
    private const long At = 1_000_000;

    [Fact]
    public void Seconds_are_taken_before_they_are_used_and_what_is_signed_in_them_leaves_no_row()
    {
        var agent = Registered();
        agent.When(Admit(At, 1)).Then(new AgentEvent.SecondsTaken(At + Limits.SignedSecondsAhead)).ThenAnswered(new RequestAdmitted(At + 3));
        agent.When(Admit(At, 2)).Then().ThenAnswered(new RequestAdmitted(At + 3));
        agent.When(Admit(At + 3, 1)).Then().ThenAnswered(new RequestAdmitted(At + 3));
        agent.When(Admit(At + 4, 1)).Then(new AgentEvent.SecondsTaken(At + 7));
        agent.When(Admit(At - 50, 1)).Then().ThenAnswered(new RequestAdmitted(At + 7));
    }

    [Fact]
    public void The_same_again_is_rejected_Replayed()
    {
        var agent = Registered().When(Admit(At, 1)).When(Admit(At + 1, 2));
        agent.When(Admit(At, 1)).ThenRejected(SignatureRejection.Of(SignatureRejection.Replayed));
        agent.When(Admit(At + 1, 2)).ThenRejected(SignatureRejection.Of(SignatureRejection.Replayed));
    }

    [Fact]
    public void Whoever_loads_the_stream_admits_nothing_of_the_seconds_that_others_took()
    {
        Assert.Null(AgentCodec.Restore(AgentCodec.Save(Registered().When(Admit(At, 1)).State)).Signed);
        var loaded = Registered().Given(new AgentEvent.SecondsTaken(At + 3));
        loaded.When(Admit(At + 3, 9)).ThenRejected(SignatureRejection.Before(1));
        loaded.When(Admit(At, 9)).ThenRejected(SignatureRejection.Before(4));
        loaded.When(Admit(At + 4, 9)).Then(new AgentEvent.SecondsTaken(At + 7));
        loaded.When(Admit(At + 3, 9)).ThenRejected(SignatureRejection.Before(1));
    }

    [Fact]
    public void What_is_older_than_two_windows_is_forgotten_and_rejected_for_its_age()
    {
        var agent = Registered().When(Admit(At, 1)).When(Admit(At + 120, 1));
        agent.ThenState(state => Assert.Equal(1, state.Signed!.Count));
        agent.When(Admit(At, 1)).ThenRejected(SignatureRejection.Before(1));
        agent.When(Admit(At + 1, 1)).ThenAnswered<RequestAdmitted>(_ => { });
    }

    [Fact]
    public void More_than_are_remembered_is_rejected_TooMany_until_the_oldest_are_over()
    {
        var full = Enumerable.Range(0, Limits.SignedRequests).Aggregate(SignedSeconds.Since(null), (seconds, n) => seconds.Admit(At + (n % 100), Nonce(n)));
        var state = Registered().State with { Signed = full, SignedUntil = At + 100 };
        Assert.Equal(Limits.SignedRequests, full.Count);

        Assert.Equal((Codes.RateLimited, At + 121 - (At + 99)), Refused(state, Admit(At + 99, Limits.SignedRequests)));
        Assert.NotNull(Decide(state with { Signed = full.Admit(At + 120, Nonce(-1)) }, Admit(At + 120, -2)).Answer!.Reply);
    }

    [Fact]
    public void Another_key_than_the_cards_is_rejected_and_so_is_whoever_was_revoked_stopped_or_never_registered()
    {
        Agent.Of(new(StreamId.DefaultTenant, AgentEntity.Kind, "agent-1")).When(Admit(At, 1)).ThenRejected(SignatureRejection.Of(SignatureRejection.UnknownKey));
        Registered().When(new AgentCommand.Admit("key-1", At, Nonce(1))).ThenRejected(SignatureRejection.Of(SignatureRejection.OtherKey));
        Registered().When(new AgentCommand.Stop("reason")).When(Admit(At, 1)).ThenRejected(UserRejection.Stopped);
        Registered().When(new AgentCommand.RevokeCard("word", "genesis")).When(Admit(At, 1)).ThenRejected(SignatureRejection.Of(SignatureRejection.RevokedKey));
    }

    /// <summary>Random activations of one stream, each of which forgets what it admitted: no nonce of a second is admitted twice.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void No_request_is_admitted_twice_whoever_forgets_what(int seed)
    {
        var (random, admitted) = (new Random(seed), new HashSet<(long, int)>());
        var live = Registered().State;
        for (var (n, now) = (0, At); n < 20_000; n++)
        {
            now += random.Next(20) == 0 ? 1 : 0;
            live = random.Next(500) == 0 ? live with { Signed = null } : live;
            var (created, nonce) = (now + random.Next(-60, 61), random.Next(3));
            var decision = Decide(live, Admit(created, nonce));
            Assert.True(decision.Answer!.Reply is null || admitted.Add((created, nonce)), $"{created} {nonce} was admitted twice, at step {n}.");
            live = decision.Events.Aggregate(decision.Soft ?? live, (state, happened) => state.Evolve(happened, Agent.Start));
        }

        Assert.True(admitted.Count > 1_000);
    }

    private static (string Code, long? Seconds) Refused(AgentState state, AgentCommand.Admit admit) => Decide(state, admit).Answer!.Rejection is { } refused ? (refused.Code, refused.RetryAfterSeconds) : default;

    private static Decision<AgentState, AgentEvent> Decide(AgentState state, AgentCommand.Admit admit) => AgentDecider.Decide(state, admit, new(Agent.Start, Guid.CreateVersion7()));

    private static AgentCommand.Admit Admit(long created, int nonce) => new("key-0", created, Nonce(nonce));

    private static Guid Nonce(int n) => new(n, 0, 0, [0, 0, 0, 0, 0, 0, 0, 1]);

    private static Agent Registered() => Agent.Of(new(StreamId.DefaultTenant, AgentEntity.Kind, "agent-1")).Given(new AgentEvent.CardPut(new("agent-1", new("genesis", "key-0", 1, "jws", [], "hash"), Agent.Start, Agent.Start)));
}
