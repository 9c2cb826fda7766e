using Agora.Core.Users;
using Agora.Journal;

namespace Agora.Application.Reading;

/// <summary>An agent that was delegated to, or came with the platform's key, was perhaps never put: its sessions alone say that there is one.</summary>
internal static class AgentSessions
{
    /// <summary>An index has each agent's so; by their ids all of them would be sorted for one.</summary>
    private static readonly Order[] Newest = [new("created_at", Descending: true), new("session_id", Descending: true)];

    public static async Task<bool> Any(TenantTables own, string agentId, CancellationToken cancel) =>
        (await own.First(UserTables.Sessions, Newest, [TableReader.Is("agent_id", agentId)], 1, cancel)).Count > 0;
}
