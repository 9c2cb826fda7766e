using System.Collections.Immutable;
using System.Text.Json;
using Agora.Core.Kernel;

namespace Agora.Core.Agents;

/// <summary>Stored names, for ever.</summary>
public static class AgentCodec
{
    public static readonly UnionCodec<AgentEvent> Events = new UnionCodec<AgentEvent>()
        .Case<AgentEvent.AgentPut>("agent.agent_put")
        .Case<AgentEvent.KeyIssued>("agent.key_issued")
        .Case<AgentEvent.KeyRevoked>("agent.key_revoked")
        .Case<AgentEvent.Stopped>("agent.stopped")
        .Case<AgentEvent.Started>("agent.started")
        .Case<AgentEvent.UsersTold>("agent.users_told")
        .Case<AgentEvent.CardPut>("agent.card_put")
        .Case<AgentEvent.CardRevoked>("agent.card_revoked")
        .Case<AgentEvent.LeaseTaken>("agent.lease_taken")
        .Case<AgentEvent.SecondsTaken>("agent.seconds_taken")
        .Case<AgentEvent.PeerBlocked>("agent.peer_blocked")
        .Case<AgentEvent.PeerUnblocked>("agent.peer_unblocked")
        .Case<AgentEvent.InvitationsNoted>("agent.invitations_noted")
        .Case<AgentEvent.InvitationsEnded>("agent.invitations_ended")
        .Case<AgentEvent.Reported>("agent.reported")
        .Case<AgentEvent.ReportEnded>("agent.report_resolved");

    public static readonly UnionCodec<AgentCommand> Commands = new UnionCodec<AgentCommand>()
        .Case<AgentCommand.PutAgent>("agent.put")
        .Demanding<AgentCommand.PutAgent>("agent.put", 2, static c => c.Replacing?.If is not null)
        .Case<AgentCommand.Get>("agent.get")
        .Case<AgentCommand.IssueKey>("agent.issue_key")
        .Demanding<AgentCommand.IssueKey>("agent.issue_key", 2, static c => c.UserId is not null)
        .Case<AgentCommand.RevokeKey>("agent.revoke_key")
        .Case<AgentCommand.Stop>("agent.stop")
        .Case<AgentCommand.Start>("agent.start")
        .Case<AgentCommand.VerifyKey>("agent.verify_key")
        .Case<AgentCommand.ListKeys>("agent.list_keys")
        .Case<AgentCommand.PutCard>("agent.put_card")
        .Case<AgentCommand.RevokeCard>("agent.revoke_card")
        .Case<AgentCommand.TakeLease>("agent.take_lease")
        .Case<AgentCommand.Admit>("agent.admit")
        .Case<AgentCommand.VerifyCard>("agent.verify_card")
        .Case<AgentCommand.GetPresence>("agent.get_presence")
        .Case<AgentCommand.GetStanding>("agent.get_standing")
        .Case<AgentCommand.Block>("agent.block")
        .Case<AgentCommand.Unblock>("agent.unblock")
        .Case<AgentCommand.Blocks>("agent.blocks")
        .Case<AgentCommand.NoteInvitations>("agent.note_invitations")
        .Case<AgentCommand.Invitations>("agent.invitations")
        .Case<AgentCommand.EndInvitations>("agent.end_invitations")
        .Case<AgentCommand.FileReport>("agent.file_report")
        .Case<AgentCommand.ResolveReport>("agent.resolve_report")
        .Case<AgentCommand.Tick>("agent.tick");

    public static byte[] Save(AgentState state) =>
        JsonSerializer.SerializeToUtf8Bytes(new SavedAgent(state.Stream.ToString(), [.. state.Keys.Values], state.Owner, state.UpdatedAt, state.Stopped, state.Revision, state.Untold.IsEmpty ? null : state.Untold, state.Card, state.SignedUntil,
            state.Blocked.IsEmpty ? null : [.. state.Blocked.Select(block => new PeerBlock(block.Key, block.Value))], state.Invitations.IsEmpty ? null : state.Invitations, state.Acquainted.IsEmpty ? null : state.Acquainted, state.Reports.IsEmpty ? null : [.. state.Reports.Values]), StoredJson.Options);

    public static AgentState Restore(ReadOnlyMemory<byte> saved)
    {
        var agent = JsonSerializer.Deserialize<SavedAgent>(saved.Span, StoredJson.Options)!;
        return new(StreamId.Parse(agent.Stream), agent.Keys.ToImmutableSortedDictionary(k => k.KeyId, k => k, StringComparer.Ordinal), agent.Owner, agent.UpdatedAt)
        {
            Stopped = agent.Stopped,
            Revision = agent.Revision,
            Untold = [.. agent.Untold ?? []],
            Card = agent.Card,
            SignedUntil = agent.SignedUntil,
            Blocked = (agent.Blocked ?? []).ToImmutableSortedDictionary(block => block.AgentId, block => block.Since!.Value, StringComparer.Ordinal),
            Invitations = [.. agent.Invitations ?? []],
            Acquainted = [.. agent.Acquainted ?? []],
            Reports = (agent.Reports ?? []).ToImmutableSortedDictionary(report => report.ReportId, report => report),
        };
    }

    private sealed record SavedAgent(
        string Stream, ImmutableArray<AgentKey> Keys, string? Owner = null, DateTimeOffset? UpdatedAt = null, bool Stopped = false, long Revision = 0, IReadOnlyList<Untold>? Untold = null, AgentCard? Card = null, long? SignedUntil = null,
        IReadOnlyList<PeerBlock>? Blocked = null, IReadOnlyList<Invitation>? Invitations = null, IReadOnlyList<string>? Acquainted = null, IReadOnlyList<Report>? Reports = null);
}
