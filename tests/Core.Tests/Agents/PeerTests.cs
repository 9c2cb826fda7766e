using Agora.Core.Agents;
using Agora.Core.Kernel;
using Agent = Agora.Core.Tests.Kernel.Scenario<Agora.Core.Agents.AgentState, Agora.Core.Agents.AgentCommand, Agora.Core.Agents.AgentEvent>;

namespace Agora.Core.Tests.Agents;

/// <summary>Whom an agent blocks, and whom it may invite.</summary>
public sealed class PeerTests
{
    [Fact]
    public void An_agent_blocks_and_unblocks_another_however_often_it_is_said()
    {
        var agent = New().When(new AgentCommand.Block("b")).Then(new AgentEvent.PeerBlocked("b", Agent.Start)).ThenAnswered(new PeerBlock("b", Agent.Start));
        agent.After(TimeSpan.FromMinutes(5)).When(new AgentCommand.Block("b")).Then().ThenAnswered(new PeerBlock("b", Agent.Start))
            .When(new AgentCommand.Blocks()).ThenAnswered<BlockList>(list => Assert.Equal([new PeerBlock("b", Agent.Start)], list.Blocks))
            .When(new AgentCommand.Unblock("b")).Then(new AgentEvent.PeerUnblocked("b")).When(new AgentCommand.Unblock("b")).Then().ThenAnswered(new PeerBlock("b", null))
            .When(new AgentCommand.Block("a1")).ThenRejected(AgentRejection.IsItself);
    }

    [Fact]
    public void One_block_too_many_is_rejected_TooManyBlocks()
    {
        var agent = New().Filled(static agent =>
        {
            for (var n = 0; n < Limits.BlockedAgents; n++) agent.When(new AgentCommand.Block($"b{n}"));
        });

        agent.When(new AgentCommand.Block("more")).ThenRejected(AgentRejection.TooManyBlocks).When(new AgentCommand.Block("b7")).Then();
    }

    [Fact]
    public void A_stranger_is_invited_so_often_and_no_more_until_it_answers_InvitedTooOften()
    {
        var agent = New();
        for (var n = 0; n < Limits.OpenInvitationsOfOne; n++) agent.When(Note(n, "b")).ThenEvents(typeof(AgentEvent.InvitationsNoted)).When(Note(n, "b")).Then();

        agent.When(Note(99, "b")).ThenRejected(AgentRejection.InvitedTooOften).When(Note(99, "c")).ThenEvents(typeof(AgentEvent.InvitationsNoted));
        var answered = agent.State.Invitations[0];
        agent.When(new AgentCommand.EndInvitations([answered], ["b"])).ThenState(state => Assert.Equal(["c"], state.Invitations.Select(invitation => invitation.AgentId)));
        agent.When(Note(100, "b")).Then().When(new AgentCommand.EndInvitations([answered], ["b"])).Then();
    }

    [Fact]
    public void It_is_acquainted_with_so_many_whoever_answered_longest_ago_is_a_stranger_again()
    {
        var agent = New();
        for (var n = 0; n <= Limits.Acquainted; n += Limits.OpenInvitations)
        {
            var some = Enumerable.Range(n, Math.Min(Limits.OpenInvitations, Limits.Acquainted + 1 - n)).Select(i => $"b{i}").ToList();
            agent.When(new AgentCommand.NoteInvitations(new Guid(n + 1, 0, 0, [0, 0, 0, 0, 0, 0, 0, 0]), "c1", some)).When(new AgentCommand.EndInvitations([.. agent.State.Invitations], some));
        }

        Assert.Equal((Limits.Acquainted, "b1"), (agent.State.Acquainted.Length, agent.State.Acquainted[0]));
        agent.When(Note(9, "b1")).Then().When(Note(10, "b0")).ThenEvents(typeof(AgentEvent.InvitationsNoted));
    }

    [Fact]
    public void So_many_strangers_are_invited_and_no_more_until_the_invitations_are_old_TooManyInvitations()
    {
        var agent = New();
        for (var n = 0; n < Limits.OpenInvitations; n++) agent.When(Note(n, $"b{n}"));

        agent.When(Note(1_000, "more")).ThenRejected(AgentRejection.TooManyInvitations)
            .After(Limits.InvitationKept).When(new AgentCommand.Invitations()).ThenAnswered<InvitationList>(list => Assert.Empty(list.Invitations))
            .When(Note(1_000, "more")).ThenState(state => Assert.Single(state.Invitations));
    }

    [Fact]
    public void A_report_is_open_until_it_is_resolved_and_one_too_many_is_rejected_TooManyReports()
    {
        var agent = New();
        for (var n = 0; n < Limits.OpenReports; n++) agent.When(new AgentCommand.FileReport("b", "spam", "c1", n + 1)).ThenEvents(typeof(AgentEvent.Reported));

        var first = agent.State.Reports.Values.First();
        agent.When(new AgentCommand.FileReport("b", "spam", null, null)).ThenRejected(AgentRejection.TooManyReports)
            .When(new AgentCommand.ResolveReport(first.ReportId, "acted")).ThenAnswered(new ReportResolved(first, "acted", Agent.Start)).ThenEvents(typeof(AgentEvent.ReportEnded))
            .When(new AgentCommand.ResolveReport(first.ReportId, "dismissed")).ThenRejected(AgentRejection.NoOpenReport)
            .When(new AgentCommand.FileReport("a1", "spam", null, null)).ThenRejected(AgentRejection.IsItself);
    }

    private static AgentCommand.NoteInvitations Note(int n, string agent) => new(new Guid(n, 0, 0, [0, 0, 0, 0, 0, 0, 0, 0]), $"c{n}", [agent]);

    private static Agent New() => Agent.Of(StreamId.Agent("a1"));
}
