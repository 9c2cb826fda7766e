namespace Agora.Core.Access;

/// <summary>A session above a delegated one, and its agent.</summary>
public sealed record PathNode(string SessionId, string AgentId);

/// <summary>A session's id says where it stands: that of a delegated one ends in its root's.</summary>
public static class SessionIds
{
    private const char Separator = '.';

    public static string Below(string root, Guid child) => $"{child:D}{Separator}{root}";

    /// <summary>The root of a delegated session; null: the session was opened by auth, and is its own.</summary>
    public static string? RootOf(string sessionId) => sessionId.LastIndexOf(Separator) is >= 0 and var end ? sessionId[(end + 1)..] : null;
}
