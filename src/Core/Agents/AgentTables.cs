using System.Text.Json;
using Agora.Core.Kernel;

namespace Agora.Core.Agents;

/// <summary>One row an agent that something has happened to, and one for each card.</summary>
public static class AgentTables
{
    public static readonly Table Agents = new("agents", 2, "tenant", "agent_id", "owner", "updated_at", "stopped", "standing_revision");

    public static readonly Table Cards = new("agent_cards", 2, "tenant", "agent_id", "genesis", "key", "version", "card", "rotations", "hash", "revocation", "lease_until", "lease_seconds", "registered_at", "updated_at");

    public static readonly Table Reports = new("agent_reports", 2, "tenant", "report_id", "reported_by", "agent_id", "reason", "conversation_id", "number", "outcome", "created_at", "resolved_at");

    public static IEnumerable<Row> Rows(AgentState state, AgentEvent happened, DateTimeOffset at) => happened switch
    {
        AgentEvent.SecondsTaken or AgentEvent.PeerBlocked or AgentEvent.PeerUnblocked or AgentEvent.InvitationsNoted or AgentEvent.InvitationsEnded => [],
        AgentEvent.Reported e => [Row(state.Stream, e.Report, ReportOutcomes.Open, null)],
        AgentEvent.ReportEnded e => [Row(state.Stream, e.Resolved.Report, e.Resolved.Outcome, e.Resolved.At)],
        AgentEvent.LeaseTaken => [Row(state.Card!, state.Stream.Tenant)],
        AgentEvent.CardPut or AgentEvent.CardRevoked => [Row(state, at), Row(state.Card!, state.Stream.Tenant)],
        _ => [Row(state, at)],
    };

    private static Row Row(StreamId by, Report report, string outcome, DateTimeOffset? resolvedAt) => Reports.Row(
        by.Tenant, report.ReportId.ToString("D"), by.Id, report.AgentId, report.Reason, report.ConversationId, report.Number, outcome, report.At.ToMicros(), resolvedAt?.ToMicros());

    private static Row Row(AgentState state, DateTimeOffset at) => Agents.Row(state.Stream.Tenant, state.Stream.Id, state.Owner, at.ToMicros(), state.Stopped ? 1L : 0L, state.Revision);

    private static Row Row(AgentCard card, string tenant) => Cards.Row(
        tenant, card.AgentId, card.Signed.Genesis, card.Signed.Key, card.Signed.Version, card.Signed.Jws, JsonSerializer.Serialize(card.Signed.Rotations, StoredJson.Options), card.Signed.Hash, card.Signed.Revocation,
        card.LeaseUntil?.ToMicros(), (long)card.LeaseSeconds, card.RegisteredAt.ToMicros(), card.UpdatedAt.ToMicros());
}
