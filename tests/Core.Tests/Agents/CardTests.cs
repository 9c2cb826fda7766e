using Agora.Core.Agents;
using Agora.Core.Kernel;
using Agora.Core.Users;
using Agent = Agora.Core.Tests.Kernel.Scenario<Agora.Core.Agents.AgentState, Agora.Core.Agents.AgentCommand, Agora.Core.Agents.AgentEvent>;

namespace Agora.Core.Tests.Agents;

/// <summary>What stands of an agent's card, and when the agent is there.</summary>
public sealed class CardTests
{
    [Fact]
    public void The_first_card_binds_the_agent_to_its_key_and_another_key_is_rejected_KeyMismatch() => Registered()
        .When(new AgentCommand.PutCard(Card(2, genesis: "other"))).ThenRejected(AgentRejection.KeyMismatch);

    [Fact]
    public void A_higher_version_stands_and_a_lower_one_changes_nothing()
    {
        var agent = Registered(Card(2));
        agent.After(TimeSpan.FromMinutes(1)).When(new AgentCommand.PutCard(Card(1))).Then().ThenAnswered<AgentCard>(card => Assert.Equal((2, Agent.Start), (card.Signed.Version, card.UpdatedAt)));
        agent.When(new AgentCommand.PutCard(Card(3))).ThenEvents(typeof(AgentEvent.CardPut));
        agent.When(new AgentCommand.PutCard(Card(3))).Then().ThenAnswered<AgentCard>(card => Assert.Equal((3, Agent.Start), (card.Signed.Version, card.RegisteredAt)));
    }

    [Fact]
    public void A_card_behind_more_rotations_stands_whatever_its_version()
    {
        var agent = Registered(Card(9));
        agent.When(new AgentCommand.PutCard(Card(1, rotations: 1))).ThenAnswered<AgentCard>(card => Assert.Equal(("key-1", 1), (card.Signed.Key, card.Signed.Version)));
        agent.When(new AgentCommand.PutCard(Card(10))).Then().ThenAnswered<AgentCard>(card => Assert.Equal("key-1", card.Signed.Key));
    }

    [Fact]
    public void A_revoked_card_stays_revoked_and_whatever_comes_is_rejected_CardRevoked()
    {
        var agent = Registered();
        agent.When(new AgentCommand.RevokeCard("word", "another")).ThenRejected(AgentRejection.KeyMismatch);
        agent.When(new AgentCommand.RevokeCard("word", "key-0")).ThenEvents(typeof(AgentEvent.CardRevoked));
        agent.When(new AgentCommand.RevokeCard("less", "key-0")).Then().ThenAnswered<AgentCard>(card => Assert.Equal("word", card.Signed.Revocation));
        agent.When(new AgentCommand.PutCard(Card(2, rotations: 1))).ThenRejected(AgentRejection.CardRevoked);
        agent.When(new AgentCommand.TakeLease(60)).ThenRejected(AgentRejection.CardRevoked);
    }

    /// <summary>Of two chains that begin with one key the longer stands, and may be a thief's: each key of either ends the agent.</summary>
    [Fact]
    public void Word_of_a_key_that_follows_from_the_first_revokes_whichever_stands()
    {
        var agent = Registered(Card(1, rotations: 2));
        agent.When(new AgentCommand.RevokeCard("word", "key-2")).ThenRejected(AgentRejection.KeyMismatch);
        agent.When(new AgentCommand.RevokeCard("word", "key-0")).ThenEvents(typeof(AgentEvent.CardRevoked));
    }

    [Fact]
    public void Operators_word_revokes_for_ever_and_no_keys_word_takes_its_place()
    {
        var agent = Registered();
        agent.When(new AgentCommand.RevokeCard(SignedCard.OperatorsWord, null)).ThenEvents(typeof(AgentEvent.CardRevoked));
        agent.When(new AgentCommand.RevokeCard("eyJ", "key-0")).Then().ThenAnswered<AgentCard>(card => Assert.Equal(SignedCard.OperatorsWord, card.Signed.Revocation));
        agent.When(new AgentCommand.PutCard(Card(2, rotations: 1))).ThenRejected(AgentRejection.CardRevoked);

        agent = Registered();
        agent.When(new AgentCommand.RevokeCard("eyJ", "key-0")).When(new AgentCommand.RevokeCard(SignedCard.OperatorsWord, null)).ThenLater().ThenState(state => Assert.Equal(SignedCard.OperatorsWord, state.Card!.Signed.Revocation));
    }

    [Fact]
    public void What_a_card_opened_ends_at_every_user_before_its_revocation_is_answered_and_is_told_again_where_one_was_out_of_reach()
    {
        var agent = Registered();
        var command = Ids.FromKey("t", "c", "revoke");
        agent.When(new AgentCommand.RevokeCard("word", "key-0"), command).ThenLater().ThenEvents(typeof(AgentEvent.CardRevoked));
        var tell = Assert.Single(agent.Last.Steps);
        Assert.Equal(new StepTarget.Outside(new EachUser(agent.State.Stream.Id, new UserCommand.EndKey(agent.State.Stream.Id, Openers.Card))), tell.Target);
        agent.WhenStep(0, new StepOutcome.Unreachable()).ThenEvents(typeof(AgentEvent.UsersTold)).ThenAnsweredLate(command, answer => Assert.Equal("word", ((AgentCard)answer.Reply!).Signed.Revocation));
        Assert.True(AgentDecider.IsUnfinished(agent.State));
        agent.When(new AgentCommand.RevokeCard("more", "key-0")).ThenAnswered<AgentCard>(card => Assert.Equal("word", card.Signed.Revocation));
        agent.When(new AgentCommand.RevokeCard("wore", "key-0")).ThenAnswered<AgentCard>(card => Assert.Equal("wore", card.Signed.Revocation));
        agent.When((AgentCommand)AgentDecider.Unfinished(agent.State, agent.Now).Single().Then(new StepOutcome.Answered(Answer.Of(Nothing.Value)))!).ThenEvents(typeof(AgentEvent.UsersTold));
        Assert.False(AgentDecider.IsUnfinished(agent.State));
    }

    [Fact]
    public void Whoever_signed_a_connection_stands_as_long_as_its_card_and_its_key_do_and_no_operator_stops_it()
    {
        var agent = Registered();
        agent.When(new AgentCommand.VerifyCard("key-0")).Then().ThenAnswered(new KeyAccepted(Openers.Card));
        agent.When(new AgentCommand.VerifyCard("key-1")).ThenRejected(SignatureRejection.Of(SignatureRejection.OtherKey));
        NewAgent().When(new AgentCommand.VerifyCard("key-0")).ThenRejected(SignatureRejection.Of(SignatureRejection.UnknownKey));
        agent.When(new AgentCommand.RevokeCard("word", "key-0")).When(new AgentCommand.VerifyCard("key-0")).ThenRejected(SignatureRejection.Of(SignatureRejection.RevokedKey));
        Registered().When(new AgentCommand.PutAgent(null)).When(new AgentCommand.Stop("why")).When(new AgentCommand.VerifyCard("key-0")).ThenRejected(UserRejection.Stopped);
    }

    /// <summary>A revocation before a fork or behind it, a card late or early: what stands of an agent that is not revoked is one, and one that is stays so.</summary>
    [Fact]
    public void What_came_leaves_the_same_in_whatever_order()
    {
        var random = new Random(65);
        for (var i = 0; i < 1_000; i++)
        {
            AgentCommand[] came = [.. Enumerable.Range(0, 5).Select(_ => Came(random))];
            var (one, other) = (After(came), After([.. came.OrderBy(_ => random.Next())]));
            Assert.Equal((came.Any(c => c is AgentCommand.RevokeCard), one.Revocation), (other.IsRevoked, other.Revocation));
            Assert.True(one.IsRevoked || one.Is(other), $"{one} is not {other}");
        }

        static AgentCommand Came(Random random) => random.Next(4) switch
        {
            0 when random.Next(2) == 0 => new AgentCommand.RevokeCard(SignedCard.OperatorsWord, null),
            0 => new AgentCommand.RevokeCard($"eyJ {random.Next(3)}", "key-0"),
            _ => new AgentCommand.PutCard(Any(random) with { Revocation = null }),
        };

        static SignedCard After(IReadOnlyList<AgentCommand> came) => came.Aggregate(Registered(), static (agent, command) => agent.When(command)).State.Card!.Signed;
    }

    [Fact]
    public void Whoever_is_not_registered_is_rejected_NoCard()
    {
        var agent = NewAgent();
        agent.When(new AgentCommand.TakeLease(60)).ThenRejected(AgentRejection.NoCard);
        agent.When(new AgentCommand.RevokeCard("word", null)).ThenRejected(AgentRejection.NoCard);
    }

    [Fact]
    public void A_heartbeat_leaves_a_row_at_most_in_half_a_lease_and_rides()
    {
        var agent = Registered();
        agent.When(new AgentCommand.TakeLease(60)).ThenEvents(typeof(AgentEvent.LeaseTaken)).ThenAnswered(new AgentLease(Agent.Start.AddSeconds(60), 60));
        Assert.Equal(Riding.Soon, agent.Last.Riding);
        agent.After(TimeSpan.FromSeconds(29)).When(new AgentCommand.TakeLease(60)).Then().ThenAnswered(new AgentLease(Agent.Start.AddSeconds(60), 60));
        agent.After(TimeSpan.FromSeconds(1)).When(new AgentCommand.TakeLease(60)).ThenEvents(typeof(AgentEvent.LeaseTaken)).ThenAnswered(new AgentLease(Agent.Start.AddSeconds(90), 60));
        agent.When(new AgentCommand.TakeLease(10)).ThenEvents(typeof(AgentEvent.LeaseTaken)).ThenAnswered(new AgentLease(Agent.Start.AddSeconds(40), 10));
    }

    [Fact]
    public void An_agent_is_there_as_long_as_its_lease_runs_and_it_is_neither_stopped_nor_revoked()
    {
        var agent = Registered();
        agent.When(new AgentCommand.GetPresence()).ThenAnswered(new AgentPresence(false));
        agent.When(new AgentCommand.TakeLease(60)).When(new AgentCommand.GetPresence()).ThenAnswered(new AgentPresence(true));
        agent.After(TimeSpan.FromSeconds(60)).When(new AgentCommand.GetPresence()).ThenAnswered(new AgentPresence(false));
        agent.When(new AgentCommand.TakeLease(60)).When(new AgentCommand.RevokeCard("word", null)).When(new AgentCommand.GetPresence()).ThenAnswered(new AgentPresence(false));
    }

    [Fact]
    public void A_heartbeat_writes_no_row_of_the_agent_itself()
    {
        var agent = Registered();
        agent.When(new AgentCommand.TakeLease(60));
        Assert.Equal(["agent_cards"], AgentTables.Rows(agent.State, new AgentEvent.LeaseTaken(new(Agent.Start, 60)), Agent.Start).Select(row => row.Table.Name));
        Assert.Equal(Agent.Start, agent.State.UpdatedAt);
    }

    /// <summary>Nodes that exchange records come to the same, in whatever order and however often they hear of each.</summary>
    [Fact]
    public void Records_have_one_merge_in_whatever_order_and_however_often()
    {
        var random = new Random(64);
        for (var i = 0; i < 2_000; i++)
        {
            var (a, b, c) = (Any(random), Any(random), Any(random));
            Same(a.Merge(b), b.Merge(a));
            Same(a.Merge(b).Merge(c), a.Merge(b.Merge(c)));
            Same(a.Merge(a), a);
            Assert.Equal(a.IsRevoked || b.IsRevoked, a.Merge(b).IsRevoked);
            Assert.Equal(a.Revocation is SignedCard.OperatorsWord || b.Revocation is SignedCard.OperatorsWord, a.Merge(b).Revocation is SignedCard.OperatorsWord);
        }

        static void Same(SignedCard one, SignedCard other) => Assert.True(one.Is(other), $"{one} is not {other}");
    }

    private static SignedCard Any(Random random)
    {
        var card = Card(random.Next(1, 4), rotations: random.Next(3)) with { Hash = $"{random.Next(3)}" };
        return card with { Hash = $"{card.Rotations.Count} {card.Version} {card.Hash}", Revocation = random.Next(8) switch { 0 => $"eyJ {random.Next(3)}", 1 => SignedCard.OperatorsWord, _ => null } };
    }

    private static SignedCard Card(int version, string genesis = "key-0", int rotations = 0) =>
        new(genesis, rotations == 0 ? genesis : $"key-{rotations}", version, $"card {version}", [.. Enumerable.Range(1, rotations).Select(n => $"rotation {n}")], $"hash {rotations} {version}");

    private static Agent Registered(SignedCard? card = null)
    {
        var agent = NewAgent();
        return agent.When(new AgentCommand.PutCard(card ?? Card(1))).ThenEvents(typeof(AgentEvent.CardPut));
    }

    private static Agent NewAgent() => Agent.Of(StreamId.Agent("a1"));
}
