using Agora.Core.Sessions;

namespace Agora.Application.Calls;

/// <summary>Paths of sessions, from the root to a sub-session.</summary>
internal static class SessionPaths
{
    /// <summary>The agents on the session's path, root first. In a sub-session the last was named by the agent that delegated, and has proved nothing.</summary>
    public static string Agents(SessionView session) => session.Path is { Count: > 0 } path ? string.Join('>', path.Select(static node => node.AgentId).Append(session.AgentId)) : session.AgentId;
}
