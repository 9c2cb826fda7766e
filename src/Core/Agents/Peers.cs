using Agora.Core.Kernel;
using Decided = Agora.Core.Kernel.Decision<Agora.Core.Agents.AgentState, Agora.Core.Agents.AgentEvent>;

namespace Agora.Core.Agents;

/// <summary>An agent that another wants to hear nothing of.</summary>
/// <param name="Since">Null: it is not blocked.</param>
public sealed record PeerBlock(string AgentId, DateTimeOffset? Since);

/// <summary>By their ids.</summary>
public sealed record BlockList(IReadOnlyList<PeerBlock> Blocks);

/// <summary>Somebody was invited, and it is not known yet that it answered.</summary>
/// <param name="By">The command that invited it.</param>
public sealed record Invitation(Guid By, string ConversationId, string AgentId, DateTimeOffset At);

public sealed record InvitationList(IReadOnlyList<Invitation> Invitations);

/// <summary>
/// Whom an agent wants to hear nothing of, and how many it may have invited that never answered it. Bounds: <see cref="Limits.BlockedAgents"/>, <see cref="Limits.OpenInvitations"/>, <see cref="Limits.Acquainted"/>.
/// </summary>
internal static class Peers
{
    public static Decided Block(AgentState state, AgentCommand.Block c, Context context)
    {
        if (c.AgentId == state.Stream.Id) return Decided.Reject(AgentRejection.IsItself);
        if (state.Blocked.TryGetValue(c.AgentId, out var since)) return Decided.Accept(new PeerBlock(c.AgentId, since));
        if (state.Blocked.Count >= Limits.BlockedAgents) return Decided.Reject(AgentRejection.TooManyBlocks);

        return Decided.Accept(new PeerBlock(c.AgentId, context.Now), new AgentEvent.PeerBlocked(c.AgentId, context.Now));
    }

    public static Decided Unblock(AgentState state, AgentCommand.Unblock c)
    {
        var answer = new PeerBlock(c.AgentId, null);
        return state.Blocked.ContainsKey(c.AgentId) ? Decided.Accept(answer, new AgentEvent.PeerUnblocked(c.AgentId)) : Decided.Accept(answer);
    }

    /// <summary>An invitation of somebody who never answered counts until it is answered (<see cref="Answered"/>), or was forgotten; one that is declined counts on, so nobody is invited without end.</summary>
    public static Decided Invite(AgentState state, AgentCommand.NoteInvitations c, Context context)
    {
        var open = state.Open(context.Now);
        var more = c.Agents.Where(agent => !state.Acquainted.Contains(agent) && !open.Any(invitation => invitation.By == c.By && invitation.AgentId == agent)).ToList();
        if (more.Count == 0) return Decided.Accept(Nothing.Value);
        if (open.Count + more.Count > Limits.OpenInvitations) return Decided.Reject(AgentRejection.TooManyInvitations);
        if (more.Any(agent => open.Count(invitation => invitation.AgentId == agent) >= Limits.OpenInvitationsOfOne))
        {
            return Decided.Reject(AgentRejection.InvitedTooOften);
        }

        return Decided.Accept(Nothing.Value, new AgentEvent.InvitationsNoted(c.By, c.ConversationId, more));
    }

    public static Decided Answered(AgentState state, AgentCommand.EndInvitations c)
    {
        var ended = c.Ended.Where(state.Invitations.Contains).ToList();
        return ended.Count == 0 ? Decided.Accept(Nothing.Value) : Decided.Accept(Nothing.Value, new AgentEvent.InvitationsEnded(ended, c.Answered));
    }
}
